#!/usr/bin/env python3
"""Ends `tally-verifier serve` by kill -9 at random instants under load, again and again.

    kills.py --programs FOLDER --work FOLDER [--kills N] [--control]

One installation lives through all of it, beside a real gateway. Between two kills collectors join, say
greater and smaller weights, repeat themselves and say goodbye; this program knows every beat that it got an
answer for, and when. After each kill, from the bytes that are left (oracle.py), and again once the daemon
runs:

- the chain is intact and goes on from the records that were there after the kill before; every record that
  the gateway has is in it, and every peak that was ever sealed;
- who was answered more than --bound seconds before the kill is online, with the weight said; nobody is who
  never came or was long gone; no peak is lower than what those add up to, and none higher than everyone who
  ever came adds up to;
- of each date seconds observed and gaps make up the whole.

At the end the gateway has every record of the chain, once, and `usage verify` finds everything whole.

--control removes the write-ahead logs at each kill, as if they had never been flushed: the harness ends with
1 unless it finds what that loses.
"""

import argparse
import collections
import dataclasses
import datetime
import http.client
import json
import random
import re
import shutil
import sqlite3
import sys
import threading
import time
import zoneinfo

from oracle import Loss, Oracle, require
from site_under_test import (
    Intake,
    Site,
    base64url,
    boot_seconds,
    installation_key,
    programs_argument,
)

GONE = (OSError, http.client.HTTPException)
MOST_COLLECTORS = 2000
ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")


@dataclasses.dataclass
class Said:
    """One thing that a collector said; `at` is when it was answered, None while it was not."""

    begun: float
    weight: int
    at: float | None = None


class Expectation:
    """What must and what may be online at an instant, from everything that was said."""

    def __init__(self, bound: float):
        self.bound = bound
        self.lock = threading.Lock()
        self.said: dict[str, list[Said]] = collections.defaultdict(list)
        self.greatest: dict[str, int] = {}
        self.answered = 0
        self.places = [0, 0]
        """Where each connection is among its collectors: none speaks twice within a second."""
        self.told: list[tuple[float, int]] = []
        """Peaks as the running daemon told them, and when."""

    def begin(self, names: dict[str, int]) -> list[Said]:
        """Beats are about to be sent: the weight of each, 0 for a goodbye."""
        with self.lock:
            entries = [Said(boot_seconds(), weight) for weight in names.values()]
            for name, entry in zip(names, entries):
                self.said[name].append(entry)
                self.greatest[name] = max(self.greatest.get(name, 0), entry.weight)
            return entries

    def end(self, entries: list[Said]) -> None:
        now = boot_seconds()
        with self.lock:
            self.answered += len(entries)
            for entry in entries:
                entry.at = now

    @staticmethod
    def weights(said: list[Said], since: float, until: float) -> set[int]:
        """Each weight that a collector may have had between two instants."""
        possible = {0}
        for entry in said:
            if entry.begun > until:
                break
            if entry.at is not None and entry.at < since:
                possible = {entry.weight}
            else:
                possible.add(entry.weight)
        return possible

    def least(self, begun: float, killed: float) -> int:
        """A count that was reached for certain and long enough ago in a life of the daemon."""
        told = [peak for at, peak in self.told if at < killed - self.bound]
        # The count of a second is known when it is over.
        middle = killed - self.bound - 1
        if middle - 1 > begun:
            told.append(
                sum(min(self.weights(said, middle - 1, middle + 1)) for said in self.said.values())
            )
        return max(told, default=0)

    def most(self) -> int:
        """What everyone who ever came adds up to, each at the greatest weight."""
        return sum(self.greatest.values())

    def require_online(self, online: dict[str, int], killed: float) -> None:
        known = {base64url(name.encode()) for name in self.said}
        require(online.keys() <= known, "somebody is online who never came")
        for name, said in self.said.items():
            weight = online.get(base64url(name.encode()), 0)
            possible = self.weights(said, killed - self.bound, killed)
            require(weight in possible, f"{name} weighs {weight}, not one of {sorted(possible)}")

    def settle(self, online: dict[str, int], killed: float) -> None:
        """What was left is what the next life goes on from."""
        self.told.clear()
        for name in self.said:
            weight = online.get(base64url(name.encode()), 0)
            self.said[name] = [Said(killed, weight, killed)]


