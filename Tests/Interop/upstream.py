"""A platform behind a reverse proxy: takes everything, and writes down what it got.

    python3 upstream.py --folder F

prints `listening on http://127.0.0.1:PORT`. Each request adds a line of JSON to F/upstream.jsonl:
{"method", "path", "agent", "length"}. The answer is 200, with what OTLP takes for success.
"""

import argparse
import http.server
import json
import pathlib
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: pathlib.Path
    lock = threading.Lock()

    def body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def answer(self) -> None:
        line = {
            "method": self.command,
            "path": self.path,
            "agent": self.headers.get("User-Agent", ""),
            "length": len(self.body()),
        }
        with self.lock, self.seen.open("a") as file:
            file.write(json.dumps(line) + "\n")
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    Handler.seen = parser.parse_args().folder / "upstream.jsonl"
    Handler.seen.touch()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
