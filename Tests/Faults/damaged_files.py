#!/usr/bin/env python3
"""Damages the files of a state folder, one byte or one length after the other, and asks the verifier.

    damaged_files.py --programs FOLDER --work FOLDER [--stride N] [--part K/N] [--files NAME,…] [--control]
                     [--examiner PROGRAM [--program-every N]] [--midnight]
    damaged_files.py --programs FOLDER --work FOLDER --records [--stride N] [--control]

A small installation is made first, with records and receipts, and stopped in order; then it goes on, and is
stopped as by a power cut, so that its write-ahead logs are full. Each byte of each file of the folder is
changed (one bit, another one at each place) and each file is cut off at each length: databases and all
other files of the folder as it was stopped, the logs of the one that was killed. `--stride N` takes every N-th
place of large files, with another beginning at each run; `--part K/N` takes the K-th of N parts of all
places, so that the whole can be done in several runs.

--midnight lets a date end in either life: its evidence and the record that closed it are there, and the one
that was killed had closed a date in the journal and not in the ledger; the journal is damaged in that state,
too.

`usage verify` must then end with 1 or 2, name the file, or the record, receipt, date or journal that is
wrong, and say what to do, and leave keys and token as they are. Or it finds everything whole, and then
nothing may be missing: every row of every table is compared with what was there (what is only shown, such as
past reports, is not), and what SQLite does not look at may differ. A log that was cut off, or changed in one
of its last two commits, reads as one that a power cut tore: then it is what SQLite itself recovers, no less,
and nothing that receipts or `standing` tell of.

A start of `serve` must refuse with the file's name, or say on its error output or in the verdict what is
wrong, or have lost nothing; each --serve-every of the cases is started.

--records changes the chain by SQL: every bit of every column of every record, each record left out, each two
neighbours exchanged, the last N cut off for every N, with their receipts and without. `usage verify` must
name that very record.

--examiner names the program of the folder Examiner, which looks through one folder after the other as `usage
verify` does: most of what one case costs is the start of a program. Every N-th case is put to the program
too, and both must say the same.

--control takes other rows for what was there: the harness ends with 1 unless it calls that a loss. With
--records it expects that another record is named, and that one is where nothing was changed: it ends with 1
unless it calls that wrong each time that a record is named or none is.
"""

import argparse
import collections
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time

from oracle import Loss, require, unbase64url
from site_under_test import Clock, Intake, Site, cores, programs_argument

DATABASES = ("ledger.sqlite", "journal.sqlite")
OTHERS = ("standing", "installation.key", "evidence.key", "token", "lock", "listen")
SECRETS = ("installation.key", "evidence.key", "token")
SHOWN_ONLY = {"report_run", "sqlite_sequence", "inventory"}
"""Tables that nothing rests on."""
SHOWN_COLUMNS = {"held": {"since"}, "installation": {"begun"}}
"""Columns of others that nothing rests on."""
FRAME = 24 + 4096


def rows(folder: pathlib.Path) -> dict:
    """Every row of every table of both databases, as far as something rests on it."""
    content = {}
    for name in DATABASES:
        connection = sqlite3.connect(folder / name)
        connection.text_factory = bytes
        # SQLite takes the word table as bytes, too, and it and all names in any case.
        found = connection.execute(
            "SELECT name FROM sqlite_schema WHERE lower(CAST(type AS text)) = 'table'"
        ).fetchall()
        for table in sorted({table.decode().lower() for (table,) in found} - SHOWN_ONLY):
            columns = [
                row[1].decode() for row in connection.execute(f'PRAGMA table_info("{table}")')
            ]
            wanted = [name for name in columns if name.lower() not in SHOWN_COLUMNS.get(table, ())]
            listed = ", ".join(f'"{name}"' for name in wanted)
            found = connection.execute(f'SELECT {listed} FROM "{table}"').fetchall()
            content[f"{name}.{table}"] = sorted(found, key=repr)
        connection.close()
    return content


