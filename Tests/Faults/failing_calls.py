#!/usr/bin/env python3
"""Lets each call by which `tally-verifier` works on its files fail in turn, by strace.

    failing_calls.py --programs FOLDER --work FOLDER [--kinds KIND,…] [--calls CALL,…] [--most N]
                     [--sample N]
    failing_calls.py --programs FOLDER --work FOLDER --kinds kill|fail --control

One installation lives through all of it. For each call and N = 1, 2, … the N-th call of a thread

- fail: fails with EIO (mmap with ENOMEM, fcntl with ENOLCK): the process ends, not with 0, names the file
  and does not take it for gone; or the call was of no consequence (HARMLESS and SAID have them) and
  everything goes on;
- lack: fails with ENOSPC: it ends as with EIO, or goes on;
- kill: ends the process as a power cut would (SIGKILL).

Then kills.py's oracle finds everything that was answered, and `usage verify` finds everything whole.

- fill: with ENOSPC at every write from some moment on, beats are still answered and counted and `/readyz`
  is red; it is green again when there is space, and nothing that was answered is lost;
- stall: a flush of the journal hangs: `/readyz` is red meanwhile, green again when it is done, and nothing
  that was answered is lost.

Two kinds are played with EIO on folders of their own:

- install: `license install` into a folder that does not exist ends, not with 0, and names the file, or the
  call was of no consequence; the same command works then, and the license is installed;
- begin: the same of the first start of `serve` after it, which makes the journal; the next start works,
  takes beats, and `usage verify` finds everything whole.

Calls that change files: write, pwrite64, ftruncate, fsync, fdatasync, openat, link, rename, unlink, mkdir,
fchmod, chmod, fchown. Calls that read them, of which only the failure is tried: read, pread64, newfstatat,
access, listxattr, mmap (of SQLite's index of a log), fcntl and flock (locks). These are their names on
x86-64, and all that strace shows of the state folder, the roots, the release and the zone, but for

- close: what it may say has been said by the flush before; SQLite and we pass over it alike;
- bind and getsockname: nothing rests on the socket;
- execve, and what programs do to libraries, devices and the network.

It is counted which faults really happened, by kind and call. Where none did with a call that was tried, it
is wrong, but for NEED_NOT. --most ends at that N; --sample tries only so many of each call, chosen by
chance, and the first where none of those was there.

--control with --kinds kill removes the logs at a kill at fdatasync. With --kinds fail pwrite64 to the logs
does not fail but says that it has written, and has not, as a disk may that lies; then comes a kill. Both
end with 1 unless what is left shows the loss.
"""

import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from kills import Harness, Load
from oracle import Loss, require
from site_under_test import Daemon, Intake, Site, boot_seconds, programs_argument

