"""Starts a real nginx with a configuration of ours, on a port that the system chose.

    python3 run_nginx.py --folder F --conf FILE --listen TEXT [--put OLD NEW]...

prints `listening on http://127.0.0.1:PORT` and becomes nginx. FILE is put into nginx's `http` block as it
stands, with TEXT (the argument of its `listen`) replaced by the port, and each OLD by NEW; every one
must stand in it. With --test nginx only reads it (`nginx -t`).

A socket that is bound here and never listens holds the port (SO_REUSEPORT), so that nobody else can get
it before nginx does. nginx is one process, which takes everything with it when it is killed.
"""

import argparse
import os
import pathlib
import shutil
import socket
import time

WRAPPER = """
user root;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    include {folder}/data-gateway.conf;
}}
"""


def announce(port: int) -> None:
    """Says where nginx listens once it does, and ends."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
            continue
        print(f"listening on http://127.0.0.1:{port}", flush=True)
        break
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--conf", type=pathlib.Path, required=True)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--put", nargs=2, action="append", default=[])
    parser.add_argument("--test", action="store_true")
    options = parser.parse_args()

    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind(("127.0.0.1", 0))
    holder.set_inheritable(True)
    port = holder.getsockname()[1]
    text = options.conf.read_text()
    for old, new in [(f"listen {options.listen};", f"listen 127.0.0.1:{port} reuseport;"), *options.put]:
        if old not in text:
            raise SystemExit(f"{options.conf} has no {old!r}")
        text = text.replace(old, new)
    (options.folder / "data-gateway.conf").write_text(text)
    main_conf = options.folder / "nginx.conf"
    main_conf.write_text(WRAPPER.format(folder=options.folder))

    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if nginx is None:
        raise SystemExit("nginx is not installed: see the apt-get line in README.md")
    command = [nginx, "-p", str(options.folder), "-c", str(main_conf)]
    command += ["-e", f"{options.folder}/nginx-error.log"]
    if options.test:
        os.execv(nginx, [*command, "-t"])
    if os.fork() == 0:
        announce(port)
    os.execv(nginx, command)


if __name__ == "__main__":
    main()
