#!/usr/bin/env python3
"""Measures what a report costs with 1,000 and with 1,000,000 installations in the ledger.

    Tests/Benchmarks/gateway_scale.py PROGRAMS LOADS [ROUNDS] [--large N]

PROGRAMS and LOADS are those of gateway_reports.py. Each ledger is made by the gateway and filled by SQL: every
installation on a line of its own with a license, an activation, one record and its receipt; of the large one
those of 1,000, spread over the ledger, have real keys and licenses, and these report, one record to a request.
The other ones' sealed texts are of the right length and never read. Both gateways run at the same time and are
measured in alternation, ROUNDS (5) times; the cost is the gateway's processor time for each report. Needs 9 GB
of disk and as much memory.
"""
import argparse
import json
import os
import pathlib
import sqlite3
import statistics
import sys
import tempfile
import time

from gateway_reports import LIMITS, Loads, armour, chains, held
from site_under_test import Site

SAMPLE = 1000
FAR = 4_000_000_000


def processor(process):
    """Seconds of processor time that a process has used."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


class Template:
    """A real license, and the key that sealed it: what further ones are made from."""

    def __init__(self, site, *options):
        file = site.vendor.issue(
            "payg", *(options or ("--from", site.vendor.day(-2))), "--years", "1", "--price", "CNY 1.20",
            "--lease-hours", "72", "--yes", "--gateway", "http://127.0.0.1:1")
        jws = dict(reversed(armour.unwrap(file.read_text())))["LICENSE"].decode()
        self.head = jws.split(".")[0]
        self.payload = json.loads(chains.unbase64url(jws.split(".")[1]))
        self.key = site.vendor.private_key(site.vendor.license_kid)
        self.root = chains.digest_of_key(site.vendor.root()["keys"][0]["x"])
        self.length = len(jws)

    @staticmethod
    def names(number):
        tail = f"0192f0c1-0000-7000-8000-{number:012x}"
        return f"lic_{tail}", f"lin_{tail}"

    def license(self, number):
        name, line = self.names(number)
        payload = self.payload | {"jti": name, "line": line}
        text = f"{self.head}.{chains.base64url(json.dumps(payload, separators=(',', ':')).encode())}"
        return f"{text}.{chains.base64url(self.key.sign(text.encode()))}"


def rows(template, size, installation):
    """The rows of one installation, by table. `installation` is the real one, or None."""
    def make(number):
        one = installation(number)
        name, line = template.names(number)
        if one:
            record, thumbprint, point = one.record(), one.name, one.jwk["x"]
            sealed, hash_ = template.license(number), one.prev
            begin, date = one.begin, one.days
        else:
            thumbprint = point = hash_ = f"{number:0>12}" + "A" * 31
            record, sealed, begin, date = "r" * 900, "l" * template.length, 0, 20_000
        return (
            (name, line, 1, sealed, 1, 1),
            (number, thumbprint, point, line, name, "e" * 600, "a" * 500, 1),
            (number, 1, hash_, begin + 1, None, 1),
            (number, "sample", 1, hash_, record, 1, name, 1, date, begin, begin + 1, begin + 1, 101, begin,
             101, 101, 0, 1, "[]", 300, 0, "datakit:hostname"),
            (number, 1, number, 1, "p" * 600),
            (number, FAR),
        )
    return [make(number) for number in range(*size)]


INSERTS = (
    "INSERT INTO licenses (id, line, revision, jws, published_at, seen_at) VALUES (?, ?, ?, ?, ?, ?)",
    "INSERT INTO installations (id, thumbprint, public_key, line, license, enrolment, activation, "
    "activated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO heads (installation, seq, hash, word_at, day_to, receipt_at) VALUES (?, ?, ?, ?, ?, ?)",
    'INSERT INTO entries (installation, kind, seq, hash, jws, received_at, license, revision, date, from_at, '
    'to_at, at, peak, peak_at, online, collectors, refused, observed, gaps, "window", dwell, identity) '
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO receipts (installation, seq, position, iat, jws) VALUES (?, ?, ?, ?, ?)",
    "INSERT INTO looks (installation, at) VALUES (?, ?)",
)


class Ledger:
    def __init__(self, programs, loads, folder, count):
        self.count = count
        self.site = Site(programs, folder)
        self.site.start_gateway(0, LIMITS)
        self.site.gateway.stop()
        self.path = self.site.folder / "gateway/tally-gateway.sqlite"
        self.loads = Loads(loads, self.site.folder)
        self.fill()
        # What was filled in is on the disk before anything is measured.
        os.sync()
        begun = time.monotonic()
        self.site.start_gateway(0, LIMITS)
        print(
            f"{count:,} installations: ledger {self.path.stat().st_size / 2**20:,.0f} MiB, start "
            f"{time.monotonic() - begun:.1f} s, resident {resident(self.site.gateway.process):,.0f} MiB",
            flush=True)

    def fill(self):
        template = Template(self.site)
        step = self.count // SAMPLE
        real = {}
        for number in range(1, self.count + 1, step):
            name, _ = template.names(number)
            real[number] = chains.Installation(number, name, 1, template.root)
        connection = sqlite3.connect(self.path)
        connection.executescript("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")
        for first in range(1, self.count + 1, 10_000):
            size = (first, min(first + 10_000, self.count + 1))
            for insert, values in zip(INSERTS, zip(*rows(template, size, real.get))):
                connection.executemany(insert, values)
            connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        self.installations = list(real.values())
        self.sent = 0

    def prepare(self, reports):
        path = self.loads.path()
        self.installations = chains.write_reports(path, self.installations, reports, 1)
        self.sent += reports * len(self.installations)
        return path

    def run(self, path):
        """The rate, and the gateway's processor time for each report in microseconds."""
        before = processor(self.site.gateway.process)
        outcome = self.loads.send(self.site.gateway.port, path)
        used = processor(self.site.gateway.process) - before
        return outcome["rate"], used / outcome["requests"] * 1e6

    def close(self):
        self.site.gateway.stop()
        held(self.path, self.count + self.sent, self.count + self.sent)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("loads", type=pathlib.Path)
    parser.add_argument("rounds", type=int, nargs="?", default=5)
    parser.add_argument("--large", type=int, default=1_000_000)
    arguments = parser.parse_args()
    programs, loads = arguments.programs.resolve(), arguments.loads.resolve()
    with tempfile.TemporaryDirectory(prefix="tally-", dir=pathlib.Path.cwd()) as name:
        ledgers = [
            Ledger(programs, loads, pathlib.Path(name) / str(count), count)
            for count in (SAMPLE, arguments.large)
        ]
        work = [[ledger.prepare(10) for ledger in ledgers] for _ in range(arguments.rounds + 1)]
        runs = [[ledger.run(path) for ledger, path in zip(ledgers, turn)] for turn in work][1:]
        for ledger in ledgers:
            ledger.close()
    for ledger, of_ledger in zip(ledgers, zip(*runs)):
        rate, cost = (statistics.median(values) for values in zip(*of_ledger))
        print(f"{ledger.count:9,} installations: {rate:8,.0f} /s, {cost:6.1f} us of the gateway's time each")
    ratio = statistics.median(large[1] / small[1] for small, large in runs)
    print(f"ratio of the times, median of pairs {ratio:.3f}; limit: at most 1.2")
    sys.exit(0 if ratio <= 1.2 else 1)


if __name__ == "__main__":
    main()
