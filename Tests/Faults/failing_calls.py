#!/usr/bin/env python3
"""Lets each call by which `tally-verifier serve` changes a file fail in turn, by strace.

    failing_calls.py --programs FOLDER --work FOLDER [--most N] [--sample N] [--control]

One installation lives through all of it. For each call (write, pwrite64, fsync, fdatasync, ftruncate,
rename, link, unlink, openat) and N = 1, 2, … the N-th call of a thread

- fails with EIO: the process ends, not with 0, and says why; or the call was of no consequence (a library
  that is looked for, a file that is removed after use) and everything goes on;
- ends the process as a power cut would (SIGKILL);
- fails with ENOSPC: it ends as with EIO, or goes on.

Then `usage verify` finds everything whole, and kills.py's oracle finds everything that was answered.

With ENOSPC at every write from some moment on, beats are still answered and counted and `/readyz` is red; it
is green again when there is space, and nothing that was answered is lost.

--most ends at that N, --sample tries only so many of each call, chosen by chance. --control lets the call
fail in a process that then is believed to have stored everything (its answers are taken for kept although
the log is thrown away): the harness ends with 1 unless it finds the loss.
"""

import argparse
import collections
import http.client
import json
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

from kills import Harness, Load
from oracle import Loss, require
from site_under_test import Daemon, Intake, Site, boot_seconds, programs_argument

CALLS = "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "link", "unlink", "openat"
WRITES = "pwrite64", "write"
DATABASES = "ledger.sqlite", "journal.sqlite"
FILES = [name + part for name in DATABASES for part in ("", "-wal", "-shm", "-journal")] + [
    *("installation.key", "evidence.key", "token", "lock", "listen", "standing", ".probe")
]
TEMPORARY = ".probe", "standing", "listen", *DATABASES


class Traced:
    """`serve` with strace at its side, which lets a call fail."""

    def __init__(self, site: Site, name: str):
        self.site = site
        self.log = site.folder / f"{name}.calls"
        self.log.unlink(missing_ok=True)
        # It waits until strace is there, and keeps its number when it becomes the program.
        words = ["sh", "-c", 'kill -STOP $$; exec "$@"', "sh", *map(str, site.serve_words())]
        # One thread for all tasks: strace counts the calls of each thread by itself.
        environment = {"LIBDISPATCH_COOPERATIVE_POOL_STRICT": "1"}
        self.daemon = Daemon(words, site.folder, name, environment)
        self.process = self.daemon.process.pid
        self.strace = None
        wait_until(lambda: status_of(self.process)["State"][0] in "Tt", "it does not stop")

    def attach(self, call: str, inject: str) -> None:
        """From now on the call fails, of the files of the verifier: not of the sockets, libraries and
        devices that all programs use."""
        state = self.site.state
        paths = [state, *given(self.site)] + [state / name for name in FILES]
        paths += [state / f"{name}.{self.process}.tmp" for name in TEMPORARY]
        self.strace = subprocess.Popen(
            ["strace", "-f", "-y", "-qq", "-o", str(self.log), "-p", str(self.process)]
            + [word for path in paths for word in ("-P", str(path))]
            + ["-e", f"trace={call}", "-e", f"inject={call}:{inject}"],
            stdin=subprocess.DEVNULL,
            stderr=self.log.with_suffix(".strace").open("wb"),
        )
        wait_until(
            lambda: status_of(self.process)["TracerPid"] != "0" or self.strace.poll() is not None,
            "strace does not attach: is ptrace allowed here?",
        )

    def go(self) -> None:
        self.daemon.process.send_signal(signal.SIGCONT)

    @property
    def happened(self) -> str:
        """The first call that was let fail, as strace writes it."""
        for line in self.log.read_text(errors="replace").splitlines():
            if "(INJECTED)" in line or "+++ killed by SIGKILL" in line:
                return line
        return ""

    @property
    def is_repeated_flush(self) -> bool:
        """Whether SQLite was let fail to flush the folder with the first flush of a log, and passed over that.

        The verifier itself flushes the folder after that, by fsync, before it rests on the log's name.
        """
        folder = f"<{self.site.state}>)"
        lines = self.log.read_text(errors="replace").splitlines()
        failed = next(number for number, line in enumerate(lines) if "(INJECTED)" in line)
        thread = lines[failed].split()[0]
        later = [line for line in lines[failed + 1 :] if line.split()[0] == thread]
        return (
            "fdatasync(" in lines[failed]
            and folder in lines[failed]
            and bool(later)
            and "-wal>)" in later[0]
        )

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


