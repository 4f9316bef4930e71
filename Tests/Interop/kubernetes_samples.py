"""Reads the sample manifests with PyYAML and holds them against what Kubernetes requires.

Prints the command line of every container of ours, one JSON array on a line; ends with status 1 at the
first fault.
"""

import json
import pathlib
import re
import sys

import yaml

# What each file must hold, and the API version of each kind.
FILES = {
    "verifier.yaml": ["ServiceAccount", "Role", "RoleBinding", "Service", "StatefulSet"],
    "report-cronjob.yaml": ["CronJob"],
    "platform-initcontainer.yaml": ["Deployment"],
}
VERSIONS = {
    "ServiceAccount": "v1",
    "Service": "v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "StatefulSet": "apps/v1",
    "Deployment": "apps/v1",
    "CronJob": "batch/v1",
}
NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
RESTART = {"StatefulSet": {None, "Always"}, "Deployment": {None, "Always"}}


class StrictLoader(yaml.SafeLoader):
    """Refuses a mapping with the same key twice, as Kubernetes does."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key stands twice: {keys}"
        return super().construct_mapping(node, deep)


def pod_template(document: dict) -> dict | None:
    """Where a document says what its pods are."""
    spec = document.get("spec", {})
    if document["kind"] == "CronJob":
        assert spec["schedule"].count(" ") == 4, spec["schedule"]
        assert spec["concurrencyPolicy"] in ("Allow", "Forbid", "Replace")
        return spec["jobTemplate"]["spec"]["template"]
    if document["kind"] in ("StatefulSet", "Deployment"):
        labels = spec["template"]["metadata"]["labels"]
        assert spec["selector"]["matchLabels"].items() <= labels.items(), "selector and labels"
        return spec["template"]
    return None


def check_pod(kind: str, template: dict, claims: list[dict]) -> None:
    pod = template["spec"]
    assert pod.get("restartPolicy") in RESTART.get(kind, {"Never", "OnFailure"}), "restartPolicy"
    volumes = [volume["name"] for volume in pod.get("volumes", [])]
    volumes += [claim["metadata"]["name"] for claim in claims]
    containers = pod.get("initContainers", []) + pod["containers"]
    names = [container["name"] for container in containers]
    assert len(names) == len(set(names)) and len(volumes) == len(set(volumes)), "names"
    mounted = set()
    for container in containers:
        assert NAME.fullmatch(container["name"]) and ":" in container["image"], container["name"]
        for mount in container.get("volumeMounts", []):
            assert mount["name"] in volumes, f"no volume {mount['name']}"
            assert mount["mountPath"].startswith("/")
            mounted.add(mount["name"])
        check_container(container)
    assert mounted == set(volumes), f"volumes that nothing mounts: {set(volumes) - mounted}"


def check_container(container: dict) -> None:
    ports = {port["name"] for port in container.get("ports", [])}
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if probe in container:
            assert container[probe]["httpGet"]["port"] in ports, f"{probe}: no such port"
    command = container.get("command", []) + container.get("args", [])
    assert all(isinstance(word, str) for word in command), "a word of the command is no text"
    if command and command[0].rsplit("/", 1)[-1].startswith("tally"):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        print(json.dumps(command))


def check_file(path: pathlib.Path) -> None:
    documents = list(yaml.load_all(path.read_text(), Loader=StrictLoader))
    assert [document["kind"] for document in documents] == FILES[path.name], path.name
    labels = [
        template["metadata"]["labels"]
        for template in filter(None, map(pod_template, documents))
    ]
    for document in documents:
        kind = document["kind"]
        assert document["apiVersion"] == VERSIONS[kind], kind
        assert NAME.fullmatch(document["metadata"]["name"]), kind
        if kind == "Service":
            selector = document["spec"]["selector"]
            assert any(selector.items() <= label.items() for label in labels), "Service"
        if kind == "StatefulSet":
            services = [d["metadata"]["name"] for d in documents if d["kind"] == "Service"]
            assert document["spec"]["serviceName"] in services
        template = pod_template(document)
        if template:
            check_pod(kind, template, document["spec"].get("volumeClaimTemplates", []))


def main() -> None:
    paths = [pathlib.Path(argument) for argument in sys.argv[1:]]
    assert {path.name for path in paths} == set(FILES), paths
    for path in paths:
        check_file(path)


if __name__ == "__main__":
    main()
