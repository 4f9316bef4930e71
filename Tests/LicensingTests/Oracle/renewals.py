#!/usr/bin/env python3
"""Writes random terms, how they are renewed, and the term that must come out.

    python3 renewals.py CASES SEED

Days are counted one by one, and a year is the day before the same month and day: no arithmetic of
calendars but datetime's. A line: FROM THROUGH LENGTH UNIT BASIS TODAY, then first and last day of the
renewed term, then whether a subscription of the old term is `short` of a year or `whole`.
"""
import datetime
import random
import sys

ONE_DAY = datetime.timedelta(days=1)
FIRST, LAST = datetime.date(1970, 1, 1), datetime.date(2200, 12, 31)
LEAP = [datetime.date(year, 2, 29) for year in range(1972, 2200, 4) if year != 2100]


def years_end(first, years):
    """The day before the same month and day; 28 February where the term begins on the 29th."""
    if (first.month, first.day) == (2, 29):
        return datetime.date(first.year + years, 2, 28)
    day = datetime.date(first.year + years, first.month, first.day)
    return day - ONE_DAY


def days_end(first, days):
    day = first
    for _ in range(days - 1):
        day += ONE_DAY
    return day


def some_day(rng):
    if rng.random() < 0.4:
        near = rng.choice(LEAP + [datetime.date(2100, 2, 28)])
        return near + ONE_DAY * rng.choice([-366, -365, -1, 0, 1, 365])
    return FIRST + ONE_DAY * rng.randrange((LAST - FIRST).days)


def case(rng):
    first = max(FIRST, some_day(rng))
    whole = years_end(first, 1)
    last = rng.choice([whole, whole - ONE_DAY, whole + ONE_DAY, years_end(first, 3),
                       days_end(first, rng.choice([1, 2, 28, 365, 366, 400]))])
    today = rng.choice([last - ONE_DAY, last, last + ONE_DAY, last + ONE_DAY * 2, some_day(rng)])
    today = max(FIRST, today)
    basis = rng.choice(["from-end", "today", "later"])
    following = last + ONE_DAY
    begin = {"from-end": following, "today": today,
             "later": following if following > today else today}[basis]
    if rng.random() < 0.6:
        length, unit = rng.choice([1, 1, 1, 2, 3, 4, 5, 8, 10]), "years"
        end = years_end(begin, length)
    else:
        length, unit = rng.choice([1, 2, 7, 28, 29, 30, 31, 90, 180, 365, 366]), "days"
        end = days_end(begin, length)
    short = "short" if last < whole else "whole"
    print(first, last, length, unit, basis, today, begin, end, short)


random_numbers = random.Random(int(sys.argv[2]))
for _ in range(int(sys.argv[1])):
    case(random_numbers)
