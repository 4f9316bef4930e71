"""Sends a captured request, byte for byte, and prints the status of the answer.

    python3 raw_request.py PORT CAPTURE [--admit] [--body]

With --admit it is sent as a reverse proxy asks for leave: its header without its body, to /v1/admit.
With --body the answer's body follows on the lines after the status.
"""

import pathlib
import socket
import sys


def admission(request: bytes) -> bytes:
    """The captured header as nginx's auth_request passes it on."""
    lines = request.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    kept = [line for line in lines[1:] if not line.lower().startswith(b"content-length:")]
    original = lines[0].split(b" ")[1]
    head = [b"GET /v1/admit HTTP/1.1", *kept, b"X-Original-URI: " + original, b"Content-Length: 0"]
    return b"\r\n".join(head) + b"\r\n\r\n"


def rest(connection: socket.socket, answer: bytes) -> bytes:
    """What is missing of the body, whose length the header says."""
    head, body = answer.split(b"\r\n\r\n", 1)
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":", 1)[1])
    missing = b""
    while len(body) + len(missing) < length:
        part = connection.recv(65536)
        if not part:
            break
        missing += part
    return missing


def main() -> None:
    port, capture, *flags = sys.argv[1:]
    request = pathlib.Path(capture).read_bytes()
    if "--admit" in flags:
        request = admission(request)
    with socket.create_connection(("127.0.0.1", int(port)), 30) as connection:
        connection.settimeout(30)
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = connection.recv(65536)
            if not part:
                break
            answer += part
        if "--body" in flags:
            answer += rest(connection, answer)
    print(answer.split(b"\r\n", 1)[0].split(b" ")[1].decode())
    if "--body" in flags:
        print(answer.split(b"\r\n\r\n", 1)[1].decode())


if __name__ == "__main__":
    main()
