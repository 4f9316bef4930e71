"""Reads the samples for reverse proxies and holds which paths each asks the verifier about.

    python3 proxy_samples.py FOLDER

Prints a line for each sample; ends with 1 at the first that is wrong.
"""

import pathlib
import re
import sys
from collections.abc import Callable

import yaml

ASKED = [
    "/v1/write/metric",
    "/v1/write/logging",
    "/v1/write/tracing",
    "/api/v1/write",
    "/api/v1/remote/write",
    "/loki/api/v1/push",
    "/api/v1/spans",
    "/api/v2/spans",
    "/v1/traces",
    "/v1/metrics",
    "/v1/logs",
]
NOT_ASKED = [
    "/",
    "/login",
    "/v1/datakit/usage_trace",
    "/v1/write",
    "/v1/traces/x",
    "/x/v1/write/metric",
    "/api/v1/query",
    "/loki/api/v1/query",
]
VERIFIER = "127.0.0.1:8090"


def nginx(text: str) -> Callable[[str], bool]:
    (pattern,) = re.findall(r"^    location ~ (\S+) \{$", text, re.MULTILINE)
    block = text.split(pattern)[1].split("\n    }")[0]
    assert "auth_request /tally/admit;" in block
    assert f"server {VERIFIER}" in text and "proxy_pass http://tally_verifier/v1/admit;" in text
    assert re.search(r"location = /v1/datakit/usage_trace \{\s+mirror ", text)
    return lambda path: re.search(pattern, path) is not None


def envoy(text: str) -> Callable[[str], bool]:
    resources = yaml.safe_load(text)["static_resources"]
    (listener,) = resources["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    authorization, router = manager["http_filters"]
    assert router["name"] == "envoy.filters.http.router"
    settings = authorization["typed_config"]
    assert settings["http_service"]["path_prefix"] == "/v1/admit"
    asked = settings["http_service"]["server_uri"]["cluster"]
    clusters = {cluster["name"]: cluster for cluster in resources["clusters"]}
    endpoint = clusters[asked]["load_assignment"]["endpoints"][0]["lb_endpoints"][0]
    address = endpoint["endpoint"]["address"]["socket_address"]
    assert f"{address['address']}:{address['port_value']}" == VERIFIER
    (host,) = manager["route_config"]["virtual_hosts"]
    assert host["typed_per_filter_config"][authorization["name"]]["disabled"] is True

    def is_asked(path: str) -> bool:
        for route in host["routes"]:
            match = route["match"]
            if (
                match.get("path") == path
                or ("prefix" in match and path.startswith(match["prefix"]))
                or ("safe_regex" in match and re.fullmatch(match["safe_regex"]["regex"], path))
            ):
                own = route.get("typed_per_filter_config", {}).get(authorization["name"])
                return own is not None and not own.get("disabled", False)
        return False

    mirrored = [route for route in host["routes"] if "request_mirror_policies" in route["route"]]
    assert [route["match"]["path"] for route in mirrored] == ["/v1/datakit/usage_trace"]
    return is_asked


def traefik(text: str) -> Callable[[str], bool]:
    http = yaml.safe_load(text)["http"]
    pushes = http["routers"]["pushes"]
    (asked,) = [http["middlewares"][name] for name in pushes["middlewares"] if name == "tally"]
    assert asked["forwardAuth"]["address"] == f"http://{VERIFIER}/v1/admit"
    mirrors = http["services"]["usage-trace"]["mirroring"]["mirrors"]
    assert [mirror["percent"] for mirror in mirrors] == [100]
    for router in http["routers"].values():
        assert router["service"] in http["services"]
    paths = re.findall(r"(?<!Prefix)\(`([^`]+)`\)", re.sub(r"PathPrefix\(`[^`]+`\)", "", pushes["rule"]))
    prefixes = re.findall(r"PathPrefix\(`([^`]+)`\)", pushes["rule"])
    return lambda path: path in paths or any(path.startswith(prefix) for prefix in prefixes)


def caddy(text: str) -> Callable[[str], bool]:
    (line,) = re.findall(r"^\t@pushes path (.+)$", text, re.MULTILINE)
    assert f"forward_auth {VERIFIER} {{\n\t\t\turi /v1/admit\n" in text
    patterns = line.split()
    return lambda path: any(
        path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern
        for pattern in patterns
    )


SAMPLES = {
    "nginx-data-gateway.conf": nginx,
    "envoy-data-gateway.yaml": envoy,
    "traefik-data-gateway.yaml": traefik,
    "data-gateway.Caddyfile": caddy,
}


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    for name, read in SAMPLES.items():
        is_asked = read((folder / name).read_text())
        for path in ASKED:
            assert is_asked(path), f"{name} does not ask about {path}"
        for path in NOT_ASKED:
            assert not is_asked(path), f"{name} asks about {path}"
        print(f"{name} {len(ASKED)} asked, {len(NOT_ASKED)} not")


if __name__ == "__main__":
    main()
