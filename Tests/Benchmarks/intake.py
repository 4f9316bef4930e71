#!/usr/bin/env python3
"""Measures the ways in of a running `tally-verifier serve` with wrk, each figure beside its limit.

    Tests/Benchmarks/intake.py PROGRAMS [ROUNDS] [SECONDS]

PROGRAMS is the folder of a release build with a static standard library (see check_startup.py). Needs
wrk and nginx (apt-get install wrk nginx-light). Every figure is the median of ROUNDS (5) runs of SECONDS
(2); what is compared is run in alternation, on the same processors, with the same requests:

- `/v1/admit` with the header of a DataKit's push, as nginx asks, from 1,000 hosts: each request is
  counted. Beside it the nearest thing to an empty route that the same server has: `/healthz`, which answers
  15 bytes that are ready, and looks at nothing. And nginx's own `return 204`.
- `/v1/beats` with 1,000 beats a request, of 10,000 collectors, the verifier held to one processor and wrk
  to another.
"""
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from check_startup import prepare

CONNECTIONS = 64
HOSTS = 1000
BEATS = 1000
COLLECTORS = 10_000

ADMIT = """
local requests = {}
function init()
  for i = 1, %d do
    requests[i] = wrk.format("GET", "%s", {
      ["User-Agent"] = "datakit-linux-amd64/1.80.0/web-" .. i,
      ["X-Original-URI"] = "/v1/write/metric?token=tkn_0123456789abcdef0123456789abcdef",
      ["X-Forwarded-For"] = "10.0.0.1", ["X-Real-IP"] = "10.0.0.1",
      ["Content-Type"] = "application/protobuf; proto=com.guance.Point",
    })
  end
end
local next = 0
function request()
  next = next %% #requests + 1
  return requests[next]
end
"""

BODY = """
local requests = {}
function init()
  for block = 0, %d do
    local lines = {}
    for i = 1, %d do
      lines[i] = string.format('{"collector":"agent-%%06d","weight":%%d}', block * %d + i, i %% 4 + 1)
    end
    requests[block + 1] = wrk.format("POST", "/v1/beats", {
      ["Authorization"] = "Bearer %s", ["Content-Type"] = "application/x-ndjson",
    }, table.concat(lines, "\\n") .. "\\n")
  end
end
local next = 0
function request()
  next = next %% #requests + 1
  return requests[next]
end
"""

NGINX = """
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {folder}/nb; proxy_temp_path {folder}/np; fastcgi_temp_path {folder}/nf;
    uwsgi_temp_path {folder}/nu; scgi_temp_path {folder}/ns;
    server {{ listen unix:{folder}/nginx.sock; listen 127.0.0.1:{port}; location / {{ return 204; }} }}
}}
"""


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Verifier:
    """A verifier with a license, which takes beats."""

    def __init__(self, programs, folder, processors):
        self.folder = folder
        install = [programs / "tally-verifier", "license", "install", "license", "--state", "state",
                   "--trust-root", "root.jwks"]
        subprocess.run(install, cwd=folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        self.process = subprocess.Popen(
            ["taskset", "-c", processors, programs / "tally-verifier", "serve", "--state", "state",
             "--listen", "127.0.0.1:0", "--trust-root", "root.jwks"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().split()[-1]
        self.token = (folder / "state/token").read_text().strip()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def wrk(folder, address, script, seconds, processors="0-1", threads=2, connections=CONNECTIONS):
    file = folder / "script.lua"
    file.write_text(script)
    output = subprocess.run(
        ["taskset", "-c", processors, "wrk", "-t", str(threads), "-c", str(connections), "-d",
         f"{seconds}s", "-s", str(file), address],
        check=True, text=True, stdout=subprocess.PIPE).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"{address}: {output}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


def admit(programs, folder, rounds, seconds):
    verifier = Verifier(programs, folder, "0-1")
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    nginx = subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-e", folder / "nginx.log"])
    time.sleep(0.5)
    cases = {
        "admit": (verifier.address, ADMIT % (HOSTS, "/v1/admit")),
        "empty": (verifier.address, ADMIT % (HOSTS, "/healthz")),
        "nginx": (f"http://127.0.0.1:{port}", ADMIT % (HOSTS, "/")),
    }
    rates = {name: [] for name in cases}
    try:
        for _ in range(rounds):
            for name, (address, script) in cases.items():
                rates[name].append(wrk(folder, address, script, seconds))
        metrics = subprocess.run(
            ["curl", "--noproxy", "*", "-s", f"{verifier.address}/metrics"], check=True, text=True,
            stdout=subprocess.PIPE).stdout
        counted = int(re.search(r'tally_beats_total{way="admit"} (\d+)', metrics)[1])
        online = int(re.search(r"tally_collectors_online (\d+)", metrics)[1])
    finally:
        nginx.send_signal(signal.SIGTERM)
        nginx.wait(30)
        verifier.stop()
    if online != HOSTS or counted < sum(rates["admit"]) * seconds * 0.9:
        raise SystemExit(f"not every request was counted: {counted} beats, {online} collectors")
    ratio = statistics.median(a / b for a, b in zip(rates["admit"], rates["empty"]))
    median = {name: statistics.median(values) for name, values in rates.items()}
    print(f"/v1/admit            {median['admit']:12,.0f} /s")
    print(f"empty route          {median['empty']:12,.0f} /s   (/healthz of the same server)")
    print(f"nginx return 204     {median['nginx']:12,.0f} /s")
    print(f"admit of empty       {ratio:12.3f}      limit: at least 0.85")
    return ratio >= 0.85


def beats(programs, folder, rounds, seconds):
    verifier = Verifier(programs, folder, "0")
    script = BODY % (COLLECTORS // BEATS - 1, BEATS, BEATS, verifier.token)
    try:
        rates = [
            BEATS * wrk(folder, verifier.address, script, seconds, "1", threads=1, connections=4)
            for _ in range(rounds)
        ]
    finally:
        verifier.stop()
    rate = statistics.median(rates)
    print(f"/v1/beats, one core  {rate:12,.0f} /s   limit: at least 1,000,000")
    return rate >= 1_000_000


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    held = []
    for measure in (admit, beats):
        with tempfile.TemporaryDirectory(prefix="tally-") as name:
            folder = pathlib.Path(name)
            prepare(programs, folder, COLLECTORS)
            held.append(measure(programs, folder, rounds, seconds))
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
