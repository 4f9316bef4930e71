#!/usr/bin/env python3
"""How long `tally-verifier serve` takes to start, and how much memory it has, each beside its limit.

    Tests/Benchmarks/verifier_footprint.py PROGRAMS [STARTS]

PROGRAMS is the folder of a release build with a static standard library; the interpreter needs the packages of
Tests/Interop/requirements.txt. Prints

- the start, from the call to the first answer, with a year in the ledger: 365 closed dates, 288 samples for
  each (of all but the last 35 days the hash alone, as retention leaves them), a receipt for every record;
- the resident set with 100,000 collectors online that beat once a minute, the most it ever was meanwhile,
  and both again after a restart that finds them in the journal;
- without a limit, the most it is when all of them join within some seconds.

Ends with 1 where a limit is exceeded.
"""

import datetime
import hashlib
import json
import pathlib
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Faults"))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from site_under_test import Intake, Site, base64url, raw_public_key, thumbprint  # noqa: E402

LONGEST_START = 0.200
LARGEST_SET = 64.0
DAYS, SAMPLES, KEPT = 365, 288, 35
COLLECTORS = 100_000


def seal(key, kid: str, kind: str, payload: dict) -> str:
    def part(value: dict) -> str:
        return base64url(json.dumps(value, separators=(",", ":")).encode())

    text = f'{part({"alg": "EdDSA", "kid": kid, "typ": kind})}.{part(payload)}'
    return f"{text}.{base64url(key.sign(text.encode()))}"


