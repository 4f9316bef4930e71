#!/usr/bin/env python3
"""Writes states.tsv and revisions.tsv: situations by name, boundary seconds, and what must come out.

    python3 tables.py states > states.tsv
    python3 tables.py revisions > revisions.tsv

The names are built as documents by the Swift tests on their own; only the instants and the codes are
taken from here. All dates lie in the past, where no zone changes any more.

A row of states.tsv: EDITION ZONE FROM THROUGH STATE BOUNDARY INSTANT, then the codes one second
before the instant, at it, and one second after it.
A row of revisions.tsv: the kinds of revisions 1 and 2, where each lies (`given`, `held`), which one is
revoked, the revision that is judged, the codes.
"""
import datetime
import sys

import civil
import rules
from civil import DAY
from rules import Documents, Moment

HOUR = 3600
# Zone, first and last day: both ends lie on uneven days but for Shanghai.
CALENDARS = [
    ("Asia/Shanghai", "2017-11-21", "2018-11-20"),
    ("America/New_York", "2017-03-12", "2018-03-11"),  # 23 hours each
    ("America/New_York", "2017-11-05", "2018-11-04"),  # 25 hours each
    ("Pacific/Apia", "2010-12-31", "2011-12-30"),  # ends with the skipped day
    ("Pacific/Apia", "2011-12-30", "2012-12-29"),  # begins with it
    ("America/Sao_Paulo", "2017-10-15", "2018-11-03"),  # midnight skipped at both ends
    ("America/Sao_Paulo", "2017-02-18", "2018-02-17"),  # an hour twice before midnight
]
EDITIONS = ["subscription", "perpetual", "payg", "community"]


def term_license(edition, zone, begin, through, revision=1, grace=14):
    license = {"jti": f"lic_1-{revision}", "line": "lin_1", "revision": revision, "zone": zone,
               "edition": edition, "product": "observability-platform"}
    span = {"from": begin, "through": through}
    if edition == "perpetual":
        license |= {"maintenance": span, "release": "1.90.0"}
    elif edition != "community":
        license |= {"term": span, "grace_days": grace}
    if edition == "payg":
        license["reporting"] = {"lease_hours": 87_840}
    return license


class Scene:
    """A site with one license, its release, and everything signed 30 days before it begins."""

    def __init__(self, edition, calendar):
        self.edition, (self.zone, self.begin, self.through) = edition, calendar
        self.first = civil.first_second(self.zone, rules.date(self.begin))
        self.end = rules.after(self.through, 1, self.zone)
        self.signed = self.first - 30 * DAY
        self.license = term_license(edition, *calendar) | {"iat": self.signed}
        released = self.day(self.through, -180) if edition == "community" else self.begin
        self.release = {"version": "1.98.190", "released": released, "iat": self.signed,
                        "product": self.license["product"]}
        self.documents = Documents(given=[self.license], release=self.release)
        self.moment = Moment(wall=0, running="1.98.190")
        self.floor_is_time = False  # the wall lies this far behind the floor, which is the time
        self.behind = 0
        self.keyset_turns = False
        if edition == "payg":
            self.activate()

    @staticmethod
    def day(text, days):
        return (rules.date(text) + datetime.timedelta(days=days)).isoformat()

    def activate(self, revision=1, line="lin_1", iat=None):
        self.documents.activation = {
            "installation": 1, "line": line, "revision": revision,
            "iat": self.signed if iat is None else iat}

    def receipt(self, hours, granted, installation=1):
        receipt = {"iat": self.first + hours * HOUR, "installation": installation}
        if granted is not None:
            receipt["lease_through"] = receipt["iat"] + granted * HOUR
        self.documents.receipts.append(receipt)

    def lease(self):
        """A license with a lease of 72 hours, signed and activated when it begins."""
        self.license["reporting"] = {"lease_hours": 72}
        self.license["iat"] = self.first
        self.license["activation"] = "optional"
        self.documents.activation = None


def required(scene):
    scene.license["activation"] = "required"
    scene.documents.activation = None


def activated(scene, own, line="lin_1"):
    required(scene)
    scene.activate(line=line)
    scene.documents.own = own


