#!/usr/bin/env python3
"""Measures how long the statements of a month take for 100,000 licenses of one installation each.

    Tests/Benchmarks/gateway_statements.py PROGRAMS [LICENSES]

PROGRAMS is the folder of a release build. The ledger is made by the gateway and filled by SQL: for each license a
sealed text that verifies, an installation, and a day record with 24 runs for each date of the last month, in the
order in which they would have come. Needs 8 GB of disk.

Runs `tally-gateway statement all` on it, which writes all statements into one file; counts the statements and
lines in it, and holds the sum of their amounts against what was put in.
"""
import datetime
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

from gateway_reports import LIMITS, chains
from gateway_scale import FAR, Template
from site_under_test import Site

RUNS = 24
PRICE = 120


def month():
    """The last whole month: its dates, each with its two instants."""
    first = chains.midnight().replace(day=1)
    last = first - datetime.timedelta(days=1)
    day = last.replace(day=1)
    dates = []
    while day < first:
        after = (day + datetime.timedelta(days=1)).replace(hour=0)
        dates.append(((day.date() - datetime.date(1970, 1, 1)).days, int(day.timestamp()),
                      int(after.timestamp())))
        day = after
    return f"{last:%Y-%m}", dates


def peak_of(number, day):
    return 1 + (number * 31 + day * 7) % 500


def fill(path, template, count, dates):
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -2000000; "
        "PRAGMA wal_autocheckpoint = 100000")
    begin = dates[0][1]
    names = [template.names(number)[0] for number in range(1, count + 1)]
    point = chains.base64url(bytes(31) + b"\x05")
    for number, name in enumerate(names, 1):
        connection.execute(
            "INSERT INTO licenses VALUES (?, ?, 1, ?, 1, 1)",
            (name, template.names(number)[1], template.license(number)))
        connection.execute(
            "INSERT INTO installations (id, thumbprint, public_key, line, license, enrolment, activation, "
            "activated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, f"{number:0>12}" + "A" * 31, point, template.names(number)[1], name, "e" * 600,
             "a" * 500, begin))
    hash_ = "A" * 43
    # As long as a day record with its runs: 1,480 bytes.
    record = "r" * 1480
    for place, (day, begin, end) in enumerate(dates, 1):
        connection.executemany(
            'INSERT INTO entries (installation, kind, seq, hash, jws, received_at, license, revision, date, '
            'from_at, to_at, at, peak, peak_at, online, collectors, refused, observed, gaps, "window", dwell, '
            "identity) VALUES (?, 'day', ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 5, 500, 0, ?, '[]', 300, 0, "
            "'datakit:hostname')",
            ((number, place, hash_, record, end, name, day, begin, end, end, peak_of(number, day),
              begin + 60 * (number % 1440), end - begin)
             for number, name in enumerate(names, 1)))
        connection.commit()
    _, begin, end = dates[-1]
    last = dates[-1][0]
    connection.executemany(
        "INSERT INTO heads (installation, seq, hash, word_at, day_to, receipt_at, closed_date, closed_to) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((number, len(dates), hash_, end, end, end, last, end) for number in range(1, count + 1)))
    connection.executemany(
        "INSERT INTO looks (installation, at) VALUES (?, ?)",
        ((number, FAR) for number in range(1, count + 1)))
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def run(words, folder):
    """Seconds, processor time, and the most MiB that were resident.

    That of the kernel's accounting has this program's own in it, from before the other one was begun: the
    process itself is asked, until it ends.
    """
    begun = time.monotonic()
    process = subprocess.Popen([str(word) for word in words], cwd=folder)
    memory = 0
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        marks = [line for line in text.splitlines() if line.startswith("VmHWM:")]
        memory = max([memory, *(int(line.split()[1]) for line in marks)])
        time.sleep(0.02)
    seconds = time.monotonic() - begun
    if status != 0:
        raise SystemExit(f"{words} ends with {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_utime + usage.ru_stime, memory / 1024


def count_statements(file):
    statements = lines = amount = 0
    with open(file, "rb") as text:
        for line in text:
            statement = json.loads(line)
            statements += 1
            lines += len(statement["lines"])
            amount += sum(total["amount"] for total in statement["totals"])
    return statements, lines, amount


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    name, dates = month()
    with tempfile.TemporaryDirectory(prefix="tally-", dir=pathlib.Path.cwd()) as folder:
        site = Site(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(folder))
        site.start_gateway(0, LIMITS)
        site.gateway.stop()
        template = Template(site, "--from", f"{name}-01")
        ledger = site.folder / "gateway/tally-gateway.sqlite"
        fill(ledger, template, count, dates)
        print(f"{count:,} licenses, {count * len(dates):,} day records, {ledger.stat().st_size / 2**30:.1f} GiB",
              flush=True)
        words = [site.programs / "tally-gateway", "statement", "all", "--month", name, "--state",
                 site.folder / "gateway", "--format", "json", "--out", "statements"]
        seconds, processor, memory = run(words, site.folder)
        found = count_statements(site.folder / "statements")
    quantity = sum(peak_of(number, day) for number in range(1, count + 1) for day, _, _ in dates)
    expected = (count, count * len(dates), quantity * PRICE)
    if found != expected:
        raise SystemExit(f"the file has {found}, not {expected}")
    print(
        f"{seconds:.1f} s, {processor:.1f} s of processor time, resident {memory:,.0f} MiB at most; limits: "
        f"20 s, 512 MiB")
    sys.exit(0 if seconds <= 20 and memory <= 512 else 1)


if __name__ == "__main__":
    main()
