"""Whether entries of the log are what their leaves say: nothing of header or body was changed since."""

from collections.abc import Iterable
from hashlib import sha256

from shared.audit.leaf import leaf_hash
from shared.store import Entry, header_of


def intact(entries: Iterable[Entry]) -> bool:
    """Rebuilds every leaf from its header, and every digest from its body; redacted bodies have none to rebuild."""
    return all(_fits(entry) for entry in entries)


def _fits(entry: Entry) -> bool:
    if entry.body is not None and sha256(entry.body).digest() != entry.body_digest:
        return False
    return leaf_hash(header_of(entry)) == entry.leaf