WRITES = "pwrite64", "write"
CHANGES = (
    *(*WRITES, "ftruncate", "fsync", "fdatasync", "openat"),
    *("link", "rename", "unlink", "mkdir", "fchmod", "chmod", "fchown"),
)
READS = "read", "pread64", "newfstatat", "access", "listxattr", "mmap", "fcntl", "flock"
KINDS = {
    "fail": CHANGES + READS,
    "lack": CHANGES,
    "kill": CHANGES,
    "fill": WRITES,
    "stall": ("fdatasync",),
    "install": CHANGES + READS,
    "begin": CHANGES + READS,
}
ON_THEIR_OWN = "install", "begin"
ERRORS = {"mmap": "ENOMEM", "fcntl": "ENOLCK"}
"""How a call fails that does not fail with EIO."""
HARMLESS = {
    # What is removed after use, or by SQLite when it ends.
    "unlink": r"",
    # A log of a reader, which SQLite then opens without the right to write; the zone, which is read again
    # whenever it is asked for; whether the ledger is empty, before SQLite opens it.
    "openat": r"-wal\", O_RDWR|/zoneinfo/|/ledger\.sqlite\", O_RDONLY\|O_CLOEXEC\)",
    "read": r"/zoneinfo/|/ledger\.sqlite>",
    # SQLite looks whether a file is there, or is still the same; a socket of an earlier life is removed.
    "newfstatat": r"/zoneinfo/|\.sqlite|\.sock",
    # Whether the folder of a first standing is there, and a journal that was made by nobody yet: what cannot be
    # told is taken for there, and who opens it is told why.
    "access": r"/(fresh|state)\"|/journal\.sqlite\"",
    # SQLite gives its files to whom the database belongs; they do already.
    "fchown": r"",
    # Foundation reads more than was asked for.
    "listxattr": r"",
    # To SQLite a lock that cannot be had is held by another: it waits, and tries again.
    "fcntl": r"",
}
"""Calls that may fail without a word: what strace shows of them."""
SAID = {
    # The socket is open to others, in a folder that is not.
    "chmod": r"\.sock\"",
}
"""Calls after whose failure it goes on, and says so."""
AT_CLOSE = "pread64", "pwrite64", "ftruncate", "fdatasync"
"""Calls by which SQLite copies the log when a command ends: where one fails, the log is left."""
NEED_NOT = {
    ("fail", "link"): "files are linked where they are made, at a first start",
    ("lack", "link"): "the same",
    ("kill", "link"): "the same",
    ("install", "chmod"): "it has no socket",
}
"""Calls that a kind need not come across, and why."""
DATABASES = "ledger.sqlite", "journal.sqlite"
LOGS = [name + "-wal" for name in DATABASES]
WRITTEN = ".probe", "standing", "listen", "token", "installation.key", "evidence.key"
"""Files that are written beside their place first."""
FILES = [name + part for name in DATABASES for part in ("", "-wal", "-shm", "-journal")] + [
    *(*WRITTEN, "lock", "replacement", "tally-verifier.sock")
]
PATIENCE = 15
"""How many seconds SQLite may wait for a lock; beats are answered meanwhile, and not kept."""


class Traced:
    """A program with strace at its side, which lets a call fail."""

    def __init__(self, site: Site, name: str, words: list):
        self.log = site.folder / f"{name}.calls"
        self.log.write_text("")
        # It waits until strace is there, and keeps its number when it becomes the program.
        words = ["sh", "-c", 'kill -STOP $$; exec "$@"', "sh", *map(str, words)]
        # One thread for all tasks: strace counts the calls of each thread by itself.
        environment = {"LIBDISPATCH_COOPERATIVE_POOL_STRICT": "1"}
        self.daemon = Daemon(words, site.folder, name, environment)
        self.process = self.daemon.process.pid
        wait_until(lambda: status_of(self.process)["State"][0] in "Tt", "it does not stop")

    def attach(self, calls: str, inject: str, paths: list) -> None:
        """From now on these calls fail, of these files: not of the sockets, libraries and devices that all
        programs use."""
        self.kills = inject.startswith("signal=")
        self.strace = subprocess.Popen(
            ["strace", "-f", "-y", "-qq", "-o", str(self.log), "-p", str(self.process)]
            + [word for path in paths for word in ("-P", str(path))]
            + ["-e", f"trace={calls}", "-e", f"inject={calls}:{inject}"],
            stdin=subprocess.DEVNULL,
            stderr=self.log.with_suffix(".strace").open("wb"),
        )
        wait_until(
            lambda: status_of(self.process)["TracerPid"] != "0" or self.strace.poll() is not None,
            "strace does not attach: is ptrace allowed here?",
        )

    def go(self) -> None:
        self.daemon.process.send_signal(signal.SIGCONT)

    def faults(self) -> list[str]:
        """The calls that were let fail, as strace writes them; what is in two lines is put together."""
        found, begun = [], {}
        for line in self.log.read_text(errors="replace").splitlines():
            thread, _, words = line.partition(" ")
            words = words.strip()
            if words.endswith("<unfinished ...>"):
                begun[thread] = words.removesuffix("<unfinished ...>")
            elif "resumed>" in words:
                words = begun.pop(thread, "") + words.split("resumed>", 1)[1]
            # A call that ended the process has no outcome.
            if "(INJECTED)" in words or self.kills and words.endswith("= ?"):
                found.append(words)
        return found

    def words(self) -> list[str]:
        """What the program said on its error output."""
        return [line for line in self.daemon.errors().splitlines() if "trusting the root" not in line]

    def let_go(self) -> None:
        """The disk works again."""
        if self.strace.poll() is None:
            # Not by SIGINT: whoever runs in the background is started deaf to it.
            self.strace.terminate()
        self.strace.wait(30)

    def end(self) -> int:
        """Asks it to stop; returns how it ended."""
        status = self.daemon.stop()
        self.let_go()
        return status


