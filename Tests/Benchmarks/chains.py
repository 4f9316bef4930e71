"""Installations with real keys, their chains of sealed records, and the requests that carry them.

Written for speed, not for chance: Tests/Faults plays what goes wrong.
"""
import base64
import concurrent.futures
import datetime
import hashlib
import json
import os
import struct
import time
import zoneinfo

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
WORKERS = len(os.sched_getaffinity(0))


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(text):
    return base64url(hashlib.sha256(text.encode()).digest())


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def digest_of_key(point):
    """The RFC 7638 thumbprint of an Ed25519 key."""
    return digest(f'{{"crv":"Ed25519","kty":"OKP","x":"{point}"}}')


def midnight():
    return datetime.datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


def framed(stream, request):
    return struct.pack("<II", stream, len(request)) + request


def post(path, body):
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class Installation:
    """A key made from its number, and the end of its one chain."""

    def __init__(self, number, license_name, revision, root):
        seed = hashlib.sha256(b"installation %d" % number).digest()
        self.number, self.license, self.revision, self.root = number, license_name, revision, root
        self.seed = seed
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.key.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        point = base64url(self.public)
        self.jwk = {"crv": "Ed25519", "kty": "OKP", "x": point}
        self.name = digest_of_key(point)
        self.seq, self.prev = 0, None
        begin = midnight()
        self.date, self.begin = begin.date().isoformat(), int(begin.timestamp())
        self.days = (begin.date() - datetime.date(1970, 1, 1)).days

    def __getstate__(self):
        state = dict(self.__dict__)
        del state["key"]
        return state

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.key = Ed25519PrivateKey.from_private_bytes(self.seed)

    def seal(self, kind, payload):
        header = f'{{"alg":"EdDSA","kid":"{self.name}","typ":"{kind}"}}'
        text = f"{base64url(header.encode())}.{base64url(payload.encode())}"
        return f"{text}.{base64url(self.key.sign(text.encode()))}"

    def enrolment(self, license_jws):
        payload = {"ver": 1, "jwk": self.jwk, "license": self.license, "iat": int(time.time())}
        sealed = self.seal("tally-enrolment+jwt", json.dumps(payload, separators=(",", ":")))
        return json.dumps({"license": license_jws, "enrolment": sealed}).encode()

    def record(self):
        """The next record: a sample of this date."""
        self.seq += 1
        at = self.begin + self.seq
        peak = 100 + self.seq % 900
        prev = f'"prev":"{self.prev}",' if self.prev else ""
        payload = (
            f'{{"ver":1,"installation":"{self.name}","license":"{self.license}",'
            f'"revision":{self.revision},"seq":{self.seq},{prev}"kind":"sample",'
            f'"date":"{self.date}","from":{self.begin},"to":{at},"at":{at},"peak":{peak},'
            f'"peak_at":{self.begin},"online":{peak},"distinct":{peak},"refused":0,'
            f'"observed":{self.seq},"gaps":[],"rule":{{"window":300,"dwell":0,'
            f'"identity":"datakit:hostname"}},"release":"1.98.190","root":"{self.root}"}}')
        sealed = self.seal("tally-usage+jwt", payload)
        self.prev = digest(sealed)
        return sealed

    def report(self, records):
        sealed = ",".join(f'"{self.record()}"' for _ in range(records))
        body = (
            f'{{"installation":"{self.name}","records":[{sealed}],'
            f'"have":{{"revision":{self.revision},"epoch":1}}}}')
        return post("/v1/reports", body.encode())


def _reports(work):
    installations, reports, records = work
    rounds = [
        [framed(one.number, one.report(records)) for one in installations] for _ in range(reports)
    ]
    return installations, rounds


def write_reports(path, installations, reports, records):
    """Writes `reports` requests of each installation, `records` new records in each, in turn.

    Returns the installations with their chains as long as they are then.
    """
    shares = [installations[start::WORKERS] for start in range(WORKERS)]
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
        done = list(pool.map(_reports, [(share, reports, records) for share in shares]))
    with open(path, "wb") as file:
        for turn in range(reports):
            for _, rounds in done:
                file.write(b"".join(rounds[turn]))
    return sorted((one for share, _ in done for one in share), key=lambda one: one.number)


def write_bare(path, requests, streams, size):
    """Requests for the bare route: a signature of the one key, and a message; `size` bytes together."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    message = os.urandom(size - 64)
    with open(path, "wb") as file:
        for number in range(requests):
            text = message[:-8] + struct.pack("<q", number)
            file.write(framed(number % streams, post("/v1/reports", key.sign(text) + text)))
