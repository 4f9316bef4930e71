"""Licenses as a forger with PyJWT, joserfc and a little base64 can make them."""

import base64
import dataclasses
import hashlib
import hmac
import json
import warnings
from typing import Any, Iterator

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from joserfc import jwk, jws

KIND = "tally-license+jwt"

# How many cases there are for both algorithms together.
ACCEPTED = 4
REFUSED = 112

warnings.filterwarnings("ignore")


@dataclasses.dataclass
class Target:
    """A license that is to be forged, and all that a forger could ever have."""

    token: str
    algorithm: str
    kid: str
    key: Any
    other_kid: str
    public: dict[str, bytes]

    @property
    def payload(self) -> bytes:
        return unbase64(self.token.split(".")[1])

    @property
    def header(self) -> dict:
        return {"alg": self.algorithm, "kid": self.kid, "typ": KIND}


@dataclasses.dataclass
class Case:
    name: str
    code: str
    token: str


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def pyjwt(header: dict, payload: bytes, key: Any) -> str:
    """Signed by PyJWT."""
    return jwt.api_jws.encode(payload, key, algorithm=header["alg"], headers=header)


def joserfc(header: dict, payload: bytes, key: Any) -> str:
    """Signed by joserfc, told to allow whatever the header says."""
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jws.serialize_compact(header, payload, imported(key), registry=registry)


LIBRARIES = {"PyJWT": pyjwt, "joserfc": joserfc}


def imported(key: Any) -> Any:
    if isinstance(key, bytes):
        return jwk.OctKey.import_key(key)
    if key is None:
        return jwk.OctKey.import_key(b"unused by none")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kinds = {ed25519.Ed25519PrivateKey: jwk.OKPKey, rsa.RSAPrivateKey: jwk.RSAKey}
    for kind, importer in kinds.items():
        if isinstance(key, kind):
            return importer.import_key(pem)
    return jwk.ECKey.import_key(pem)


def by_hand(header: dict | str, payload: bytes, sign) -> str:
    """Signed without a library, where the libraries refuse or cannot write such a header."""
    text = header if isinstance(header, str) else json.dumps(header, separators=(",", ":"))
    covered = f"{base64url(text.encode())}.{base64url(payload)}"
    return f"{covered}.{base64url(sign(covered.encode()))}"


def signer(key: Any):
    """What signs bytes as the key's own algorithm does."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return lambda data: key.sign(data, pss, hashes.SHA256())


def hmac_sha256(secret: bytes):
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def stranger(target: Target) -> Any:
    """A key of the same sort that is nobody's."""
    if target.algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 3072)


def cases(target: Target) -> Iterator[Case]:
    """Every case for one license."""
    for name, sign in LIBRARIES.items():
        yield from signed_cases(target, name, sign)
    yield from keyless_cases(target)
    yield from handmade_cases(target)


