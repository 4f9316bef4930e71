"""What a state folder must hold, told from its bytes alone: sqlite3, hashlib and the cryptography package.

Nothing here shares code with the verifier. ``Oracle.ledger`` and ``Oracle.journal`` read one database
each, hold every rule of the chain against it and return what it says; what is wrong is a ``Loss``.
"""

import base64
import collections
import datetime
import hashlib
import json
import pathlib
import shutil
import sqlite3

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import recount
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
        self.closes = self.payload["kind"] == "day"
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


class Dropped:
    """A sample whose bytes retention has dropped: its digest keeps its place."""

    def __init__(self, seq: int, hashed: str):
        self.seq, self.hash = seq, hashed


class LedgerContent:
    """What a ledger says."""

    def __init__(self, records: list, receipts: dict[tuple[int, bool], int]):
        self.records: list[Record | Dropped] = records
        self.receipts = receipts
        """When the receipt of a record was issued, by its place and whether it grants a lease."""

    @property
    def head(self) -> int:
        return len(self.records)

    @property
    def kept(self) -> list[Record]:
        return [record for record in self.records if isinstance(record, Record)]

    def peaks(self) -> dict[str, int]:
        """The last peak of each date; one that falls is a loss."""
        peaks: dict[str, int] = {}
        for record in self.kept:
            require(
                record.peak >= peaks.get(record.date, 0),
                f"record {record.seq}: the peak of {record.date} falls to {record.peak}",
            )
            peaks[record.date] = record.peak
        return peaks

    def closings(self) -> list[dict]:
        """What the dates were closed with, one record each, without a day between them; nothing else is of a
        date that is closed."""
        closings: list[dict] = []
        for record in self.kept:
            last = closings[-1] if closings else None
            require(
                last is None or record.date > last["date"],
                f"record {record.seq} is of {record.date}, and {last and last['date']} is closed",
            )
            if record.closes:
                require_adjacent(last, record.payload)
                closings.append(record.payload)
        return closings


def require_adjacent(before: dict | None, after: dict) -> None:
    """A date begins where the one before it ended."""
    if before is not None:
        require(
            following(before["date"]) == after["date"] and before["to"] == after["from"],
            f"{after['date']} from {after['from']} does not follow {before['date']} to {before['to']}",
        )


def following(date: str) -> str:
    return (datetime.date.fromisoformat(date) + datetime.timedelta(days=1)).isoformat()


class JournalContent:
    """What a journal says."""

    def __init__(
        self,
        state: dict | None,
        online: dict[str, int],
        waiting: list[dict] = [],
        counted: dict[str, list[tuple]] = {},
    ):
        self.state = state
        self.online = online
        """The weight of each collector that is online, by its identity in base 64."""
        self.waiting = waiting
        """What is to close dates that ended, in order."""
        self.counted = counted
        """(kind, identity in base 64, from, to, weight) of each date."""

    @property
    def date(self) -> str:
        return self.state["day"]["date"] if self.state else ""

    @property
    def peak(self) -> int:
        return self.state["day"].get("peak", [0])[0] if self.state else 0

    def closings(self, ledger: LedgerContent) -> list[dict]:
        """What closes each date before the open one, in the ledger or on its way there."""
        closings = ledger.closings()
        for record in self.waiting:
            if not closings or record["date"] > closings[-1]["date"]:
                require_adjacent(closings[-1] if closings else None, record)
                closings.append(record)
        if self.state:
            require_adjacent(closings[-1] if closings else None, self.state["day"])
        return closings

    def gaps(self, closings: list[dict]) -> list[tuple[int, int]]:
        """What nobody watched since the first date, over midnights."""
        days = [*closings, *([self.state["day"]] if self.state else [])]
        joined: list[tuple[int, int]] = []
        for gap in (gap for day in days for gap in day["gaps"] if gap["to"] > gap["from"]):
            if joined and joined[-1][1] == gap["from"]:
                joined[-1] = (joined[-1][0], gap["to"])
            else:
                joined.append((gap["from"], gap["to"]))
        return joined


