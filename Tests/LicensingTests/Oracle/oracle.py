#!/usr/bin/env python3
"""Writes random situations and what the verdict on each must be, one case a line.

    python3 oracle.py CASES SEED
    python3 oracle.py --self-check

The rules are told a second time in rules.py, the calendar in civil.py, the situations come from
scenarios.py. Lines are words between tabs; `-` is nothing:

    S INDEX                   a new site; what follows belongs to it
    L, H, R, A, P, V JSON     a license given, one held, the release, the activation, a receipt, the
                              revocations: payloads, to be sealed by whoever reads them
    I OWN RECORD              the installation's own key; the newest record as INSTALLATION:LICENSE:REVISION
    C WALL FLOOR KEYSET RUNNING PRODUCT STANDING OUTCOME CODES
                              one case: the keyset is given by its `iat`, codes are joined by spaces
    E CASES                   the end
"""
import base64
import json
import random
import sys

import civil
import rules
import scenarios

CASES_OF_A_SITE = 24


def thumbprint(byte):
    return base64.urlsafe_b64encode(bytes([byte]) * 32).decode().rstrip("=")


def line(*words):
    return "\t".join("-" if word is None else str(word) for word in words)


def payload(tag, members):
    return line(tag, json.dumps(members, separators=(",", ":")))


def documents_of(index, site):
    yield line("S", index)
    for license in site.given:
        yield payload("L", license)
    for license in site.held:
        yield payload("H", license)
    if site.release:
        yield payload("R", site.release)
    if site.activation:
        activation = dict(site.activation)
        key = thumbprint(activation.pop("installation"))
        yield payload("A", {"ver": 1, "iss": scenarios.ISS, **activation, "cnf": {"jkt": key}})
    for receipt in site.receipts:
        key = thumbprint(receipt["installation"])
        head = thumbprint(7)
        yield payload("P", {"ver": 1, "iss": scenarios.ISS, **receipt, "installation": key,
                            "head": head, "position": receipt["seq"]})
    if site.revoked:
        entries = [{"jti": jti, "at": 0, "reason": "refunded"} for jti in sorted(site.revoked)]
        yield payload("V", {"ver": 1, "iss": scenarios.ISS, "iat": 0, "seq": 1,
                            "revoked": entries})
    record = site.record
    yield line("I", site.own,
               record and f"{record['installation']}:{record['license']}:{record['revision']}")


def cases_of(rng, site):
    keyset = max(0, min(one["iat"] for one in site.given + site.held)
                 + rng.choice([0, 30 * civil.DAY, 200 * civil.DAY, 1000 * civil.DAY]))
    if rng.random() < 0.5:
        keyset = None
    points = scenarios.turning_points(site, keyset)
    for _ in range(CASES_OF_A_SITE):
        moment = scenarios.some_moment(rng, site, points, keyset)
        if not scenarios.is_settled(site, moment):
            continue
        outcome, codes = rules.codes(site, moment)
        yield line("C", moment.wall, moment.floor, moment.keyset, moment.running, moment.product,
                   ",".join(moment.standing) or None, outcome, " ".join(codes))


def write(count, seed):
    rng = random.Random(seed)
    names, written, index = [], 0, 0
    while written < count:
        if not names:
            names = civil.names()
            rng.shuffle(names)
        site = scenarios.scenario(rng, names.pop())
        cases = list(cases_of(rng, site))[:count - written]
        if cases:
            print("\n".join(list(documents_of(index, site)) + cases))
            written += len(cases)
            index += 1
    print(line("E", written))


def self_check():
    """Holds the search by minutes against one by seconds, beside changes of every zone."""
    held = 0
    for name in civil.names():
        for date in scenarios.uneven_dates(name)[::40]:
            assert civil.start(civil.zone(name), date) == civil.start(civil.zone(name), date, 1), (
                name, date)
            held += 1
    print(held, "dates agree")


if sys.argv[1:] == ["--self-check"]:
    self_check()
else:
    write(int(sys.argv[1]), int(sys.argv[2]))
