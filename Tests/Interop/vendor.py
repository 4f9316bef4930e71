"""A vendor played with the real `tally`: a root, keys, a keyset, licenses and a release."""

import datetime
import json
import pathlib
import subprocess

import armour
from cryptography.hazmat.primitives.serialization import load_pem_private_key

PRODUCT = "observability-platform"
VERSION = "1.98.190"


class Vendor:
    """One registry, all of whose license keys are of one algorithm."""

    def __init__(self, programs: pathlib.Path, folder: pathlib.Path, algorithm: str):
        self.programs, self.folder, self.algorithm = programs, folder, algorithm
        folder.mkdir(parents=True)
        self.passphrase = b"a passphrase of the tests"
        secret = folder / "passphrase"
        secret.touch(mode=0o600)
        secret.write_bytes(self.passphrase + b"\n")
        self.registry = ["--registry", "registry"]
        self.signing = [*self.registry, "--passphrase-file", "passphrase"]
        self.tally("key", "new", "--use", "root", *self.signing)
        self.license_kid = self.new_key("license", algorithm)
        self.release_kid = self.new_key("release", "EdDSA")
        self.gateway_kid = self.new_key("gateway", "EdDSA")
        self.publish()
        (folder / "root.jwks").write_text(self.tally("key", "root", *self.registry))
        self.customer = self.tally("customer", "add", "ACME Ltd", *self.registry).strip()
        self.sign_release()

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def tally(self, *arguments: str) -> str:
        """Runs `tally` and returns what it prints; it must succeed."""
        outcome = self.run("tally", *arguments)
        if outcome.returncode != 0:
            raise SystemExit(f"tally {' '.join(arguments)}: {outcome.returncode}\n{outcome.stderr}")
        return outcome.stdout

    def new_key(self, use: str, algorithm: str) -> str:
        """Makes a key and returns its thumbprint, which is its `kid`."""
        out = self.tally("key", "new", "--use", use, "--algorithm", algorithm, *self.signing)
        return out.split()[0]

    def publish(self) -> None:
        self.tally("keyset", "publish", "--iss", "https://license.vendor.example", *self.signing)

    def private_key(self, kid: str):
        """The private key from the registry's encrypted PEM."""
        pem = (self.folder / "registry" / "keys" / f"{kid}.pem").read_bytes()
        return load_pem_private_key(pem, self.passphrase)

    def day(self, days: int) -> str:
        return (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days)).isoformat()

    def sign_release(self) -> None:
        self.tally(
            *["release", "sign", "--product", PRODUCT, "--version", VERSION],
            *["--released", self.day(-20), "--out", "platform.release", *self.signing],
        )

    def issue(self, edition: str, *arguments: str) -> pathlib.Path:
        """Issues a license; returns its file."""
        out = f"{edition}-{len(list(self.folder.glob('*.license')))}.license"
        self.tally(
            *["license", "issue", "--edition", edition, "--customer", self.customer],
            *["--product", PRODUCT, "--zone", "Asia/Shanghai", *arguments],
            # A second line of the customer is meant.
            *([] if "--yes" in arguments else ["--yes", "LINE_EXISTS"]),
            *["--out", out, *self.signing],
        )
        return self.folder / out

    def root(self) -> dict:
        return json.loads((self.folder / "root.jwks").read_text())

    def check(self, license_file: pathlib.Path) -> tuple[int, dict]:
        """Exit status and verdict of `tally-verifier check`."""
        outcome = self.run(
            *["tally-verifier", "check", "--license", str(license_file)],
            *["--release", "platform.release", "--running", VERSION],
            *["--trust-root", "root.jwks", "--format", "json"],
        )
        if not outcome.stdout.strip():
            raise SystemExit(f"check printed nothing: {outcome.returncode}\n{outcome.stderr}")
        return outcome.returncode, json.loads(outcome.stdout)


def license_of(path: pathlib.Path) -> tuple[list[tuple[str, bytes]], str]:
    """The keyset blocks of a license file, and the license as a compact JWS."""
    blocks = armour.unwrap(path.read_text())
    assert blocks[-1][0] == "LICENSE", "the license is not the last block"
    assert all(label == "KEYSET" for label, _ in blocks[:-1]), "not only keysets before it"
    assert len(blocks) >= 2, "the file brings no keyset"
    return blocks[:-1], blocks[-1][1].decode()