class Oracle:
    """Reads state folders of one installation; remembers the records that it has verified."""

    def __init__(self, key: bytes):
        self.key = key
        self.installation = thumbprint(key)
        self.known: dict[str, Record] = {}
        self.counted: dict[tuple, str] = {}
        """What was found wrong with a record and the segments of its date."""

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
            rows = connection.execute(
                "SELECT seq, jws, hash, kind FROM record ORDER BY seq"
            ).fetchall()
            receipts = connection.execute("SELECT seq, leases, iat FROM receipt").fetchall()
        except sqlite3.DatabaseError as error:
            raise Loss(f"{path.name} cannot be read: {error}") from error
        finally:
            connection.close()
        require(owner == [(self.installation,)], f"the ledger is of {owner}")
        records, before = [], None
        for place, (seq, jws, hashed, kind) in enumerate(rows, 1):
            if jws is None:
                require(kind == "sample" and seq == place, f"record {place} has no bytes")
                records.append(Dropped(seq, hashed))
                before = hashed
                continue
            record = self.record(jws)
            require(seq == place == record.seq, f"record {place} is missing")
            require(record.hash == hashed, f"record {seq}: the stored hash is another")
            require(record.payload["installation"] == self.installation, f"record {seq}: not ours")
            require(record.payload.get("prev") == before, f"record {seq} follows another")
            before = record.hash
            records.append(record)
        stored = {(seq, leases == 1): iat for seq, leases, iat in receipts}
        return LedgerContent(records, stored)

    def journal(
        self, path: pathlib.Path, check: str = "integrity_check", since: str = ""
    ) -> JournalContent:
        """What a journal says; of who was counted, from a date on."""
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
            waiting = connection.execute("SELECT payload FROM closed_day ORDER BY date").fetchall()
            segments = connection.execute(
                "SELECT s.date, i.kind, i.bytes, s.begins, s.ends, s.weight FROM segment s "
                "LEFT JOIN identity i ON i.high = s.high AND i.low = s.low WHERE s.date >= ?",
                (since,),
            ).fetchall()
        except sqlite3.DatabaseError as error:
            raise Loss(f"{path.name} cannot be read: {error}") from error
        finally:
            connection.close()
        counted = collections.defaultdict(list)
        for date, *segment in segments:
            require(segment[0] is not None, f"somebody who counted on {date} has no name")
            counted[date].append(tuple(segment))
        return JournalContent(
            json.loads(state[0]) if state else None,
            dict(online),
            [json.loads(payload) for (payload,) in waiting],
            counted,
        )

    def recount(self, closings: list[dict], journal: JournalContent, evidence_key: bytes) -> None:
        """Every date that was closed comes to what its record says."""
        for record in closings:
            segments = journal.counted.get(record["date"], [])
            case = (record["date"], json.dumps(record, sort_keys=True), hash(tuple(segments)))
            if case not in self.counted:
                whole = collections.defaultdict(list)
                for kind, name, *span in segments:
                    identity = bytes([len(kind)]) + kind.encode() + unbase64url(name)
                    whole[identity].append(tuple(span))
                self.counted[case] = recount.wrong(record, evidence_key, whole)
                self.require_sharp(record, evidence_key, whole)
            wrong = self.counted[case]
            require(not wrong, f"the record of {record['date']} is not what was counted: {wrong}")

    @staticmethod
    def require_sharp(record: dict, evidence_key: bytes, whole: dict) -> None:
        """A recount that finds nothing must find a second that one collector weighs more."""
        if whole and not record.get("gaps_merged"):
            identity, segments = next(iter(whole.items()))
            begin, end, weight = segments[0]
            other = {**whole, identity: [(begin, end, weight + 1), *segments[1:]]}
            if not recount.wrong(record, evidence_key, other):
                raise SystemExit("the recount does not see that a collector weighs more")
