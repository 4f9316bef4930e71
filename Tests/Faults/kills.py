#!/usr/bin/env python3
"""Ends `tally-verifier serve` by kill -9 at random instants under load, again and again.

    kills.py --programs FOLDER --work FOLDER [--kills N] [--midnights] [--terminate] [--control]

One installation lives through all of it, beside a real gateway. Between two kills collectors join, say
greater and smaller weights, repeat themselves and say goodbye; this program knows every beat that it got an
answer for, and when. After each kill, from the bytes that are left (oracle.py), and again once the daemon
runs:

- the chain is intact and goes on from the records that were there after the kill before; every record that
  the gateway has is in it, and every peak that was ever sealed;
- who was answered more than --bound seconds before the kill is online, with the weight said; nobody is who
  never came or was long gone; no peak is lower than what those add up to, and none higher than what may have
  been online in one second adds up to;
- of each date seconds observed and gaps make up the whole; every second in which nothing ran is in a gap, and
  none that reaches further than --bound seconds before a kill, or beyond the start after it.

--midnights lets a midnight pass in every third life, or beside it, on a clock that all programs share: each
date is closed once, where the one before it ended, and is what the segments of its collectors come to.
--terminate ends each life by SIGTERM: it ends with 0, and keeps everything that was answered, whenever.

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
import math
import random
import re
import shutil
import sqlite3
import sys
import threading
import time
import typing

from oracle import Loss, Oracle, require
from site_under_test import (
    ZONE,
    Clock,
    Intake,
    Site,
    base64url,
    boot_seconds,
    installation_key,
    programs_argument,
)

GONE = (OSError, http.client.HTTPException)
MOST_COLLECTORS = 2000
LIVES = 3
"""How many lives have one midnight together."""


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

    def least(self, begun: float, since: float, until: float) -> int:
        """A count that was reached for certain between two instants of a life that began at `begun`."""
        told = [peak for at, peak in self.told if since < at < until]
        # The count of a second is known when it is over.
        middle = until - 1
        if middle - 1 > max(begun, since):
            told.append(
                sum(min(self.weights(said, middle - 1, middle + 1)) for said in self.said.values())
            )
        return max(told, default=0)

    def most(self, begun: float, killed: float) -> int:
        """What may have been online in one second of a life adds up to, at most."""
        seconds = range(int(begun) - 1, int(killed) + 2)
        return max(
            sum(max(self.weights(said, second - 2, second + 2)) for said in self.said.values())
            for second in seconds
        )

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


class Pause(typing.NamedTuple):
    """When nothing ran, by the clock on the wall."""

    reach: float
    """How far a gap may reach back."""
    ended: float
    launched: float
    listening: float


class Harness:
    def __init__(self, site: Site, arguments):
        self.site, self.arguments = site, arguments
        self.chance = random.Random(arguments.seed)
        self.oracle = Oracle(installation_key(site.state))
        self.evidence_key = (site.state / "evidence.key").read_bytes()
        self.expectation = Expectation(arguments.bound)
        self.head = self.online = self.peak = self.midnights = 0
        self.date = ""
        self.peaks: dict[str, int] = {}
        self.starts: list[float] = []
        self.pauses: list[Pause] = []
        self.ended = self.now()

    def now(self) -> float:
        return self.site.clock.now() if self.site.clock else time.time()

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
        self.ended = self.now()

    def approach_midnight(self) -> None:
        """Time goes on, with nothing running, until shortly before a midnight; everybody is gone by then."""
        self.site.clock.approach_midnight(
            0.2 + self.chance.random() * (LIVES * self.arguments.longest / 2 + 1)
        )
        self.expectation.settle({}, boot_seconds())
        self.online = 0

    def round(self, number: int) -> None:
        """One life of the daemon, and what it leaves."""
        if self.site.clock and number % LIVES == 0:
            self.approach_midnight()
        before, launched = time.monotonic(), self.now()
        daemon = self.site.serve(name=f"verifier-{number % 4}")
        self.starts.append(time.monotonic() - before)
        self.pauses.append(self.pause(launched))
        begun = boot_seconds()
        self.look_at_running(daemon)
        load = Load(daemon, self.site.token(), self.expectation, self.chance)
        time.sleep(0.02 + self.chance.random() * self.arguments.longest)
        killed, self.ended = self.end(daemon)
        load.join()
        if self.arguments.control:
            for log in self.site.state.glob("*-wal"):
                log.unlink()
        self.look_at_left(begun, killed)
        self.look_at_gaps()

    def pause(self, launched: float) -> "Pause":
        """The pause that ends now. What a life had not committed is lost with it, so that a gap may reach over
        all of a short one."""
        last = self.pauses[-1] if self.pauses else None
        slack = self.expectation.bound + 1
        isShort = last is not None and self.ended - last.listening < slack
        return Pause(
            last.reach if isShort else self.ended - slack, self.ended, launched, self.now()
        )

    def end(self, daemon) -> tuple[float, float]:
        """Ends a life; returns when, since the boot and by the clock on the wall."""
        if not self.arguments.terminate:
            killed = boot_seconds(), self.now()
            daemon.kill()
            return killed
        before = time.monotonic()
        status = daemon.stop()
        require(status == 0, f"asked to end, it ends with {status}: {daemon.errors()[-300:]}")
        took = time.monotonic() - before
        require(took < 10, f"asked to end, it takes {took:.1f} s")
        return boot_seconds(), self.now()

    def look_at_running(self, daemon) -> None:
        """The daemon goes on from where it was: who was online is, and no peak has fallen."""
        intake = Intake(daemon, self.site.token())
        metrics = intake.metrics()
        intake.close()
        online, peak = metrics["tally_weight_online"], metrics["tally_peak_today"]
        require(online == self.online, f"the weight online was {self.online}, now {online}")
        require(peak >= self.peak or self.is_other_date(), f"the peak was {self.peak}, now {peak}")
        require(metrics["tally_ledger_seq"] >= self.head, "after the start records are missing")
        # A keyset of half a year is stale, and that is a warning.
        worst = 1 if self.site.clock and self.site.clock.ahead > 179 * 86_400 else 0
        require(
            metrics["tally_verdict_severity"] <= worst, "after the start the verdict is not allow"
        )

    def is_other_date(self) -> bool:
        # The verifier names whole seconds, and may be one ahead.
        soon = datetime.datetime.fromtimestamp(self.now() + 1, ZONE)
        return soon.date().isoformat() != self.date

    def look_at_left(self, begun: float, killed: float) -> None:
        """What an end left, from the bytes."""
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
        journal = self.oracle.journal(copy / "journal.sqlite", since=self.date)
        self.expectation.require_online(journal.online, killed)
        self.closings = journal.closings(ledger)
        fresh = [record for record in self.closings if record["date"] >= self.date]
        self.oracle.recount(fresh, journal, self.evidence_key)
        self.look_at_peaks(begun, killed, journal, {record["date"]: record for record in fresh})
        self.journal = journal
        self.date, self.peak = journal.date, journal.peak
        self.online = sum(journal.online.values())
        self.expectation.settle(journal.online, killed)

    def look_at_peaks(self, begun: float, killed: float, journal, closed: dict[str, dict]) -> None:
        """The peak of the open date, and of the one that was open before."""
        expectation = self.expectation
        most, until = expectation.most(begun, killed), killed - expectation.bound
        if journal.date == self.date or not self.date:
            least = max(self.peaks.get(journal.date, 0), self.peak)
            least = max(least, expectation.least(begun, begun, until))
            self.require_peak(journal.date, journal.peak, least, max(self.peak, most))
            return
        self.midnights += 1
        midnight = killed - (self.ended - journal.state["day"]["from"])
        least = max(self.peak, expectation.least(begun, begun, midnight - 1))
        require(self.date in closed, f"{self.date} has passed and is not closed")
        self.require_peak(
            self.date, closed[self.date].get("peak", 0), least, max(self.peak, most)
        )
        least = max(
            self.peaks.get(journal.date, 0), expectation.least(begun, max(begun, midnight + 1), until)
        )
        self.require_peak(journal.date, journal.peak, least, most)

    @staticmethod
    def require_peak(date: str, peak: int, least: int, most: int) -> None:
        require(least <= peak <= most, f"the peak of {date} is {peak}, not {least} to {most}")

    def look_at_gaps(self) -> None:
        """Every second in which nothing ran is in a gap, and no other."""
        gaps = self.journal.gaps(self.closings[-2:])
        days = [*self.closings[-2:], self.journal.state["day"]]
        isMerged = any(day.get("gaps_merged", 0) for day in days)
        known = [
            pause
            for pause in self.pauses
            if pause.ended > days[0]["from"] and pause.listening + 1 < self.journal.state["name"]
        ]
        for pause in known:
            first, last = math.ceil(pause.ended), math.floor(pause.launched)
            require(
                last <= first or any(begin <= first and last <= end for begin, end in gaps),
                f"nothing ran from {first} to {last}, and no gap says so: {gaps[-3:]}",
            )
        for gap in (gap for day in days for gap in day["gaps"] if gap["reason"] == "stopped"):
            require(
                isMerged
                or any(
                    pause.reach <= gap["from"] and gap["to"] <= pause.listening + 2
                    for pause in self.pauses
                ),
                f"a gap runs from {gap['from']} to {gap['to']}, and it ran then: {self.pauses[-2:]}",
            )

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
    parser.add_argument("--midnights", action="store_true")
    parser.add_argument("--terminate", action="store_true")
    parser.add_argument("--control", action="store_true")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    if arguments.terminate:
        arguments.bound = 0
    site = Site(arguments.programs, arguments.work)
    begun, losses = time.monotonic(), collections.Counter()
    try:
        if arguments.midnights:
            site.clock = Clock(site.folder)
        site.start_gateway()
        # With midnights a day passes between lives, and nobody must be there still.
        site.install(site.issue(window=3600 if arguments.midnights else 86_400, years=3))
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
        f"{done} kills, {harness.midnights} midnights, {harness.expectation.answered} beats answered, "
        f"{harness.head} records, starts "
        f"{starts[len(starts) // 2] * 1000:.0f} ms in the middle and {starts[-1] * 1000:.0f} ms at "
        f"most, in {time.monotonic() - begun:.0f} s: {sum(losses.values())} lost"
    )
    if arguments.control:
        sys.exit(0 if losses else "nothing is lost without the logs")
    sys.exit(1 if losses else 0)


if __name__ == "__main__":
    main()