class Year:
    """Fills the ledger of an installation that has no record yet."""

    def __init__(self, site: Site):
        self.site = site
        seed = (site.state / "installation.key").read_bytes()
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.name = thumbprint(raw_public_key(self.key))
        self.gateway = site.vendor.private_key(site.vendor.gateway_kid)
        self.seq, self.hash = 0, None
        self.records, self.receipts = [], []

    def write(self) -> None:
        zone = datetime.timezone(datetime.timedelta(hours=8))
        today = datetime.datetime.now(zone).date()
        for back in range(DAYS, 0, -1):
            date = today - datetime.timedelta(back)
            begin = int(datetime.datetime(date.year, date.month, date.day, tzinfo=zone).timestamp())
            for number in range(1, SAMPLES):
                self.record(date, begin, begin + number * 300, "sample", back > KEPT)
            self.record(date, begin, begin + 86_400, "day", False)
        with sqlite3.connect(self.site.state / "ledger.sqlite") as connection:
            connection.executemany(
                "INSERT INTO record (installation, seq, jws, hash, kind, date, at, dropped) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                self.records,
            )
            connection.executemany(
                "INSERT INTO receipt (installation, seq, leases, iat, position, jws) "
                "VALUES (?, ?, 1, ?, ?, ?)",
                self.receipts,
            )
        connection.close()

    def record(self, date, begin: int, at: int, kind: str, drops: bool) -> None:
        self.seq += 1
        peak = 300 + (at - begin) // 600
        payload = {
            **{"ver": 1, "installation": self.name, "license": "lic_0192d3f0a1b27c3d8e4f5a6b7c8d9e0f"},
            **{"revision": 1, "seq": self.seq},
            **({"prev": self.hash} if self.hash else {}),
            **{"kind": kind, "date": date.isoformat(), "from": begin, "to": at, "at": at},
            **{"peak": peak, "peak_at": at - 300, "online": peak, "distinct": peak, "refused": 0},
            **{"observed": at - begin, "gaps": [], "gaps_merged": 0},
            **{"rule": {"window": 300, "dwell": 0, "identity": "datakit:hostname"}},
            **{"root": self.site.vendor.license_kid},
        }
        if kind == "day":
            payload |= {"minutes": [[1, 300 + minute // 10] for minute in range(1440)]}
            payload |= {"evidence": {"root": base64url(bytes(32)), "leaves": peak}}
        jws = seal(self.key, self.name, "tally-usage+jwt", payload)
        previous, self.hash = self.hash or "", base64url(hashlib.sha256(jws.encode()).digest())
        text = ["dropped sample", str(self.seq), previous, self.hash, date.isoformat(), str(at)]
        dropped = base64url(hashlib.sha256("\n".join(text).encode()).digest()) if drops else None
        self.records.append(
            (self.name, self.seq, None if drops else jws, self.hash, kind, date.isoformat(), at)
            + (dropped,)
        )
        receipt = {
            **{"ver": 1, "iss": "https://license.vendor.example", "iat": at + 1},
            **{"installation": self.name, "seq": self.seq, "head": self.hash, "position": self.seq},
            "lease_through": at + 72 * 3600,
        }
        self.receipts.append(
            (self.name, self.seq, at + 1, self.seq)
            + (seal(self.gateway, self.site.vendor.gateway_kid, "tally-receipt+jwt", receipt),)
        )


def memory(daemon) -> tuple[float, float]:
    """Resident set and the most it ever was, in MiB."""
    lines = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    return tuple(int(values[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))


def start(site: Site) -> tuple[float, object]:
    """Starts the daemon; returns how long it took to its first answer."""
    begin = time.perf_counter()
    daemon = site.serve()
    intake = Intake(daemon, "none")
    status, _ = intake.get("/healthz")
    taken = time.perf_counter() - begin
    intake.close()
    if status != 200:
        raise SystemExit(f"/healthz answers {status}")
    return taken, daemon


def beat(site: Site, daemon, seconds: float) -> None:
    """A hundred thousand collectors, each once a minute."""
    intake = Intake(daemon, site.token())
    begin, sent = time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        due = int((time.monotonic() - begin) * COLLECTORS / 60)
        if due - sent < 100:
            time.sleep(0.02)
            continue
        send(intake, sent, min(1000, due - sent))
        sent += min(1000, due - sent)
    time.sleep(2)
    require_all(intake)


def send(intake: Intake, first: int, count: int) -> None:
    places = ((first + place) % COLLECTORS for place in range(count))
    if not intake.beats([{"collector": f"host-{place:06}.cluster.example"} for place in places]):
        raise SystemExit("beats are refused")


def join_at_once(site: Site, daemon) -> None:
    intake = Intake(daemon, site.token())
    for first in range(0, COLLECTORS, 10_000):
        send(intake, first, 10_000)
    time.sleep(5)
    require_all(intake)


def require_all(intake: Intake) -> None:
    online = intake.metrics()["tally_collectors_online"]
    intake.close()
    if online != COLLECTORS:
        raise SystemExit(f"{online} collectors are online")


def main() -> None:
    programs = pathlib.Path(sys.argv[1]).resolve()
    starts = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    over = []

    def show(what: str, value: float, limit: float, unit: str) -> None:
        print(f"{what}: {value:.1f} {unit}, limit {limit:.0f} {unit}", flush=True)
        if value > limit:
            over.append(what)

    with tempfile.TemporaryDirectory() as name:
        site = Site(programs, pathlib.Path(name) / "site")
        try:
            site.start_gateway()
            site.install(site.issue(window=300))
            site.serve().stop()
            empty = site.folder / "empty"
            shutil.copytree(site.state, empty)
            Year(site).write()
            size = (site.state / "ledger.sqlite").stat().st_size / (1 << 20)
            site.gateway.kill()
            times = []
            for number in range(starts + 1):
                taken, daemon = start(site)
                if number:
                    times.append(taken * 1000)
                daemon.kill() if number % 2 else daemon.stop()
            print(f"a ledger of {DAYS * SAMPLES} records, {size:.0f} MiB, {starts} starts")
            show("start, median", statistics.median(times), LONGEST_START * 1000, "ms")
            print(f"start, longest: {max(times):.1f} ms")
            shutil.rmtree(site.state)
            shutil.copytree(empty, site.state)
            _, daemon = start(site)
            beat(site, daemon, 150)
            resident, most = memory(daemon)
            show(f"resident set, {COLLECTORS} collectors", resident, LARGEST_SET, "MiB")
            show("the most it was", most, LARGEST_SET, "MiB")
            daemon.kill()
            taken, daemon = start(site)
            print(f"start with {COLLECTORS} collectors in the journal: {taken * 1000:.1f} ms")
            beat(site, daemon, 60)
            resident, most = memory(daemon)
            show("resident set after a restart", resident, LARGEST_SET, "MiB")
            show("the most it was after a restart", most, LARGEST_SET, "MiB")
            daemon.kill()
            shutil.rmtree(site.state)
            shutil.copytree(empty, site.state)
            _, daemon = start(site)
            join_at_once(site, daemon)
            resident, most = memory(daemon)
            print(f"all of them within seconds: {resident:.1f} MiB, {most:.1f} MiB at most")
            daemon.stop()
        finally:
            site.close()
    sys.exit(f"over the limit: {', '.join(over)}" if over else 0)


if __name__ == "__main__":
    main()
