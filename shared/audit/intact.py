"""Whether the log is what its leaves say: nothing of header or body was changed, left out or put elsewhere since."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

from shared.audit.leaf import leaf_hash
from shared.audit.merkle import CompactRange
from shared.audit.notes import Checkpoint
from shared.store import Entry, Store, header_of

_PAGE = 500
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def intact(entries: Iterable[Entry]) -> bool:
    """Rebuilds every leaf from its header, and every digest from its body; redacted bodies have none to rebuild."""
    return all(fault_of(entry) is None for entry in entries)


def fault_of(entry: Entry) -> str | None:
    """What is not as it was when the entry was written; None where all is."""
    if entry.body is not None and sha256(entry.body).digest() != entry.body_digest:
        return "its body was changed"
    if entry.sealed is not None and sha256(entry.sealed).digest() != entry.sealed_digest:
        return "its sealed part was changed"
    try:
        return None if leaf_hash(header_of(entry)) == entry.leaf else "its header or leaf was changed"
    except ValueError as error:
        return str(error)


async def hash_anew(store: Store, municipality: str, signed: Checkpoint | None) -> str:
    """Reads and hashes the whole log; says in one line what does not hold first, "" where everything does.

    `signed` is the checkpoint that the log has to begin with.
    """
    head = await store.head(municipality)
    tree, before = CompactRange(), _BEGINNING
    while entries := await store.entries(municipality, tree.size, min(_PAGE, head.size - tree.size)):
        for entry in entries:
            if entry.position != tree.size + 1:
                return f"entry {tree.size + 1} is missing"
            if fault := fault_of(entry) or ("it is older than the one before" if entry.recorded_at < before else None):
                return f"entry {entry.position}: {fault}"
            tree.append(entry.leaf)
            before = entry.recorded_at
            if signed and tree.size == signed.size and tree.root() != signed.root:
                return f"the first {signed.size} entries are not those that were signed"
        await asyncio.sleep(0)  # others are served in between
    if signed and tree.size < signed.size:
        return f"entry {tree.size + 1} of {signed.size} that were signed is missing"
    if tree.size != head.size or tree.root() != CompactRange(head.size, head.range).root():
        return f"the tree over {head.size} entries is not the one that the log says"
    return ""
