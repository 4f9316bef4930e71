#!/usr/bin/env python3
"""Ends `tally-gateway serve` by kill -9 at random instants under load, again and again.

    gateway_kills.py --programs FOLDER --work FOLDER [--store sqlite|postgres] [--kills N]
                     [--cut gateway|server|both|copy]
                     [--installations N] [--control] [--asynchronous]

Installations that are played here (keys, records and chains are made in Python) send reports over several
connections: new records, the same once more, some of both, signs of life. Whoever gets no answer sends the
same bytes until one comes, as a verifier does. This program knows every receipt. Each receipt must verify
with the gateway's key, name the record that was sent, and never fall behind an earlier one; the same bytes get
the same receipt, also after a kill.

After every kill, and at the end, from the bytes of the ledger alone:

- every record that has a receipt is there, once, byte for byte, at a position that its receipt covers;
- every record that is there was sent, in one chain without holes;
- every receipt that was given is there as it was given, and positions have no holes.

--store postgres keeps the ledger in a PostgreSQL server that is started for it. --cut server ends all of that
server's processes by SIGKILL instead, and both ends gateway and server: the gateway must go on by itself.

--cut copy lets every write of the embedded ledger's own file fail (by strace), or every flush of it, from some
moment on: that of the log that is copied into it beside the writer. The gateway must end, not with 0.

--asynchronous is the control of --cut server: a trigger lets commits return before they are durable, though every setting
says otherwise, and the harness ends with 1 unless it finds the loss.

--control takes one acknowledged record out of the ledger at the end, and puts one in that nobody sent: the
harness ends with 1 unless it names both.
"""

import argparse
import collections
import datetime
import hashlib
import http.client
import json
import random
import subprocess
import sys
import threading
import time
import zoneinfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from gateway_stores import PostgresLedger, SQLiteLedger
from oracle import Loss, require, unbase64url
from site_under_test import Site, base64url, programs_argument, raw_public_key, thumbprint

import armour

GONE = (OSError, http.client.HTTPException)
ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
LIMITS = ["--address-rate", "0", "--installation-rate", "0"]


def digest(text: str) -> str:
    return base64url(hashlib.sha256(text.encode()).digest())


class Signer:
    """An installation's key and the one chain of its records."""

    def __init__(self, license_jws: str, chance: random.Random):
        self.key = Ed25519PrivateKey.generate()
        public = raw_public_key(self.key)
        self.name = thumbprint(public)
        self.jwk = {"crv": "Ed25519", "kty": "OKP", "x": base64url(public)}
        self.license = license_jws
        self.payload = json.loads(unbase64url(license_jws.split(".")[1]))
        self.chance = chance
        self.records: list[str] = []
        self.receipts: dict[str, tuple] = {}
        """The receipt of each request, and the seq of its last record, by the request's bytes."""
        self.acknowledged = 0
        self.position = 0
        self.issued = 0
        midnight = datetime.datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        self.date = midnight.date().isoformat()
        self.begin = int(midnight.timestamp())

    def seal(self, kind: str, payload: dict) -> str:
        header = {"alg": "EdDSA", "kid": self.name, "typ": kind}
        parts = [
            base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, payload)
        ]
        text = ".".join(parts)
        return f"{text}.{base64url(self.key.sign(text.encode()))}"

    def enrolment(self) -> dict:
        payload = {"ver": 1, "jwk": self.jwk, "license": self.payload["jti"], "iat": int(time.time())}
        return {
            "license": self.license,
            "enrolment": self.seal("tally-enrolment+jwt", payload),
        }

    def add(self) -> None:
        """Makes the next record of the chain."""
        seq = len(self.records) + 1
        at = self.begin + seq
        record = {"ver": 1, "installation": self.name, "license": self.payload["jti"]}
        record |= {"revision": self.payload["revision"], "seq": seq}
        if self.records:
            record["prev"] = digest(self.records[-1])
        peak = self.chance.randrange(1, 1000)
        record |= {"kind": "sample", "date": self.date, "from": self.begin, "to": at, "at": at}
        record |= {"peak": peak, "peak_at": self.begin, "online": peak, "distinct": peak}
        record |= {"refused": 0, "observed": seq, "gaps": []}
        record |= {"rule": {"window": 300, "dwell": 0, "identity": "datakit:hostname"}}
        record["root"] = self.name
        self.records.append(self.seal("tally-usage+jwt", record))

    def report(self) -> tuple[str, int]:
        """The next request and the seq of its last record: new records, perhaps after some known ones."""
        for _ in range(self.chance.choice((1, 1, 1, 2, 5, 30))):
            self.add()
        first = max(0, self.acknowledged - self.chance.choice((0, 0, 0, 1, 7)))
        return self.body(self.records[first:]), len(self.records)

    def alive(self) -> tuple[str, int]:
        payload = {"ver": 1, "installation": self.name, "seq": len(self.records)}
        if self.records:
            payload["head"] = digest(self.records[-1])
        payload["at"] = int(time.time())
        return self.body([], self.seal("tally-alive+jwt", payload)), len(self.records)

    def body(self, records: list[str], alive: str | None = None) -> str:
        request = {"installation": self.name, "records": records}
        if alive:
            request["alive"] = alive
        return json.dumps(request | {"have": {}}, separators=(",", ":"))


