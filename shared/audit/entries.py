"""Entries of a log for whoever checks it: as JSON with their bodies, and as the bundles of C2SP `tlog-tiles`."""

from base64 import b64encode
from collections.abc import Iterable

from msgspec import Struct

from shared.audit.leaf import Header
from shared.store import Entry, header_of


class Exported(Struct, frozen=True):
    """An entry for whoever checks it: `body` is None once redacted, `sealed` base64 or None, `leaf` hex."""

    header: Header
    body: str | None
    sealed: str | None
    leaf: str


def exported(entry: Entry) -> Exported:
    body = None if entry.body is None else entry.body.decode()
    sealed = None if entry.sealed is None else b64encode(entry.sealed).decode()
    return Exported(header_of(entry), body, sealed, entry.leaf.hex())


def bundle(entries: Iterable[bytes]) -> bytes:
    """What the leaves are hashes of, each after its length in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises `ValueError`."""
    found = []
    while data:
        end = 2 + int.from_bytes(data[:2], "big")
        if not 2 <= end <= len(data):
            raise ValueError("not a bundle of entries")
        found.append(data[2:end])
        data = data[end:]
    return found
