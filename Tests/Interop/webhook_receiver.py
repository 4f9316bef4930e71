"""An endpoint for signed events, which checks them as Docs/Operations.md tells receivers to.

    webhook_receiver.py --port PORT --manual FILE --secret FILE --seen FILE

The Python of the manual is run as it stands there: it must define verify(secret, headers, body). Each
message is written to the file of what was seen as a line "TYPE ID", or "REFUSED ID" where it does not
verify; those are answered with 400.
"""

import argparse
import http.server
import json
import pathlib
import re


def verifier(manual):
    text = pathlib.Path(manual).read_text()
    section = text[text.index("### Webhooks"):]
    code = re.search(r"```python\n(.*?)```", section, re.S).group(1)
    names = {}
    exec(compile(code, manual, "exec"), names)
    return names["verify"]


def main():
    parser = argparse.ArgumentParser()
    for name in ("port", "manual", "secret", "seen"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    verify = verifier(options.manual)

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            secret = pathlib.Path(options.secret).read_text().strip()
            name = self.headers["webhook-id"]
            try:
                kind = json.loads(verify(secret, self.headers, body))["type"]
                status = 204
            except ValueError:
                kind, status = "REFUSED", 400
            with open(options.seen, "a") as file:
                file.write(f"{kind} {name}\n")
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(options.port)), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
