#!/usr/bin/env python3
"""Writes zones.txt: what Python's zoneinfo says about time zones, beside their compiled data.

    python3 generate.py > zones.txt

Zones are compiled from the system's tzdata.zi by zic in its slim form, so that most instants after
2007 rest on the rule in the footer. Offsets come from datetime.astimezone; a date's bounds are found
by looking at every minute, then at every second of the minute found: no arithmetic in common with
the code under test. Lines:

    zone NAME BASE64      a zone and its TZif data; what follows belongs to it
    o INSTANT OFFSET      seconds east of UTC at a Unix instant
    d DATE FROM TO        the instants of the first second of the date, and of the first after it
"""
import base64, datetime, io, random, subprocess, sys, tempfile, zoneinfo

ZONES = """UTC Etc/GMT+12 Etc/GMT-14 Asia/Shanghai Asia/Kolkata Asia/Kathmandu Asia/Tehran
Asia/Beirut Asia/Gaza Asia/Jerusalem Asia/Amman Asia/Pyongyang Asia/Manila Africa/Cairo
Africa/Casablanca Africa/Monrovia Europe/London Europe/Dublin Europe/Berlin Europe/Lisbon
America/New_York America/St_Johns America/Sao_Paulo America/Santiago America/Asuncion
America/Havana America/Caracas America/Nuuk America/Scoresbysund America/Anchorage
Antarctica/Troll Australia/Lord_Howe Pacific/Apia Pacific/Kwajalein Pacific/Kiritimati
Pacific/Auckland Pacific/Chatham Pacific/Tongatapu""".split()
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
FIRST, LAST = 0, 7_258_118_400  # 1970 to 2200


def local(zone, instant):
    return (EPOCH + datetime.timedelta(seconds=instant)).astimezone(zone)


def offset(zone, instant):
    return int(local(zone, instant).utcoffset().total_seconds())


def changes(zone, first, last, step=6 * 3600):
    """Instants at which the offset changes, found by looking every six hours and then closer."""
    found, at, before = [], first, offset(zone, first)
    while at < last:
        after = offset(zone, at + step)
        if after != before:
            low, high = at, at + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
            found.append(high)
        at, before = at + step, after
    return found


def start(zone, date):
    midnight = (date - datetime.date(1970, 1, 1)).days * 86400
    for minute in range(midnight - 27 * 3600, midnight + 27 * 3600, 60):
        if local(zone, minute).date() >= date:
            for second in range(minute - 59, minute + 1):
                if local(zone, second).date() >= date:
                    return second
    raise AssertionError((zone, date))


def sample(rng, items, count):
    return items if len(items) <= count else sorted(rng.sample(items, count))


def main():
    rng = random.Random(20261121)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["zic", "-b", "slim", "-d", folder, "/usr/share/zoneinfo/tzdata.zi"],
                       check=True)
        for name in ZONES:
            data = open(f"{folder}/{name}", "rb").read()
            zone = zoneinfo.ZoneInfo.from_file(io.BytesIO(data), key=name)
            print("zone", name, base64.b64encode(data).decode())
            recorded = changes(zone, FIRST, 2_240_524_800)  # to 2041
            later = changes(zone, 4_070_908_800, 4_102_444_800 + 86400 * 365)  # 2099 to 2101
            turns = sample(rng, recorded, 24) + later[:6]
            instants = {rng.randrange(FIRST, LAST) for _ in range(24)}
            instants |= {turn + delta for turn in turns for delta in (-1, 0)}
            for instant in sorted(instants):
                print("o", instant, offset(zone, instant))
            dates = {local(zone, rng.randrange(FIRST + 172800, LAST)).date() for _ in range(12)}
            for turn in turns:
                date = local(zone, turn - 1).date()
                dates |= {date, date + datetime.timedelta(days=1)}
            # Wherever a date is skipped or begins late.
            for turn in recorded:
                if abs(offset(zone, turn) - offset(zone, turn - 1)) > 7200:
                    dates |= {local(zone, turn - 1).date() + datetime.timedelta(days=n)
                              for n in (0, 1, 2)}
            for date in sorted(d for d in dates if d > datetime.date(1970, 1, 1)):
                print("d", date, start(zone, date), start(zone, date + datetime.timedelta(days=1)))


main()
