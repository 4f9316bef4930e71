"""The ledgers that `gateway_kills.py` reads, from their bytes alone: SQLite's file, and a PostgreSQL database."""

import csv
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

ENTRIES = (
    "SELECT position, thumbprint, seq, hash, jws FROM entries "
    "JOIN installations ON installations.id = entries.installation ORDER BY position"
)
RECEIPTS = (
    "SELECT thumbprint, seq, position, jws FROM receipts "
    "JOIN installations ON installations.id = receipts.installation"
)
NEWEST = (
    "SELECT i.id, max(seq), max(position) FROM entries "
    "JOIN installations AS i ON i.id = installation WHERE thumbprint = '{}' GROUP BY i.id"
)


class Content:
    """What a ledger says, read beside the running gateway or after its end."""

    def __init__(self, entries: list, receipts: list):
        self.entries, self.receipts = entries, receipts


class SQLiteLedger:
    """The file of the gateway's folder."""

    options: list = []

    def __init__(self, folder: pathlib.Path):
        self.path = folder / "gateway" / "tally-gateway.sqlite"

    def content(self) -> Content:
        return self.read(self.path)

    @staticmethod
    def read(path: pathlib.Path) -> Content:
        connection = sqlite3.connect(path)
        entries = connection.execute(ENTRIES).fetchall()
        receipts = connection.execute(RECEIPTS).fetchall()
        connection.close()
        return Content(entries, receipts)

    def spoilt(self, name: str, statements: tuple, facts: dict) -> Content:
        """A copy, as statements leave it; they may name `id`, `seq` and `last` of an installation."""
        copy = self.path.with_name("spoilt.sqlite")
        copy.unlink(missing_ok=True)
        with sqlite3.connect(self.path) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        connection = sqlite3.connect(copy)
        connection.execute("PRAGMA foreign_keys = OFF")
        number, seq, last = connection.execute(NEWEST.format(name)).fetchone()
        for statement in statements:
            connection.execute(statement.format(id=number, seq=seq, last=last, **facts))
        connection.commit()
        connection.close()
        return self.read(copy)

    def close(self) -> None:
        pass


class PostgresLedger:
    """A PostgreSQL server of its own, on a socket in the work folder."""

    PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
    DATABASE = "tally"

    def __init__(self, folder: pathlib.Path):
        if not (self.PROGRAMS / "initdb").exists():
            raise SystemExit("no PostgreSQL 15: apt-get install postgresql")
        # Not in the work folder: the path of a socket may have no more than 107 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tally-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.log = (folder / "postgres.log").open("ab")
        self.process = None
        self.run(
            "initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )
        self.start()
        self.ask(f"CREATE DATABASE {self.DATABASE}", "postgres")
        self.options = ["--store", f"postgres:///{self.DATABASE}?host={self.folder}&user=postgres"]

    def words(self, program: str, words) -> list[str]:
        """A command of PostgreSQL's, which never runs as root."""
        command = [str(self.PROGRAMS / program), *(str(word) for word in words)]
        return ["/usr/sbin/runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command

    def run(self, program: str, *words) -> None:
        subprocess.run(
            self.words(program, words), check=True, stdout=self.log, stderr=self.log, cwd="/"
        )

    def start(self) -> None:
        words = ["-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses="]
        self.process = subprocess.Popen(
            self.words("postgres", words), stdout=self.log, stderr=self.log, cwd="/",
            start_new_session=True,
        )
        end = time.monotonic() + 60
        ready = self.words("pg_isready", ["-q", "-h", self.folder, "-U", "postgres"])
        while subprocess.run(ready, cwd="/").returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"PostgreSQL does not start: see {self.log.name}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Ends every process of the server at once, as a power cut does."""
        for process in self.processes():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait(30)
        while self.processes():
            time.sleep(0.01)

    def processes(self) -> list[int]:
        """Those of the server: each works in the data folder."""
        found = []
        for path in pathlib.Path("/proc").iterdir():
            try:
                if pathlib.Path(os.readlink(path / "cwd")) == self.folder / "data":
                    found.append(int(path.name))
            except (OSError, ValueError):
                continue
        return found

    def ask(self, sql: str, database: str | None = None) -> list[list[str]]:
        words = ["-h", self.folder, "-U", "postgres", "-d", database or self.DATABASE]
        outcome = subprocess.run(
            self.words("psql", [*words, "-X", "-q", "--csv", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]),
            cwd="/", capture_output=True, text=True,
        )
        if outcome.returncode != 0:
            raise SystemExit(f"PostgreSQL refuses {sql[:80]}: {outcome.stderr}")
        csv.field_size_limit(1 << 28)
        return list(csv.reader(outcome.stdout.splitlines()))

    def content(self, database: str | None = None) -> Content:
        path = "SET search_path = tally; "
        entries = [
            (int(position), name, int(seq), hash_, jws)
            for position, name, seq, hash_, jws in self.ask(path + ENTRIES, database)
        ]
        receipts = [
            (name, int(seq), int(position), jws)
            for name, seq, position, jws in self.ask(path + RECEIPTS, database)
        ]
        return Content(entries, receipts)

    def spoilt(self, name: str, statements: tuple, facts: dict) -> Content:
        self.ask("DROP DATABASE IF EXISTS spoilt", "postgres")
        self.ask(f"CREATE DATABASE spoilt TEMPLATE {self.DATABASE}", "postgres")
        path = "SET search_path = tally; SET session_replication_role = replica; "
        [[number, seq, last]] = self.ask(path + NEWEST.format(name), "spoilt")
        facts = {"id": number, "seq": seq, "last": last, **facts}
        self.ask(path + "; ".join(statement.format(**facts) for statement in statements), "spoilt")
        return self.content("spoilt")

    def make_asynchronous(self) -> None:
        """Lets each report's commit return before it is durable, though every setting says otherwise."""
        self.ask(
            "SET search_path = tally; "
            "CREATE FUNCTION hurry() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM set_config('synchronous_commit', 'off', true); RETURN NULL; END $$; "
            "CREATE TRIGGER hurry AFTER INSERT ON receipts EXECUTE FUNCTION tally.hurry()"
        )

    def close(self) -> None:
        self.kill()
        self.log.close()
        shutil.rmtree(self.folder)
