"""Memory comes back: of rooms that close, of documents that are loaded anew, of updates that fail."""

import gc
from weakref import ref

import psutil
import pytest
from pycrdt import Doc, Map, Text

from services.realtime.sync.protocol import NOTHING
from services.realtime.sync.replica import Broken, Replica
from services.realtime.sync.room import Room
from services.realtime.sync.update import scan
from shared.bus.edits import FORM, Loaded, Snapshot

SIZE, TIMES, ALLOWED = 400_000, 60, 8_000_000  # what stayed would be 24 MB


def resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


@pytest.fixture
def state() -> bytes:
    doc: Doc[Text] = Doc(client_id=7)
    doc.get("work", type=Text).insert(0, "x" * SIZE)
    return doc.get_update()


def test_the_memory_of_closed_rooms_returns(state: bytes) -> None:
    def live() -> None:
        room = Room("g", lambda _: True)
        room.load(Loaded(Snapshot(FORM, 0, "s", 1, state, {7: "p-1"}), []))
        assert room.snapshot("s")

    live()
    before = resident()
    for _ in range(TIMES):
        live()
    assert resident() - before < ALLOWED


def test_a_room_ends_where_it_is_let_go(state: bytes) -> None:
    """Not when the collector comes by, perhaps in a thread in which its native document may not be touched."""
    room = Room("g", lambda _: True)
    room.load(Loaded(Snapshot(FORM, 0, "s", 1, state, {7: "p-1"}), []))
    seen = ref(room._replica)
    gc.disable()
    try:
        del room
        assert seen() is None
    finally:
        gc.enable()


def test_a_replica_that_was_written_to_can_be_let_go(state: bytes) -> None:
    doc: Doc[Map[Text]] = Doc(client_id=8)
    doc.get("cards", type=Map)["a"] = Text("neu")
    more = doc.get_update()

    def live() -> None:
        replica = Replica(state)
        assert replica.apply([(1, more, scan(more))]) != NOTHING
        with pytest.raises(Broken, match="unusable"):
            replica.apply([(1, b"\x01\x01", scan(more))])

    live()
    before = resident()
    for _ in range(TIMES):
        live()
    assert resident() - before < ALLOWED
