"""What a state folder must hold, told from its bytes alone: sqlite3, hashlib and the cryptography package.

Nothing here shares code with the verifier. ``Oracle.ledger`` and ``Oracle.journal`` read one database
each, hold every rule of the chain against it and return what it says; what is wrong is a ``Loss``.
"""

import base64
import hashlib
import json
import pathlib
import shutil
import sqlite3

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from site_under_test import base64url, thumbprint


ENDING = 1 << 4
"""The mark in the journal of a collector that has said goodbye in the second in progress."""


class Loss(Exception):
    """Something that had to be there is not, or is not what it was."""


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def require(holds, what: str) -> None:
    if not holds:
        raise Loss(what)


class Record:
    """One usage record, verified once."""

    def __init__(self, jws: str, key: bytes):
        self.hash = base64url(hashlib.sha256(jws.encode()).digest())
        head, body, signature = jws.split(".")
        header = json.loads(unbase64url(head))
        require(
            header == {"alg": "EdDSA", "kid": thumbprint(key), "typ": "tally-usage+jwt"},
            f"the header of a record is {header}",
        )
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(
                unbase64url(signature), f"{head}.{body}".encode()
            )
        except InvalidSignature as error:
            raise Loss("the seal of a record does not verify") from error
        self.payload = json.loads(unbase64url(body))
        self.seq = self.payload["seq"]
        self.date = self.payload["date"]
        self.peak = self.payload.get("peak", 0)
        gaps = sum(gap["to"] - gap["from"] for gap in self.payload["gaps"])
        length = self.payload["to"] - self.payload["from"]
        observed = self.payload["observed"]
        # Gaps that were joined run over the seconds between them, which were observed all the same.
        together = observed + gaps
        require(
            together == length
            or (
                self.payload.get("gaps_merged", 0) > 0
                and max(observed, gaps) <= length <= together
            ),
            f"record {self.seq}: {observed} s observed and {gaps} s of gaps are not "
            f"{length} s",
        )


class LedgerContent:
    """What a ledger says."""

    def __init__(self, records: list[Record], receipts: dict[tuple[int, bool], int]):
        self.records = records
        self.receipts = receipts
        """When the receipt of a record was issued, by its place and whether it grants a lease."""

    @property
    def head(self) -> int:
        return len(self.records)

    def peaks(self) -> dict[str, int]:
        """The last peak of each date; one that falls is a loss."""
        peaks: dict[str, int] = {}
        for record in self.records:
            require(
                record.peak >= peaks.get(record.date, 0),
                f"record {record.seq}: the peak of {record.date} falls to {record.peak}",
            )
            peaks[record.date] = record.peak
        return peaks


class JournalContent:
    """What a journal says."""

    def __init__(self, state: dict | None, online: dict[str, int]):
        self.state = state
        self.online = online
        """The weight of each collector that is online, by its identity in base 64."""

    @property
    def date(self) -> str:
        return self.state["day"]["date"] if self.state else ""

    @property
    def peak(self) -> int:
        return self.state["day"].get("peak", [0])[0] if self.state else 0


class Oracle:
    """Reads state folders of one installation; remembers the records that it has verified."""

    def __init__(self, key: bytes):
        self.key = key
        self.installation = thumbprint(key)
        self.known: dict[str, Record] = {}

    def record(self, jws: str) -> Record:
        if jws not in self.known:
            self.known[jws] = Record(jws, self.key)
        return self.known[jws]

    def open(self, path: pathlib.Path, check: str = "integrity_check") -> sqlite3.Connection:
        if path.with_name(path.name + "-journal").exists():
            # The file was just being made: SQLite takes what was begun back, in a copy.
            path = self.copy(path)
            connection = sqlite3.connect(path)
        else:
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            found = connection.execute(f"PRAGMA {check}").fetchall()
        except sqlite3.DatabaseError as error:
            connection.close()
            raise Loss(f"{path.name} does not open: {error}") from error
        require(found == [("ok",)], f"{path.name}: {found}")
        return connection

    @staticmethod
    def copy(path: pathlib.Path) -> pathlib.Path:
        copy = path.parent.parent / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for part in path.parent.glob(path.name + "*"):
            shutil.copy(part, copy / part.name)
        return copy / path.name

    def ledger(self, path: pathlib.Path, check: str = "integrity_check") -> LedgerContent:
        connection = self.open(path, check)
        try:
            owner = connection.execute("SELECT thumbprint FROM installation").fetchall()
            rows = connection.execute("SELECT seq, jws, hash FROM record ORDER BY seq").fetchall()
            receipts = connection.execute("SELECT seq, leases, iat FROM receipt").fetchall()
        except sqlite3.DatabaseError as error:
            raise Loss(f"{path.name} cannot be read: {error}") from error
        finally:
            connection.close()
        require(owner == [(self.installation,)], f"the ledger is of {owner}")
        records, before = [], None
        for place, (seq, jws, hashed) in enumerate(rows, 1):
            record = self.record(jws)
            require(seq == place == record.seq, f"record {place} is missing")
            require(record.hash == hashed, f"record {seq}: the stored hash is another")
            require(record.payload["installation"] == self.installation, f"record {seq}: not ours")
            require(record.payload.get("prev") == before, f"record {seq} follows another")
            before = record.hash
            records.append(record)
        stored = {(seq, leases == 1): iat for seq, leases, iat in receipts}
        return LedgerContent(records, stored)

    def journal(self, path: pathlib.Path, check: str = "integrity_check") -> JournalContent:
        connection = self.open(path, check)
        try:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
            if "state" not in tables:
                return JournalContent(None, {})
            state = connection.execute("SELECT body FROM state").fetchone()
            online = connection.execute(
                "SELECT i.bytes, c.weight FROM collector c JOIN identity i "
                "ON i.high = c.high AND i.low = c.low WHERE c.online = 1 AND c.flags & ? = 0",
                (ENDING,),
            ).fetchall()
        except sqlite3.DatabaseError as error:
            raise Loss(f"{path.name} cannot be read: {error}") from error
        finally:
            connection.close()
        return JournalContent(json.loads(state[0]) if state else None, dict(online))
