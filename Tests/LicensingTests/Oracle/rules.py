"""What the verdict must be, from the written rules alone.

A second telling of the rules of licenses, made without the Swift that it is held against: every date
becomes its first second by search (civil.py), every rule is one `if`, nothing is shared between them.
Documents are their JSON payloads. Only one line of licenses is ever judged.

Where the written rules leave a choice, this follows the product:
- a lease says nothing before the term of its license has begun;
- the notice of a community release is a quarter of the time from the end of its release day;
- of several licenses that have not begun, the one with the earliest first day is judged.
"""
import datetime
from dataclasses import dataclass, field

import civil

HOUR, DAY = 3600, 86_400
DENY = """DAMAGED MALFORMED UNSUPPORTED_VERSION WRONG_KIND UNKNOWN_KEY KEY_NOT_ALLOWED KEY_REVOKED
KEYSET_TOO_OLD SIGNATURE_INVALID LICENSE_REVOKED SUPERSEDED WRONG_PRODUCT WRONG_INSTALLATION
NOT_ACTIVATED NO_LICENSE NOT_YET_VALID RELEASE_UNKNOWN RELEASE_MISMATCH RELEASE_NOT_COVERED
RELEASE_EXPIRED EXPIRED""".split()
WARN = "CLOCK_UNTRUSTED LEDGER_DAMAGED OVER_LIMIT IN_GRACE REPORT_LATE KEYSET_STALE".split()
NOTE = "MAINTENANCE_ENDED EXPIRING_SOON VALID".split()


@dataclass
class Documents:
    given: list = field(default_factory=list)
    held: list = field(default_factory=list)
    release: dict | None = None
    activation: dict | None = None
    receipts: list = field(default_factory=list)
    revoked: set = field(default_factory=set)
    own: int | None = None
    record: dict | None = None  # installation, license, revision


@dataclass
class Moment:
    wall: int | None
    floor: int | None = None
    keyset: int | None = None
    running: str | None = None
    product: str | None = None
    standing: tuple = ()


def date(text):
    return datetime.date.fromisoformat(text)


def after(text, days, zone):
    """The first second of the day that many days after a date."""
    return civil.first_second(zone, date(text) + datetime.timedelta(days=days))


def begins(license):
    if "term" not in license:
        return None
    return after(license["term"]["from"], 0, license["zone"])


def ends(license):
    return after(license["term"]["through"], 1, license["zone"])


def grace_ends(license):
    return after(license["term"]["through"], 1 + license["grace_days"], license["zone"])


