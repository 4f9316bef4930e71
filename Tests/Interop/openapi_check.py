"""Runs schemathesis against a gateway by its own /openapi.json.

    openapi_check.py --url http://127.0.0.1:PORT --token TOKEN --work FOLDER --seed N

Every check is on: no answer may be 5xx, or have a status, media type, code or shape that the document
does not have; what the document forbids is refused, what it allows is taken, and nothing is shown
without a token. The exceptions: bodies that are sealed cannot be made by a generator, so that
taking them (positive_data_acceptance) is not asked of those paths; what rules of the gateway say beyond
a schema (bytes in place of characters, dates that do not exist, hosts) is not asked of staff's words
and of the addresses of webhooks.

The document gets examples of the installation and the finding that the gateway knows, so that deeper answers are seen.
Prints "N operations, M cases" when everything held.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import urllib.request

CONFIG = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "404", "409"]
negative_data_rejection.expected-statuses = ["4xx"]

[[operations]]
include-path-regex = "^/v1/(reports|activations|publications|statements/fetch)$"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-path-regex = "^/v1/(installations/[^/]+/(release|replace|close|waive|correct|restore)|findings/[^/]+/(acknowledge|resolve|reopen))$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "409"]

[[operations]]
include-path-regex = "^/v1/webhooks"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "409"]
"""


def get(url, token=None):
    request = urllib.request.Request(url)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def with_examples(document, known, finding):
    """Puts what the gateway knows beside the document's own examples."""
    values = {
        "thumbprint": known["installation"],
        "line": known["line"],
        "license": known["license"],
        "month": known["date"][:7],
        "date": known["date"],
        "finding": finding,
    }
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                value = values.get(parameter["name"])
                if value:
                    parameter["example"] = value
    return document


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--cases", default="20")
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    work.mkdir(parents=True, exist_ok=True)
    document = get(f"{options.url}/openapi.json")
    known = get(f"{options.url}/v1/installations", options.token)["installations"][0]
    schema = work / "openapi.json"
    finding = get(f"{options.url}/v1/findings", options.token)["findings"][0]["id"]
    schema.write_text(json.dumps(with_examples(document, known, finding)))
    config = work / "schemathesis.toml"
    config.write_text(CONFIG)
    run = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run",
            str(schema), "--url", options.url, "--phases", "examples,coverage,fuzzing",
            "--max-examples", options.cases, "--seed", options.seed, "--request-timeout", "20", "--continue-on-failure",
            "--header", f"Authorization: Bearer {options.token}",
            "--suppress-health-check", "all", "--no-color", "--warnings", "off",
        ],
        cwd=work, capture_output=True, text=True, timeout=400,
    )
    said = run.stdout + run.stderr
    if run.returncode != 0:
        print(said.replace(options.token, "TOKEN"))
        return 1
    operations = sum(len(path) for path in document["paths"].values())
    cases = re.search(r"(\d+) generated", said)
    print(f"{operations} operations, {cases.group(1) if cases else 'no'} cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
