#!/usr/bin/env python3
"""Times `tally-verifier check` as a whole process beside `openssl pkeyutl -verify`, in alternation.

    Tests/Benchmarks/check_startup.py PROGRAMS [RUNS]

PROGRAMS is the folder of a release build with a static standard library:

    swift build -c release --static-swift-stdlib --product tally
    swift build -c release --static-swift-stdlib --product tally-verifier

The programs are copied first, as an installation does: pages that the linker wrote are mapped more slowly.
Both are started the same way, their output thrown away. Prints for each the median and minimum of the wall
time and of the processor time (user and system), and the medians of the ratios pair by pair. On a machine
that does other work, the ratio of the processor times is the one to believe.
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def run(words, folder, expected=0):
    begin = time.perf_counter()
    pid = os.posix_spawn(words[0], words, {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    elapsed = time.perf_counter() - begin
    if os.waitstatus_to_exitcode(status) != expected:
        raise SystemExit(f"failed: {' '.join(words)}")
    return elapsed, usage.ru_utime + usage.ru_stime


def prepare(programs, folder, collectors=500):
    def tally(*words):
        return subprocess.run([programs / "tally", *words], cwd=folder, check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()
    secret = folder / "passphrase"
    secret.write_text("benchmark\n")
    secret.chmod(0o600)
    registry = ["--registry", "registry", "--passphrase-file", "passphrase"]
    for use in ("root", "license", "release"):
        tally("key", "new", "--use", use, *registry)
    tally("keyset", "publish", "--iss", "https://license.vendor.example", *registry)
    (folder / "root.jwks").write_text(tally("key", "root", "--registry", "registry"))
    customer = tally("customer", "add", "ACME Ltd", "--registry", "registry")
    tally("release", "sign", "--product", "platform", "--version", "1.0.0", "--released",
          time.strftime("%Y-%m-%d"), "--out", "release", *registry)
    tally("license", "issue", "--edition", "subscription", "--customer", customer, "--product",
          "platform", "--zone", "Asia/Shanghai", "--years", "2", "--collectors", str(collectors), "--out",
          "license", *registry)


def openssl_case(folder):
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True)
    (folder / "message").write_bytes(b"x" * 900)
    openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem")
    openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem")
    openssl("pkeyutl", "-sign", "-rawin", "-inkey", "key.pem", "-in", "message", "-out", "signature")
    return ["/usr/bin/openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey",
            str(folder / "public.pem"), "-in", str(folder / "message"), "-sigfile",
            str(folder / "signature")]


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(programs, folder)
        shutil.copy(programs / "tally-verifier", folder / "tally-verifier")
        check = [str(folder / "tally-verifier"), "check", "--license", str(folder / "license"),
                 "--release", str(folder / "release"), "--running", "1.0.0", "--trust-root",
                 str(folder / "root.jwks")]
        openssl = openssl_case(folder)
        for words in (check, openssl):
            for _ in range(5):
                run(words, folder)
        pairs = [(run(check, folder), run(openssl, folder)) for _ in range(runs)]
    for label, times in (("tally-verifier check", [a for a, _ in pairs]),
                         ("openssl pkeyutl", [b for _, b in pairs])):
        wall, processor = zip(*times)
        print(f"{label}: wall median {statistics.median(wall) * 1e3:.2f} ms, "
              f"minimum {min(wall) * 1e3:.2f} ms; processor median "
              f"{statistics.median(processor) * 1e3:.2f} ms, minimum {min(processor) * 1e3:.2f} ms")
    for index, label in enumerate(("wall time", "processor time")):
        ratio = statistics.median(a[index] / b[index] for a, b in pairs)
        print(f"ratio of {label}, median of {runs} pairs: {ratio:.2f}")


if __name__ == "__main__":
    main()
