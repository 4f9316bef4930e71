"""A gateway that misbehaves: stands between a verifier and a real gateway.

    python3 bad_gateway.py --port 0 --folder F

prints `listening on PORT`. For each connection it reads how to behave from the file F/behaviour, and the
port of the real gateway from F/upstream:

    pass      hand everything on
    reset     take the connection and cut it at once
    silent    take the request and do not answer while the behaviour stays
    garbage   answer bytes that are no HTTP
    html      answer 200 with a page of HTML
    page502   answer 502 with a page of HTML
    half      hand the request on, and only half of the answer back: the gateway has done its work
    cut       hand half of the request on, then cut both connections
    empty     answer 200 with a JSON object that has no members

Every answered request adds a line with the behaviour to F/seen.
"""

import argparse
import pathlib
import socket
import struct
import threading
import time

TIMEOUT = 60


def head_and_body(connection: socket.socket) -> bytes:
    """One whole HTTP message with a Content-Length; empty when the peer is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        part = connection.recv(65536)
        if not part:
            break
        body += part
    return head + b"\r\n\r\n" + body


def cut(connection: socket.socket) -> None:
    """Ends a connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def answer(status: str, kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class BadGateway:
    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.lock = threading.Lock()

    def read(self, name: str) -> str:
        return (self.folder / name).read_text().strip()

    def saw(self, behaviour: str) -> None:
        with self.lock, (self.folder / "seen").open("a") as seen:
            seen.write(behaviour + "\n")

    def upstream(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", int(self.read("upstream"))), TIMEOUT)

    def serve(self, client: socket.socket) -> None:
        client.settimeout(TIMEOUT)
        try:
            while self.exchange(client):
                pass
        except OSError:
            pass
        finally:
            client.close()

    def exchange(self, client: socket.socket) -> bool:
        """One request; whether the connection may carry another."""
        if self.read("behaviour") == "reset":
            self.saw("reset")
            cut(client)
            return False
        request = head_and_body(client)
        if not request:
            return False
        behaviour = self.read("behaviour")
        if behaviour == "pass":
            with self.upstream() as upstream:
                upstream.sendall(request)
                client.sendall(head_and_body(upstream))
            self.saw(behaviour)
            return True
        getattr(self, behaviour)(client, request)
        self.saw(behaviour)
        return False

    def silent(self, client: socket.socket, request: bytes) -> None:
        self.saw("silent-began")
        while self.read("behaviour") == "silent":
            time.sleep(0.05)

    def garbage(self, client: socket.socket, request: bytes) -> None:
        client.sendall(bytes(range(256)) * 16)

    def html(self, client: socket.socket, request: bytes) -> None:
        client.sendall(answer("200 OK", "text/html", b"<html>Welcome to the airport</html>"))

    def page502(self, client: socket.socket, request: bytes) -> None:
        client.sendall(answer("502 Bad Gateway", "text/html", b"<html>Bad Gateway</html>"))

    def empty(self, client: socket.socket, request: bytes) -> None:
        client.sendall(answer("200 OK", "application/json", b"{}"))

    def half(self, client: socket.socket, request: bytes) -> None:
        with self.upstream() as upstream:
            upstream.sendall(request)
            whole = head_and_body(upstream)
        head, body = whole.split(b"\r\n\r\n", 1)
        client.sendall(head + b"\r\n\r\n" + body[: len(body) // 2])

    def cut(self, client: socket.socket, request: bytes) -> None:
        upstream = self.upstream()
        upstream.sendall(request[: len(request) // 2])
        cut(upstream)
        cut(client)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    gateway = BadGateway(arguments.folder)
    with socket.create_server(("127.0.0.1", arguments.port)) as listener:
        print(f"listening on {listener.getsockname()[1]}", flush=True)
        while True:
            client, _ = listener.accept()
            threading.Thread(target=gateway.serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
