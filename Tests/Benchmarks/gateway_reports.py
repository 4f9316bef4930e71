#!/usr/bin/env python3
"""Measures how many reports a running `tally-gateway serve` takes, each figure beside its limit.

    Tests/Benchmarks/gateway_reports.py PROGRAMS LOADS [ROUNDS] [--no-stores]

PROGRAMS is the folder of a release build with a static standard library (see check_startup.py), LOADS that of
the package Reports:

    swift build -c release --static-swift-stdlib --package-path Tests/Benchmarks/Reports

Everything runs on the same processors: the gateway, what it is compared with, and the generator of the load.
Every request is made beforehand, every record is a new one that continues its installation's chain, and at the
end the ledger must hold each of them, with a receipt for each request.

- One record to a request, from 256 installations, each over a connection of its own: beside a route of the same server
  that only verifies one Ed25519 signature and makes one, in alternation, ROUNDS (5) times.
- 100 records to a request.
- The time of an answer at half of the rate of the first, one record to a request.
- pgbench inserting the same row durably, and Redis with `appendfsync always` (apt-get install postgresql
  redis-server), from 64 connections. Neither verifies or signs anything.
"""
import argparse
import json
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Faults"), str(HERE.parent / "Interop")]

import armour  # noqa: E402
import chains  # noqa: E402
import neighbours  # noqa: E402
from site_under_test import Daemon, Site  # noqa: E402

CONNECTIONS = 256
INSTALLATIONS = 256
# As many as one installation may have, so that the limiter counts and stops nobody.
LIMITS = ["--installation-rate", "60000000"]


def activated(site, count, first=0):
    """Installations of one line that the gateway knows."""
    license_file = site.vendor.issue(
        "payg", "--from", site.vendor.day(-2), "--years", "1", "--price", "CNY 1.20",
        "--installations", str(count), "--lease-hours", "72", "--yes",
        "--gateway", f"http://127.0.0.1:{site.gateway.port}")
    sealed = dict(reversed(armour.unwrap(license_file.read_text())))["LICENSE"].decode()
    payload = json.loads(chains.unbase64url(sealed.split(".")[1]))
    root = chains.digest_of_key(site.vendor.root()["keys"][0]["x"])
    found = []
    for number in range(first, first + count):
        one = chains.Installation(number, payload["jti"], payload["revision"], root)
        request = urllib.request.Request(
            f"http://127.0.0.1:{site.gateway.port}/v1/activations", one.enrolment(sealed),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        found.append(one)
    return found


class Loads:
    """The generator, and what is sent by it."""

    def __init__(self, folder, work):
        self.program, self.work, self.number = folder / "Load", work, 0

    def path(self):
        self.number += 1
        return self.work / f"requests-{self.number}"

    def send(self, port, path, rate=0):
        words = [self.program, str(port), path, str(CONNECTIONS)] + ([str(rate)] if rate else [])
        outcome = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
        path.unlink()
        return json.loads(outcome.stdout)


def held(ledger, records, requests):
    """Holds the ledger against what was sent: every record once, a receipt for every request, no finding."""
    connection = sqlite3.connect(ledger)
    found = connection.execute("SELECT count(*), count(DISTINCT hash) FROM entries").fetchone()
    receipts = connection.execute("SELECT count(*) FROM receipts").fetchone()[0]
    notes = connection.execute("SELECT code, sum(count) FROM findings GROUP BY code").fetchall()
    connection.close()
    if found != (records, records) or receipts != requests or notes:
        raise SystemExit(
            f"{records} records in {requests} requests were sent; the ledger has {found} records, "
            f"{receipts} receipts, findings {notes}")


class Measurement:
    def __init__(self, programs, loads, work):
        self.site = Site(programs, work)
        self.site.start_gateway(0, LIMITS)
        self.loads = Loads(loads, self.site.folder)
        self.bare = Daemon([loads / "Bare"], self.site.folder, "bare")
        self.bare.wait_until_listening()
        self.installations = activated(self.site, INSTALLATIONS)
        self.records = self.requests = 0

    def prepare(self, requests, records):
        """A file of so many reports."""
        path = self.loads.path()
        reports = requests // INSTALLATIONS
        self.installations = chains.write_reports(path, self.installations, reports, records)
        self.records += reports * INSTALLATIONS * records
        self.requests += reports * INSTALLATIONS
        return path

    def prepare_pair(self, requests):
        """A file of so many reports of one record, and one for the bare route with bodies as long."""
        report, bare = self.prepare(requests, 1), self.loads.path()
        size = report.stat().st_size // requests - len(chains.framed(0, chains.post("/v1/reports", b"")))
        chains.write_bare(bare, requests, INSTALLATIONS, size)
        return report, bare

    def report(self, path, rate=0):
        return self.loads.send(self.site.gateway.port, path, rate)

    def close(self):
        code = self.site.gateway.stop()
        self.bare.stop()
        if code != 0:
            raise SystemExit(f"the gateway ends with {code}")
        held(self.site.folder / "gateway/tally-gateway.sqlite", self.records, self.requests)


def singles(measurement, rounds, requests):
    """Pairs of runs: reports, and the bare route."""
    work = [measurement.prepare_pair(requests) for _ in range(rounds + 1)]
    pairs = [
        (measurement.report(report)["rate"], measurement.loads.send(measurement.bare.port, bare)["rate"])
        for report, bare in work
    ][1:]
    rate, bare = (statistics.median(rates) for rates in zip(*pairs))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"reports of one record   {rate:10,.0f} /s")
    print(f"one verified, one made  {bare:10,.0f} /s")
    print(f"ratio of pairs          {ratio:10.3f}     limit: at least 0.8", flush=True)
    return rate, ratio >= 0.8


def batches(measurement, rounds, requests):
    work = [measurement.prepare(requests, 100) for _ in range(rounds)]
    rates = [measurement.report(path)["rate"] * 100 for path in work]
    rate = statistics.median(rates)
    print(f"records, 100 a request  {rate:10,.0f} /s  limit: at least 50,000", flush=True)
    return rate >= 50_000


def latency(measurement, rate, seconds):
    requests = int(rate * seconds) // INSTALLATIONS * INSTALLATIONS
    outcome = measurement.report(measurement.prepare(requests, 1), rate)
    print(
        f"answers at {rate:,.0f} /s: median {outcome['p50'] / 1000:.2f} ms, p99 "
        f"{outcome['p99'] / 1000:.2f} ms, p99.9 {outcome['p999'] / 1000:.2f} ms, longest "
        f"{outcome['max'] / 1000:.1f} ms; limit: p99 at most 10 ms", flush=True)
    return outcome["p99"] <= 10_000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("loads", type=pathlib.Path)
    parser.add_argument("rounds", type=int, nargs="?", default=5)
    parser.add_argument("--no-stores", action="store_true")
    parser.add_argument("--requests", type=int, default=15_360)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tally-", dir=pathlib.Path.cwd()) as name:
        work = pathlib.Path(name)
        measurement = Measurement(arguments.programs.resolve(), arguments.loads.resolve(), work)
        rate, ratio = singles(measurement, arguments.rounds, arguments.requests)
        well = [
            ratio,
            batches(measurement, arguments.rounds, 512),
            latency(measurement, rate / 2, 8),
        ]
        measurement.close()
        if not arguments.no_stores:
            neighbours.measure(work, 64)
    sys.exit(0 if all(well) else 1)


if __name__ == "__main__":
    main()
