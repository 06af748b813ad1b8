"""A leaf of the audit tree: the header of a log entry as canonical bytes, and their hash.

The append function in the database makes the same bytes; third parties rebuild them from an exported header.
"""

import re

from msgspec import Struct
from msgspec.json import Encoder

from shared.audit import merkle

# Printable ASCII without quote and backslash: no escapes, so every language writes the same bytes.
_PLAIN = re.compile(r"[ !#-\[\]-~]*")
_DIGEST = re.compile(r"(?:[0-9a-f]{64})?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_LARGEST = 2**53 - 1

_encoder = Encoder(order="sorted")


class Header(Struct, frozen=True, kw_only=True):
    """What the log says about one entry, apart from its body; the fields are in the order of the leaf.

    `body` and `sealed` are SHA-256 digests in lowercase hex. Whatever is absent is "".
    `recorded_at` is UTC with microseconds: `2026-03-02T18:30:00.000000Z`.
    """

    actor: str
    body: str
    cause: str = ""
    correlation: str = ""
    event_id: str
    form: int
    municipality: str
    on_behalf_of: str = ""
    position: int
    project: str = ""
    recorded_at: str
    sealed: str = ""
    stream: str
    type: str
    version: int


def leaf_bytes(header: Header) -> bytes:
    """The header as canonical JSON (RFC 8785): sorted names, no spaces, ASCII. Raises `ValueError` naming the field."""
    for name in header.__struct_fields__:
        if not _fits(name, getattr(header, name)):
            raise ValueError(f"{name} of a log entry cannot be hashed: {getattr(header, name)!r}")
    return _encoder.encode(header)


def leaf_hash(header: Header) -> bytes:
    """SHA-256 over 0x00 and the canonical header (RFC 6962, 2.1)."""
    return merkle.leaf_hash(leaf_bytes(header))


def _fits(name: str, value: str | int) -> bool:
    match name:
        case "form" | "position" | "version":
            return type(value) is int and 0 <= value <= _LARGEST
        case "body" | "sealed":
            pattern = _DIGEST
        case "recorded_at":
            pattern = _TIME
        case _:
            pattern = _PLAIN
    return isinstance(value, str) and pattern.fullmatch(value) is not None and value.isascii()