class Gateway:
    """The process under test, on one port for all of its lives."""

    def __init__(self, site: Site, key: bytes, options: list):
        self.site, self.key, self.port = site, Ed25519PublicKey.from_public_bytes(key), 0
        self.options = LIMITS + options
        self.starts: list[float] = []

    def start(self) -> None:
        begun = time.monotonic()
        self.site.start_gateway(self.port, self.options)
        self.starts.append(time.monotonic() - begun)
        self.port = self.site.gateway.port

    def kill(self) -> None:
        self.site.gateway.kill()

    def receipt(self, jws: str) -> dict:
        head, body, signature = jws.split(".")
        self.key.verify(unbase64url(signature), f"{head}.{body}".encode())
        require(json.loads(unbase64url(head))["typ"] == "tally-receipt+jwt", "no receipt")
        return json.loads(unbase64url(body))


class Sender(threading.Thread):
    """Sends for some installations over one connection at a time, until it is told to stop."""

    def __init__(self, gateway: Gateway, signers: list[Signer], seed: int):
        super().__init__(daemon=True)
        self.gateway, self.signers = gateway, signers
        self.chance = random.Random(seed)
        self.connection = None
        self.stopping = threading.Event()
        self.loss: Exception | None = None
        self.counts = collections.Counter()

    def post(self, path: str, body: str) -> dict:
        """Sends the same bytes until they are answered."""
        while True:
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(
                        "127.0.0.1", self.gateway.port, timeout=30
                    )
                self.connection.request(
                    "POST", path, body, {"Content-Type": "application/json"}
                )
                answer = self.connection.getresponse()
                text = answer.read()
            except GONE:
                self.counts["no answer"] += 1
                self.connection = None
                time.sleep(0.01)
                continue
            if answer.status == 200:
                return json.loads(text)
            problem = json.loads(text)
            require(problem.get("retryable"), f"{path} answers {answer.status}: {problem}")
            self.counts["retryable"] += 1
            time.sleep(0.05)

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                self.turn(self.chance.choice(self.signers))
        except Exception as error:  # noqa: BLE001: whatever it is, it is told.
            self.loss = error

    def turn(self, signer: Signer) -> None:
        kind = self.chance.random()
        if kind < 0.1 and signer.receipts:
            body = self.chance.choice(list(signer.receipts))
            jws, _ = signer.receipts[body]
            answer = self.post("/v1/reports", body)
            require(answer["receipt"] == jws, f"{signer.name}: another receipt for the same bytes")
            self.counts["repeated"] += 1
            return
        if kind < 0.2:
            body, seq = signer.alive()
            self.check(signer, self.post("/v1/reports", body), seq)
            self.counts["alive"] += 1
            return
        body, seq = signer.report()
        answer = self.post("/v1/reports", body)
        self.check(signer, answer, seq)
        signer.receipts[body] = (answer["receipt"], seq)
        self.counts["reports"] += 1

    def check(self, signer: Signer, answer: dict, seq: int) -> None:
        receipt = self.gateway.receipt(answer["receipt"])
        require(receipt["installation"] == signer.name, "a receipt names another installation")
        require(receipt["seq"] == seq, f"{signer.name}: a receipt through {receipt['seq']}, not {seq}")
        if seq:
            head = digest(signer.records[seq - 1])
            require(receipt["head"] == head, f"{signer.name}: a receipt for another record {seq}")
        require(receipt["position"] >= signer.position, f"{signer.name}: the position falls")
        require(receipt["iat"] >= signer.issued, f"{signer.name}: a receipt older than the last")
        signer.acknowledged = max(signer.acknowledged, seq)
        signer.position, signer.issued = receipt["position"], receipt["iat"]