def given(site: Site) -> list[pathlib.Path]:
    """What the verifier reads besides its state folder."""
    vendor = site.vendor.folder
    zone = pathlib.Path("/usr/share/zoneinfo/Asia/Shanghai")
    return [vendor / "platform.release", vendor / "root.jwks", zone, zone.resolve()]


def status_of(process: int) -> dict[str, str]:
    lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def wait_until_stopped(process: int) -> None:
    end = time.monotonic() + 30
    while status_of(process)["State"][0] not in "Tt":
        if time.monotonic() > end:
            raise SystemExit(f"process {process} does not stop")
        time.sleep(0.002)


def wait_until_traced(process: int) -> None:
    end = time.monotonic() + 30
    while status_of(process)["TracerPid"] == "0":
        if time.monotonic() > end:
            raise SystemExit("strace does not attach: is ptrace allowed here?")
        time.sleep(0.002)


class Calls(Harness):
    """One call after the other, on one installation."""

    def __init__(self, site: Site, arguments):
        super().__init__(site, arguments)
        self.outcomes: collections.Counter = collections.Counter()

    def life(self, call: str, inject: str, number: int) -> tuple[int, str]:
        """A life in which the call fails; returns how it ended and what failed."""
        traced = Traced(self.site, f"{call}-{number % 4}")
        traced.attach(call, f"{inject}:when={number}")
        traced.go()
        begun, load = boot_seconds(), None
        if traced.daemon.wait_until_listening():
            begun = boot_seconds()
            load = Load(traced.daemon, self.site.token(), self.expectation, self.chance)
            end = time.monotonic() + self.arguments.longest
            while time.monotonic() < end and traced.daemon.process.poll() is None:
                time.sleep(0.01)
        status = traced.end()
        ended = boot_seconds()
        if load:
            load.join()
        self.errors = traced.daemon.errors()
        if self.arguments.control:
            for log in self.site.state.glob("*-wal"):
                log.unlink()
        self.look_at_left(begun, ended)
        self.traced = traced
        return status, traced.happened

    def fail(self, call: str, number: int) -> bool:
        """EIO at the call; whether there was such a call."""
        status, happened = self.life(call, "error=EIO", number)
        if happened and status == 0:
            harmless = is_harmless(call, happened) or self.traced.is_repeated_flush
            require(harmless, f"it goes on after: {happened}")
        return self.end(status, happened)

    def lack(self, call: str, number: int) -> bool:
        """No space for the call, once; whether there was such a call."""
        return self.end(*self.life(call, "error=ENOSPC", number))

    def end(self, status: int, happened: str) -> bool:
        """It ended by itself, and says why, or it went on to its end."""
        if not happened:
            require(status == 0, f"without a fault it ends with {status}: {self.errors[-300:]}")
            return False
        if status == 0:
            self.outcomes["went on"] += 1
        else:
            require(status > 0, f"it ends by signal {-status} after: {happened}")
            words = [line for line in self.errors.splitlines() if "trusting the root" not in line]
            require(words, f"it ends with {status} and says nothing after: {happened}")
            self.outcomes[f"ended with {status}"] += 1
        self.verify()
        return True

    def kill(self, call: str, number: int) -> bool:
        """SIGKILL at the call; whether there was such a call."""
        status, _ = self.life(call, "signal=KILL", number)
        if status == 0:
            return False
        require(status == -signal.SIGKILL, f"it ends with {status}: {self.errors[-300:]}")
        self.outcomes["killed"] += 1
        self.verify()
        return True

    def fill(self, call: str, number: int) -> bool:
        """No space any more at some moment, and then again."""
        traced = Traced(self.site, f"full-{number % 4}")
        traced.go()
        if not traced.daemon.wait_until_listening():
            raise SystemExit(f"serve does not start: {traced.daemon.errors()}")
        begun = boot_seconds()
        load = Load(traced.daemon, self.site.token(), self.expectation, self.chance)
        time.sleep(self.chance.random() * self.arguments.longest)
        traced.attach(call, "error=ENOSPC")
        if call == "pwrite64":
            require(self.eventually_ready(traced, False, 10), "without space it stays ready")
            self.look_at_counting(traced)
        else:
            time.sleep(1)
        traced.let_go()
        require(self.eventually_ready(traced, True, 20), "with space again it does not get ready")
        status = traced.end()
        ended = boot_seconds()
        load.join()
        require(status == 0, f"after a full disk it ends with {status}")
        self.outcomes["full"] += 1
        self.look_at_left(begun, ended)
        self.verify()
        return True

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
                f"it ends for want of space: {traced.daemon.errors()[-300:]} {traced.happened}",
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

    def verify(self) -> None:
        if self.arguments.control:
            # It would copy the logs into the databases.
            return
        review = self.site.verifier("usage", "verify")
        require(review.returncode == 0, f"usage verify: {review.stderr[-300:]}")