def signed_cases(target: Target, name: str, sign) -> Iterator[Case]:
    """What one library signs."""
    header, payload, key = target.header, target.payload, target.key
    foreign = stranger(target)
    public = json.loads(jwt.algorithms.get_default_algorithms()[target.algorithm].to_jwk(
        foreign.public_key()))

    def case(what: str, code: str, header: dict, key: Any = key, payload: bytes = payload) -> Case:
        return Case(f"{name}: {what}", code, sign(header, payload, key))

    yield case("everything right", "VALID", header)
    yield case("a wrong key", "SIGNATURE_INVALID", header, foreign)
    yield case("the kid of another license key", "SIGNATURE_INVALID", header | {"kid": target.other_kid})
    yield case("a kid that no keyset has", "UNKNOWN_KEY", header | {"kid": base64url(bytes(32))})
    yield case("its own key with its own kid", "UNKNOWN_KEY",
               header | {"kid": imported(foreign).thumbprint()}, foreign)
    yield case("its own key embedded as jwk", "MALFORMED",
               header | {"kid": imported(foreign).thumbprint(), "jwk": public}, foreign)
    yield case("the right key and a jwk", "MALFORMED", header | {"jwk": public})
    yield case("a receipt's typ", "WRONG_KIND", header | {"typ": "tally-receipt+jwt"})
    yield case("a release's typ", "WRONG_KIND", header | {"typ": "tally-release+jwt"})
    yield case("the typ JWT", "WRONG_KIND", header | {"typ": "JWT"})
    yield case("the typ in capitals", "WRONG_KIND", header | {"typ": KIND.upper()})
    yield case("jku", "MALFORMED", header | {"jku": "https://evil.example/keys"})
    yield case("x5u", "MALFORMED", header | {"x5u": "https://evil.example/chain"})
    yield case("x5c", "MALFORMED", header | {"x5c": [base64.b64encode(b"no certificate").decode()]})
    yield case("cty", "MALFORMED", header | {"cty": "JWT"})
    yield case("ES256", "MALFORMED", header | {"alg": "ES256"}, ec.generate_private_key(ec.SECP256R1()))
    if target.algorithm == "PS256":
        for algorithm in ("RS256", "PS384", "PS512"):
            yield case(f"{algorithm} with the right key", "MALFORMED", header | {"alg": algorithm})
        strange = ed25519.Ed25519PrivateKey.generate()
        yield case("EdDSA for an RSA key", "KEY_NOT_ALLOWED", header | {"alg": "EdDSA"}, strange)
    else:
        strange = rsa.generate_private_key(65537, 3072)
        yield case("RS256", "MALFORMED", header | {"alg": "RS256"}, strange)
        yield case("PS256 for an Ed25519 key", "KEY_NOT_ALLOWED", header | {"alg": "PS256"}, strange)


def keyless_cases(target: Target) -> Iterator[Case]:
    """Without a private key: `none`, and the public key taken for a shared secret."""
    header, payload = target.header, target.payload
    none = header | {"alg": "none"}
    yield Case("PyJWT: alg none", "MALFORMED", pyjwt(none, payload, None))
    yield Case("joserfc: alg none", "MALFORMED", joserfc(none, payload, None))
    for spelling in ("None", "NONE", ""):
        token = by_hand(header | {"alg": spelling}, payload, lambda _: b"")
        yield Case(f"by hand: alg {spelling!r}", "MALFORMED", token)
    shared = header | {"alg": "HS256"}
    for form, secret in target.public.items():
        token = by_hand(shared, payload, hmac_sha256(secret))
        yield Case(f"by hand: HS256 with the public key's {form}", "MALFORMED", token)
    secret = target.public["bytes"]
    for name, sign in LIBRARIES.items():
        token = sign(shared, payload, secret)
        yield Case(f"{name}: HS256 with the public key's bytes", "MALFORMED", token)
    edited = json.loads(payload) | {"customer": "Mallory Ltd"}
    parts = target.token.split(".")
    parts[1] = base64url(json.dumps(edited, separators=(",", ":")).encode())
    yield Case("by hand: another customer, the old signature", "SIGNATURE_INVALID", ".".join(parts))
    yield Case("by hand: no signature", "SIGNATURE_INVALID", target.token.rsplit(".", 1)[0] + ".")


def handmade_cases(target: Target) -> Iterator[Case]:
    """The right key signs, but the header is one that no library lets through."""
    header, payload, sign = target.header, target.payload, signer(target.key)
    text = json.dumps(header, separators=(",", ":"))

    def case(what: str, code: str, header: dict | str) -> Case:
        return Case(f"by hand: {what}", code, by_hand(header, payload, sign))

    yield case("crit", "MALFORMED", header | {"crit": ["exp"], "exp": 0})
    yield case("b64 false", "MALFORMED", header | {"b64": False, "crit": ["b64"]})
    yield case("no typ", "MALFORMED", {name: header[name] for name in ("alg", "kid")})
    yield case("no kid", "MALFORMED", {name: header[name] for name in ("alg", "typ")})
    yield case("alg twice", "MALFORMED", text[:-1] + ',"alg":"none"}')
    yield case("alg twice, spelt with an escape", "MALFORMED", text[:-1] + ',"\\u0061lg":"none"}')
    yield case("an empty member", "MALFORMED", header | {"": ""})
    yield case("a kid that is no text", "MALFORMED", header | {"kid": None})