def commits(log: bytes) -> list[int]:
    """Where each commit of a write-ahead log ends, by its present round."""
    ends, salt = [], log[16:24]
    for start in range(32, len(log) - FRAME + 1, FRAME):
        if log[start + 8 : start + 16] != salt:
            break
        if log[start + 4 : start + 8] != bytes(4):
            ends.append(start + FRAME)
    return ends


@dataclasses.dataclass
class Case:
    """One damage."""

    file: str
    way: str
    place: int

    def __str__(self) -> str:
        return f"{self.file}, {self.way} {self.place}"

    def content(self, whole: bytes) -> bytes:
        if self.way == "cut at":
            return whole[: self.place]
        changed = bytearray(whole)
        changed[self.place] ^= 1 << (self.place * 5 % 8)
        return bytes(changed)


@dataclasses.dataclass
class Verdict:
    """What `usage verify` has to say of a folder: its exit status, what it writes and what it says."""

    status: int
    report: dict | None
    said: str


class Examiner:
    """The program that looks through many folders, started anew where it ended."""

    def __init__(self, program: pathlib.Path, site: Site):
        self.words = [str(program), site.trust[-1]]
        self.environment = site.environment()
        self.process = None

    def verify(self, folder: pathlib.Path) -> Verdict:
        if self.process is None:
            self.process = subprocess.Popen(
                self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, env={**os.environ, **self.environment},
            )
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            _, errors = self.process.communicate()
            status, self.process = self.process.returncode, None
            raise Loss(f"{folder.name}: the examiner ends with {status}: {errors[-300:]}")
        answer = json.loads(line)
        return Verdict(answer["status"], answer.get("report"), answer["said"])

    def close(self) -> None:
        if self.process is not None:
            self.process.communicate()
            self.process = None


