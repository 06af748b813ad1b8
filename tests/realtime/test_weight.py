"""What native code would take long to place is refused or charged for; what honest editors do is neither."""

from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment, XmlText

from services.realtime.sync import protocol
from services.realtime.sync.intake import PER_MESSAGE
from services.realtime.sync.lib0 import blob, uint
from services.realtime.sync.protocol import Closing
from services.realtime.sync.replica import Replica
from tests.realtime.world import Client, Hall, Log

MANY = 4_500


@pytest.fixture
def hall() -> Hall:
    return Hall(Log(), "g1")


def seated(hall: Hall, name: str, number: int) -> Client:
    client = Client(name, number)
    client.connect(hall)
    client.settle()
    hall.settle()
    return client


def by_many_clients_at_one_place() -> bytes:
    each = (b"\x01" + uint(1_000 + number) + b"\x00\x04\x01\x04work\x01a" for number in range(MANY))
    return uint(MANY) + b"".join(each) + b"\x00"


def far_to_the_right() -> bytes:
    """Each between the beginning and another letter of a text that is there."""
    items = (b"\x44\x01" + uint(number) + b"\x01b" for number in range(MANY))
    return b"\x01" + uint(MANY) + b"\x06\x00" + b"".join(items) + b"\x00"


def under_one_key() -> bytes:
    return b"\x01" + uint(MANY) + b"\x06\x00" + b"\x28\x01\x04work\x01k\x01\x7e" * MANY + b"\x00"


def from_letter_to_letter_to_the_end() -> bytes:
    """A chain of pieces that name each other on the left, and something else on the right every time."""
    lefts = (b"\x06" + uint(number - 1) if number else b"\x01\x00" for number in range(MANY))
    rights = (b"\x01" + uint(MANY - number % 7) for number in range(MANY))
    items = (b"\xc4" + left + right + b"\x01b" for left, right in zip(lefts, rights, strict=True))
    return b"\x01" + uint(MANY) + b"\x06\x00" + b"".join(items) + b"\x00"


@pytest.mark.parametrize(
    "made", [by_many_clients_at_one_place, far_to_the_right, under_one_key, from_letter_to_letter_to_the_end]
)
def test_what_would_be_sought_for_all_over_a_document_is_refused(hall: Hall, made: Any) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.type("a" * 5_000)
    anna.settle()
    hall.settle()
    stored = len(hall.log.messages)
    ben.send(protocol.update(made()))
    hall.settle()
    assert ben.closed == (Closing.REFUSED, "too_scattered")
    assert len(hall.log.messages) == stored


def _types_a_page(doc: Doc[Any]) -> None:
    text = doc.get("work", type=Text)
    for number in range(3_000):
        text.insert(number, "a")


def _pastes_paragraphs(doc: Doc[Any]) -> None:
    page = doc.get("profile.goal", type=XmlFragment)
    for _ in range(1_200):
        page.children.append(XmlElement("paragraph", contents=[XmlText("Ein Absatz.")]))


def _imports_rows(doc: Doc[Any]) -> None:
    rows = doc.get("finance.costs", type=Map)
    for number in range(400):
        rows[f"k{number}"] = Map({"label": "Holz", "order": number, "unit_price_cents": 100})


def _puts_rows_on_top(doc: Doc[Any]) -> None:
    rows = doc.get("schedule", type=Array)
    for number in range(300):
        rows.insert(0, {"label": number})


def _replaces_all_over(doc: Doc[Any]) -> None:
    text = doc.get("work", type=Text)
    text.insert(0, "Holz und " * 500)
    for number in range(500):
        text.insert(number * 10, "x")


@pytest.mark.parametrize(
    "deed", [_types_a_page, _pastes_paragraphs, _imports_rows, _puts_rows_on_top, _replaces_all_over]
)
def test_whatever_an_honest_editor_does_at_once_counts_as_little(hall: Hall, deed: Any) -> None:
    anna = seated(hall, "Anna", 1)
    with anna.doc.transaction():
        deed(anna.doc)
    (frame,) = anna.outbox
    assert hall.receive(anna.seat, frame) <= 3
    hall.settle()
    assert anna.closed is None


def test_what_takes_longer_counts_as_more_and_typing_on_does_not(hall: Hall) -> None:
    anna = seated(hall, "Anna", 1)
    anna.type("Hallo")
    anna.settle()
    hall.settle()
    hall.room._intake.ledger.places.counts["work", ""] = 3 * PER_MESSAGE
    anna.type("X", 2)
    assert hall.receive(anna.seat, anna.outbox.popleft()) == 4
    anna.type("Y", 3)
    assert hall.receive(anna.seat, anna.outbox.popleft()) == 1


def test_how_much_there_is_outlives_the_room(hall: Hall) -> None:
    anna = seated(hall, "Anna", 1)
    for at in range(9):
        anna.type("Hallo", 2 * at)
    anna.settle()
    hall.settle()
    hall.log.snapshot = hall.room.snapshot("s")
    again = Hall(hall.log, "g2").room._intake.ledger.places
    assert again.counts == hall.room._intake.ledger.places.counts == {("work", ""): 9}


def test_what_nobody_sees_is_proved_once_for_all_that_is_stored_together(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.type("abc")
    del anna.text[0:1]
    anna.settle()
    hall.settle()
    proved: list[int] = []
    state = Replica.state
    monkeypatch.setattr(Replica, "state", lambda replica: (proved.append(1), state(replica))[1])
    for clock in range(20):
        ben.send(protocol.update(b"\x01\x01\x02" + uint(clock) + b"\xc1\x01\x00\x01\x01\x01" + b"\x00"))
    hall.settle()
    assert (len(proved), ben.closed) == (1, None)
    hall.room._intake.size = PER_MESSAGE
    unseen = b"\x01\x01\x02" + uint(20) + b"\xc6\x01\x00\x01\x01" + blob(b"bold") + blob(b"true") + b"\x00"
    assert hall.receive(ben.seat, protocol.update(unseen)) == 3
