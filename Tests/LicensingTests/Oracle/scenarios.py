"""Random documents, with most of their dates where calendars are uneven.

A scenario is what a site has (licenses of one line, release, activation, receipts); a moment is when
and how it is asked. Moments lie on the seconds at which some rule turns, one before and one after.
"""
import datetime
import functools

import civil
from civil import DAY
from rules import Documents, Moment
import rules

ISS, PRODUCT, LINE = "https://license.vendor.example", "observability-platform", "lin_1"
FIRST, LAST = datetime.date(1970, 2, 1), datetime.date(2150, 12, 31)
SPECIAL = [datetime.date.fromisoformat(text) for text in
           """1972-02-29 1999-12-31 2000-02-29 2024-02-29 2028-02-29 2036-12-31 2038-01-18
           2038-01-19 2096-02-29 2100-02-28 2100-03-01 2106-02-07""".split()]
HOUR = 3600


@functools.lru_cache(maxsize=None)
def uneven_dates(zone):
    """Dates at and beside each change of the zone's offset, a skipped one with those around it."""
    where, found = civil.zone(zone), set()
    for turn in civil.turns(zone):
        before = civil.local(where, turn - 1).date()
        found |= {before + civil.ONE_DAY * step for step in range(-1, 3)}
    return sorted(one for one in found if FIRST <= one <= LAST)


@functools.lru_cache(maxsize=None)
def odd_dates(zone):
    """Dates that are skipped, or whose first second is not at midnight, or comes twice."""
    where, found = civil.zone(zone), []
    for turn in civil.turns(zone):
        before, after = civil.local(where, turn - 1), civil.local(where, turn)
        if before.date() != (civil.local(where, turn - 1 + HOUR)).date() or (
            before.date() != after.date()
        ):
            found += [before.date() + civil.ONE_DAY * step for step in (0, 1, 2)]
    return sorted({one for one in found if FIRST <= one <= LAST})


def some_date(rng, zone):
    kind = rng.random()
    if kind < 0.25 and odd_dates(zone):
        return rng.choice(odd_dates(zone))
    if kind < 0.65 and uneven_dates(zone):
        return rng.choice(uneven_dates(zone))
    if kind < 0.75:
        return rng.choice(SPECIAL)
    return FIRST + civil.ONE_DAY * rng.randrange((LAST - FIRST).days)


def clamp(date):
    return min(max(date, FIRST), LAST)


def years_later(date, years):
    try:
        return date.replace(year=date.year + years) - civil.ONE_DAY
    except ValueError:  # from 29 February
        return datetime.date(date.year + years, 2, 28)


def some_length(rng, edition, begin):
    """The last day of a term that begins on a date."""
    if edition != "payg" and rng.random() < 0.6:
        return years_later(begin, rng.choice([1, 1, 1, 2, 3, 4, 5]))
    days = rng.choice([1, 1, 2, 3, 4, 5, 7, 28, 30, 31, 89, 90, 91, 239, 240, 241, 365, 366,
                       rng.randrange(1, 1500)])
    return begin + civil.ONE_DAY * (days - 1)


def some_term(rng, zone, edition, previous):
    """A term with an end on a remarkable date, or one that renews the previous one."""
    if previous and rng.random() < 0.9:
        step = rng.choice([1, 1, 1, 0, 2, -1, rng.randrange(-400, 400)])
        begin = clamp(rules.date(previous["through"]) + civil.ONE_DAY * step)
        return begin, some_length(rng, edition, begin)
    anchor = some_date(rng, zone)
    if rng.random() < 0.5:
        return anchor, some_length(rng, edition, anchor)
    length = some_length(rng, edition, anchor) - anchor
    return clamp(anchor - length), anchor


def some_reporting(rng, edition):
    if edition == "community":
        return None
    if edition != "payg" and rng.random() < 0.6:
        return None
    mode = rng.choice(["realtime", "offline"])
    reporting = {"mode": mode}
    if mode != "offline":
        reporting["gateway"] = "https://usage.vendor.example"
    if edition == "payg" or rng.random() < 0.6:
        reporting["lease_hours"] = rng.choice([1, 2, 24, 71, 72, 168, 8784, 87_840])
    return reporting


