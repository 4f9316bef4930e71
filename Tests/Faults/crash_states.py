#!/usr/bin/env python3
"""What a disk may hold after a power cut, tried out in great number.

    crash_states.py --programs FOLDER --work FOLDER [--states N] [--seconds S] [--midnight] [--deaf wal|folder]
    crash_states.py --programs FOLDER --work FOLDER --first [--states N] [--deaf folder]

The real `tally-verifier serve` works for some seconds under beats, with a real gateway, while writelog.c
writes down each write, truncation, new name and flush of its state folder, and what it says to the network.
Then, for every event at which the power may fail, states of the disk are put together: what had been
flushed by then, with none, a prefix, a random subset, or pieces of 512 bytes of the writes that had not. A
new name counts as flushed when its folder was.

In each state, checked by oracle.py:

- both databases open and SQLite finds them whole; the chain is intact;
- every record is there that had been sent to the gateway by then;
- `standing` is whole, an old or the new one; its record and receipts are in the ledger;
- whatever was told more than --bound seconds before is there: collectors whose beat was answered, and the
  peak as it was shown; the peak of the date is no lower than that of any record sent;
- each date that has ended is closed once, where the one before it ended, in the ledger or on its way there, and
  is what the segments of its collectors come to.

--midnight lets a midnight pass in the middle: the date is closed over both databases.

Some states, --opened of them, are given to `tally-verifier usage verify` as well, which must find them whole.

--first plays the very first start instead: the command that installs a license in a folder that does not
exist. In each state the same command must work again, and leave the license installed.

--deaf is the control: flushes of the logs, or of folders, are left out while it runs, and the harness ends
with 1 unless it finds what that loses.
"""

import argparse
import collections
import concurrent.futures
import dataclasses
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import sys
import threading
import time

from disk import Disk, Event, Place, choose, commits_in_flight, put, quotas, read_log, split
from oracle import Loss, Oracle, require, unbase64url
from site_under_test import (
    ZONE,
    Clock,
    Intake,
    Site,
    base64url,
    boot_seconds,
    compile_library,
    cores,
    environment_of,
    installation_key,
    midnight,
    programs_argument,
)

JWS = re.compile(rb'"(eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)"')
PEAK = re.compile(rb"tally_peak_today (\d+)\n")
MOST_COLLECTORS = 400
EXAMPLES = 8


class Known:
    """What the world outside knew at each moment."""

    def __init__(self, events: list[Event], beats: list[list], dates: list[list], bound: float):
        self.bound = bound
        self.dates = dates
        """[when it begins, date] in order."""
        self.sent: list[tuple[int, str]] = []
        """(number of the event, document) in order."""
        self.peaks: list[tuple[float, int]] = []
        self.beats = sorted((when, base64url(name.encode())) for when, name in beats)
        streams: dict[int, bytes] = collections.defaultdict(bytes)
        for number, event in enumerate(events, 1):
            if event.kind != "N":
                continue
            # A document may be cut over two writes, but never ends in a later one than its request.
            stream = streams[event.file] + event.data
            found = JWS.findall(stream)
            self.sent.extend((number, jws.decode()) for jws in found)
            streams[event.file] = b"" if found else stream[-1 << 20 :]
            self.peaks.extend((event.time, int(peak)) for peak in PEAK.findall(event.data))


