"""The armour of sealed documents, read and written from its description in Docs/Formats.md alone.

A block is a BEGIN line, base 64 of the document in lines of 64 columns, a line of `=` and the CRC-32 of
the document in eight hexadecimal digits, and an END line.
"""

import base64
import re
import zlib

BLOCK = re.compile(
    r"-----BEGIN TALLY ([A-Z]+)-----\n(?P<body>(?:[A-Za-z0-9+/=]{1,64}\n)+?)"
    r"=(?P<sum>[0-9a-f]{8})\n-----END TALLY \1-----\n"
)


def unwrap(text: str) -> list[tuple[str, bytes]]:
    """The blocks of a file as (label, document); nothing but blank lines may stand between them."""
    blocks = []
    for match in BLOCK.finditer(text):
        lines = match["body"].splitlines()
        assert all(len(line) == 64 for line in lines[:-1]), "a line is not 64 columns wide"
        document = base64.b64decode("".join(lines), validate=True)
        assert f"{zlib.crc32(document):08x}" == match["sum"], "the checksum is not the document's"
        blocks.append((match[1], document))
    rest = BLOCK.sub("", text)
    assert not rest.strip(), f"text outside the blocks: {rest[:80]!r}"
    assert blocks, "the file holds no block"
    return blocks


def wrap(label: str, document: bytes) -> str:
    """One block."""
    body = base64.b64encode(document).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join(
        [f"-----BEGIN TALLY {label}-----", *lines, f"={zlib.crc32(document):08x}"]
        + [f"-----END TALLY {label}-----", ""]
    )


def write(blocks: list[tuple[str, bytes]]) -> str:
    """A file of several blocks."""
    return "\n".join(wrap(label, document) for label, document in blocks)
