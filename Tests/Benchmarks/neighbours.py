"""PostgreSQL and Redis with the gateway's row, made durable one by one: what the disk and such stores give.

Neither verifies a signature, makes one, or knows a chain.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SECONDS = 5
TABLE = """
CREATE SEQUENCE numbers;
CREATE TABLE entries (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, installation bigint NOT NULL,
  kind text NOT NULL, seq bigint, hash text, jws text NOT NULL, received_at bigint NOT NULL, license text,
  revision bigint, date bigint, from_at bigint, to_at bigint, at bigint, peak bigint, peak_at bigint,
  online bigint, "limit" bigint, collectors bigint, refused bigint, observed bigint, gaps text,
  "window" bigint, dwell bigint, identity text, sample bigint, UNIQUE (installation, seq));
CREATE INDEX entries_by_date ON entries (installation, date, kind, seq);
"""
INSERT = """
INSERT INTO entries (installation, kind, seq, hash, jws, received_at, license, revision, date, from_at, to_at,
  at, peak, peak_at, online, collectors, refused, observed, gaps, "window", dwell, identity)
VALUES (:client_id, 'sample', nextval('numbers'), '{hash}', '{jws}', 1795219200,
  'lic_01920000-0000-7000-8000-000000000000', 1, 20778, 1795219200, 1795219300, 1795219300, 100, 1795219200,
  100, 100, 0, 100, '[]', 300, 0, 'datakit hostname');
"""
HASH = "R" * 43


def as_postgres(words, **options):
    words = [str(word) for word in words]
    return (["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []) + words


def run(words):
    outcome = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if outcome.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))}: {outcome.stdout}")
    return outcome.stdout


def pgbench(work, connections, size):
    programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pg-", dir=work))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        for parent in (work, *work.parents):
            if parent == pathlib.Path("/"):
                break
            if parent.stat().st_mode & 0o005 == 0:
                parent.chmod(parent.stat().st_mode | 0o001)
        shutil.chown(folder, "postgres")
    data = folder / "data"
    run(as_postgres([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust"]))
    start = f"-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=200"
    run(as_postgres([programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", start, "start"]))
    try:
        there = ["-h", folder, "-U", "postgres"]
        (folder / "table.sql").write_text(TABLE)
        (folder / "insert.sql").write_text(
            " ".join(INSERT.format(hash=HASH, jws="A" * size).split("\n")).strip() + "\n")
        run(as_postgres([programs / "psql", *there, "-q", "-f", folder / "table.sql", "postgres"]))
        told = run(as_postgres(
            [programs / "pgbench", *there, "-n", "-M", "prepared", "-c", connections, "-j", "2", "-T", SECONDS,
             "-f", folder / "insert.sql", "postgres"]))
        return float(re.search(r"tps = ([\d.]+)", told)[1])
    finally:
        run(as_postgres([programs / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop"]))


def redis(work, connections, size):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="redis-", dir=work))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    server = subprocess.Popen(
        ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes",
         "--appendfsync", "always", "--save", ""], stdout=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        told = run(
            ["redis-benchmark", "-p", port, "-c", str(connections), "-n", "100000", "--csv", "RPUSH",
             "ledger", "A" * size])
        return float(told.strip().splitlines()[-1].split(",")[1].strip('"'))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def measure(work, connections, size=1050):
    """Prints both, from as many connections, with rows of that many sealed bytes."""
    print(f"pgbench, the same row   {pgbench(work, connections, size):10,.0f} /s")
    print(f"Redis, appendfsync      {redis(work, connections, size):10,.0f} /s", flush=True)
