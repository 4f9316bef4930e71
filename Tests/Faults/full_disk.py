#!/usr/bin/env python3
"""A disk that runs full, and one that becomes read-only, under `tally-verifier serve` at work.

    full_disk.py --programs FOLDER --work FOLDER [--disks ext4,tmpfs,shm,calls] [--rounds N]
                 [--require full,read-only] [--control]

The state folder lies on a small file system of its own: 24 MB of ext4 in a file (loop), or a tmpfs, in a
mount namespace of the harness. Where nothing may be mounted, a small /dev/shm runs full in their place, and
strace answers all calls that change files as a read-only file system does. What cannot be had here is said,
and with --require the harness ends with 1 where one of these two was not played.

full: ballast takes all space while collectors join. Beats are still answered and counted, `/readyz` gets
red, `check` goes on from `standing`. A start on the full disk refuses and says that space is missing. When
the ballast is gone it is green again, everything that was answered is online and committed, the gateway
gets it, and `usage verify` finds everything whole.

read-only: the file system turns read-only, by an error of ext4 or a mount option. The process ends, not
with 0, and says why; a start refuses; `check` goes on from `standing`. Writable again, everything is there
that was answered before.

--control kills it when there is space again, and removes the logs: the harness ends with 1 unless it finds
what that loses.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

import site_under_test
from failing_calls import LOGS, Traced, files
from kills import GONE, Harness, Load
from oracle import Loss, require
from site_under_test import Intake, Site, boot_seconds, programs_argument

KINDS = "full", "read-only"
REFUSED = "write,pwrite64,ftruncate,rename,link,unlink,fchmod"
"""Calls that a read-only file system refuses, of files that are open already."""


def run(*words: str) -> bool:
    return subprocess.run(words, capture_output=True).returncode == 0


class Disk:
    """A small file system; `path` is where it is mounted.

    ext4 and tmpfs are mounted, shm is the one that is there; calls is a folder like any other, whose calls
    strace lets fail.
    """

    def __init__(self, kind: str, folder: pathlib.Path):
        self.kind, self.path = kind, folder / f"disk-{kind}"
        if kind == "shm":
            self.path = pathlib.Path("/dev/shm") / f"tally-full-{os.getpid()}"
        self.path.mkdir(mode=0o700)
        self.image = folder / f"{kind}.image"
        self.ballast = self.path / "ballast"

    def mount(self) -> bool:
        """Whether it can be had here."""
        if self.kind == "tmpfs":
            return run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(self.path))
        if self.kind == "ext4":
            with self.image.open("wb") as file:
                file.truncate(24 << 20)
            return run("mkfs.ext4", "-q", "-F", str(self.image)) and run(
                *["mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.path)]
            )
        if self.kind == "calls":
            return shutil.which("strace") is not None
        status = os.statvfs("/dev/shm")
        return status.f_blocks * status.f_frsize <= 1 << 30

    def fill(self) -> None:
        """Takes all space there is, to the last byte."""
        with self.ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass

    def free(self) -> None:
        self.ballast.unlink(missing_ok=True)

    def turn_read_only(self, refuse) -> bool:
        """Whether it can; `refuse` lets the calls fail of what runs on it."""
        if self.kind == "calls":
            refuse()
            return True
        if self.kind == "ext4":
            device = subprocess.run(
                ["findmnt", "-n", "-o", "SOURCE", str(self.path)], capture_output=True, text=True
            ).stdout.strip()
            trigger = pathlib.Path("/sys/fs/ext4") / pathlib.Path(device).name / "trigger_fs_error"
            try:
                trigger.write_text("a fault of the harness")
                return True
            except OSError:
                return False
        if self.kind == "tmpfs":
            # What is open stays writable; what is to be opened or renamed is not.
            return run("mount", "--bind", str(self.path), str(self.path)) and run(
                *["mount", "-o", "remount,bind,ro", str(self.path)]
            )
        return False

    def turn_writable(self) -> None:
        if self.kind == "ext4":
            require(run("umount", str(self.path)), "the disk cannot be unmounted")
            run("e2fsck", "-p", "-f", str(self.image))
            require(
                run("mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.path)),
                "the disk cannot be mounted again",
            )
        elif self.kind == "tmpfs":
            require(run("umount", str(self.path)), "the disk cannot be unmounted")

    def unmount(self) -> None:
        while run("umount", str(self.path)):
            pass
        if self.kind == "shm":
            run("rm", "-rf", str(self.path))


class FullDisk(Harness):
    def __init__(self, site: Site, arguments, disk: Disk):
        super().__init__(site, arguments)
        self.disk = disk

    def full(self) -> None:
        daemon = self.site.serve()
        begun = boot_seconds()
        load = Load(daemon, self.site.token(), self.expectation, self.chance)
        self.fill_and_free(daemon)
        status = daemon.stop()
        self.ended, ended = time.time(), boot_seconds()
        load.join()
        require(status == 0, f"after a full disk it ends with {status}: {daemon.errors()[-400:]}")
        self.look_at_left(begun, ended)
        self.verify()

    def fill_and_free(self, daemon) -> None:
        time.sleep(1 + self.chance.random())
        self.disk.fill()
        crowd = self.crowd(daemon)
        require(self.is_ready(daemon, False, 60, crowd), "on a full disk it stays ready")
        before = self.collectors(daemon)
        require(next(crowd) > 0, "no beat is answered on a full disk")
        time.sleep(1.2)
        require(self.collectors(daemon) >= before, "on a full disk it does not count on")
        self.check()
        self.disk.free()
        require(self.is_ready(daemon, True, 30), "with space again it does not get ready")

    def lose(self) -> str:
        """Throws away what was written when there was space again; returns what is missing then."""
        daemon = self.site.serve()
        begun = boot_seconds()
        load = Load(daemon, self.site.token(), self.expectation, self.chance)
        self.fill_and_free(daemon)
        time.sleep(self.arguments.bound + 2)
        self.ended, ended = time.time(), boot_seconds()
        daemon.kill()
        load.join()
        for log in LOGS:
            (self.site.state / log).unlink(missing_ok=True)
        try:
            self.look_at_left(begun, ended)
        except Loss as loss:
            return str(loss)
        return ""

    def full_start(self) -> None:
        self.disk.fill()
        daemon = self.site.start(name="refused")
        require(not daemon.wait_until_listening(), "it starts on a full disk")
        require(daemon.wait() == 2, "a start on a full disk does not end with 2")
        require("space" in daemon.errors(), f"it does not say why: {daemon.errors()}")
        self.check()
        self.disk.free()
        self.verify()

    def read_only(self) -> bool:
        """Whether the disk can turn read-only."""
        traced = Traced(self.site, "verifier", self.site.serve_words())
        daemon = traced.daemon
        traced.go()
        require(daemon.wait_until_listening(), f"serve does not start: {daemon.errors()}")
        begun = boot_seconds()
        load = Load(daemon, self.site.token(), self.expectation, self.chance)
        time.sleep(1 + self.chance.random())
        is_read_only = self.disk.turn_read_only(lambda: self.refuse(traced))
        if not is_read_only:
            daemon.kill()
        status = daemon.wait(90)
        self.ended, ended = time.time(), boot_seconds()
        load.join()
        if is_read_only:
            require(status > 0, f"on a read-only disk it ends with {status}")
            said = daemon.errors()
            require("read" in said or "disk" in said, f"it does not say why: {said}")
            self.check()
            self.read_only_start()
            self.disk.turn_writable()
        self.look_at_left(begun, ended)
        self.verify()
        return is_read_only

    def read_only_start(self) -> None:
        again = Traced(self.site, "refused", self.site.serve_words())
        if self.disk.kind == "calls":
            self.refuse(again)
        again.go()
        require(not again.daemon.wait_until_listening(), "it starts on a read-only disk")
        said = again.daemon.errors()
        require("read-only" in said, f"it does not say why: {said}")

    def refuse(self, traced: Traced) -> None:
        paths = files(self.site, self.site.state, traced.process)
        traced.attach(REFUSED, "error=EROFS", paths)

    def crowd(self, daemon):
        """Joins a thousand collectors more at each step; yields how many were answered."""
        number, answered = 0, 0
        while True:
            names = {f"crowd-{self.chance.random()}-{number + i}": 1 for i in range(1000)}
            number += 1000
            entries = self.expectation.begin(names)
            intake = Intake(daemon, self.site.token())
            if intake.beats([{"collector": name, "weight": 1} for name in names]):
                self.expectation.end(entries)
                answered += 1000
            intake.close()
            yield answered

    def is_ready(self, daemon, wanted: bool, seconds: float, crowd=iter(())) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            require(daemon.process.poll() is None, f"it ends: {daemon.errors()[-400:]}")
            try:
                intake = Intake(daemon, self.site.token())
                status, _ = intake.get("/readyz")
                intake.close()
            except GONE:
                continue
            if (status == 200) == wanted:
                return True
            next(crowd, None)
            time.sleep(0.1)
        return False

    def collectors(self, daemon) -> int:
        intake = Intake(daemon, self.site.token())
        online = intake.metrics()["tally_collectors_online"]
        intake.close()
        return online

    def check(self) -> None:
        """The platform's check goes on from what is there."""
        outcome = subprocess.run(
            [str(self.site.programs / "tally-verifier"), "check", "--standing"]
            + [str(self.site.state / "standing"), "--release"]
            + [str(self.site.vendor.folder / "platform.release"), "--running"]
            + [site_under_test.vendors.VERSION, *self.site.trust, "--format", "json"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        require(outcome.returncode == 0, f"check ends with {outcome.returncode}: {outcome.stderr}")
        require(json.loads(outcome.stdout)["verdict"] != "deny", f"check denies: {outcome.stdout}")

    def verify(self) -> None:
        review = self.site.verifier("usage", "verify")
        require(review.returncode == 0, f"usage verify: {review.stderr[-300:]}")


def play(kind: str, arguments) -> tuple[list[str], list[str]]:
    """What was played on a disk, and what went wrong."""
    site = Site(arguments.programs, arguments.work / kind)
    disk = Disk(kind, site.folder)
    played, wrong = [], []
    try:
        if not disk.mount():
            return [f"{kind}: cannot be had here"], []
        site.state = disk.path / "state"
        site.start_gateway()
        site.install(site.issue(window=86_400))
        harness = FullDisk(site, arguments, disk)
        harness.prepare()
        if arguments.control:
            lost = harness.lose()
            return [f"{kind}: full"], [f"{kind}: {lost}"] if lost else []
        for _ in range(arguments.rounds):
            if kind != "calls":
                harness.full()
                harness.full_start()
                played.append(f"{kind}: full")
            if harness.read_only():
                played.append(f"{kind}: read-only")
        harness.finish()
    except Loss as loss:
        wrong.append(f"{kind}: {loss}")
    finally:
        site.close()
        disk.unmount()
    return played, wrong


def is_played(kind: str, played: list[str]) -> bool:
    return any(line.endswith(f": {kind}") for line in played)


def unshare() -> None:
    """Goes on in a mount namespace: root's own, else one in a user namespace. Where neither is allowed,
    nothing can be mounted."""
    for own in ([], ["--user", "--map-root-user"]):
        words = ["unshare", *own, "--mount"]
        if run(*words, "true"):
            os.execvp(words[0], [*words, sys.executable, *sys.argv, "--within"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    programs_argument(parser)
    listed = {"type": lambda text: text.split(",")}
    parser.add_argument("--disks", **listed, default=["ext4", "tmpfs", "shm", "calls"])
    parser.add_argument("--require", **listed, default=["full"], help="what must be played")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bound", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--control", action="store_true")
    parser.add_argument("--within", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not set(arguments.require) <= set(KINDS):
        parser.error("--require takes full and read-only")
    if not arguments.within:
        unshare()
    print(f"seed {arguments.seed}", flush=True)
    begun, played, wrong = time.monotonic(), [], []
    # The last two stand in where the others cannot be had.
    instead = {"shm": "full", "calls": "read-only"}
    for kind in arguments.disks:
        if is_played(instead.get(kind, ""), played) or arguments.control and kind == "calls":
            continue
        done, failed = play(kind, arguments)
        played += done
        wrong += failed
    for line in sorted(set(played)):
        print(f"  {line}, {played.count(line)} times")
    for line in wrong:
        print(f"  {line}")
    full = sum(line.endswith(": full") for line in played)
    read_only = sum(line.endswith(": read-only") for line in played)
    print(
        f"{full} times full, {read_only} times read-only in {time.monotonic() - begun:.0f} s: "
        f"{len(wrong)} wrong"
    )
    required = ["full"] if arguments.control else arguments.require
    missing = [kind for kind in required if not is_played(kind, played)]
    if missing and not wrong:
        sys.exit(f"{' and '.join(missing)} could not be played here")
    if arguments.control:
        sys.exit(0 if len(wrong) == full else "nothing is lost without the logs")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
