"""A customer's site for the harnesses of this folder: a vendor, its gateway, and the verifier under test.

The programs are copied first, so that a build that goes on meanwhile does not change them. Everything runs
as a process of its own; nothing here shares code with them.
"""

import base64
import datetime
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import zoneinfo

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Interop"))

import vendor as vendors  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402

# Who is started from a pool of threads may have signals blocked, and hands that on to what it starts.
signal.pthread_sigmask(signal.SIG_SETMASK, [])

PROGRAMS = ("tally", "tally-verifier", "tally-gateway")


ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
"""That of every license issued here."""


def midnight(date: datetime.date) -> float:
    """The first instant of a date."""
    return datetime.datetime.combine(date, datetime.time(), ZONE).timestamp()


def boot_seconds() -> float:
    """The clock that the verifier counts by."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def compile_library(source: str, folder: pathlib.Path) -> pathlib.Path:
    """Compiles a C file of this folder into a library for LD_PRELOAD."""
    library = folder / (pathlib.Path(source).stem + ".so")
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise SystemExit("no C compiler: install gcc and libc6-dev")
    subprocess.run(
        [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", str(library)]
        + [str(HERE / source), "-lpthread"],
        check=True,
    )
    return library


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def thumbprint(public: bytes) -> str:
    """RFC 7638, of an Ed25519 key."""
    text = f'{{"crv":"Ed25519","kty":"OKP","x":"{base64url(public)}"}}'
    return base64url(hashlib.sha256(text.encode()).digest())


def raw_public_key(private) -> bytes:
    return private.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )


class Clock:
    """A clock ahead of the machine's, for the gateway and the verifier alike. While no verifier runs it may be
    moved on, as if everything had stood still."""

    def __init__(self, folder: pathlib.Path):
        self.library = compile_library("moved_clock.c", folder)
        self.path = folder / "clock"
        self.ahead = 0
        self.move(0)

    def move(self, seconds: int) -> None:
        self.ahead += seconds
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("<q", self.ahead))

    def now(self) -> float:
        return time.time() + self.ahead

    def approach_midnight(self, lead: float) -> float:
        """Moves it on until so many seconds before a midnight, by hours at least; returns that midnight."""
        later = datetime.datetime.fromtimestamp(self.now() + 7200, ZONE).date()
        instant = midnight(later + datetime.timedelta(days=1))
        self.move(int(instant - lead - self.now()))
        return instant

    @property
    def environment(self) -> dict:
        return environment_of(self.library, MOVED_CLOCK_FILE=self.path, MOVED_CLOCK_BOOT=1)


class Daemon:
    """A program that runs until it is told to stop; its streams are files."""

    def __init__(self, words, folder: pathlib.Path, name: str, environment=None):
        self.said = folder / f"{name}.out"
        self.errors_path = folder / f"{name}.err"
        with self.said.open("wb") as out, self.errors_path.open("wb") as errors:
            self.process = subprocess.Popen(
                [str(word) for word in words],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **(environment or {})},
            )

    def errors(self) -> str:
        return self.errors_path.read_text(errors="replace")

    def wait_until_listening(self, seconds: float = 60) -> bool:
        """Whether it listens; False where it ended before that."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            line = self.said.read_text().split("\n")
            if len(line) > 1 and line[0].startswith("listening on "):
                self.address = line[0].split()[-1].removeprefix("http://")
                self.port = int(self.address.rsplit(":", 1)[1])
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.005)
        raise SystemExit(f"{self.said}: does not listen after {seconds} s\n{self.errors()}")

    def stop(self, seconds: float = 60) -> int:
        """Asks it to stop; returns its exit status, negative for a signal."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.wait(seconds)

    def wait(self, seconds: float = 60) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise SystemExit(f"{self.errors_path}: does not end in {seconds} s\n{self.errors()}")

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)


class Site:
    """A vendor, a license that is paid as used, a gateway, and the state folder of one verifier."""

    def __init__(self, programs: pathlib.Path, folder: pathlib.Path):
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.programs = self.folder / "programs"
        self.programs.mkdir()
        for name in PROGRAMS:
            shutil.copy(programs / name, self.programs / name)
        self.vendor = vendors.Vendor(self.programs, self.folder / "vendor", "EdDSA")
        self.trust = ["--trust-root", str(self.vendor.folder / "root.jwks")]
        self.state = self.folder / "state"
        self.gateway = None
        self.clock: Clock | None = None

    def environment(self, more=None) -> dict:
        """That of a program of this site, with what else is wanted; libraries are loaded together."""
        own, more = self.clock.environment if self.clock else {}, more or {}
        libraries = [part["LD_PRELOAD"] for part in (more, own) if "LD_PRELOAD" in part]
        return {**own, **more, **({"LD_PRELOAD": " ".join(libraries)} if libraries else {})}

    def start_gateway(self, port: int = 0, options=()) -> None:
        keyset = self.folder / "keyset.tally"
        keyset.write_text(self.vendor.tally("keyset", "export", *self.vendor.registry))
        pem = self.vendor.folder / "registry" / "keys" / f"{self.vendor.gateway_kid}.pem"
        self.gateway = Daemon(
            [self.programs / "tally-gateway", "serve", "--state", self.folder / "gateway"]
            + ["--listen", f"127.0.0.1:{port}", "--key", pem, "--keyset", keyset]
            + ["--passphrase-file", self.vendor.folder / "passphrase", *self.trust]
            + ["--log-level", "error", *options],
            self.folder,
            "gateway",
            self.environment(),
        )
        if not self.gateway.wait_until_listening():
            raise SystemExit(f"the gateway does not start: {self.gateway.errors()}")

    def issue(self, window: int, port: int | None = None, years: int = 1) -> pathlib.Path:
        """Issues a license that names the gateway; returns its file."""
        port = self.gateway.port if port is None else port
        return self.vendor.issue(
            "payg",
            *["--from", self.vendor.day(-2), "--years", str(years), "--window", str(window)],
            *["--price", "CNY 1.20", "--gateway", f"http://127.0.0.1:{port}"],
            *["--lease-hours", "72", "--yes"],
        )

    def verifier(self, *words, state=None, environment=None, seconds=120):
        """Runs a command of the verifier to its end."""
        return subprocess.run(
            [str(self.programs / "tally-verifier"), *words, "--state", str(state or self.state)]
            + self.trust,
            cwd=self.folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **self.environment(environment)},
        )

    def install(self, license_file: pathlib.Path, state=None) -> None:
        outcome = self.verifier("license", "install", str(license_file), state=state)
        if outcome.returncode != 0:
            raise SystemExit(f"the license is not installed: {outcome.stderr}")

    def serve_words(self, state=None) -> list:
        return [
            *[self.programs / "tally-verifier", "serve", "--state", state or self.state],
            *["--listen", "127.0.0.1:0", "--gather-seconds", "0", "--report-seconds", "1"],
            *["--release", self.vendor.folder / "platform.release"],
            *["--running", vendors.VERSION, *self.trust],
        ]

    def start(self, state=None, environment=None, before=(), name="verifier") -> Daemon:
        """Starts `serve`; may have ended again: ask ``Daemon.wait_until_listening``."""
        words = [*before, *self.serve_words(state)]
        return Daemon(words, self.folder, name, self.environment(environment))

    def serve(self, state=None, environment=None, before=(), name="verifier") -> Daemon:
        """Starts `serve` and waits until it listens."""
        daemon = self.start(state, environment, before, name)
        if not daemon.wait_until_listening():
            raise SystemExit(f"serve does not start: {daemon.errors()}")
        return daemon

    def token(self, state=None) -> str:
        return (pathlib.Path(state or self.state) / "token").read_text().strip()

    def gateway_installations(self) -> list[dict]:
        outcome = subprocess.run(
            [str(self.programs / "tally-gateway"), "installation", "list", "--state"]
            + [str(self.folder / "gateway"), "--format", "json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return json.loads(outcome.stdout)

    def gateway_records(self) -> int:
        return sum(row["records"] for row in self.gateway_installations())

    def close(self) -> None:
        if self.gateway:
            self.gateway.kill()


class Intake:
    """One connection to a verifier, over which beats go."""

    def __init__(self, daemon: Daemon, token: str):
        self.connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def beats(self, beats: list[dict]) -> bool:
        """Sends beats; whether they were taken. An OSError or HTTPException is no answer."""
        self.connection.request("POST", "/v1/beats", json.dumps(beats), self.head)
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status == 200 and json.loads(body).get("refused") == 0

    def get(self, path: str) -> tuple[int, bytes]:
        self.connection.request("GET", path, headers=self.head)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def metrics(self) -> dict[str, int]:
        status, body = self.get("/metrics")
        if status != 200:
            raise OSError(f"/metrics answers {status}: {body[:200]!r}")
        lines = body.decode().splitlines()
        rows = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: int(value) for name, value in rows}

    def close(self) -> None:
        self.connection.close()


def installation_key(state: pathlib.Path) -> bytes:
    """The public key of the installation in a state folder."""
    seed = (state / "installation.key").read_bytes()
    return raw_public_key(Ed25519PrivateKey.from_private_bytes(seed))


def programs_argument(parser) -> None:
    parser.add_argument(
        "--programs", type=pathlib.Path, required=True, help="the folder of the built programs"
    )
    parser.add_argument(
        "--work", type=pathlib.Path, required=True, help="a folder to make and work in"
    )


def environment_of(library: pathlib.Path, **more) -> dict:
    return {"LD_PRELOAD": str(library), **{key: str(value) for key, value in more.items()}}


def cores() -> int:
    return len(os.sched_getaffinity(0))
