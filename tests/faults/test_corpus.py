"""Fault 15: everything that was ever stored, in a real log, read and read again without a byte of it changing."""

from hashlib import sha256

import pytest

from shared.store import Batch, NewEvent
from shared.store.codec import Codec, UnknownType
from tests.contracts.forms import corpus
from tests.counter import postgres_store


@pytest.mark.parametrize("service", sorted(corpus.deciders()))
async def test_stored_bytes_are_read_and_left_alone_and_a_stranger_halts(infra, service, verdict):
    lines, codec = corpus.lines(corpus.FORMS / f"{service}.jsonl"), Codec(corpus.deciders()[service])
    async with postgres_store(infra) as store:
        events = [NewEvent(0, f"e{n}", "", line.type, line.form, line.body.encode()) for n, line in enumerate(lines)]
        await _append(store, "golden-1", events)
        before = await store.entries("dresden")
        assert [sha256(entry.body).hexdigest() for entry in before] == [line.sha256 for line in lines]
        assert [entry.body_digest.hex() for entry in before] == [line.sha256 for line in lines]
        read = codec.readable(before)
        assert [type(one.event).__name__ for one in read] == [line.type for line in lines]
        await _append(store, "golden-2", [NewEvent(0, "x", "", "NeverHeardOf", 1, b"{}"), events[0]])
        entries = await store.entries("dresden")
        assert codec.readable(entries) == read
        with pytest.raises(UnknownType, match="NeverHeardOf"):
            codec.readable(entries[len(lines) :])
        assert entries[: len(lines)] == before
    verdict(
        15,
        f"all forms of {service} in a log, then a type that nobody knows",
        "recorded hashes, all read, the unknown type halts, stored bytes untouched",
        f"{len(lines)} forms with their hashes, halted after {len(read)}, bytes unchanged",
    )


async def _append(store, stream, events):
    changed = [NewEvent(0, f"{stream}-{e.event_id}", "", e.type, e.form, e.body) for e in events]
    batch = Batch(
        municipality="dresden",
        actor="ann",
        command_id=stream,
        digest=b"",
        streams=(stream,),
        expected=(0,),
        events=tuple(changed),
    )
    async with store.work() as work:
        await work.append(batch)
