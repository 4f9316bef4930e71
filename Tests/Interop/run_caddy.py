"""Starts a real Caddy with the Caddyfile that we ship, on a port that the system chose.

    python3 run_caddy.py --folder F --conf FILE --verifier PORT --platform PORT

prints `listening on http://127.0.0.1:PORT` and becomes caddy. The port is held by a socket that never
listens, as in run_nginx.py; Caddy binds with SO_REUSEPORT by itself.
"""

import argparse
import os
import pathlib
import shutil
import socket

from run_nginx import announce


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--conf", type=pathlib.Path, required=True)
    parser.add_argument("--verifier", required=True)
    parser.add_argument("--platform", required=True)
    options = parser.parse_args()
    program = shutil.which("caddy", path="/usr/bin:/usr/local/bin")
    if program is None:
        raise SystemExit("caddy is not installed: see the apt-get line in README.md")

    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind(("127.0.0.1", 0))
    holder.set_inheritable(True)
    port = holder.getsockname()[1]
    text = options.conf.read_text()
    for old, new in [
        (":9529 {", f"http://127.0.0.1:{port} {{\n\tbind 127.0.0.1"),
        ("127.0.0.1:8090", f"127.0.0.1:{options.verifier}"),
        ("127.0.0.1:9528", f"127.0.0.1:{options.platform}"),
    ]:
        if old not in text:
            raise SystemExit(f"{options.conf} has no {old!r}")
        text = text.replace(old, new)
    file = options.folder / "Caddyfile"
    file.write_text("{\n\tadmin off\n}\n\n" + text)
    if os.fork() == 0:
        announce(port)
    os.execv(program, [program, "run", "--config", str(file), "--adapter", "caddyfile"])


if __name__ == "__main__":
    main()
