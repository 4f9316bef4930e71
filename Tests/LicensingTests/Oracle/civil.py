"""Dates and instants of IANA zones by looking, not by arithmetic: the least clever way there is.

Everything comes from datetime and zoneinfo, which read the same /usr/share/zoneinfo as the programs.
"""
import datetime
import functools
import zoneinfo

zoneinfo.reset_tzpath(["/usr/share/zoneinfo"])
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
DAY = 86_400
ONE_DAY = datetime.timedelta(days=1)


@functools.lru_cache(maxsize=None)
def zone(name):
    return zoneinfo.ZoneInfo(name)


def names():
    """Every zone of the system but its own `localtime`."""
    return sorted(zoneinfo.available_timezones() - {"localtime"})


def local(where, instant):
    return datetime.datetime.fromtimestamp(instant, where)


def offset(where, instant):
    return int(local(where, instant).utcoffset().total_seconds())


def start(where, date, step=60):
    """The first instant whose local date is that date or later: try every minute, then every second.

    The search begins where the largest offset of these days puts midnight; no instant before that
    can have the date. `step` 1 tries every second, to hold the search itself against.
    """
    midnight = (date - EPOCH.date()).days * DAY
    largest = max(offset(where, midnight + hour * 3600) for hour in range(-32, 33))
    instant = midnight - largest
    while local(where, instant).date() < date:
        instant += step
    while local(where, instant - 1).date() >= date and instant > midnight - largest:
        instant -= 1
    return instant


@functools.lru_cache(maxsize=200_000)
def first_second(name, date):
    return start(zone(name), date)


@functools.lru_cache(maxsize=None)
def turns(name, first=0, last=5_680_281_600, step=25 * DAY):
    """Instants at which the offset changes, found by looking every 25 days and then closer.

    A change and its return within 25 days are passed over: nothing rests on finding all of them.
    """
    where, found = zone(name), []
    seen = datetime.datetime.fromtimestamp
    before = seen(first, where).utcoffset()
    for at in range(first, last, step):
        after = seen(at + step, where).utcoffset()
        if after != before:
            low, high = at, at + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (
                    (middle, high) if seen(middle, where).utcoffset() == before else (low, middle))
            found.append(high)
        before = after
    return found