def optional_other(scene):
    scene.license["activation"] = "optional"
    scene.activate(line="lin_2")
    scene.documents.own = 2


def superseded_held(scene):
    scene.documents.held = [scene.license | {"revision": 2, "jti": "lic_1-2"}]


def superseded_activation(scene):
    scene.activate(revision=2)


def superseded_record(scene):
    scene.documents.record = {"installation": 1, "license": "lic_1-2", "revision": 2}


def standing(scene, code):
    scene.moment.standing = (code,)


def behind(scene, seconds):
    scene.floor_is_time, scene.behind = True, seconds


def running(scene, text, commit=None):
    scene.moment.running = text
    if commit:
        scene.release["commit"] = commit


def released(scene, days, covered=None):
    scene.release["released"] = scene.day(scene.through, days)
    if covered is not None:
        scene.release["covered_as_of"] = scene.day(scene.through, covered)


def own_release(scene, document):
    scene.moment.running = "1.90.0"
    scene.release |= {"version": "1.90.0", "released": scene.day(scene.through, 400)}
    if not document:
        scene.documents.release = None


def leased(scene, activation=None, *receipts):
    scene.lease()
    if activation is not None:
        scene.activate(iat=scene.first + activation * HOUR)
        scene.documents.own = 1
    for receipt in receipts:
        scene.receipt(*receipt)


ANY = {
    "plain": lambda scene: None,
    "not activated": required,
    "activated": lambda scene: activated(scene, 1),
    "activated, key unknown": lambda scene: activated(scene, None),
    "another installation": lambda scene: activated(scene, 2),
    "another line": lambda scene: activated(scene, 1, "lin_2"),
    "optional, another's": optional_other,
    "revoked": lambda scene: scene.documents.revoked.add("lic_1-1"),
    "superseded by one held": superseded_held,
    "superseded by the activation": superseded_activation,
    "superseded by the record": superseded_record,
    "release of another product": lambda scene: scene.release.update(product="other"),
    "platform is another product": lambda scene: setattr(scene.moment, "product", "other"),
    "over limit, refuse": lambda scene: standing(scene, "OVER_LIMIT"),
    "over limit, record": lambda scene: standing(scene, "OVER_LIMIT"),
    "ledger damaged": lambda scene: standing(scene, "LEDGER_DAMAGED"),
    "clock seen to move": lambda scene: standing(scene, "CLOCK_UNTRUSTED"),
    "clock behind by a day": lambda scene: behind(scene, 86_400),
    "clock behind by more": lambda scene: behind(scene, 86_401),
    "clock unreadable": lambda scene: behind(scene, None),
    "keyset turns stale": lambda scene: setattr(scene, "keyset_turns", True),
    "no release document": lambda scene: setattr(scene.documents, "release", None),
    "nothing said to run": lambda scene: running(scene, None),
    "another version runs": lambda scene: running(scene, "1.98.189"),
    "another commit runs": lambda scene: running(scene, "1.98.190@abc", "abd"),
    "the commit runs": lambda scene: running(scene, "1.98.190@abd", "abd"),
}
COVERED = {
    "released on the last day": lambda scene: released(scene, 0),
    "released a day later": lambda scene: released(scene, 1),
    "released later, covered as of the last day": lambda scene: released(scene, 1, 0),
    "released later, covered as of a day too late": lambda scene: released(scene, 2, 1),
}
LEASED = {
    "lease by the license": lambda scene: leased(scene),
    "lease by the activation": lambda scene: leased(scene, 1),
    "lease by a receipt": lambda scene: leased(scene, 0, (100, 72)),
    "lease cut by the receipt": lambda scene: leased(scene, 0, (100, 10)),
    "lease not lengthened by the receipt": lambda scene: leased(scene, 0, (100, 1000)),
    "a receipt without a lease": lambda scene: leased(scene, 0, (10, 72), (20, None)),
    "another installation's receipt": lambda scene: leased(scene, 0, (100, 72, 2)),
    "the newest of three receipts": lambda scene: leased(
        scene, 0, (30, 72), (60, 72), (50, 72)),
}
STATES = {
    "subscription": ANY | COVERED | LEASED | {
        "no grace": lambda scene: scene.license.update(grace_days=0)},
    "payg": ANY | COVERED | LEASED | {
        "no grace": lambda scene: scene.license.update(grace_days=0)},
    "perpetual": ANY | COVERED | LEASED | {
        "its own release": lambda scene: own_release(scene, True),
        "its own release, no document": lambda scene: own_release(scene, False)},
    "community": ANY | {
        "covered as of long ago": lambda scene: scene.release.update(covered_as_of="2001-01-01")},
}


