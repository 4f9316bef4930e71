#!/usr/bin/env python3
"""Times how long `tally-verifier check` takes to refuse what is far too large or too deep.

    Tests/Benchmarks/check_refusals.py PROGRAMS [RUNS]

PROGRAMS is a release build as for check_startup.py. Prints the median wall time for each file beside that
for a good license, and exits with 1 where a refusal takes more than 50 ms.
"""
import base64
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

import check_startup

LIMIT = 50


def files():
    header = base64.urlsafe_b64encode(b'{"alg":"EdDSA","kid":"x","typ":"tally-license+jwt"}').rstrip(b"=")
    signature = b"." + b"A" * 86
    deep = base64.urlsafe_b64encode(b"[" * 30_000 + b"]" * 10_000).rstrip(b"=")
    members = base64.urlsafe_b64encode(b'{"a":1' + b',"b":2' * 1_000_000 + b"}").rstrip(b"=")
    return {
        "a token of 100 MB": header + b"." + b"A" * 100_000_000 + signature,
        "a token of 8 MB": header + b"." + b"A" * 8_000_000 + signature,
        "a token with a million members": header + b"." + members + signature,
        "a token of ten thousand levels": header + b"." + deep + signature,
        "ten million open brackets": b"[" * 10_000_000,
        "100 MB of text": b"no license at all\n" * 5_600_000,
        "100 MB of chance": os.urandom(100_000_000),
    }


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 21
    slow = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_startup.prepare(programs, folder)
        shutil.copy(programs / "tally-verifier", folder / "tally-verifier")

        def median(license, expected):
            words = [str(folder / "tally-verifier"), "check", "--license", str(license), "--release",
                     str(folder / "release"), "--running", "1.0.0", "--trust-root",
                     str(folder / "root.jwks")]
            times = [check_startup.run(words, folder, expected)[0] * 1e3 for _ in range(runs)]
            return statistics.median(times)

        print(f"a good license: {median(folder / 'license', 0):.1f} ms")
        for label, content in files().items():
            (folder / "given").write_bytes(content)
            time = median(folder / "given", 1)
            print(f"{label}: {time:.1f} ms of {LIMIT}")
            if time > LIMIT:
                slow.append(label)
    if slow:
        raise SystemExit("too slow: " + ", ".join(slow))


if __name__ == "__main__":
    main()
