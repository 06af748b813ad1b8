"""Takes from a log what goes into a bundle: all of it, or what belongs to one stream, with a proof for each entry."""

import re
from collections.abc import AsyncIterator, Sequence

from shared.audit.bundle_writing import Part
from shared.audit.cosigning import witnesses
from shared.audit.shelf import Signed
from shared.audit.signer import Signer
from shared.store import Entry, Store, every_entry

_NAMED = re.compile(rb'"([a-z]+)_id":"([0-9a-zA-Z-]{1,80})"')
_MOST = 100_000  # entries of a stream


async def part_of(store: Store, signer: Signer, signed: Signed, municipality: str, stream: str = "") -> Part:
    """A log up to what was `signed` last, or an excerpt: everything in `stream`, and what other streams say of it."""
    size = signed.checkpoint.size
    cosigned = [signed.cosigned] if signed.cosigned and signed.cosigned != signed.served else []
    if not stream:
        entries = _first(store, municipality, size)
        return Part(service=signer.service, checkpoint=signed.served, entries=entries, earlier=cosigned)
    tree = signer.tree(municipality, signed.epoch)

    async def prove(index: int) -> Sequence[bytes]:
        return await tree.inclusion(index, size)

    chosen = [entry for entry in await _about(store, municipality, stream) if entry.position <= size]
    entries = _one_by_one(chosen)
    return Part(service=signer.service, checkpoint=signed.served, entries=entries, prove=prove, streams=(stream,))


def keys_of(signer: Signer, signed: Signed) -> list[str]:
    """The keys that have signed the log, newest first, and those of the witnesses that the operator trusts."""
    own = signer.keyring.keys(signed.checkpoint.origin)
    return [key.text for key in (*own, *witnesses(signer.folder))]


async def _first(store: Store, municipality: str, size: int) -> AsyncIterator[Entry]:
    async for entry in every_entry(store, municipality):
        if entry.position > size:
            break
        yield entry


async def _about(store: Store, municipality: str, stream: str) -> list[Entry]:
    """The entries of a stream, and of each stream that they name (`"pot_id"` is in `pot-…`) those that name its id."""
    own = await store.entries(municipality, 0, _MOST, stream=stream)
    id = stream.partition("-")[2].encode()
    named = {b"-".join(pair).decode() for entry in own for pair in _NAMED.findall(entry.body or b"")}
    found = {entry.position: entry for entry in own}
    for other in sorted(named - {stream}):
        for entry in await store.entries(municipality, 0, _MOST, stream=other):
            if id in (entry.body or b""):
                found[entry.position] = entry
    return [found[position] for position in sorted(found)]


async def _one_by_one(entries: Sequence[Entry]) -> AsyncIterator[Entry]:
    for entry in entries:
        yield entry