def status_of(process: int) -> dict[str, str]:
    lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def wait_until(holds, otherwise: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(otherwise)
        time.sleep(0.002)


def files(site: Site, state: pathlib.Path, process: int) -> list[pathlib.Path]:
    """What the verifier works on: its folder, the files there, and what it reads besides."""
    vendor = site.vendor.folder
    zone = pathlib.Path("/usr/share/zoneinfo/Asia/Shanghai")
    beside = [state / f"{name}.{process}.tmp" for name in (*WRITTEN, *DATABASES)]
    given = [vendor / "platform.release", vendor / "root.jwks", zone, zone.resolve()]
    return [state, *(state / name for name in FILES), *beside, *given]


class Calls(Harness):
    """One call after the other, on one installation."""

    def __init__(self, site: Site, arguments):
        super().__init__(site, arguments)
        self.tried = 0
        self.life = ""
        """Which call of which kind fails."""
        self.wrong: list[str] = []
        self.happened: collections.Counter = collections.Counter()
        """How many lives there were, by kind and call, in which it really failed."""
        self.outcomes: collections.Counter = collections.Counter()
        # Of a gateway that cannot be reached: an installation that begins anew is no copy to it.
        self.license_file = site.issue(window=86_400, port=9)
        self.installed, self.fresh = site.folder / "installed", site.folder / "fresh"
        site.install(self.license_file, state=self.installed)

    def blame(self, what) -> None:
        self.wrong.append(f"{self.life}: {what}")
        print(f"  {self.wrong[-1]}", flush=True)

    def play(self, kind: str, call: str, numbers: list[int]) -> None:
        """One call after the other; without three of them there are no more."""
        without = 0
        for number in numbers:
            self.life = f"{kind} {call} {number}"
            self.tried += 1
            try:
                without = 0 if getattr(self, kind)(call, number) else without + 1
            except Loss as loss:
                self.blame(loss)
                if kind not in ON_THEIR_OWN:
                    # What comes after a loss proves nothing.
                    raise
                without = 0
            if without == 3:
                return

    def play_all(self) -> None:
        for kind in self.arguments.kinds:
            for call in KINDS[kind]:
                if call in (self.arguments.calls or KINDS[kind]):
                    self.play_call(kind, call)
        self.life = "at the end"
        self.finish()

    def play_call(self, kind: str, call: str) -> None:
        most, sample = self.arguments.most, self.arguments.sample
        numbers = list(range(1, most + 1))
        if sample:
            numbers = sorted(self.chance.sample(numbers, sample))
        self.play(kind, call, numbers)
        if not self.happened[kind, call] and 1 not in numbers:
            self.play(kind, call, [1])
        if not self.happened[kind, call] and not need_not(kind, call):
            self.blame(f"no {call} was there to fail")

    def trace(self, words: list, call: str, inject: str, state=None) -> Traced:
        """Starts a program in which the call fails."""
        traced = Traced(self.site, f"traced-{self.tried % 4}", words)
        traced.attach(call, inject, files(self.site, state or self.site.state, traced.process))
        traced.go()
        return traced

    def live(self, call: str, inject: str) -> tuple[int, Traced, float]:
        """A life in which the call fails; returns how it ended, and when beats were first taken."""
        traced = self.trace(self.site.serve_words(), call, inject)
        begun, load = boot_seconds(), None
        if traced.daemon.wait_until_listening():
            begun = boot_seconds()
            load = Load(traced.daemon, self.site.token(), self.expectation, self.chance)
            end = time.monotonic() + self.arguments.longest
            while time.monotonic() < end and traced.daemon.process.poll() is None:
                time.sleep(0.01)
        status = traced.end()
        self.ended, self.stopped = time.time(), boot_seconds()
        if load:
            load.join()
        return status, traced, begun

    def fail(self, call: str, number: int) -> bool:
        """EIO at the call; whether there was such a call."""
        patience = PATIENCE if call == "fcntl" else 0
        self.expectation.bound = self.arguments.bound + patience
        status, traced, begun = self.live(call, f"{failure(call)}:when={number}")
        self.look_at_left(begun, self.stopped)
        self.expectation.bound = self.arguments.bound
        self.verify()
        return self.judge("fail", call, status, traced)

    def lack(self, call: str, number: int) -> bool:
        """No space for the call, once; whether there was such a call."""
        status, traced, begun = self.live(call, f"error=ENOSPC:when={number}")
        self.look_at_left(begun, self.stopped)
        self.verify()
        return self.judge("lack", call, status, traced)

    def judge(self, kind: str, call: str, status: int, traced: Traced) -> bool:
        """It ended by itself, and says why, or it went on to its end, and may; whether the call failed."""
        faults, said = traced.faults(), " ".join(traced.words())
        if not faults:
            require(status == 0, f"without a fault it ends with {status}: {said}")
            return False
        self.happened[kind, call] += 1
        if status == 0:
            self.outcomes["went on"] += 1
            for fault in faults:
                is_kept = kind == "install" and call in AT_CLOSE and (self.fresh / LOGS[0]).exists()
                if kind != "lack" and not is_kept and not is_harmless(call, fault, said):
                    self.blame(f"it goes on after {fault}")
                    break
        else:
            self.outcomes[f"ended with {status}"] += 1
            if status < 0:
                self.blame(f"it ends by signal {-status} after {faults[0]}")
            elif not any(name in said for fault in faults for name in named(fault)):
                self.blame(f"it does not name the file after {faults[0]}: {said[-300:]}")
            elif misleads(said):
                self.blame(f"it misleads after {faults[0]}: {said[-300:]}")
        return True

    def kill(self, call: str, number: int) -> bool:
        """SIGKILL at the call; whether there was such a call."""
        status, traced, begun = self.live(call, f"signal=KILL:when={number}")
        self.look_at_left(begun, self.stopped)
        if status == 0:
            return False
        require(status == -signal.SIGKILL, f"it ends with {status}: {traced.words()}")
        require(traced.faults(), "it was killed, but not at the call")
        self.happened["kill", call] += 1
        self.outcomes["killed"] += 1
        self.verify()
        return True

    def fill(self, call: str, number: int) -> bool:
        """No space any more from some moment on, and then again; whether there was such a call."""
        traced, load, begun = self.begin_to_live()
        traced.attach(call, "error=ENOSPC", files(self.site, self.site.state, traced.process))
        if call == "pwrite64":
            require(self.eventually_ready(traced, False, 10), "without space it stays ready")
            self.look_at_counting(traced)
        wait_until(traced.faults, f"{call} is not called", 30)
        traced.let_go()
        require(self.eventually_ready(traced, True, 20), "with space again it does not get ready")
        status = traced.end()
        self.ended, stopped = time.time(), boot_seconds()
        load.join()
        require(status == 0, f"after a full disk it ends with {status}")
        self.happened["fill", call] += 1
        self.outcomes["full"] += 1
        self.look_at_left(begun, stopped)
        self.verify()
        return True

    def stall(self, call: str, number: int) -> bool:
        """A flush that takes long, and then is done; whether there was such a call."""
        traced, load, begun = self.begin_to_live()
        traced.attach(call, "delay_enter=20000000", [self.site.state / LOGS[1]])
        require(self.eventually_ready(traced, False, 10), "it stays ready while a flush hangs")
        traced.let_go()
        require(self.eventually_ready(traced, True, 30), "after the flush it does not get ready")
        status = traced.end()
        self.ended, stopped = time.time(), boot_seconds()
        load.join()
        require(status == 0, f"after a flush that hung it ends with {status}")
        self.happened["stall", call] += 1
        self.outcomes["stalled"] += 1
        self.look_at_left(begun, stopped)
        self.verify()
        return True

    def begin_to_live(self) -> tuple[Traced, Load, float]:
        """Starts it with nothing that fails, and lets beats come for a while."""
        traced = Traced(self.site, f"traced-{self.tried % 4}", self.site.serve_words())
        traced.go()
        require(traced.daemon.wait_until_listening(), f"serve does not start: {traced.words()}")
        begun = boot_seconds()
        load = Load(traced.daemon, self.site.token(), self.expectation, self.chance)
        time.sleep(self.chance.random() * self.arguments.longest)
        return traced, load, begun

    def look_at_counting(self, traced: Traced) -> None:
        intake = Intake(traced.daemon, self.site.token())
        before = intake.metrics()['tally_beats_total{way="beats"}']
        time.sleep(0.5)
        after = intake.metrics()['tally_beats_total{way="beats"}']
        intake.close()
        require(after > before, "without space beats are not taken any more")

    def eventually_ready(self, traced: Traced, wanted: bool, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            require(
                traced.daemon.process.poll() is None,
                f"it ends for want of space: {traced.words()} {traced.faults()}",
            )
            try:
                intake = Intake(traced.daemon, self.site.token())
                status, _ = intake.get("/readyz")
                intake.close()
            except (OSError, http.client.HTTPException):
                continue
            if (status == 200) == wanted:
                return True
            time.sleep(0.02)
        return False

    def install(self, call: str, number: int) -> bool:
        """EIO at a call of the command that makes the folder; whether there was such a call."""
        shutil.rmtree(self.fresh, ignore_errors=True)
        words = ["license", "install", str(self.license_file)]
        program = [self.site.programs / "tally-verifier", *words, "--state", self.fresh]
        inject = f"{failure(call)}:when={number}"
        traced = self.trace(program + self.site.trust, call, inject, self.fresh)
        status = traced.daemon.wait()
        traced.let_go()
        has_failed = self.judge("install", call, status, traced)
        again = self.site.verifier(*words, state=self.fresh)
        last = again.stderr.strip().split("\n")[-1]
        require(again.returncode == 0, f"the same command again: {last}")
        told = self.site.verifier("status", "--format", "json", state=self.fresh)
        require(told.returncode == 0, f"status: {told.stderr[-300:]}")
        require("jti" in json.loads(told.stdout)["license"], "the license is not installed")
        return has_failed

    def begin(self, call: str, number: int) -> bool:
        """EIO at a call of the first start of `serve`; whether there was such a call."""
        shutil.rmtree(self.fresh, ignore_errors=True)
        shutil.copytree(self.installed, self.fresh)
        inject = f"{failure(call)}:when={number}"
        traced = self.trace(self.site.serve_words(self.fresh), call, inject, self.fresh)
        if traced.daemon.wait_until_listening():
            time.sleep(self.arguments.longest)
        has_failed = self.judge("begin", call, traced.end(), traced)
        daemon = self.site.start(state=self.fresh, name="begun")
        require(daemon.wait_until_listening(), f"the next start: {daemon.errors()}")
        intake = Intake(daemon, self.site.token(self.fresh))
        require(intake.beats([{"collector": "first", "weight": 1}]), "a beat is refused")
        intake.close()
        require(daemon.stop() == 0, f"the next stop: {daemon.errors()}")
        self.verify(self.fresh)
        return has_failed

    def verify(self, state=None) -> None:
        review = self.site.verifier("usage", "verify", state=state)
        require(review.returncode == 0, f"usage verify: {review.stderr[-300:]}")

    def play_control(self) -> None:
        """Lives that lose something on purpose, until what is left shows it."""
        kind = self.arguments.kinds[0]
        for number in range(1, self.arguments.most + 1):
            self.tried += 1
            if kind == "fail":
                begun = self.lie()
            else:
                status, traced, begun = self.live("fdatasync", f"signal=KILL:when={number}")
                self.happened["kill", "fdatasync"] += bool(traced.faults())
                if status != 0:
                    for log in LOGS:
                        (self.site.state / log).unlink(missing_ok=True)
            self.life = f"control {kind} {number}"
            try:
                self.look_at_left(begun, self.stopped)
            except Loss as loss:
                self.blame(loss)
                return

    def lie(self) -> float:
        """From some moment on nothing is written to the logs, and said to be, until it is killed."""
        traced, load, begun = self.begin_to_live()
        # SQLite writes no more than a page at once, and takes more than that for enough.
        logs = [self.site.state / log for log in LOGS]
        traced.attach("pwrite64", "retval=4096", logs)
        time.sleep(self.arguments.bound + 2)
        traced.daemon.kill()
        self.ended, self.stopped = time.time(), boot_seconds()
        traced.let_go()
        load.join()
        self.happened["fail", "pwrite64"] += bool(traced.faults())
        return begun


def failure(call: str) -> str:
    return f"error={ERRORS.get(call, 'EIO')}"


def is_harmless(call: str, fault: str, said: str) -> bool:
    """Whether a call may fail without any consequence for what is kept."""
    if call in HARMLESS and re.search(HARMLESS[call], fault):
        return True
    return call in SAID and bool(re.search(SAID[call], fault)) and said != ""


def named(fault: str) -> list[str]:
    """By which names a file may be told of whose call failed: its own, or that of its database."""
    paths = re.findall(r"(/[^\"<>]*)[\">]", fault)
    return [re.sub(r"(-wal|-shm|-journal|\.\d+\.tmp)$", "", path) for path in paths]


def misleads(said: str) -> bool:
    """Whether it says of a file that is there that it is not, or has one removed."""
    gone = re.findall(r"(/\S+) is (?:gone|not there)", said)
    return "exists already" in said or any(pathlib.Path(path).exists() for path in gone)


def need_not(kind: str, call: str) -> str:
    """Why a kind need not come across a call; empty where it must."""
    if call == "fchown" and os.getuid() != 0:
        return "SQLite gives files away for root alone"
    return NEED_NOT.get((kind, call), "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    programs_argument(parser)
    parser.add_argument("--most", type=int, default=60)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--calls", type=lambda text: text.split(","), help="all of each kind by default")
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=list(KINDS))
    parser.add_argument("--bound", type=float, default=1.0)
    parser.add_argument("--longest", type=float, default=1.0, help="seconds of a life")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--control", action="store_true")
    arguments = parser.parse_args()
    if arguments.control and arguments.kinds not in (["kill"], ["fail"]):
        parser.error("--control needs --kinds kill or --kinds fail")
    print(f"seed {arguments.seed}", flush=True)
    site = Site(arguments.programs, arguments.work)
    begun = time.monotonic()
    try:
        site.start_gateway()
        site.install(site.issue(window=86_400))
        harness = Calls(site, arguments)
        harness.prepare()
        if arguments.control:
            harness.play_control()
        else:
            harness.play_all()
    except Loss as loss:
        if harness.life == "at the end":
            harness.blame(loss)
    finally:
        site.close()
    for kind in arguments.kinds:
        counts = [(harness.happened[kind, call], call) for call in KINDS[kind]]
        print(f"  {kind}: {', '.join(f'{count} {call}' for count, call in counts if count)}")
    outcomes = ", ".join(f"{number} {what}" for what, number in sorted(harness.outcomes.items()))
    print(
        f"{harness.tried} lives, {harness.happened.total()} faults happened, "
        f"{harness.expectation.answered} beats answered ({outcomes}) in "
        f"{time.monotonic() - begun:.0f} s: {len(harness.wrong)} wrong"
    )
    if arguments.control:
        if not harness.happened.total():
            sys.exit("nothing was thrown away: is ptrace allowed here?")
        sys.exit(0 if harness.wrong else "nothing is lost, though it was thrown away")
    sys.exit(1 if harness.wrong else 0)


if __name__ == "__main__":
    main()