def notice(license):
    """From when EXPIRING_SOON stands, for an edition with a term."""
    until = ends(license)
    return until - min(60 * DAY, (until - begins(license)) // 4)


def community_ends(license, release):
    return after(release["released"], 181, license["zone"])


def community_notice(license, release):
    """A quarter of the 180 days before their end."""
    until = community_ends(license, release)
    return until - (until - after(release["released"], 1, license["zone"])) // 4


def has_begun(license, time):
    return begins(license) is None or time >= begins(license)


def in_force(documents, time):
    """Of those given, else of those held; a renewal given too early leaves what it renews in force."""
    pool = documents.given or documents.held
    for licenses in (pool, documents.held):
        begun = [one for one in licenses if has_begun(one, time)]
        if begun:
            return max(begun, key=lambda one: one["revision"])
    return min(pool, key=lambda one: (one["term"]["from"], -one["revision"]))


def installation(documents):
    if documents.own is not None:
        return documents.own
    return documents.record["installation"] if documents.record else None


def lease(license, documents):
    """(half, end) of the lease, or None.

    A license or activation signed before anybody can report counts from the begin of use instead:
    a line's first license, and the license that the activation was for. Of a later license that
    begins before that one only the very next counts, and of those below the activated one none.
    """
    hours = license.get("reporting", {}).get("lease_hours")
    if hours is None:
        return None
    activation = documents.activation
    mine = installation(documents)
    if mine is None and activation:
        mine = activation["installation"]
    if activation and (activation["line"] != license["line"] or activation["installation"] != mine):
        activation = None
    signed = max(license["iat"], activation["iat"] if activation else 0)
    receipts = [one for one in documents.receipts if "lease_through" in one
                and mine in (None, one["installation"]) and one["iat"] >= signed]
    if receipts:
        newest = max(receipts, key=lambda one: (one["iat"], one["lease_through"]))
        end = min(newest["iat"] + hours * HOUR, newest["lease_through"])
    else:
        end = counted_from(license, activation, documents, signed) + hours * HOUR
    return end - hours * HOUR // 2, end


def counted_from(license, activation, documents, signed):
    own = begins(license)
    starts = [signed]
    if license["revision"] == 1 and own is not None:
        starts.append(own)
    if activation:
        steps = license["revision"] - activation["revision"]
        for one in documents.given + documents.held:
            if one["revision"] != activation["revision"] or begins(one) is None or steps < 0:
                continue
            if own is None or own >= begins(one):
                starts.append(begins(one))
            elif steps == 1:
                starts.append(own)
    return max(starts)


def signed_instants(documents):
    every = documents.given + documents.held + documents.receipts
    every += [one for one in (documents.release, documents.activation) if one]
    return [one["iat"] for one in every]


def codes(documents, moment):
    """(outcome, codes in the order of their weight)"""
    floor = max(signed_instants(documents) + ([] if moment.floor is None else [moment.floor]))
    time = floor if moment.wall is None else max(moment.wall, floor)
    found = set(moment.standing)
    license = in_force(documents, time)
    edition = license["edition"]
    if moment.wall is None:
        if edition != "perpetual":
            return "cannot-tell", ["CLOCK_UNREADABLE"]
        found.add("CLOCK_UNTRUSTED")
    elif floor - moment.wall > 24 * HOUR:
        found.add("CLOCK_UNTRUSTED")

    if license["jti"] in documents.revoked:
        found.add("LICENSE_REVOKED")
    if superseding(license, documents, time):
        found.add("SUPERSEDED")
    release = documents.release
    if release and release["product"] != license["product"]:
        found.add("WRONG_PRODUCT")
    if moment.product and moment.product != license["product"]:
        found.add("WRONG_PRODUCT")
    found |= activation_codes(license, documents)
    found |= term_codes(license, time)
    found |= release_codes(license, release, moment.running, time)
    until = lease(license, documents)
    if until and has_begun(license, time):
        if time >= until[1]:
            found.add("REPORT_OVERDUE")
        elif time >= until[0]:
            found.add("REPORT_LATE")
    if moment.keyset is not None and time > moment.keyset + 180 * DAY:
        found.add("KEYSET_STALE")
    return weighed(found, edition)


def weighed(found, edition):
    overdue = ["REPORT_OVERDUE"]
    denying = DENY + (overdue if edition == "payg" else [])
    warning = WARN + (overdue if edition != "payg" else [])
    if not found - set(NOTE):
        found = found | {"VALID"}
    ordered = [code for code in denying + warning + NOTE if code in found]
    assert len(ordered) == len(found), found
    first = ordered[0]
    outcome = "deny" if first in denying else "warn" if first in warning else "allow"
    return outcome, ordered


def superseding(license, documents, time):
    """Whether a higher revision than the judged one is known to have begun."""
    at_hand = {one["jti"]: one for one in documents.given + documents.held}
    for one in documents.held:
        if has_begun(one, time) and one["revision"] > license["revision"]:
            return True
    activation = documents.activation
    if activation and activation["line"] == license["line"]:
        waiting = any(one["revision"] == activation["revision"] and not has_begun(one, time)
                      for one in at_hand.values())
        if activation["revision"] > license["revision"] and not waiting:
            return True
    record = documents.record
    if record and record["revision"] > license["revision"]:
        return record["license"] not in at_hand or has_begun(at_hand[record["license"]], time)
    return False


def activation_codes(license, documents):
    usual = "required" if license["edition"] == "payg" else "optional"
    activation = documents.activation
    if license.get("activation", usual) != "required":
        # It binds nobody, but does not stand in for another line of which nothing is left.
        strange = activation and activation["line"] != license["line"] and not documents.held
        return {"WRONG_INSTALLATION"} if strange else set()
    if activation is None:
        return {"NOT_ACTIVATED"}
    mine = installation(documents)
    if activation["line"] != license["line"]:
        return {"WRONG_INSTALLATION"}
    if mine is not None and mine != activation["installation"]:
        return {"WRONG_INSTALLATION"}
    return set()


def term_codes(license, time):
    if license["edition"] == "perpetual":
        over = after(license["maintenance"]["through"], 1, license["zone"])
        return {"MAINTENANCE_ENDED"} if time >= over else set()
    if license["edition"] == "community":
        return set()
    if time < begins(license):
        return {"NOT_YET_VALID"}
    if time < ends(license):
        return {"EXPIRING_SOON"} if time >= notice(license) else set()
    return {"IN_GRACE"} if time < grace_ends(license) else {"EXPIRED"}


def release_codes(license, release, running, time):
    found = set()
    version, _, commit = (running or "").partition("@")
    own = license["edition"] == "perpetual" and version == license["release"]
    if running is None or (release is None and not own):
        found.add("RELEASE_UNKNOWN")
    if release is None:
        return found
    if running is not None:
        if version != release["version"]:
            found.add("RELEASE_MISMATCH")
        elif commit and release.get("commit") and commit != release["commit"]:
            found.add("RELEASE_MISMATCH")
    edition = license["edition"]
    if edition == "community":
        over = community_ends(license, release)
        if time >= over:
            found.add("RELEASE_EXPIRED")
        elif time >= community_notice(license, release):
            found.add("EXPIRING_SOON")
        return found
    through = license["maintenance" if edition == "perpetual" else "term"]["through"]
    counted = release.get("covered_as_of", release["released"])
    if date(counted) > date(through) and not own:
        found.add("RELEASE_NOT_COVERED")
    return found