def is_harmless(call: str, happened: str):
    """Whether a call may fail without any consequence for what is kept."""
    if call == "unlink":
        # What is removed after use, or by SQLite when it ends.
        return True
    # SQLite looks for files that need not be there.
    return call == "openat" and ("O_RDONLY" in happened or re.search(r"-(shm|journal)\"", happened))


def numbers(arguments, chance: random.Random):
    """Which calls to try: 1, 2, … or some of them by chance."""
    if arguments.sample:
        return sorted(chance.sample(range(1, arguments.most + 1), arguments.sample))
    return range(1, arguments.most + 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    programs_argument(parser)
    parser.add_argument("--most", type=int, default=60)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--calls", default=",".join(CALLS))
    parser.add_argument("--kinds", default="fail,lack,kill,fill")
    parser.add_argument("--bound", type=float, default=1.0)
    parser.add_argument("--longest", type=float, default=1.0, help="seconds of a life")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--control", action="store_true")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    site = Site(arguments.programs, arguments.work)
    begun, losses, tried = time.monotonic(), [], 0
    try:
        site.start_gateway()
        site.install(site.issue(window=86_400))
        harness = Calls(site, arguments)
        harness.prepare()
        for kind in arguments.kinds.split(","):
            for call in arguments.calls.split(","):
                if kind == "fill" and call not in WRITES:
                    continue
                without = 0
                for number in numbers(arguments, harness.chance):
                    tried += 1
                    try:
                        without = 0 if getattr(harness, kind)(call, number) else without + 1
                    except Loss as loss:
                        losses.append(f"{kind} {call} {number}: {loss}")
                        print(f"  {losses[-1]}", flush=True)
                    if without >= 3 or arguments.control and losses:
                        break
        if not losses:
            harness.finish()
    except Loss as loss:
        losses.append(f"at the end: {loss}")
        print(f"  {losses[-1]}", flush=True)
    finally:
        site.close()
    outcomes = ", ".join(f"{number} {what}" for what, number in sorted(harness.outcomes.items()))
    print(
        f"{tried} lives, {harness.expectation.answered} beats answered ({outcomes}) in "
        f"{time.monotonic() - begun:.0f} s: {len(losses)} wrong"
    )
    if arguments.control:
        sys.exit(0 if losses else "nothing is lost without the logs")
    sys.exit(1 if losses else 0)


if __name__ == "__main__":
    main()