def some_license(rng, zone, edition, revision, previous):
    license = {
        "ver": 1, "iss": ISS, "jti": f"lic_{revision}", "line": LINE, "revision": revision,
        "epoch": 1, "sub": "cus_1", "customer": "ACME Ltd", "product": PRODUCT, "iat": 0,
        "edition": edition, "zone": zone, "collectors": {"window": 300, "dwell": 0},
        "support": "5x8", "installations": 1}
    begin, through = some_term(rng, zone, edition, previous)
    span = {"from": begin.isoformat(), "through": through.isoformat()}
    if edition in ("subscription", "perpetual"):
        license["collectors"] |= {"limit": 500, "overage": rng.choice(["refuse", "record"])}
    if edition == "perpetual":
        license |= {"maintenance": span, "release": rng.choice(["1.0.0", "1.9.0"])}
    elif edition != "community":
        license |= {"term": span, "grace_days": rng.choice([0, 0, 1, 7, 14, 30, 3660])}
    if reporting := some_reporting(rng, edition):
        license["reporting"] = reporting
    if edition == "payg":
        license["price"] = {"currency": "CNY", "minor_per_collector_day": 120}
    if rng.random() < 0.3:
        license["activation"] = rng.choice(["required", "optional"])
    lead = rng.choice([0, 1, rng.randrange(40 * DAY), rng.randrange(400 * DAY), -30 * DAY])
    license["iat"] = max(0, civil.first_second(zone, begin) - lead)
    return license, span


def some_licenses(rng, zone):
    licenses, previous = [], None
    revision = 0
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
        revision += rng.choice([1, 1, 1, 2])
        edition = rng.choice(["subscription", "subscription", "perpetual", "payg", "payg",
                              "community"])
        license, previous = some_license(rng, zone, edition, revision, previous)
        licenses.append(license)
    return licenses


def some_release(rng, zone, license):
    through = license.get("term", license.get("maintenance", {})).get("through")
    released = some_date(rng, zone)
    if license["edition"] == "community" and rng.random() < 0.6:
        released = clamp(released - civil.ONE_DAY * rng.choice([179, 180, 181]))
    if through and rng.random() < 0.8:
        step = rng.choice([-1, 0, 0, 1, rng.randrange(-2000, 0)])
        released = clamp(rules.date(through) + civil.ONE_DAY * step)
    release = {
        "ver": 1, "iss": ISS, "iat": license["iat"], "epoch": 1, "product": PRODUCT,
        "version": rng.choice(["1.0.0", "1.9.0"]), "released": released.isoformat()}
    if rng.random() < 0.3:
        step = rng.choice([1, 30, rng.randrange(1, 1000)])
        release["covered_as_of"] = clamp(released - civil.ONE_DAY * step).isoformat()
    if rng.random() < 0.2:
        release["commit"] = "4f2a9c1"
    if rng.random() < 0.1:
        release["iat"] = civil.first_second(zone, released) + 10 * HOUR
    if rng.random() < 0.03:
        release["product"] = "another-platform"
    release["iat"] = max(release["iat"], first_signing(release))
    return release


def first_signing(release):
    """The first second at which a release can be signed: 31 days before its day, in UTC."""
    return max(0, civil.first_second("UTC", clamp(
        rules.date(release["released"]) - civil.ONE_DAY * 31)))