def judge(content, signers: list[Signer]) -> int:
    """Holds the ledger against everything that was sent and acknowledged; the number of its entries."""
    known = {signer.name: signer for signer in signers}
    chains: dict[str, dict[int, str]] = collections.defaultdict(dict)
    places: dict[tuple[str, int], int] = {}
    for place, (position, name, seq, hash_, jws) in enumerate(content.entries, 1):
        require(position == place, f"position {position} stands at place {place}")
        require(name in known, f"position {position}: nobody has sent for {name}")
        require(seq not in chains[name], f"{name}: record {seq} is there twice")
        chains[name][seq] = jws
        places[name, seq] = position
        require(hash_ == digest(jws), f"{name}: record {seq} has another hash")
    for name, chain in chains.items():
        signer = known[name]
        require(sorted(chain) == list(range(1, len(chain) + 1)), f"{name}: the chain has holes")
        for seq, jws in chain.items():
            require(
                seq <= len(signer.records) and signer.records[seq - 1] == jws,
                f"{name}: record {seq} was never sent",
            )
    kept = {(name, seq): (position, jws) for name, seq, position, jws in content.receipts}
    require(len(kept) == len(content.receipts), "a receipt is there twice")
    for signer in signers:
        have = len(chains[signer.name])
        require(
            have >= signer.acknowledged,
            f"{signer.name}: record {have + 1} is acknowledged and not there",
        )
        for jws, seq in list(signer.receipts.values()):
            position, stored = kept.get((signer.name, seq), (0, None))
            require(stored == jws, f"{signer.name}: the receipt of record {seq} is not as it was given")
            require(
                position >= places[signer.name, seq],
                f"{signer.name}: the receipt of record {seq} does not cover it",
            )
    return len(content.entries)


def control(ledger, signers: list[Signer]) -> None:
    """Each wrong must be named."""
    name = max(signers, key=lambda signer: signer.acknowledged).name
    told = next(iter(known for _, known in signer_of(name, signers).receipts.values()))
    wrongs = {
        "is acknowledged and not there": (
            "DELETE FROM receipts WHERE installation = {id} AND seq >= {seq}",
            "DELETE FROM entries WHERE position = {last}",
            "UPDATE entries SET position = position - 1 WHERE position > {last}",
        ),
        "has another hash": ("UPDATE entries SET jws = jws || 'x' WHERE position = {last}",),
        "was never sent": (
            "INSERT INTO entries (position, installation, kind, seq, hash, jws, received_at) "
            "SELECT max(position) + 1, {id}, 'quarantined', {seq} + 1, '{hash}', 'never', 0 FROM entries",
        ),
        "is not as it was given": (
            "UPDATE receipts SET jws = 'another' WHERE installation = {id} AND seq = {told}",
        ),
    }
    for what, statements in wrongs.items():
        content = ledger.spoilt(name, statements, {"told": told, "hash": digest("never")})
        try:
            judge(content, signers)
        except Loss as loss:
            if what not in str(loss):
                raise SystemExit(f"the control '{what}' is called '{loss}'") from loss
            print(f"control: {loss}")
        else:
            raise SystemExit(f"the control '{what}' was not found")


def signer_of(name: str, signers: list[Signer]) -> Signer:
    return next(signer for signer in signers if signer.name == name)


def play(arguments, chance: random.Random) -> None:
    site = Site(arguments.programs, arguments.work)
    key = raw_public_key(site.vendor.private_key(site.vendor.gateway_kid))
    ledger = (PostgresLedger if arguments.store == "postgres" else SQLiteLedger)(site.folder)
    try:
        play_on(ledger, site, Gateway(site, key, ledger.options), arguments, chance)
    finally:
        site.close()
        ledger.close()


def cut(ledger, gateway: Gateway, what: str, number: int) -> None:
    """Ends what is to end; the gateway that is left must go on once the server is there again."""
    if what == "copy":
        fail_copy(ledger, gateway, ("pwrite64", "fdatasync")[number % 2])
    if what in ("gateway", "both"):
        gateway.kill()
    if what in ("server", "both"):
        ledger.kill()
        ledger.start()


