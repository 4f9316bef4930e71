"""The corpus of the fuzzers: one file for each target, one input in base 64 on each line.

    corpus.py seeds FUZZ            adds the examples of Docs/Formats.md to FUZZ/Corpus
    corpus.py unpack FUZZ TARGET TO writes a target's inputs and findings as files into TO
    corpus.py pack FUZZ TARGET FROM replaces a target's inputs by the files of FROM and the seeds
"""

import base64
import hashlib
import json
import pathlib
import re
import sys

# A target's corpus stays below these, so that the repository stays small and its replay quick.
INPUTS = 300
BYTES = 160 * 1024

RSA_2048 = (
    "C013E4ABA6E7B04444B794F8A04A596657D4F746AC0E9B5AA3DB600DA9CB585E66DE4DB04CB621BAA67F68728922945D"
    "6EC4367CE2296721E2EB646AFFCF21A63EEC75954D7660FB744D681488148057FC5A2A0B8F2DC1253AF56544221F8168"
    "AEFC851E57C255CEC17082AEBB9FE7B4BBB7B73171E943652B2C24D80A9D38812F95E52BCB9D94BA6640B89A6E514263"
    "B0BF222D4F955859846A25CF3AEA2D3951F9CE7FFBD901AF1876FC7365C5E11089BB10B2029A1EF32E5A72FEA1F34A73"
    "7DA57D83E36082D0276CE92310CCFA438C64D5389DD8BA57E42FC27F9F373EF6A4CBBAFBF8DF3D388E95AF3B7F806320"
    "985D9C269329ED84DBDFE25FFCD32621"
)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def thumbprint(jwk):
    """RFC 7638; the members are in its order already."""
    return base64url(hashlib.sha256(compact(jwk)).digest())


def seeds(fuzz):
    """The documents of the page on formats, and keys, by target."""
    page = (fuzz / "../../Docs/Formats.md").resolve().read_text()
    found = {name: [] for name in ("document", "armour", "license", "release", "keyset", "jwk")}
    for title, body in re.findall(r"^### ([^\n]+)\n(.*?)(?=^### |\Z)", page, re.S | re.M):
        payload = re.search(r"```json\n(.*?)```", body, re.S)
        block = re.search(r"```tally\n(.*?)```", body, re.S)
        if not payload or not block:
            continue
        lines = [line for line in block[1].splitlines() if line[:1] not in ("-", "=", "")]
        document = base64.b64decode("".join(lines))
        kind = title.split(":")[0].lower()
        found["armour"].append(block[1].encode())
        if kind == "keyset":
            found["keyset"] += [document, compact(json.loads(payload[1]))]
            found["jwk"] += [compact(key["jwk"]) for key in json.loads(payload[1])["keys"]]
        else:
            found["document"].append(document)
        if kind in ("license", "release"):
            found[kind] += [document, compact(json.loads(payload[1])), payload[1].encode()]
    modulus = base64url(bytes.fromhex(RSA_2048))
    found["jwk"].append(compact({"e": "AQAB", "kty": "RSA", "n": modulus}))
    small = {"crv": "Ed25519", "kty": "OKP", "x": json.loads(found["jwk"][0])["x"]}
    found["keyset"].append(compact({
        "ver": 1, "iss": "https://v.example", "epoch": 1, "iat": 1,
        "roots": {"keys": [small, json.loads(found["jwk"][1])], "threshold": 2},
        "keys": [{"jwk": {"e": "AQAB", "kty": "RSA", "n": modulus}, "use": "license", "from": 1,
                  "through": 2, "constraints": {"max_days": 366}}],
        "revoked": []}))
    # A keyset that revokes the root it keeps: read, but never in force.
    found["keyset"].append(compact({
        "ver": 1, "iss": "https://v.example", "epoch": 1, "iat": 1,
        "roots": {"keys": [small], "threshold": 1}, "keys": [],
        "revoked": [{"kid": thumbprint(small), "at": 1, "reason": "lost"}]}))
    found["armour"].append(b"> " + b"\r\n> ".join(found["armour"][1].split(b"\n")))
    return found


def read(path):
    text = path.read_text() if path.exists() else ""
    return [base64.b64decode(line) for line in text.split()]


def write(path, inputs):
    lines = sorted({base64.b64encode(octets).decode() for octets in inputs}, key=lambda l: (len(l), l))
    path.write_text("".join(line + "\n" for line in lines))


def main(command, fuzz, target=None, folder=None):
    fuzz = pathlib.Path(fuzz)
    corpus = fuzz / "Corpus"
    if command == "seeds":
        corpus.mkdir(exist_ok=True)
        for name, inputs in seeds(fuzz).items():
            write(corpus / f"{name}.base64", read(corpus / f"{name}.base64") + inputs)
        return
    folder = pathlib.Path(folder)
    if command == "unpack":
        inputs = read(corpus / f"{target}.base64")
        inputs += [path.read_bytes() for path in (fuzz / "Findings" / target).glob("*")]
        for octets in inputs:
            (folder / hashlib.sha1(octets).hexdigest()).write_bytes(octets)
    elif command == "pack":
        kept = seeds(fuzz)[target]
        total = sum(map(len, kept))
        # Small and large alike: the large ones are those that get far.
        paths = sorted(folder.iterdir(), key=lambda path: (path.stat().st_size, path.name))
        for path in paths[:: -(-len(paths) // INPUTS)]:
            octets = path.read_bytes()
            if total + len(octets) < BYTES:
                kept.append(octets)
                total += len(octets)
        write(corpus / f"{target}.base64", kept)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
