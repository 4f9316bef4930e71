#!/usr/bin/env python3
"""Writes what Python's zoneinfo says about every zone of this machine.

    python3 every_zone.py SEED

zoneinfo reads the same /usr/share/zoneinfo as the programs, so the two can be held against each other
under any tzdata. A date's first second is found by trying every minute, then every second. Lines:

    zone NAME             what follows belongs to it
    o INSTANT OFFSET      seconds east of UTC at a Unix instant from 1970 to 2200
    l INSTANT DATE        the local date at an instant
    d DATE FROM TO        the first second of a date from 1970 to 2200, and the first after it
"""
import datetime
import random
import sys
import zoneinfo

zoneinfo.reset_tzpath(["/usr/share/zoneinfo"])
DAY, HOUR = 86_400, 3600
FIRST, LAST = 0, 7_258_118_400  # 1970 to 2200: earlier instants have no meaning in any document
TWO_DAYS = 2 * DAY
EPOCH = datetime.date(1970, 1, 1)
at = datetime.datetime.fromtimestamp


def offset(zone, instant):
    return int(at(instant, zone).utcoffset().total_seconds())


def changes(zone, step=25 * DAY):
    """Instants at which the offset changes, found by looking every 25 days and then closer."""
    found, before = [], at(FIRST, zone).utcoffset()
    for instant in range(FIRST, LAST, step):
        after = at(instant + step, zone).utcoffset()
        if after != before:
            low, high = instant, instant + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (
                    (middle, high) if at(middle, zone).utcoffset() == before else (low, middle))
            found.append(high)
        before = after
    return found


def start(zone, date):
    """The first instant whose local date is that date or later."""
    midnight = (date - EPOCH).days * DAY
    # Nothing before midnight in the largest offset of these days can have the date.
    first = midnight - max(offset(zone, midnight + hour * HOUR) for hour in range(-32, 33))
    instant = first
    while at(instant, zone).date() < date:
        instant += 60
    while instant > first and at(instant - 1, zone).date() >= date:
        instant -= 1
    return instant


def main(seed):
    rng = random.Random(seed)
    one_day = datetime.timedelta(days=1)
    for name in sorted(zoneinfo.available_timezones() - {"localtime"}):
        zone = zoneinfo.ZoneInfo(name)
        print("zone", name)
        found = changes(zone)
        turns = found if len(found) <= 16 else rng.sample(found, 16)
        instants = {rng.randrange(FIRST, LAST) for _ in range(20)}
        instants |= {turn + step for turn in turns for step in (-1, 0, 1)}
        instants.add(0)
        for instant in sorted(instants):
            print("o", instant, offset(zone, instant))
            if instant > TWO_DAYS:
                print("l", instant, at(instant, zone).date())
        dates = {at(rng.randrange(TWO_DAYS, LAST), zone).date() for _ in range(12)}
        for turn in turns:
            # The dates beside a change, a skipped one among them.
            date = at(turn - 1, zone).date()
            dates |= {date + one_day * step for step in (-1, 0, 1, 2)}
        for date in sorted(date for date in dates if date > EPOCH):
            print("d", date, start(zone, date), start(zone, date + one_day))


main(int(sys.argv[1]))
