"""The way between a verifier and a real gateway as a firm has it: a server that ends TLS, and an HTTP proxy
that opens tunnels to it.

    python3 secure_gateway.py --folder F --certificate PEM --key PEM

prints `listening on PROXY` and writes the port of the TLS server to F/tls. For each connection the proxy
reads how to behave from the file F/behaviour, and the TLS server the port of the real gateway from F/upstream:

    pass      open the tunnel to the TLS server, whatever host is asked for
    login     ask for a user and password: 407, unless they are those of F/login (USER:PASSWORD)
    refuse    answer 403
    hangup    open the tunnel; the TLS server takes the request and closes without an answer

Each request to the proxy adds a line to F/tunnels: the first line of the request.
"""

import argparse
import base64
import pathlib
import socket
import ssl
import threading

TIMEOUT = 60


def head_of(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    return data


def whole(connection: socket.socket) -> bytes:
    """One HTTP message with a Content-Length; empty when the peer is gone."""
    data = head_of(connection)
    if not data:
        return b""
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


class SecureGateway:
    def __init__(self, folder: pathlib.Path, context: ssl.SSLContext):
        self.folder = folder
        self.context = context
        self.lock = threading.Lock()
        self.tls_port = 0

    def read(self, name: str) -> str:
        return (self.folder / name).read_text().strip()

    def tls(self, raw: socket.socket) -> None:
        raw.settimeout(TIMEOUT)
        try:
            with self.context.wrap_socket(raw, server_side=True) as client:
                while request := whole(client):
                    if self.read("behaviour") == "hangup":
                        return
                    port = int(self.read("upstream"))
                    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as upstream:
                        upstream.sendall(request)
                        client.sendall(whole(upstream))
        except OSError:
            pass
        finally:
            raw.close()

    def proxy(self, client: socket.socket) -> None:
        client.settimeout(TIMEOUT)
        try:
            head = head_of(client)
            if not head:
                return
            with self.lock, (self.folder / "tunnels").open("a") as tunnels:
                tunnels.write(head.split(b"\r\n", 1)[0].decode() + "\n")
            behaviour = self.read("behaviour")
            if behaviour == "refuse":
                client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            elif behaviour == "login" and not self.is_known(head):
                client.sendall(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                    b'Proxy-Authenticate: Basic realm="firm"\r\nContent-Length: 0\r\n\r\n'
                )
            else:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self.tunnel(client)
        except OSError:
            pass
        finally:
            client.close()

    def is_known(self, head: bytes) -> bool:
        word = base64.b64encode(self.read("login").encode())
        wanted = b"proxy-authorization: basic " + word.lower()
        return any(
            line.lower() == wanted and line.rsplit(b" ", 1)[1] == word
            for line in head.split(b"\r\n")
        )

    def tunnel(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self.tls_port), TIMEOUT) as server:
            back = threading.Thread(target=pump, args=(server, client), daemon=True)
            back.start()
            pump(client, server)
            back.join(TIMEOUT)


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(listener: socket.socket, handler) -> None:
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=handler, args=(connection,), daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    arguments = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.certificate, arguments.key)
    gateway = SecureGateway(arguments.folder, context)
    tls = socket.create_server(("127.0.0.1", 0))
    gateway.tls_port = tls.getsockname()[1]
    (arguments.folder / "tls").write_text(f"{gateway.tls_port}\n")
    threading.Thread(target=serve, args=(tls, gateway.tls), daemon=True).start()
    proxy = socket.create_server(("127.0.0.1", 0))
    print(f"listening on {proxy.getsockname()[1]}", flush=True)
    serve(proxy, gateway.proxy)


if __name__ == "__main__":
    main()