class Judge:
    """Checks states as of one event after the other."""

    def __init__(self, known: Known, oracle: Oracle, evidence_key: bytes, written: set[bytes]):
        self.known, self.oracle, self.evidence_key = known, oracle, evidence_key
        self.written = written
        """Every `standing` that was ever written whole."""
        self.records: dict[int, str] = {}
        self.beats: set[str] = set()
        self.promised: dict[str, int] = {}
        """The peak of each date, as it was sent or shown."""
        self.told = (0, 0, 0)
        self.between = 0
        """States in which the record of a date is on its way from the journal to the ledger."""

    def advance(self, number: int, event: Event) -> None:
        sent, beats, peaks = self.told
        while sent < len(self.known.sent) and self.known.sent[sent][0] < number:
            jws = self.known.sent[sent][1]
            if opened(jws, 0)["typ"] == "tally-usage+jwt":
                record = self.oracle.record(jws)
                self.records[record.seq] = record.hash
                self.promise(record.date, record.peak)
            sent += 1
        limit = event.time - self.known.bound
        while beats < len(self.known.beats) and self.known.beats[beats][0] < limit:
            self.beats.add(self.known.beats[beats][1])
            beats += 1
        while peaks < len(self.known.peaks) and self.known.peaks[peaks][0] < limit:
            when, peak = self.known.peaks[peaks]
            begun, date = [entry for entry in self.known.dates if entry[0] <= when][-1]
            # What is shown in the first second may be of the date before.
            if when > begun + 1:
                self.promise(date, peak)
            peaks += 1
        self.told = (sent, beats, peaks)

    def promise(self, date: str, peak: int) -> None:
        self.promised[date] = max(self.promised.get(date, 0), peak)

    def check(self, folder: pathlib.Path, isThorough: bool) -> None:
        how = "integrity_check" if isThorough else "quick_check"
        ledger = self.oracle.ledger(folder / "ledger.sqlite", how)
        for seq, hashed in self.records.items():
            require(seq <= ledger.head, f"record {seq} was sent and is not in the ledger")
            require(ledger.records[seq - 1].hash == hashed, f"record {seq} is another than was sent")
        ledger.peaks()
        self.check_standing(folder / "standing", ledger)
        if not (folder / "journal.sqlite").exists():
            require(not self.beats and not self.records, "the journal has no name")
            return
        journal = self.oracle.journal(folder / "journal.sqlite", how)
        missing = self.beats - journal.online.keys()
        require(not missing, f"{len(missing)} collectors that were answered are gone")
        closings = journal.closings(ledger)
        self.between += bool(journal.waiting) and journal.waiting[-1]["date"] not in {
            record["date"] for record in ledger.closings()
        }
        self.oracle.recount(closings, journal, self.evidence_key)
        peaks = {record["date"]: record.get("peak", 0) for record in closings}
        peaks[journal.date] = journal.peak
        for date, promised in self.promised.items():
            peak = peaks.get(date, -1)
            require(peak >= promised, f"the peak is {peak}, {promised} was committed or told")

    def check_standing(self, path: pathlib.Path, ledger) -> None:
        if not path.exists():
            require(not self.records, "standing has no name")
            return
        content = path.read_bytes()
        require(content in self.written, "standing is neither an old one nor the new one")
        document = json.loads(content)
        if "record" in document:
            record = self.oracle.record(document["record"])
            require(
                record.seq <= ledger.head and ledger.records[record.seq - 1].hash == record.hash,
                f"standing tells of record {record.seq}, which is not in the ledger",
            )
        for receipt in document["receipts"]:
            told = opened(receipt, 1)
            stored = ledger.receipts.get((told["seq"], "lease_through" in told), -1)
            require(stored >= told["iat"], "a receipt of standing is not in the ledger")


class FirstStart:
    """Runs the command of the first start again in each state."""

    def __init__(self, site: Site, license_file: pathlib.Path, last: int):
        self.site, self.license_file, self.last = site, license_file, last
        self.isDone = False
        self.between = 0

    def advance(self, number: int, event: Event) -> None:
        self.isDone = number >= self.last

    def check(self, folder: pathlib.Path, isThorough: bool) -> None:
        state = copied(folder)
        if not self.isDone:
            outcome = self.site.verifier(
                "license", "install", str(self.license_file), state=state
            )
            require(outcome.returncode == 0, f"the first start again: {last_line(outcome.stderr)}")
        status = self.site.verifier("status", "--format", "json", state=state)
        require(status.returncode == 0, f"status: {last_line(status.stderr)}")
        require("jti" in json.loads(status.stdout)["license"], "the license is not installed")


def copied(folder: pathlib.Path) -> pathlib.Path:
    """A copy of a state that a program may write to."""
    copy = folder.parent / "given"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    copy.chmod(0o700)
    return copy


def last_line(text: str) -> str:
    return text.strip().split("\n")[-1]


def opened(jws: str, part: int) -> dict:
    return json.loads(unbase64url(jws.split(".")[part]))


def record_run(site: Site, seconds: float, deaf: str) -> pathlib.Path:
    """Runs the verifier under beats; returns the folder of what was recorded."""
    run = site.folder / "run"
    run.mkdir()
    # The folder as it is before: flushed long ago.
    shutil.copytree(site.state, run / "before")
    inodes = {path.name: path.stat().st_ino for path in site.state.iterdir() if path.is_file()}
    (run / "inodes").write_text(json.dumps(inodes))
    ahead = 0
    if site.clock:
        site.clock.approach_midnight(seconds / 2)
        ahead = site.clock.ahead
    (run / "dates").write_text(json.dumps(dates(time.time() + ahead, boot_seconds() + ahead)))
    daemon = site.serve(environment=logging(site, run, deaf))
    answered: list[tuple[float, str]] = []
    load(daemon, site.token(), seconds, answered)
    status = daemon.stop()
    require(status == 0, f"serve ended with {status}: {daemon.errors()}")
    (run / "beats").write_text(json.dumps([(when + ahead, name) for when, name in answered]))
    return run


