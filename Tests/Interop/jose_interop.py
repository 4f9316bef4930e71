"""Licenses and PyPI's JOSE libraries, both ways.

Opens licenses made by `tally` with PyJWT and joserfc, then forges licenses with these libraries and
asks `tally-verifier check` what it makes of them. Prints one line for each case and their count; ends
with status 1 at the first that is not as it must be.

    python jose_interop.py --programs .build/debug --work /tmp/somewhere-new
"""

import argparse
import json
import pathlib

import forgeries
import jwt
from armour import write
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import JWKRegistry
from vendor import Vendor, license_of

EDITIONS = {
    "subscription": ["--years", "1", "--collectors", "500"],
    "perpetual": ["--years", "1", "--release", "1.98.190", "--collectors", "500"],
    "payg": [
        *["--years", "1", "--window", "300", "--price", "CNY 1.20", "--lease-hours", "72"],
        *["--gateway", "https://usage.vendor.example"],
    ],
    "community": [],
}


class Count:
    """The cases that came out as they must."""

    def __init__(self):
        self.opened = self.accepted = self.refused = 0


def keys_of(vendor: Vendor, keysets: list[tuple[str, bytes]]) -> dict[str, dict]:
    """The keys of a keyset by `kid`, after its root's signature is verified with joserfc."""
    document = json.loads(keysets[-1][1])
    root = vendor.root()["keys"][0]
    verified = jws.deserialize_json(document, JWKRegistry.import_key(root), algorithms=["EdDSA"])
    payload = json.loads(verified.payload)
    assert payload["ver"] == 1 and payload["epoch"] >= 1
    keys = {}
    for entry in payload["keys"]:
        key = JWKRegistry.import_key(entry["jwk"])
        keys[key.thumbprint()] = entry
    return keys


def open_with_both(vendor: Vendor, edition: str, count: Count) -> None:
    """The license opens in both libraries, and both read the same members."""
    more = EDITIONS[edition] if edition == "community" else ["--from", vendor.day(-1)]
    path = vendor.issue(edition, *more, *([] if edition == "community" else EDITIONS[edition]))
    keysets, token = license_of(path)
    keys = keys_of(vendor, keysets)
    header = jwt.get_unverified_header(token)
    assert set(header) == {"alg", "kid", "typ"}, header
    assert header["typ"] == "tally-license+jwt" and header["alg"] == vendor.algorithm, header
    assert header["kid"] == vendor.license_kid and keys[header["kid"]]["use"] == "license"
    jwk = keys[header["kid"]]["jwk"]

    options = {"verify_aud": False, "verify_sub": False, "verify_jti": False, "verify_exp": False}
    claims = jwt.decode(
        token, jwt.PyJWK(jwk, vendor.algorithm), algorithms=[vendor.algorithm], options=options
    )
    opened = jws.deserialize_compact(
        token, JWKRegistry.import_key(jwk), algorithms=[vendor.algorithm]
    )
    assert json.loads(opened.payload) == claims
    assert claims["edition"] == edition and claims["ver"] == 1 and claims["revision"] == 1
    assert claims["product"] == "observability-platform" and claims["customer"] == "ACME Ltd"
    count.opened += 2
    print(f"opened   {vendor.algorithm:6} {edition:13} by PyJWT and joserfc")

    status, verdict = vendor.check(path)
    if edition == "payg":
        assert (status, verdict["code"]) == (1, "NOT_ACTIVATED"), verdict
    else:
        assert status == 0 and verdict["verdict"] == "allow", verdict


def judge_forgeries(vendor: Vendor, count: Count) -> None:
    """What the libraries forge is refused with the right code; what they sign rightly is not."""
    other = vendor.new_key("license", vendor.algorithm)
    path = vendor.issue("subscription", "--from", vendor.day(-1), *EDITIONS["subscription"])
    vendor.publish()
    path = vendor.issue("subscription", "--from", vendor.day(-1), *EDITIONS["subscription"])
    keysets, token = license_of(path)
    used = jwt.get_unverified_header(token)["kid"]
    other = other if used == vendor.license_kid else vendor.license_kid
    target = forgeries.Target(
        token=token,
        algorithm=vendor.algorithm,
        kid=used,
        key=vendor.private_key(used),
        other_kid=other,
        public=public_bytes(vendor, used),
    )
    forged = vendor.folder / "forged.license"
    for case in forgeries.cases(target):
        forged.write_text(write([*keysets, ("LICENSE", case.token.encode())]))
        status, verdict = vendor.check(forged)
        name = f"{vendor.algorithm:6} {case.code:18} {case.name}"
        if case.code == "VALID":
            assert status == 0 and verdict["verdict"] == "allow", (name, verdict)
            count.accepted += 1
            print(f"accepted {name}")
            continue
        codes = [finding["code"] for finding in verdict["findings"]]
        assert status == 1, (name, status, verdict)
        assert verdict["verdict"] == "deny" and verdict["code"] == case.code, (name, verdict)
        assert "VALID" not in codes, (name, verdict)
        count.refused += 1
        print(f"refused  {name}")


def public_bytes(vendor: Vendor, kid: str) -> dict[str, bytes]:
    """Every form of the public key that one might take for a shared secret."""
    public = vendor.private_key(kid).public_key()
    if vendor.algorithm == "EdDSA":
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        modulus = public.public_numbers().n
        raw = modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")
    return {
        "PEM": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "bytes": raw,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    count = Count()
    for algorithm in ("EdDSA", "PS256"):
        vendor = Vendor(arguments.programs.resolve(), arguments.work / algorithm, algorithm)
        for edition in EDITIONS:
            open_with_both(vendor, edition, count)
        judge_forgeries(vendor, count)
    print(f"{count.opened} opened, {count.accepted} accepted, {count.refused} refused")
    assert count.opened == 16, count.opened
    assert count.accepted == forgeries.ACCEPTED, count.accepted
    assert count.refused == forgeries.REFUSED, count.refused


if __name__ == "__main__":
    main()