def fail_copy(ledger, gateway: Gateway, call: str) -> None:
    """Lets the call fail for the ledger's own file until the gateway has ended by itself."""
    process = gateway.site.gateway.process
    words = ["-f", "-qq", "-o", "/dev/null", "-P", str(ledger.path.resolve()), "-e", f"trace={call}"]
    # A flush fails once for each thread, as the kernel tells of a page that was lost only once.
    when = ":when=1" if call == "fdatasync" else ""
    tracer = subprocess.Popen(
        ["strace", *words, "-e", f"inject={call}:error=EIO{when}", "-p", str(process.pid)]
    )
    try:
        status = process.wait(120)
    except subprocess.TimeoutExpired:
        raise Loss(f"the gateway goes on though {call} fails while the log is copied") from None
    finally:
        tracer.terminate()
        tracer.wait()
    require(status > 0, f"the gateway ends with {status} though the log could not be copied")
    log = ledger.path.with_name(ledger.path.name + "-wal")
    require(
        log.exists() and log.stat().st_size > 0,
        "the log is gone, which alone has everything once it could not be copied",
    )


def play_on(ledger, site: Site, gateway: Gateway, arguments, chance: random.Random) -> None:
    gateway.start()
    license_file = site.vendor.issue(
        "payg",
        *["--from", site.vendor.day(-2), "--years", "1", "--price", "CNY 1.20"],
        *["--installations", str(arguments.installations), "--lease-hours", "72", "--yes"],
        *["--gateway", f"http://127.0.0.1:{gateway.port}"],
    )
    blocks = dict(reversed(armour.unwrap(license_file.read_text())))
    signers = [
        Signer(blocks["LICENSE"].decode(), random.Random(chance.random()))
        for _ in range(arguments.installations)
    ]
    senders = [
        Sender(gateway, signers[number :: arguments.connections], chance.randrange(1 << 32))
        for number in range(arguments.connections)
    ]
    for signer in signers:
        senders[0].post("/v1/activations", json.dumps(signer.enrolment()))
    if arguments.asynchronous:
        ledger.make_asynchronous()
    for sender in senders:
        sender.start()
    entries = 0
    for number in range(arguments.kills):
        time.sleep(chance.uniform(0.02, arguments.longest))
        cut(ledger, gateway, arguments.cut, number)
        if number % 10 == 0 or arguments.asynchronous or arguments.cut == "copy":
            entries = judge_at_rest(ledger, signers)
        if arguments.cut != "server":
            gateway.start()
        require_unharmed(senders)
    time.sleep(1)
    for sender in senders:
        sender.stopping.set()
    for sender in senders:
        sender.join(60)
        require(not sender.is_alive(), "a sender got no answer within a minute")
    require_unharmed(senders)
    code = site.gateway.stop()
    require(code == 0, f"the gateway ends with {code} when it is told to stop")
    entries = judge(ledger.content(), signers)
    if arguments.control:
        control(ledger, signers)
    counts = sum((sender.counts for sender in senders), collections.Counter())
    starts = sorted(gateway.starts)
    print(f"starts: median {starts[len(starts) // 2]:.3f} s, longest {starts[-1]:.3f} s")
    told = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
    print(f"{arguments.kills} kills, {entries} records, {told}, 0 lost")


def judge_at_rest(ledger, signers: list[Signer]) -> int:
    """Judges what is there; senders wait for the gateway to come back, or go on sending, meanwhile.

    What a sender has had answered by now is told before the copy is made.
    """
    told = {
        signer.name: (signer.acknowledged, dict(signer.receipts)) for signer in signers
    }
    content = ledger.content()
    shadows = []
    for signer in signers:
        shadow = object.__new__(Signer)
        shadow.name, shadow.records = signer.name, signer.records
        shadow.acknowledged, shadow.receipts = told[signer.name]
        shadows.append(shadow)
    return judge(content, shadows)


def require_unharmed(senders: list[Sender]) -> None:
    for sender in senders:
        if sender.loss is not None:
            raise sender.loss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    programs_argument(parser)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--installations", type=int, default=40)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--longest", type=float, default=0.6, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--control", action="store_true")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--cut", choices=("gateway", "server", "both", "copy"), default="gateway")
    parser.add_argument("--asynchronous", action="store_true")
    arguments = parser.parse_args()
    if arguments.store == "sqlite" and (arguments.cut in ("server", "both") or arguments.asynchronous):
        parser.error("--cut server, --cut both and --asynchronous are for --store postgres")
    if arguments.store == "postgres" and arguments.cut == "copy":
        parser.error("--cut copy is for --store sqlite")
    print(f"seed {arguments.seed}", flush=True)
    try:
        play(arguments, random.Random(arguments.seed))
    except Loss as loss:
        if not arguments.asynchronous:
            sys.exit(f"LOSS: {loss}")
        print(f"control: {loss}")
    else:
        if arguments.asynchronous:
            sys.exit("nothing was lost, though commits were not durable")


if __name__ == "__main__":
    main()
