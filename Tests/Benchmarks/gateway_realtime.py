#!/usr/bin/env python3
"""Measures how long a raised peak takes from a collector's beat to the receipt at the verifier.

    Tests/Benchmarks/gateway_realtime.py PROGRAMS [RAISES]

PROGRAMS is the folder of a release build. A real `tally-verifier serve` and a real `tally-gateway serve` run with
their default settings. RAISES (200) collectors come one after the other, at random instants a second apart on
average; each raises the peak. A raise has arrived when the file `standing` holds a receipt for a record
whose peak has it.
"""
import json
import pathlib
import random
import sqlite3
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Faults"), str(HERE.parent / "Interop")]

import chains  # noqa: E402
import vendor as vendors  # noqa: E402
from site_under_test import Daemon, Intake, Site  # noqa: E402


def payload(jws):
    return json.loads(chains.unbase64url(jws.split(".")[1]))


class Watch(threading.Thread):
    """Notes when the verifier has its receipts: pairs of an instant and a `seq`."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.seen, self.stopping = path, [], False

    def run(self):
        last = None
        while not self.stopping:
            stamp = self.path.stat().st_mtime_ns if self.path.exists() else None
            if stamp != last:
                last = stamp
                seqs = [payload(jws)["seq"] for jws in json.loads(self.path.read_text())["receipts"]]
                if seqs and (not self.seen or max(seqs) > self.seen[-1][1]):
                    self.seen.append((time.monotonic(), max(seqs)))
            time.sleep(0.005)


def raise_peaks(intake, raises):
    """The instant of each raise, by the peak that it makes."""
    chance = random.Random(1)
    sent = {}
    for peak in range(1, raises + 1):
        time.sleep(chance.expovariate(1))
        sent[peak] = time.monotonic()
        if not intake.beats([{"collector": f"agent-{peak}"}]):
            raise SystemExit("a beat was not taken")
    return sent


def peaks(ledger):
    """The peak of each record, in order of `seq`."""
    connection = sqlite3.connect(ledger)
    rows = connection.execute("SELECT seq, jws FROM record ORDER BY seq").fetchall()
    connection.close()
    return [(seq, payload(jws).get("peak", 0)) for seq, jws in rows]


def main():
    raises = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory(prefix="tally-", dir=pathlib.Path.cwd()) as name:
        site = Site(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(name))
        site.start_gateway()
        site.install(site.issue(300))
        verifier = Daemon(
            [site.programs / "tally-verifier", "serve", "--state", site.state, "--listen", "127.0.0.1:0",
             "--release", site.vendor.folder / "platform.release", "--running", vendors.VERSION]
            + site.trust, site.folder, "verifier")
        if not verifier.wait_until_listening():
            raise SystemExit(verifier.errors())
        watch = Watch(site.state / "standing")
        watch.start()
        sent = raise_peaks(Intake(verifier, site.token()), raises)
        end = time.monotonic() + 30
        while time.monotonic() < end and peaks(site.state / "ledger.sqlite")[-1][1] < raises:
            time.sleep(0.2)
        time.sleep(2)
        watch.stopping = True
        watch.join()
        records = peaks(site.state / "ledger.sqlite")
        verifier.stop()
        site.close()
    times = []
    for peak, begun in sent.items():
        seq = next(seq for seq, reached in records if reached >= peak)
        times.append(next(instant for instant, known in watch.seen if known >= seq) - begun)
    times.sort()
    p99 = times[max(0, -(-len(times) * 99 // 100) - 1)]
    print(
        f"{raises} raised peaks, {len(records)} records: from the beat to the receipt median "
        f"{times[len(times) // 2]:.2f} s, p99 {p99:.2f} s, longest {times[-1]:.2f} s; limit: p99 at most 5 s")
    sys.exit(0 if p99 <= 5 else 1)


if __name__ == "__main__":
    main()
