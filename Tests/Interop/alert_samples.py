"""Reads the sample alerting rules with PyYAML and prints each metric that they ask for, once."""

import pathlib
import re
import sys

import yaml

METRIC = re.compile(r"\btally_[a-z0-9_]+\b")


def main() -> None:
    rules = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())
    metrics = set()
    names = set()
    for group in rules["groups"]:
        assert group["name"] and group["rules"]
        for rule in group["rules"]:
            assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule
            assert rule["alert"] not in names, rule["alert"]
            names.add(rule["alert"])
            assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
            assert rule["annotations"]["summary"] and rule["annotations"]["action"], rule["alert"]
            if not rule["expr"].startswith("up{"):
                assert METRIC.findall(rule["expr"]), rule["expr"]
            metrics |= set(METRIC.findall(rule["expr"]))
    print("\n".join(sorted(metrics)))


if __name__ == "__main__":
    main()
