"""Edits and snapshots on a real broker."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.bus.connection import connect
from shared.bus.documents import STREAM, Documents
from shared.bus.edits import FORM, Edit, Edits, Snapshot, Stored
from shared.ids import new_id
from tests.infra import eventually


def edits(*texts: str, source: str = "g1") -> Edits:
    return Edits(FORM, 0, source, [Edit("p-1", text.encode()) for text in texts])


@pytest.fixture
async def documents(nats_url: str) -> AsyncIterator[Documents]:
    client, js = await connect(nats_url, name="documents")
    yield await Documents.open(client, js)
    await client.close()


@pytest.fixture
def name() -> str:
    return f"plan-{new_id()}"


async def test_what_is_stored_is_loaded_in_its_order(documents: Documents, name: str) -> None:
    for number in range(600):
        await documents.publish("dresden", name, edits(str(number)))
    loaded = await documents.load("dresden", name)
    assert [message.edits.edits[0].update for message in loaded.tail] == [str(number).encode() for number in range(600)]
    assert (loaded.snapshot, loaded.lost) == (None, False)


async def test_a_document_that_was_never_written_is_empty(documents: Documents, name: str) -> None:
    loaded = await documents.load("dresden", name)
    assert (loaded.snapshot, loaded.tail) == (None, [])


async def test_documents_of_another_municipality_are_others(documents: Documents, name: str) -> None:
    await documents.publish("dresden", name, edits("x"))
    assert not (await documents.load("detmold", name)).tail


async def test_a_snapshot_of_any_size_comes_back_and_an_older_one_does_not_replace_it(
    documents: Documents, name: str
) -> None:
    first = Snapshot(FORM, 0, documents.stream, 10, b"x" * 1_800_000, {7: "p-1"})
    assert await documents.keep("dresden", name, first)
    assert await documents.snapshot("dresden", name) == first
    assert not await documents.keep("dresden", name, Snapshot(FORM, 0, documents.stream, 9, b"old", {}))
    second = Snapshot(FORM, 0, documents.stream, 11, b"y", {})
    assert await documents.keep("dresden", name, second)
    assert await documents.snapshot("dresden", name) == second


async def test_of_snapshots_written_at_once_the_winner_is_whole(documents: Documents, name: str) -> None:
    snapshots = [Snapshot(FORM, 0, documents.stream, number, b"x" * 600_000, {}) for number in range(1, 6)]
    await asyncio.gather(*(documents.keep("dresden", name, snapshot) for snapshot in snapshots))
    assert await documents.snapshot("dresden", name) in snapshots


async def test_loading_begins_at_the_snapshot(documents: Documents, name: str) -> None:
    sequences = [await documents.publish("dresden", name, edits(str(number))) for number in range(5)]
    await documents.keep("dresden", name, Snapshot(FORM, 0, documents.stream, sequences[2], b"s", {}))
    loaded = await documents.load("dresden", name)
    assert loaded.snapshot
    assert [message.sequence for message in loaded.tail] == sequences[3:]


async def test_a_snapshot_of_a_lost_stream_is_followed_by_all_there_is(documents: Documents, name: str) -> None:
    sequence = await documents.publish("dresden", name, edits("new"))
    await documents.keep("dresden", name, Snapshot(FORM, 0, "another", sequence + 900, b"s", {}))
    loaded = await documents.load("dresden", name)
    assert loaded.lost
    assert [message.sequence for message in loaded.tail] == [sequence]


async def test_purging_keeps_what_no_snapshot_holds_and_the_last_message(documents: Documents, name: str) -> None:
    sequences = [await documents.publish("dresden", name, edits(str(number))) for number in range(5)]
    await documents.purge("dresden", name, sequences[-1])
    assert len((await documents.load("dresden", name)).tail) == 5
    await documents.keep("dresden", name, Snapshot(FORM, 0, documents.stream, sequences[2], b"s", {}))
    await documents.purge("dresden", name, sequences[-1])
    assert [message.sequence for message in (await documents.load("dresden", name)).tail] == sequences[3:]
    await documents.keep("dresden", name, Snapshot(FORM, 0, documents.stream, sequences[4], b"s", {}))
    await documents.purge("dresden", name, sequences[-1])
    assert await documents.last("dresden", name) == sequences[-1]


async def test_what_is_purged_while_it_is_read_is_read_from_the_newer_snapshot(
    documents: Documents, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequences = [await documents.publish("dresden", name, edits(str(number))) for number in range(5)]
    await documents.keep("dresden", name, Snapshot(FORM, 0, documents.stream, sequences[0], b"old", {}))
    read = documents.snapshot

    async def overtaken(municipality: str, document: str) -> Snapshot | None:
        """Somebody else writes the next snapshot as soon as this one has been read, and what it holds is forgotten."""
        found = await read(municipality, document)
        monkeypatch.undo()
        await documents.keep("dresden", name, Snapshot(FORM, 0, documents.stream, sequences[3], b"new", {}))
        await documents.purge("dresden", name, sequences[3])
        return found

    monkeypatch.setattr(documents, "snapshot", overtaken)
    loaded = await documents.load("dresden", name)
    assert loaded.snapshot
    assert loaded.snapshot.state == b"new"
    assert [message.sequence for message in loaded.tail] == sequences[4:]


async def test_a_follower_hears_everything_in_order_and_goes_on_where_it_was(documents: Documents, name: str) -> None:
    heard: list[Stored] = []
    await documents.ensure()

    def hear(municipality: str, document: str, message: Stored | None, sequence: int) -> None:
        if document == name and message:
            heard.append(message)

    task = asyncio.create_task(documents.follow(hear, documents.end))
    sequences = [await documents.publish("dresden", name, edits(str(number))) for number in range(700)]
    await eventually(lambda: len(heard) == 700)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    sequences += [await documents.publish("dresden", name, edits(str(number))) for number in range(5)]
    task = asyncio.create_task(documents.follow(hear, sequences[699]))
    await eventually(lambda: len(heard) == 705)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [message.sequence for message in heard] == sequences


async def test_what_is_no_documents_does_not_keep_others_from_being_heard(documents: Documents, name: str) -> None:
    await documents.ensure()
    heard: list[tuple[str, str]] = []
    for subject in ("docs.dresden", f"docs.dresden.{name}.x"):
        await documents._js.publish(subject, b"?")
    sequence = await documents.publish("dresden", name, edits("x"))
    task = asyncio.create_task(documents.follow(lambda *what: heard.append(what[:2]), documents.end))
    await eventually(lambda: ("dresden", name) in heard or task.done(), 15)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert heard[-1] == ("dresden", name)
    for subject in ("docs.dresden", f"docs.dresden.{name}.x"):
        await documents._js.purge_stream(STREAM, subject=subject)
    assert await documents.last("dresden", name) == sequence


async def test_a_form_that_nobody_knows_fails_the_load(documents: Documents, name: str) -> None:
    await documents.publish("dresden", name, Edits(99, 0, "g", []))
    with pytest.raises(ValueError, match="form 99"):
        await documents.load("dresden", name)
    await documents._js.purge_stream(STREAM, subject=f"docs.dresden.{name}")