def some_site(rng, documents):
    """Activation, own key, newest record and receipts, where the rules say what each is worth."""
    license = rng.choice(documents.given + documents.held)
    needed = any(one["edition"] == "payg" for one in documents.given + documents.held)
    if rng.random() < (0.85 if needed else 0.3):
        documents.activation = {
            "iat": license["iat"] + rng.choice([0, 1, HOUR, 30 * DAY]),
            "line": LINE if rng.random() < 0.95 else "lin_2",
            "revision": rng.choice([license["revision"]] * 8 + [1, 2, 3, 9]), "installation": 1}
    stranger = rng.random() < 0.08 and documents.activation
    if rng.random() < 0.5:
        documents.own = 2 if stranger else 1
    if rng.random() < 0.5:
        lost = rng.random() < 0.2
        documents.record = {
            "installation": 2 if stranger else 1,
            "license": "lic_lost" if lost else license["jti"],
            "revision": rng.randrange(1, 5) if lost else license["revision"]}
    if stranger:
        return
    known = documents.activation or documents.own or documents.record
    hours = license.get("reporting", {}).get("lease_hours")
    if known and hours and rng.random() < 0.7:
        at = max([license["iat"]] + ([documents.activation["iat"]] if documents.activation else []))
        for seq in range(rng.choice([1, 1, 2, 3])):
            at += rng.choice([1, HOUR, 3 * DAY, rng.randrange(1, 30 * DAY)])
            receipt = {"iat": at, "installation": rng.choice([1, 1, 1, 9]), "seq": seq + 1}
            if rng.random() < 0.8:
                granted = rng.choice([hours * HOUR, hours * HOUR, hours * HOUR // 2, 2 * HOUR])
                receipt["lease_through"] = at + granted
            documents.receipts.append(receipt)
        rng.shuffle(documents.receipts)


def scenario(rng, zone):
    licenses = some_licenses(rng, zone)
    documents = Documents()
    way = rng.random()
    for license in licenses:
        if way < 0.5 or (way > 0.7 and rng.random() < 0.6):
            documents.given.append(license)
        if 0.5 <= way and rng.random() < 0.7:
            documents.held.append(license)
    if not documents.given + documents.held:
        documents.given = licenses
    rng.shuffle(documents.given)
    if rng.random() < 0.92:
        documents.release = some_release(rng, zone, rng.choice(licenses))
    if rng.random() < 0.05:
        documents.revoked.add(rng.choice(licenses)["jti"])
    if rng.random() < 0.7:
        sign_early(rng, documents)
    some_site(rng, documents)
    return documents


def sign_early(rng, documents):
    """Signs everything before all that happens: the clock may then be trusted at every turn."""
    instants = [point for one in documents.given + documents.held
                for point in ([rules.begins(one)] if "term" in one else [one["iat"]])]
    if documents.release:
        instants.append(civil.first_second(
            documents.given[0]["zone"] if documents.given else documents.held[0]["zone"],
            rules.date(documents.release["released"])))
    early = max(0, min(instants) - rng.choice([0, DAY, rng.randrange(60 * DAY)]))
    for one in documents.given + documents.held + [documents.release or {}]:
        one["iat"] = early
    if documents.release:
        documents.release["iat"] = max(early, first_signing(documents.release))


def turning_points(documents, keyset):
    """Every instant at which a rule may turn for one of the licenses."""
    found = {keyset + 180 * DAY + 1} if keyset else set()
    for one in documents.given + documents.held:
        if "term" in one:
            found |= {rules.begins(one), rules.ends(one), rules.grace_ends(one), rules.notice(one)}
        if one["edition"] == "perpetual":
            found.add(rules.after(one["maintenance"]["through"], 1, one["zone"]))
        if one["edition"] == "community" and documents.release:
            over = rules.community_ends(one, documents.release)
            found |= {over, rules.community_notice(one, documents.release)}
        if until := rules.lease(one, documents):
            found |= set(until)
    return sorted(found or {documents.release["iat"] if documents.release else 0})


def some_running(rng, release):
    if rng.random() < 0.02:
        return None
    version = release["version"] if release and rng.random() < 0.95 else rng.choice(
        ["1.0.0", "1.9.0", "2.0.0"])
    return version + rng.choice(["", "", "", "@4f2a9c1", "@0000000"])


def some_moment(rng, documents, points, keyset):
    wall = rng.choice(points) + rng.choice([-1, -1, 0, 0, 1])
    if keyset and rng.random() < 0.5:
        keyset = max(0, wall - rng.randrange(180 * DAY))
    floor = None
    kind = rng.random()
    if kind < 0.1:
        floor = wall + 24 * HOUR + rng.choice([-1, 0, 1])
    elif kind < 0.2:
        floor, wall = wall, max(0, wall - rng.choice([1, HOUR, DAY, 400 * DAY]))
    elif kind < 0.25:
        floor = wall - rng.randrange(400 * DAY)
    elif kind < 0.3:
        wall += rng.randrange(-500 * DAY, 500 * DAY)
    wall = max(0, wall)
    floor = None if floor is None else max(0, floor)
    pool = documents.given + documents.held
    if rng.random() < 0.02 and (
        len(pool) == 1 or all(one["edition"] == "perpetual" for one in pool)
    ):
        wall = None
    standing = tuple(code for code in ("CLOCK_UNTRUSTED", "LEDGER_DAMAGED", "OVER_LIMIT")
                     if rng.random() < 0.02)
    return Moment(
        wall=wall, floor=floor, keyset=keyset,
        running=some_running(rng, documents.release),
        product=rng.choice([None, None, PRODUCT, PRODUCT, PRODUCT, "another-platform"])
        if rng.random() < 0.1 else None,
        standing=standing)


def is_settled(documents, moment):
    """Whether the written rules say what must come out."""
    floor = max(rules.signed_instants(documents) + [moment.floor or 0])
    time = max(moment.wall or 0, floor)
    record = documents.record
    for one in documents.given + documents.held:
        # A record of a license that has not begun: the clock lied then or lies now.
        if record and record["license"] == one["jti"] and not rules.has_begun(one, time):
            return False
        # The document of a perpetual license's own release beside another program: which is it?
        if one["edition"] == "perpetual" and documents.release:
            version = (moment.running or "").partition("@")[0]
            if documents.release["version"] == one["release"] != version:
                return False
    return True