class Ward:
    """A copy of the state folder in which one file after the other is damaged."""

    def __init__(self, site: Site, state: pathlib.Path, place: pathlib.Path, arguments):
        self.site, self.place, self.whole = site, place, {}
        self.examiner = Examiner(arguments.examiner, site) if arguments.examiner else None
        self.program_every, self.asked = arguments.program_every, 0
        for path in state.iterdir():
            if path.is_file():
                self.whole[path.name] = path.read_bytes()
        place.mkdir(parents=True, mode=0o700)
        self.heal()
        self.rows = rows(place)
        if arguments.control:
            self.rows["journal.sqlite.state"] = [("another",)]
        self.heal()

    def heal(self) -> None:
        for path in self.place.iterdir():
            if path.name not in self.whole or path.read_bytes() != self.whole[path.name]:
                path.unlink()
        for name, content in self.whole.items():
            path = self.place / name
            if not path.exists():
                path.write_bytes(content)
                path.chmod(0o600)

    def try_case(self, case: Case, serves: bool) -> str:
        """Returns what became of the damage."""
        self.heal()
        damaged = case.content(self.whole[case.file])
        (self.place / case.file).write_bytes(damaged)
        recovered = self.recovered() if case.file.endswith("-wal") else None
        if serves:
            return self.serve(case, recovered)
        outcome = self.verify(case, damaged)
        require(outcome.status in (0, 1, 2), f"{case}: ends with {outcome.status}: {outcome.said[-300:]}")
        if outcome.status == 0:
            return self.compare(case, recovered)
        said = outcome.said.replace(str(self.place), "state")
        if outcome.report:
            finding = outcome.report.get("finding", {})
            said += " ".join(str(finding.get(name, "")) for name in ("place", "seq", "what", "cure"))
        self.require_plain(case, said)
        if case.file in SECRETS:
            kept = (self.place / case.file).read_bytes()
            require(kept == damaged, f"{case}: was written anew though it was refused")
        return f"refused with {outcome.status}"

    def verify(self, case: Case, damaged: bytes) -> Verdict:
        """Asks the examiner where there is one, and the program each time or now and then."""
        if self.examiner is None:
            return self.verify_by_program()
        self.asked += 1
        if self.asked % self.program_every:
            return self.examiner.verify(self.place)
        by_program = self.verify_by_program()
        self.heal()
        (self.place / case.file).write_bytes(damaged)
        by_examiner = self.examiner.verify(self.place)
        require(
            by_program.status == by_examiner.status
            and by_program.report == by_examiner.report
            and by_examiner.said in by_program.said,
            f"{case}: the program says {by_program}, the examiner {by_examiner}",
        )
        return by_examiner

    def verify_by_program(self) -> Verdict:
        outcome = self.site.verifier("usage", "verify", "--format", "json", state=self.place)
        report = json.loads(outcome.stdout) if outcome.stdout.strip() else None
        return Verdict(outcome.returncode, report, outcome.stderr)

    def close(self) -> None:
        if self.examiner is not None:
            self.examiner.close()

    @staticmethod
    def require_plain(case: Case, said: str) -> None:
        """It names what is wrong, and a cure."""
        stem = case.file.split("-wal")[0].split(".")[0]
        names = (stem, "record", "receipt", "installation", "ledger", "journal", "evidence")
        require(any(name in said for name in names), f"{case}: does not name it: {said[-300:]}")
        cures = ("restore", "chmod", "write", "copy", "replace", "install", "run ", "check", "update ")
        require(any(cure in said for cure in cures), f"{case}: says no cure: {said[-300:]}")

    def recovered(self) -> dict:
        """What SQLite itself makes of a folder with a damaged log."""
        copy = self.place.with_name(self.place.name + "-copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.place, copy)
        return rows(copy)

    def compare(self, case: Case, recovered: dict | None) -> str:
        """It was found whole: nothing is missing."""
        for name in SECRETS:
            kept = (self.place / name).read_bytes()
            if kept == self.whole[name]:
                continue
            # Whoever runs the site may write another token.
            require(name == "token" and is_token(kept), f"{case}: {name} is another and is taken")
            return "is another token"
        try:
            after = rows(self.place)
        except sqlite3.DatabaseError as error:
            raise Loss(f"{case}: whole, but SQLite says {error}") from error
        if recovered is not None and recovered != self.rows:
            ends = commits(self.whole[case.file])
            require(
                case.way == "cut at" or len(ends) < 3 or case.place >= ends[-3],
                f"{case}: a commit is gone that others followed, and nothing is said",
            )
        for table, before in (recovered or self.rows).items():
            # What a log held that is gone is made anew where it is the same for all.
            if table.endswith(("grdb_migrations", ".installation")) and recovered:
                continue
            if after.get(table) != before:
                lost = [row for row in before if row not in after.get(table, [])]
                raise Loss(f"{case}: called whole, but {table} is not the same: {str(lost)[:200]}")
        return "makes no difference"

    def serve(self, case: Case, recovered: dict | None) -> str:
        """Starts the daemon on the damaged folder."""
        daemon = self.site.start(state=self.place, name=f"serve-{os.getpid()}")
        if not daemon.wait_until_listening():
            status = daemon.wait()
            require(status in (1, 2), f"{case}: serve ends with {status}: {daemon.errors()[-300:]}")
            self.require_plain(case, daemon.errors().replace(str(self.place), "state"))
            return f"serve refused with {status}"
        intake = Intake(daemon, "none")
        severity = intake.metrics()["tally_verdict_severity"]
        intake.close()
        status = daemon.stop()
        require(status == 0, f"{case}: serve stops with {status}: {daemon.errors()[-300:]}")
        said = [line for line in daemon.errors().splitlines() if "trusting the root" not in line]
        if severity > 0 or said:
            return "serve says so"
        review = self.site.verifier("usage", "verify", state=self.place)
        if review.returncode == 0:
            self.compare_after(case, recovered or self.rows)
            return "serve has lost nothing"
        # A start looks at what came since the last receipt; all else is for usage verify.
        return "serve goes on, usage verify names it"

    def compare_after(self, case: Case, before: dict) -> None:
        after = rows(self.place)
        for table in ("ledger.sqlite.record", "ledger.sqlite.receipt", "ledger.sqlite.held"):
            for row in self.rows[table]:
                require(
                    row in after[table] or table.endswith("receipt"),
                    f"{case}: after a start a row of {table} is another",
                )
        sealed = [payload(row) for row in after["ledger.sqlite.record"]]
        for row in before["journal.sqlite.closed_day"]:
            # Its place in the chain, and when it was sealed, come with the seal.
            waiting = without(json.loads(row[1]), "seq", "prev", "at")
            require(
                any(waiting == without(record, "seq", "prev", "at") for record in sealed),
                f"{case}: after a start {waiting['date']} is not closed as it was counted",
            )


def without(members: dict, *names: str) -> dict:
    return {name: value for name, value in members.items() if name not in names}


def payload(row: tuple) -> dict:
    """What a record says, from its row."""
    jws = next(value for value in row if isinstance(value, bytes) and value.startswith(b"eyJ"))
    return json.loads(unbase64url(jws.decode().split(".")[1]))


def is_token(content: bytes) -> bool:
    words = content.split()
    return len(words) == 1 and all(0x21 <= byte <= 0x7E for byte in words[0])


def prepare(site: Site) -> dict[str, pathlib.Path]:
    """A small installation with a little of everything: stopped, and later killed."""
    site.install(site.issue(window=300))
    if site.clock:
        site.clock.approach_midnight(12)
    daemon = site.serve()
    intake = Intake(daemon, site.token())
    for number in range(6):
        require(
            intake.beats([{"collector": f"host-{number}", "weight": number + 1}]), "a beat is refused"
        )
        time.sleep(1.1)
    wait_for_receipts(intake)
    require(intake.beats([{"collector": "host-0", "bye": True}]), "a goodbye is refused")
    time.sleep(1.5)
    wait_for_receipts(intake)
    if site.clock:
        wait_until(lambda: closed_dates(site), "the date is not closed", 30)
        wait_for_receipts(intake)
    intake.close()
    require(daemon.stop() == 0, f"the first life: {daemon.errors()}")
    stopped = kept(site, "stopped")
    if site.clock:
        midnight = site.clock.approach_midnight(12)
    daemon = site.serve()
    intake = Intake(daemon, site.token())
    require(intake.beats([{"collector": "more", "weight": 9}]), "a beat is refused")
    time.sleep(1.1)
    wait_for_receipts(intake)
    intake.close()
    if not site.clock:
        daemon.kill()
        return {"stopped": stopped, "killed": kept(site, "killed")}
    # Nobody else writes to the ledger while the date ends: what closes it waits in the journal.
    time.sleep(max(0, midnight - 0.3 - site.clock.now()))
    lock = sqlite3.connect(site.state / "ledger.sqlite", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    wait_until(lambda: closings_that_wait(site), "no date waits for its record", 30)
    daemon.kill()
    killed = kept(site, "killed")
    lock.close()
    waiting = kept(site, "waiting", killed)
    for name in DATABASES:
        connection = sqlite3.connect(waiting / name)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return {"stopped": stopped, "killed": killed, "waiting": waiting}


def closed_dates(site: Site) -> int:
    return counted(site.state / "ledger.sqlite", "SELECT count(*) FROM record WHERE kind = 'day'")


def closings_that_wait(site: Site) -> int:
    return counted(site.state / "journal.sqlite", "SELECT count(*) FROM closed_day")


def counted(path: pathlib.Path, query: str) -> int:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchone()[0]
    finally:
        connection.close()


def wait_until(holds, otherwise: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        require(time.monotonic() < end, otherwise)
        time.sleep(0.02)


def wait_for_receipts(intake: Intake) -> None:
    end = time.monotonic() + 30
    while intake.metrics()["tally_ledger_unreceipted"] and time.monotonic() < end:
        time.sleep(0.05)


def kept(site: Site, name: str, state: pathlib.Path | None = None) -> pathlib.Path:
    copy = site.folder / name
    shutil.copytree(state or site.state, copy, ignore=shutil.ignore_patterns("*.sock", "*-shm"))
    return copy


def cases(state: pathlib.Path, files: list[str], arguments, chance: random.Random) -> list[Case]:
    found = []
    for name in files:
        size = (state / name).stat().st_size
        step = arguments.stride if size > 128 else 8 if arguments.small else 1
        found += [
            Case(name, "bit changed in byte", place)
            for place in range(chance.randrange(step), size, step)
        ]
        found += [Case(name, "cut at", place) for place in range(chance.randrange(step), size, step)]
    return found


@dataclasses.dataclass
class Edit:
    """A change of the chain by SQL, and the record that must be named."""

    sql: str
    parameters: tuple
    named: int

    def __str__(self) -> str:
        return f"{self.sql} {str(self.parameters)[:60]}"


def edits(state: pathlib.Path, stride: int, chance: random.Random) -> list[Edit]:
    connection = sqlite3.connect(f"file:{state / 'ledger.sqlite'}?mode=ro&immutable=1", uri=True)
    chain = connection.execute("SELECT seq, jws, hash, kind, date, at FROM record ORDER BY seq")
    chain = chain.fetchall()
    connection.close()
    length, found = len(chain), []
    for seq, *columns in chain:
        for name, value in zip(("jws", "hash", "kind", "date"), columns):
            bits = len(value) * 8
            step = stride if name == "jws" else max(1, stride // 20)
            for bit in range(chance.randrange(min(step, bits)), bits, step):
                changed = bytearray(value.encode())
                changed[bit // 8] ^= 1 << bit % 8
                found.append(
                    Edit(
                        f"UPDATE record SET {name} = CAST(? AS TEXT) WHERE seq = {seq}",
                        (bytes(changed),),
                        seq,
                    )
                )
        for bit in range(chance.randrange(4), 40, 4):
            at = columns[-1] ^ 1 << bit
            found.append(Edit(f"UPDATE record SET at = ? WHERE seq = {seq}", (at,), seq))
    for seq in range(1, length + 1):
        found.append(Edit("DELETE FROM record WHERE seq = ?", (seq,), seq))
        # The last N cut off, with their receipts and without.
        found.append(Edit("DELETE FROM record WHERE seq >= ?", (seq,), seq))
        found.append(
            Edit(
                f"DELETE FROM record WHERE seq >= {seq}; DELETE FROM receipt WHERE seq >= {seq}",
                (),
                seq,
            )
        )
    for seq in range(1, length):
        found.append(
            Edit(
                f"UPDATE record SET seq = -1 WHERE seq = {seq}; "
                f"UPDATE record SET seq = {seq} WHERE seq = {seq + 1}; "
                f"UPDATE record SET seq = {seq + 1} WHERE seq = -1",
                (),
                seq,
            )
        )
    return found


def misled(edits: list[Edit]) -> list[Edit]:
    """The same changes, of which another record is to be named, and one that changes nothing."""
    others = [dataclasses.replace(edit, named=edit.named + 1) for edit in edits]
    return [*others, Edit("UPDATE record SET at = at WHERE seq = ?", (1,), 1)]


def try_edit(ward: Ward, edit: Edit) -> str:
    ward.heal()
    connection = sqlite3.connect(ward.place / "ledger.sqlite", isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints = 1")
    if edit.parameters:
        connection.execute(edit.sql, edit.parameters)
    else:
        connection.executescript(edit.sql)
    connection.close()
    outcome = ward.site.verifier("usage", "verify", "--format", "json", state=ward.place)
    require(outcome.returncode in (1, 2), f"{edit}: ends with {outcome.returncode}")
    if not outcome.stdout.strip():
        # A record that the start cannot even read.
        said = outcome.stderr.strip().split("\n")[-1]
        require("record" in said or "ledger" in said, f"{edit}: {said[-200:]}")
        return f"refused with {outcome.returncode}"
    finding = json.loads(outcome.stdout)["finding"]
    if finding["place"] == "ledger":
        # SQLite's own check comes first: what is no text, or breaks the form of its column.
        return "named by SQLite"
    require(
        finding["place"] == "record" and finding["seq"] == edit.named,
        f"{edit}: names {finding['place']} {finding.get('seq')}, not record {edit.named}: {finding['what']}",
    )
    return "the record is named"


def work(job) -> list[tuple[str, str, str]]:
    site, states, place, mine, arguments, number = job
    wards = {}
    results = []
    for index, (state, case) in enumerate(mine):
        if state not in wards:
            wards[state] = Ward(site, states[state], place / f"{number}-{state}", arguments)
        ward = wards[state]
        name = case.file if isinstance(case, Case) else "records"
        serves = bool(arguments.serve_every) and index % arguments.serve_every == 0
        try:
            if isinstance(case, Case):
                results.append((name, ward.try_case(case, serves), ""))
            else:
                results.append((name, try_edit(ward, case), ""))
        except Loss as loss:
            results.append((name, "wrong", str(loss)))
    for ward in wards.values():
        ward.close()
    return results


def chosen(states: dict, arguments, chance: random.Random) -> list:
    """Every case with the state that it is tried on."""
    if arguments.records:
        found = edits(states["stopped"], arguments.stride, chance)
        return [("stopped", edit) for edit in (misled(found) if arguments.control else found)]
    names = [name for name in arguments.files.split(",") if name]
    todo = []
    for state, files in (
        ("stopped", [*DATABASES, *OTHERS]),
        ("killed", [f"{name}-wal" for name in DATABASES]),
        *([("waiting", ["journal.sqlite"])] if "waiting" in states else []),
    ):
        files = [
            name
            for name in files
            if (states[state] / name).exists() and (not names or name in names)
        ]
        todo += [(state, case) for case in cases(states[state], files, arguments, chance)]
    part, parts = arguments.part
    todo = [(state, case) for state, case in todo if case.place % parts == part - 1]
    chance.shuffle(todo)
    return todo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    programs_argument(parser)
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument(
        "--part", type=lambda text: [int(number) for number in text.split("/")], default=[1, 1]
    )
    parser.add_argument("--serve-every", type=int, default=50)
    parser.add_argument("--examiner", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--program-every", type=int, default=50)
    parser.add_argument("--files", default="")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--midnight", action="store_true")
    parser.add_argument("--records", action="store_true")
    parser.add_argument("--small", action="store_true", help="some places of keys and token only")
    parser.add_argument("--control", action="store_true")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    chance = random.Random(arguments.seed)
    site = Site(arguments.programs, arguments.work)
    try:
        if arguments.midnight:
            site.clock = Clock(site.folder)
        site.start_gateway()
        states = prepare(site)
    finally:
        site.close()
    site.gateway = None
    todo = chosen(states, arguments, chance)
    shared = pathlib.Path("/dev/shm") / f"damaged-{os.getpid()}"
    begun = time.monotonic()
    parts = 8 * cores()
    jobs = [
        (site, states, shared, todo[number::parts], arguments, number) for number in range(parts)
    ]
    os.nice(5)
    results = []
    try:
        with concurrent.futures.ProcessPoolExecutor(cores()) as pool:
            for result in pool.map(work, jobs):
                results += result
    finally:
        shutil.rmtree(shared, ignore_errors=True)
    counts = collections.Counter((file, what) for file, what, _ in results)
    for (file, what), number in sorted(counts.items()):
        print(f"  {file}: {number} {what}")
    wrong = [loss for _, what, loss in results if what == "wrong"]
    kinds = collections.Counter(re.sub(r"\d+", "N", loss)[:150] for loss in wrong)
    for kind, number in kinds.most_common(25):
        print(f"  {number} times: {kind}")
    for loss in wrong[:10]:
        print(f"  {loss}")
    print(f"{len(results)} cases in {time.monotonic() - begun:.0f} s: {len(wrong)} wrong")
    if arguments.control:
        is_missed = counts["records", "the record is named"] > 0
        if arguments.records:
            is_missed |= not any("ends with 0" in loss for loss in wrong)
        if not wrong or is_missed:
            sys.exit("a case was not called wrong, though something else was expected of it")
        sys.exit(0)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
