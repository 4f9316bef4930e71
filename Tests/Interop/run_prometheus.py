"""Starts a real Prometheus in agent mode, which scrapes one target and writes to a remote address.

    python3 run_prometheus.py --folder F --target HOST:PORT --url URL [--user NAME]

prints `listening on nothing of use` and becomes prometheus. Its own page is on a port that the system
chose. What it scraped is sent at once, so that a test need not wait.
"""

import argparse
import json
import os
import pathlib
import shutil


def configuration(options: argparse.Namespace) -> dict:
    """Prometheus' configuration; JSON is YAML."""
    write = {
        "url": options.url,
        "queue_config": {"batch_send_deadline": "200ms", "min_backoff": "100ms"},
        "metadata_config": {"send": False},
    }
    if options.user:
        write["basic_auth"] = {"username": options.user, "password": "a password"}
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [
            {"job_name": "target", "static_configs": [{"targets": [options.target]}]}
        ],
        "remote_write": [write],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--user")
    options = parser.parse_args()
    program = shutil.which("prometheus", path="/usr/bin:/usr/local/bin")
    if program is None:
        raise SystemExit("prometheus is not installed: see the apt-get line in README.md")
    options.folder.mkdir()
    file = options.folder / "prometheus.json"
    file.write_text(json.dumps(configuration(options)))
    print("listening on nothing of use", flush=True)
    os.execv(
        program,
        [
            program,
            "--enable-feature=agent",
            f"--config.file={file}",
            f"--storage.agent.path={options.folder}/data",
            "--web.listen-address=127.0.0.1:0",
            "--log.level=warn",
        ],
    )


if __name__ == "__main__":
    main()