def boundaries(scene, state):
    """The boundaries that a state is looked at, by name."""
    license = scene.license
    if state in LEASED:
        half, end = rules.lease(license, scene.documents)
        return {"half of the lease": half, "lease ends": end}
    last_day = civil.first_second(scene.zone, rules.date(scene.through))
    if scene.edition == "perpetual":
        return {"maintenance begins": scene.first, "last day begins": last_day,
                "maintenance ends": scene.end}
    if scene.edition == "community":
        day = civil.first_second(scene.zone, rules.date(scene.release["released"]))
        return {"release day begins": day,
                "release day ends": rules.after(scene.release["released"], 1, scene.zone),
                "notice": rules.community_notice(license, scene.release),
                "last day begins": last_day, "180 days end": scene.end}
    return {"term begins": scene.first, "notice": rules.notice(license),
            "last day begins": last_day, "term ends": scene.end,
            "grace ends": rules.grace_ends(license)}


def codes(scene, instant, boundary):
    moment = scene.moment
    moment.wall, moment.floor, moment.keyset = instant, None, None
    if scene.floor_is_time:
        moment.floor = instant
        moment.wall = None if scene.behind is None else instant - scene.behind
    if scene.keyset_turns:
        moment.keyset = boundary - 180 * DAY
    return " ".join(rules.codes(scene.documents, moment)[1])


def states():
    for edition in EDITIONS:
        for calendar in CALENDARS:
            for state, change in STATES[edition].items():
                scene = Scene(edition, calendar)
                change(scene)
                for name, instant in boundaries(scene, state).items():
                    found = [codes(scene, instant + step, instant) for step in (-1, 0, 1)]
                    print("\t".join([edition, *calendar, state, name, str(instant), *found]))


# Dates by which a term lies so at noon of 2018-06-15 in Shanghai.
TIMES = {
    "over": ("2016-01-01", "2016-12-31"), "in grace": ("2017-06-10", "2018-06-09"),
    "running": ("2018-01-01", "2018-12-31"), "to come": ("2018-07-01", "2019-06-30"),
}
NOON = 1_529_035_200


def kinds():
    yield from (("perpetual", "running"), ("community", "running"))
    for edition in ("subscription", "payg"):
        for time in TIMES:
            yield edition, time


def revision_of(number, kind):
    edition, time = kind
    license = term_license(edition, "Asia/Shanghai", *TIMES[time], revision=number)
    signed = civil.first_second("Asia/Shanghai", datetime.date(2015, 1, 1))
    return license | {"iat": signed, "activation": "optional"}


def revisions():
    for first in kinds():
        for second in kinds():
            for places in (("given", "given"), ("given", "held"), ("held", "given"),
                           ("held", "held")):
                for revoked in ("none", "1", "2"):
                    documents = Documents(release={
                        "version": "1.98.190", "released": "2018-03-01", "iat": 0,
                        "product": "observability-platform"})
                    for number, kind, place in ((1, first, places[0]), (2, second, places[1])):
                        getattr(documents, place).append(revision_of(number, kind))
                    documents.release["iat"] = documents.given[0]["iat"] if documents.given else (
                        documents.held[0]["iat"])
                    if revoked != "none":
                        documents.revoked.add(f"lic_1-{revoked}")
                    moment = Moment(wall=NOON, running="1.98.190")
                    judged = rules.in_force(documents, NOON)["revision"]
                    print("\t".join([
                        " ".join(first), " ".join(second), *places, revoked, str(judged),
                        " ".join(rules.codes(documents, moment)[1])]))


{"states": states, "revisions": revisions}[sys.argv[1]]()