class Load:
    """Collectors on two connections and a look at the metrics, until the daemon is gone."""

    def __init__(self, daemon, token: str, expectation: Expectation, chance: random.Random):
        self.daemon, self.token, self.expectation = daemon, token, expectation
        self.threads = [
            threading.Thread(
                target=self.say, args=(lane, random.Random(chance.random())), daemon=True
            )
            for lane in range(2)
        ] + [threading.Thread(target=self.watch, daemon=True)]
        for thread in self.threads:
            thread.start()

    def say(self, lane: int, chance: random.Random) -> None:
        """Each connection has its own collectors, which take turns."""
        places = self.expectation.places
        try:
            intake = Intake(self.daemon, self.token)
            while True:
                names = {}
                for _ in range(chance.randrange(1, 12)):
                    places[lane] = (places[lane] + 1) % (MOST_COLLECTORS // 2)
                    weight = 0 if chance.random() < 0.15 else chance.randrange(1, 9)
                    names[f"lane{lane}-{places[lane]}"] = weight
                entries = self.expectation.begin(names)
                if intake.beats([beat(name, weight) for name, weight in names.items()]):
                    self.expectation.end(entries)
                time.sleep(0.005 + chance.random() * 0.03)
        except GONE:
            return

    def watch(self) -> None:
        try:
            intake = Intake(self.daemon, self.token)
            while True:
                peak = intake.metrics()["tally_peak_today"]
                self.expectation.told.append((boot_seconds(), peak))
                time.sleep(0.05)
        except GONE:
            return

    def join(self) -> None:
        for thread in self.threads:
            thread.join(60)


def beat(name: str, weight: int) -> dict:
    return {"collector": name, "weight": weight} if weight else {"collector": name, "bye": True}


class Harness:
    def __init__(self, site: Site, arguments):
        self.site, self.arguments = site, arguments
        self.chance = random.Random(arguments.seed)
        self.oracle = Oracle(installation_key(site.state))
        self.expectation = Expectation(arguments.bound)
        self.head = self.online = self.peak = 0
        self.date = ""
        self.peaks: dict[str, int] = {}
        self.starts: list[float] = []

    def prepare(self) -> None:
        """The first start, up to the activation."""
        daemon = self.site.serve(name="verifier-first")
        intake = Intake(daemon, self.site.token())
        end = time.monotonic() + 60
        while intake.metrics()["tally_verdict_severity"] != 0 and time.monotonic() < end:
            time.sleep(0.05)
        intake.close()
        if daemon.stop() != 0:
            raise SystemExit(f"the first stop: {daemon.errors()}")

    def round(self, number: int) -> None:
        """One life of the daemon, and what it leaves."""
        before = time.monotonic()
        daemon = self.site.serve(name=f"verifier-{number % 4}")
        self.starts.append(time.monotonic() - before)
        begun = boot_seconds()
        self.look_at_running(daemon)
        load = Load(daemon, self.site.token(), self.expectation, self.chance)
        time.sleep(0.02 + self.chance.random() * self.arguments.longest)
        killed = boot_seconds()
        daemon.kill()
        load.join()
        if self.arguments.control:
            for log in self.site.state.glob("*-wal"):
                log.unlink()
        self.look_at_left(begun, killed)

    def look_at_running(self, daemon) -> None:
        """The daemon goes on from where it was: who was online is, and no peak has fallen."""
        intake = Intake(daemon, self.site.token())
        metrics = intake.metrics()
        intake.close()
        online, peak = metrics["tally_weight_online"], metrics["tally_peak_today"]
        require(online == self.online, f"the weight online was {self.online}, now {online}")
        require(peak >= self.peak or self.is_other_date(), f"the peak was {self.peak}, now {peak}")
        require(metrics["tally_ledger_seq"] >= self.head, "after the start records are missing")
        require(metrics["tally_verdict_severity"] == 0, "after the start the verdict is not allow")

    def is_other_date(self) -> bool:
        today = datetime.datetime.now(ZONE).date().isoformat()
        return today != self.date

    def look_at_left(self, begun: float, killed: float) -> None:
        """What the kill left, from the bytes."""
        copy = self.site.folder / "left"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.site.state, copy, ignore=shutil.ignore_patterns("*.sock", "*-shm"))
        ledger = self.oracle.ledger(copy / "ledger.sqlite")
        require(ledger.head >= self.head, f"{self.head} records were there, now {ledger.head}")
        require(ledger.head >= self.gateway_head(), "the gateway has more records")
        self.head = ledger.head
        peaks = ledger.peaks()
        for date, peak in self.peaks.items():
            require(peaks.get(date, 0) >= peak, f"the peak of {date} has fallen")
        self.peaks = peaks
        journal = self.oracle.journal(copy / "journal.sqlite")
        self.expectation.require_online(journal.online, killed)
        least = max(peaks.get(journal.date, 0), self.peak if journal.date == self.date else 0)
        if journal.date == self.date:
            least = max(least, self.expectation.least(begun, killed))
        most = self.expectation.most()
        require(least <= journal.peak <= most, f"the peak is {journal.peak}, not {least} to {most}")
        self.date, self.peak = journal.date, journal.peak
        self.online = sum(journal.online.values())
        self.expectation.settle(journal.online, killed)

    def gateway_head(self) -> int:
        path = self.site.folder / "gateway" / "tally-gateway.sqlite"
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute("SELECT ifnull(max(seq), 0) FROM heads").fetchone()[0]
        finally:
            connection.close()

    def finish(self) -> None:
        """Everything arrives, once, and the verifier finds itself whole."""
        daemon = self.site.serve(name="verifier-last")
        self.look_at_running(daemon)
        end, status = time.monotonic() + 60, {}
        while time.monotonic() < end:
            status = json.loads(self.site.verifier("status", "--format", "json").stdout)["ledger"]
            # A record that is made between two looks is no difference.
            if status["receipted"] == status["seq"] == self.site.gateway_records():
                break
            time.sleep(0.2)
        require(status["receipted"] == status["seq"], f"not everything is receipted: {status}")
        end = time.monotonic() + 60
        while self.site.gateway_records() != status["seq"]:
            require(time.monotonic() < end, "the gateway has other records")
            status = json.loads(self.site.verifier("status", "--format", "json").stdout)["ledger"]
        require(daemon.stop() == 0, f"the last stop: {daemon.errors()}")
        review = self.site.verifier("usage", "verify")
        require(review.returncode == 0, f"usage verify: {review.stderr}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    programs_argument(parser)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--bound", type=float, default=1.0)
    parser.add_argument("--longest", type=float, default=3.0, help="seconds of a life at most")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--control", action="store_true")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    site = Site(arguments.programs, arguments.work)
    begun, losses = time.monotonic(), collections.Counter()
    try:
        site.start_gateway()
        site.install(site.issue(window=86_400))
        harness = Harness(site, arguments)
        harness.prepare()
        done = 0
        for number in range(arguments.kills):
            try:
                harness.round(number)
            except Loss as loss:
                losses[re.sub(r"\d+", "N", str(loss))[:100]] += 1
                print(f"  kill {number}: {loss}", flush=True)
            done += 1
            if losses:
                # What comes after a loss proves nothing.
                break
        if not losses:
            try:
                harness.finish()
            except Loss as loss:
                losses[str(loss)] += 1
                print(f"  at the end: {loss}", flush=True)
    finally:
        site.close()
    starts = sorted(harness.starts)
    print(
        f"{done} kills, {harness.expectation.answered} beats answered, {harness.head} records, starts "
        f"{starts[len(starts) // 2] * 1000:.0f} ms in the middle and {starts[-1] * 1000:.0f} ms at "
        f"most, in {time.monotonic() - begun:.0f} s: {sum(losses.values())} lost"
    )
    if arguments.control:
        sys.exit(0 if losses else "nothing is lost without the logs")
    sys.exit(1 if losses else 0)


if __name__ == "__main__":
    main()
