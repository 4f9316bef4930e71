"""Counts a date again from the segments of a journal, and holds it against the record that closes it.

Written apart from the verifier: names and leaves by hmac and hashlib, the tree as RFC 9162 defines it, the
count of each second by a running sum.
"""

import hashlib
import hmac
import itertools

from site_under_test import base64url


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def tree(hashes: list[bytes]) -> bytes:
    """The root of RFC 9162, 2.1.1."""
    if not hashes:
        return sha256()
    if len(hashes) == 1:
        return hashes[0]
    left = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01", tree(hashes[:left]), tree(hashes[left:]))


def joined(segments: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """(from, to, weight) in order, without seams."""
    result: list[tuple[int, int, int]] = []
    for begin, end, weight in sorted(segments):
        if result and result[-1][1] == begin and result[-1][2] == weight:
            result[-1] = (result[-1][0], end, weight)
        else:
            result.append((begin, end, weight))
    return result


def leaf(key: bytes, date: str, identity: bytes, segments: list[tuple[int, int, int]]):
    """(name, hash) of a collector's leaf."""
    salt = hmac.digest(key, date.encode() + identity, "sha256")
    name = sha256(salt, identity)
    spans = b"".join(
        begin.to_bytes(8, "big") + end.to_bytes(8, "big") + weight.to_bytes(4, "big")
        for begin, end, weight in segments
    )
    return name, sha256(b"\x00", name, spans)


def wrong(record: dict, key: bytes, counted: dict[bytes, list[tuple[int, int, int]]]) -> str:
    """What a record says that the segments do not come to; empty where nothing is.

    `counted` has the segments of each collector, by its kind's length, kind and bytes. Of records whose gaps
    were joined nothing is said here.
    """
    if record.get("gaps_merged", 0) > 0:
        return ""
    begin, end = record["from"], record["to"]
    whole = {identity: joined(segments) for identity, segments in counted.items()}
    leaves = sorted(leaf(key, record["date"], *item) for item in whole.items())
    changes = [0] * (end - begin + 1)
    for start, stop, weight in itertools.chain.from_iterable(whole.values()):
        if not begin <= start < stop <= end:
            return f"a segment runs from {start} to {stop}"
        changes[start - begin] += weight
        changes[stop - begin] -= weight
    counts = list(itertools.accumulate(changes))[:-1]
    for gap in record["gaps"]:
        counts[gap["from"] - begin : gap["to"] - begin] = [-1] * (gap["to"] - gap["from"])
    watched = [second >= 0 for second in counts]
    distinct = sum(
        any(any(watched[start - begin : stop - begin]) for start, stop, _ in segments)
        for segments in whole.values()
    )
    minutes = [max(counts[at : at + 60]) for at in range(0, len(counts), 60)]
    peak = max(counts)
    found = {
        "leaves": len(leaves),
        "root": base64url(tree([hashed for _, hashed in leaves])),
        "distinct": distinct,
        "minutes": [[len(list(run)), count] for count, run in itertools.groupby(minutes)],
        "peak": peak if peak >= 0 else None,
        "peak_at": begin + counts.index(peak) if peak >= 0 else None,
    }
    said = {
        "leaves": record["evidence"]["leaves"],
        "root": record["evidence"]["root"],
        **{name: record.get(name) for name in ("distinct", "minutes", "peak", "peak_at")},
    }
    return "; ".join(
        f"{name} is {str(said[name])[:80]}, the segments come to {str(found[name])[:80]}"
        for name in found
        if found[name] != said[name]
    )