def dates(wall: float, boot: float) -> list[tuple[float, str]]:
    """When, since the boot, the date of an instant and the next one begin."""
    today = datetime.datetime.fromtimestamp(wall, ZONE).date()
    begins = [midnight(today), midnight(today + datetime.timedelta(days=1))]
    tomorrow = (today + datetime.timedelta(days=1)).isoformat()
    return [(begins[0] - wall + boot, today.isoformat()), (begins[1] - wall + boot, tomorrow)]


def record_first(site: Site, license_file: pathlib.Path, deaf: str) -> pathlib.Path:
    run = site.folder / "run"
    (run / "before").mkdir(parents=True)
    (run / "inodes").write_text("{}")
    (run / "beats").write_text("[]")
    (run / "dates").write_text("[]")
    outcome = site.verifier(
        "license", "install", str(license_file), environment=logging(site, run, deaf)
    )
    require(outcome.returncode == 0, f"the first start: {outcome.stderr}")
    return run


def logging(site: Site, run: pathlib.Path, deaf: str) -> dict:
    library = compile_library("writelog.c", site.folder)
    return environment_of(
        library, WRITELOG_ROOT=site.state, WRITELOG_OUT=run / "log", WRITELOG_DEAF=deaf
    )


def load(daemon, token: str, seconds: float, answered: list) -> None:
    """Beats over two connections, and a look at the metrics now and then."""
    end = boot_seconds() + seconds

    def beat(lane: int) -> None:
        chance = random.Random(f"{random.random()} {lane}")
        intake, number = Intake(daemon, token), 0
        while boot_seconds() < end:
            fresh = chance.randrange(1, 8) if number < MOST_COLLECTORS // 2 else 0
            names = [f"lane{lane}-{number + i}" for i in range(fresh)]
            number += fresh
            again = [f"lane{lane}-{chance.randrange(number)}" for _ in range(10)]
            if intake.beats(
                [{"collector": name, "weight": 1 + number % 3} for name in names]
                + [{"collector": name} for name in again]
            ):
                now = boot_seconds()
                answered.extend((now, name) for name in names)
            if chance.random() < 0.2:
                intake.metrics()
            time.sleep(chance.random() * 0.2)
        intake.close()

    lanes = [threading.Thread(target=beat, args=(lane,)) for lane in range(2)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()


def standings(events: list[Event], before: pathlib.Path) -> set[bytes]:
    """Every content that `standing` had when it was renamed into place."""
    contents: dict[int, bytearray] = {}
    written = set()
    if (before / "standing").exists():
        written.add((before / "standing").read_bytes())
    for event in events:
        if event.kind == "W":
            put(contents.setdefault(event.file, bytearray()), event.offset, event.data)
        elif event.kind == "R" and event.path.endswith("/standing"):
            written.add(bytes(contents[event.file]))
    return written


@dataclasses.dataclass
class Job:
    """A stretch of the log whose states are tried by one process."""

    site: Site
    license_file: pathlib.Path
    run: pathlib.Path
    first: int
    last: int
    arguments: argparse.Namespace
    place: pathlib.Path

    def judge(self, events: list[Event]):
        if self.arguments.first:
            return FirstStart(self.site, self.license_file, len(events))
        beats = json.loads((self.run / "beats").read_text())
        return Judge(
            Known(events, beats, json.loads((self.run / "dates").read_text()), self.arguments.bound),
            Oracle(installation_key(self.site.state)),
            (self.site.state / "evidence.key").read_bytes(),
            standings(events, self.run / "before"),
        )

    def work(self) -> "Result":
        """Tries the states."""
        events = read_log(self.run / "log")
        quota = quotas(events, self.arguments.states)
        inodes = json.loads((self.run / "inodes").read_text())
        disk = Disk(self.site.state, self.run / "before", inodes)
        judge, result = self.judge(events), Result()
        laid = Place(self.place, disk)
        for number, event in enumerate(events[: self.last], 1):
            disk.take(number, event)
            if number > self.first:
                judge.advance(number, event)
                self.try_states(number, quota[number - 1], disk, laid, judge, result)
        laid.close()
        result.between = judge.between
        return result

    def try_states(self, number: int, count: int, disk: Disk, laid: Place, judge, result) -> None:
        chance = random.Random(f"{self.arguments.seed} {number}")
        waiting = [waiting for _, waiting in disk.pending]
        for turn in range(count):
            way = turn if turn < 2 else chance.randrange(2, 5)
            chosen = choose(waiting, way, chance)
            laid.lay(chosen)
            marks = ((id(event), data and (data[0], len(data[1]))) for event, data in chosen)
            result.seen.add(hash((disk.version, tuple(marks))))
            result.states += 1
            try:
                judge.check(laid.state, turn % 8 == 0)
                may_open = not self.arguments.first or judge.isDone
                if may_open and chance.random() < self.arguments.opened / self.arguments.states:
                    result.opened += 1
                    self.open(laid.state)
            except Loss as loss:
                result.lose(loss, f"event {number}, way {way}")

    def open(self, folder: pathlib.Path) -> None:
        """Has the product itself go through a state."""
        outcome = self.site.verifier("usage", "verify", state=copied(folder))
        require(
            outcome.returncode == 0,
            f"usage verify ends with {outcome.returncode}: {last_line(outcome.stderr)}",
        )


class Result:
    def __init__(self):
        self.states = self.opened = self.lost = self.between = 0
        self.seen: set[int] = set()
        self.losses: collections.Counter = collections.Counter()
        self.examples: list[str] = []

    def lose(self, loss: Loss, where: str) -> None:
        self.lost += 1
        self.losses[re.sub(r"\d+", "N", str(loss))[:100]] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{where}: {loss}")

    def add(self, other: "Result") -> None:
        self.states += other.states
        self.opened += other.opened
        self.between += other.between
        self.lost += other.lost
        self.seen |= other.seen
        self.losses += other.losses
        self.examples = (self.examples + other.examples)[:EXAMPLES]


def try_all(site: Site, license_file: pathlib.Path, run: pathlib.Path, arguments) -> Result:
    events = read_log(run / "log")
    shared = pathlib.Path("/dev/shm") / f"crash-states-{os.getpid()}"
    edges = split(quotas(events, arguments.states), 8 * cores())
    jobs = [
        Job(site, license_file, run, first, last, arguments, shared / str(first))
        for first, last in zip(edges, edges[1:])
    ]
    site.gateway = None
    total = Result()
    os.nice(5)
    try:
        with concurrent.futures.ProcessPoolExecutor(cores()) as pool:
            for result in pool.map(Job.work, jobs):
                total.add(result)
    finally:
        shutil.rmtree(shared, ignore_errors=True)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    programs_argument(parser)
    parser.add_argument("--states", type=int, default=100_000)
    parser.add_argument("--opened", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--bound", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--midnight", action="store_true")
    parser.add_argument("--deaf", choices=["wal", "folder"], default="")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    random.seed(arguments.seed)
    site = Site(arguments.programs, arguments.work)
    try:
        if arguments.first:
            license_file = site.issue(window=3600, port=9)
            run = record_first(site, license_file, arguments.deaf)
        else:
            if arguments.midnight:
                site.clock = Clock(site.folder)
            site.start_gateway()
            license_file = site.issue(window=3600)
            site.install(license_file)
            run = record_run(site, arguments.seconds, arguments.deaf)
    finally:
        site.close()
    in_flight = commits_in_flight(read_log(run / "log"))
    print(f"  {in_flight} commits of one log wait for a flush at most")
    if in_flight == 0 or in_flight > 1 and not arguments.deaf:
        sys.exit(f"{in_flight} commits of one log waited for a flush at the same time, not one")
    begun = time.monotonic()
    result = try_all(site, license_file, run, arguments)
    for example in result.examples:
        print(f"  {example}")
    for what, number in result.losses.most_common(10):
        print(f"  {number} states: {what}")
    print(
        f"{result.states} states, {len(result.seen)} of them distinct, {result.between} with a date between "
        f"its databases, {result.opened} opened by the product, in {time.monotonic() - begun:.0f} s: {result.lost} lost"
    )
    if arguments.midnight and not arguments.deaf and result.between == 0:
        sys.exit("in no state is a date between its databases")
    if arguments.deaf:
        sys.exit(0 if result.lost else f"nothing is lost without flushes of {arguments.deaf}")
    sys.exit(1 if result.lost else 0)


if __name__ == "__main__":
    main()
