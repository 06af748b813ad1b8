"""What is deleted is known range by range, and is brought up to date instead of being read anew."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from services.realtime.sync import protocol
from services.realtime.sync.deletions import Deletions
from services.realtime.sync.lib0 import blob, uint
from services.realtime.sync.protocol import Closing
from services.realtime.sync.replica import Replica
from services.realtime.sync.update import LIVE, TRUSTED, scan
from tests.realtime.test_fence import ONLY
from tests.realtime.world import Client, Hall, Log

RANGES = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 40), st.integers(1, 9)), max_size=30)


@given(RANGES, st.integers(0, 40), st.integers(0, 20))
def test_what_is_missing_of_a_range_is_what_none_of_the_others_holds(
    found: list[tuple[int, int, int]], begin: int, length: int
) -> None:
    deletions = Deletions()
    deletions.add((client, low, low + size) for client, low, size in found)
    held = {(client, clock) for client, low, size in found for clock in range(low, low + size)}
    missing = [clock for low, high in deletions.missing(1, begin, begin + length) for clock in range(low, high)]
    assert missing == [clock for clock in range(begin, begin + length) if (1, clock) not in held]
    assert deletions._known == Deletions((client, low, low + size) for client, low, size in found)._known


def test_it_moves_on_with_the_document() -> None:
    doc, replica = Doc[Any](client_id=1), Replica()
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    rows, fields = doc.get("finance", type=Array), doc.get("profile", type=Map)
    for number in range(40):
        rows.append(Map({"label": Text(f"Zeile {number}")}))
        fields["title"] = f"Titel {number}"
        if number % 3 == 2:
            del rows[number // 3]  # and with it what lies in it
        while updates:
            update = updates.pop(0)
            replica.apply([(1, update, scan(update))])
        if number % 5 == 0:
            moved, fresh = replica.deletions(), scan(replica._doc.get_update(replica.vector()), TRUSTED).deletions
            assert moved._known == Deletions(fresh)._known


@pytest.mark.parametrize("ranges", [[(0, 5), (0, 5)], [(0, 5), (4, 1)], [(4, 1), (0, 5)]])
def test_no_honest_editor_deletes_one_thing_twice_in_one_update(ranges: list[tuple[int, int]]) -> None:
    hall = Hall(Log(), "g1")
    anna, ben = _seated(hall, "Anna", 1), _seated(hall, "Ben", 2)
    anna.type("Hallo Welt")
    anna.settle()
    hall.settle()
    found = b"".join(uint(begin) + uint(length) for begin, length in ranges)
    ben.send(protocol.update(b"\x00\x01\x01" + uint(len(ranges)) + found))
    assert ben.closed == (Closing.REFUSED, "malformed: deletions")


def _seated(hall: Hall, name: str, number: int, only: frozenset[str] | None = None) -> Client:
    client = Client(name, number)
    client.connect(hall, only=only)
    client.settle()
    hall.settle()
    return client


def scattered(client: int, count: int) -> bytes:
    """Values under keys of two roots in turn, so that no two neighbouring clocks lie in one place."""
    items = (
        b"\x28\x01" + blob((b"work", b"comments")[clock % 2]) + blob(b"k%d" % (clock % 1000)) + b"\x01\x7e"
        for clock in range(count)
    )
    return b"\x01" + uint(count) + uint(client) + b"\x00" + b"".join(items) + b"\x00"


@pytest.mark.parametrize("only", [None, ONLY])
def test_who_repeats_deletions_of_everything_is_not_looked_at_as_long_as_that(only: frozenset[str] | None) -> None:
    hall = Hall(Log(), "g1")
    anna, ben = _seated(hall, "Anna", 1), _seated(hall, "Ben", 2, only)
    anna.send(protocol.update(scattered(1, LIVE.structs)))
    hall.settle()
    everything = protocol.update(b"\x00\x01\x01\x01\x00" + uint(LIVE.structs))
    anna.send(everything)
    hall.settle()
    ben.send(everything)  # the first time it is to be found out what is deleted
    begun = time.process_time()
    for _ in range(300):
        ben.send(everything)
    assert time.process_time() - begun < 1.0  # 1.5 s and more, if each of them looks at every struct
    assert ben.closed is None
