"""The room without any network: what it promises to those who write, read, join, leave and lie."""

import json
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from services.realtime.sync import protocol
from services.realtime.sync.intake import Limits
from services.realtime.sync.lib0 import blob, uint
from services.realtime.sync.order import Order
from services.realtime.sync.places import Piece
from services.realtime.sync.protocol import Closing
from services.realtime.sync.replay import Incomplete
from services.realtime.sync.replica import Replica
from services.realtime.sync.room import Room
from services.realtime.sync.seats import Seat
from shared.bus.edits import FORM, Edit, Edits, Loaded, Stored
from tests.realtime.test_update import UPDATES
from tests.realtime.world import Client, Hall, Log, person


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def hall(log: Log) -> Hall:
    return Hall(log, "g1")


def seated(hall: Hall, name: str, number: int, **how: object) -> Client:
    client = Client(name, number)
    client.connect(hall, **how)  # type: ignore[arg-type]
    client.settle()
    hall.settle()
    client.settle()
    return client


def update_of(number: int, text: str, root: str = "work") -> bytes:
    doc: Doc[Text] = Doc(client_id=number)
    doc.get(root, type=Text).insert(0, text)
    return doc.get_update()


def test_nobody_sees_an_update_and_nothing_is_called_saved_before_it_is_stored(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    before = anna.saved
    anna.type("Hallo")
    anna.settle()
    hall.store(acknowledge=False)
    ben.settle()
    anna.settle()
    assert (str(ben.text), anna.saved) == ("", before)
    hall.acknowledged()
    ben.settle()
    anna.settle()
    assert (str(ben.text), anna.saved) == ("Hallo", before + 1)


def test_what_arrives_while_storing_goes_out_as_one_message_and_one_frame(hall: Hall, log: Log) -> None:
    anna, ben, cem = (seated(hall, name, number) for number, name in enumerate(("Anna", "Ben", "Cem"), 1))
    anna.type("a")
    anna.settle()
    hall.store(acknowledge=False)
    stored = len(log.messages)
    for _ in range(5):
        anna.type("x")
        ben.type("y")
        anna.settle()
        ben.settle()
    hall.acknowledged()
    cem.inbox.clear()
    hall.store()
    assert len(log.messages) == stored + 1
    assert [edit.person for edit in log.messages[-1].edits.edits] == ["p-Anna", "p-Ben"]
    assert len(cem.inbox) == 1


def test_saved_counts_step_2_and_every_update_of_this_socket(hall: Hall) -> None:
    anna = Client("Anna", 1)
    anna.type("offline")
    anna.connect(hall)
    anna.settle()
    hall.settle()
    anna.settle()
    assert anna.saved == 1
    anna.type("1")
    del anna.text[0:1]  # a deletion moves no state vector
    anna.settle()
    hall.settle()
    anna.settle()
    assert anna.saved == 3


def test_typing_may_go_on_before_the_offline_text_has_been_sent(hall: Hall, log: Log) -> None:
    anna = Client("Anna", 1)
    anna.type("ohne Netz ")
    anna.connect(hall)
    anna.type("schon wieder ")
    anna.type("dabei ")
    while anna.outbox:
        anna.step()  # the updates leave before the question for the offline text has been read
    assert anna.closed is None
    anna.settle()
    hall.settle()
    anna.settle()
    assert str(log.replayed().get("work", type=Text)) == str(anna.text)
    assert anna.saved == 3


def test_what_is_known_is_not_stored_again(hall: Hall, log: Log) -> None:
    anna = seated(hall, "Anna", 1)
    anna.type("Hallo")
    anna.settle()
    hall.settle()
    stored = len(log.messages)
    anna.cut()
    anna.connect(hall)
    anna.send(protocol.step_2(anna.doc.get_update()))
    hall.settle()
    anna.settle()
    assert len(log.messages) == stored
    assert anna.saved


def test_who_joins_waits_for_what_is_being_stored(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), Client("Ben", 2)
    anna.type("Hallo")
    anna.settle()
    hall.store(acknowledge=False)
    ben.connect(hall)
    ben.settle()
    assert str(ben.text) == ""
    hall.acknowledged()
    ben.settle()
    assert str(ben.text) == "Hallo"


def test_who_waits_too_long_is_asked_to_come_back(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), Client("Ben", 2)
    anna.type("Hallo")
    anna.settle()
    hall.store(acknowledge=False)
    ben.connect(hall)
    ben.settle()
    hall.tick(5.1)
    assert ben.closed == (Closing.LATER, "not durable yet")
    assert ben.denied == []


def test_a_reader_reads_and_may_not_write(hall: Hall, log: Log) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2, reading="read_only")
    anna.type("Hallo")
    anna.settle()
    hall.settle()
    ben.settle()
    assert str(ben.text) == "Hallo"
    ben.send(protocol.step_2(protocol.NOTHING))
    ben.send(protocol.step_2(ben.doc.get_update()))
    assert ben.closed is None
    stored = len(log.messages)
    ben.type("und ich?")
    ben.settle()
    hall.settle()
    ben.settle()
    assert ben.closed == (Closing.RIGHT_GONE, "read_only")
    assert ben.denied == ["read_only"]
    assert len(log.messages) == stored


def test_a_readers_step_2_with_something_new_is_a_write(hall: Hall) -> None:
    ben = seated(hall, "Ben", 2, reading="read_only")
    ben.send(protocol.step_2(update_of(2, "neu")))
    assert ben.closed == (Closing.RIGHT_GONE, "read_only")


def test_an_old_editor_reads_and_is_told_to_reload_when_it_writes(hall: Hall) -> None:
    ben = seated(hall, "Ben", 2, reading="old_client")
    ben.type("x")
    ben.settle()
    assert ben.closed == (Closing.OLD_CLIENT, "old_client")


def test_readers_are_not_asked_for_what_they_have(hall: Hall) -> None:
    ben = Client("Ben", 2)
    ben.connect(hall, reading="read_only")
    assert protocol.step_1(b"\x00") not in ben.inbox


def test_a_plain_client_hears_no_kinds_of_ours(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1, own=False), seated(hall, "Ben", 2)
    anna.type("Hallo")
    anna.settle()
    hall.settle()
    hall.room.tell(b'{"agenda":2}')
    hall.carry()
    assert all(frame[0] in (0, 1) for frame in anna.inbox)
    ben.settle()
    assert ben.live == [b'{"agenda":2}']


@pytest.mark.parametrize(
    ("frame", "code", "reason"),
    [
        (protocol.update(update_of(9, "x", "secrets")), Closing.REFUSED, "unknown_root"),
        (protocol.update(b"\x01\x01\x09\x05\x04\x01\x04work\x01a\x00"), Closing.REFUSED, "gap"),
        (protocol.update(b"\x01\x01\x09\x00\x84\x63\x05\x01a\x00"), Closing.REFUSED, "gap"),
        (protocol.update(b"\x00\x01\x63\x01\x00\x05"), Closing.REFUSED, "gap"),
        (protocol.update(b"\x05"), Closing.REFUSED, "malformed: cut"),
        (b"\x07", Closing.REFUSED, "malformed: kind"),
        (protocol.step_1(b"\xff"), Closing.REFUSED, "malformed: cut"),
        (protocol.update(update_of(9, "x" * 300_000)), Closing.TOO_BIG, "too_big"),
        (protocol.step_2(update_of(9, "x" * 1_100_000)), Closing.TOO_BIG, "too_big"),
        (
            protocol.update(b"\x01\x01\x09\x00\x08\x01\x04work\x01" + b"\x75\x01" * 30_000 + b"\x7e\x00"),
            Closing.REFUSED,
            "malformed: value",
        ),
    ],
)
def test_content_that_must_not_be_applied_ends_its_sender_alone(
    hall: Hall, log: Log, frame: bytes, code: Closing, reason: str
) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 9)
    stored = len(log.messages)
    ben.send(frame)
    hall.settle()
    ben.settle()
    assert ben.closed == (code, reason)
    assert ben.denied == [reason]
    assert len(log.messages) == stored
    anna.type("weiter")
    anna.settle()
    hall.settle()
    assert str(log.replayed().get("work", type=Text)) == "weiter"


def test_a_client_id_belongs_to_who_used_it_first(hall: Hall, log: Log) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.type("Hallo")
    anna.settle()
    hall.settle()
    ben.settle()
    forged: Doc[Text] = Doc(client_id=1)
    forged.apply_update(ben.doc.get_update())
    forged.get("work", type=Text).insert(0, "gefälscht ")
    ben.send(protocol.update(forged.get_update(ben.doc.get_state())))
    assert ben.closed == (Closing.REFUSED, "foreign_client")
    hall.settle()
    again = Hall(log, "g2")
    cem = seated(again, "Cem", 3)
    cem.send(protocol.update(forged.get_update(ben.doc.get_state())))
    assert cem.closed == (Closing.REFUSED, "foreign_client")


def test_anybody_may_delete_what_others_wrote(hall: Hall, log: Log) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.type("Hallo")
    anna.settle()
    hall.settle()
    ben.settle()
    del ben.text[0:4]
    ben.settle()
    hall.settle()
    anna.settle()
    assert str(anna.text) == "o"
    assert log.messages[-1].edits.edits[0].person == "p-Ben"


def test_half_a_character_is_never_parted_from_the_other(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.type("a😀b")
    anna.settle()
    hall.settle()
    ben.send(protocol.update(b"\x00\x01\x01\x01\x02\x01"))  # deletes only the second half
    assert ben.closed == (Closing.REFUSED, "half_character")
    again = Hall(hall.log, "g2")
    cem = seated(again, "Cem", 3)
    cem.send(protocol.update(b"\x01\x01\x03\x00\xc4\x01\x01\x01\x02\x01X\x00"))  # writes between the halves
    assert cem.closed == (Closing.REFUSED, "half_character")
    cem.cut()
    cem.connect(again)
    cem.send(protocol.update(b"\x00\x01\x01\x01\x01\x02"))  # deletes the whole character
    assert cem.closed is None


def test_neighbours_in_the_wrong_order_are_refused(hall: Hall, log: Log) -> None:
    """What lies between them would lie elsewhere in the next copy of the document, and in the copy of that."""
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.type("abcdef")
    del anna.text[0:4]
    anna.settle()
    hall.settle()
    for left, right in ((4, 3), (2, 1), (5, 0)):
        eve = seated(hall, "Eve", 66)
        stored = len(log.messages)
        places = uint(1) + uint(left) + uint(1) + uint(right)
        eve.send(protocol.update(b"\x01\x01" + uint(44 + left) + b"\x00\xc4" + places + blob(b"xyz") + b"\x00"))
        hall.settle()
        assert (eve.closed == (Closing.REFUSED, "tangled")) is (left == 2)  # the others happen to stay where they are
        assert (len(log.messages) == stored) is bool(eve.closed)
    ben.settle()
    assert hall.room.snapshot("s")


def test_who_types_into_what_another_has_just_deleted_stays(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.doc.get("profile", type=Map)["about"] = Text("hello")
    anna.settle()
    hall.settle()
    ben.settle()
    ben.doc.get("profile", type=Map)["about"].insert(2, "x")
    del anna.doc.get("profile", type=Map)["about"]
    anna.settle()
    hall.settle()
    ben.step()
    hall.settle()
    anna.settle()
    ben.settle()
    assert (anna.closed, ben.closed) == (None, None)
    assert hall.room.snapshot("s")
    assert anna.doc.get_state() == ben.doc.get_state()


def test_an_item_known_in_part_lies_where_that_part_lies(hall: Hall, log: Log) -> None:
    """pycrdt puts its rest behind what is known; two gateways would differ, and the document could not be loaded."""
    eve, ben = seated(hall, "Eve", 66), seated(hall, "Ben", 2)
    eve.type("xy")
    eve.settle()
    ben.send(protocol.update(update_of(2, "Holz", "finance")))
    hall.settle()
    stored = len(log.messages)
    longer = b"\x01\x01" + uint(66) + b"\x01\xc4" + uint(2) + b"\x00" + uint(2) + b"\x01" + blob(b"abc") + b"\x00"
    eve.send(protocol.update(longer))
    hall.settle()
    assert eve.closed == (Closing.REFUSED, "tangled")
    assert len(log.messages) == stored


def test_an_item_between_neighbours_in_different_places_is_refused(hall: Hall, log: Log) -> None:
    """pycrdt puts it here or there; once it deleted the whole paragraph when the document was loaded."""
    anna, ben = seated(hall, "Anna", 11), seated(hall, "Ben", 2)
    anna.send(protocol.update(UPDATES["xml"]))  # a paragraph (11, 0) with an attribute (11, 1)
    hall.settle()
    ben.send(protocol.update(b"\x01\x01\x02\x00\xc4\x0b\x00\x0b\x01\x01X\x00"))
    assert ben.closed == (Closing.REFUSED, "tangled")
    again = Hall(log, "g2")
    cem = seated(again, "Cem", 3)
    both = b"\x01\x02\x03\x00\x84\x0b\x00\x01X\xc4\x03\x00\x0b\x01\x01Y\x00"
    cem.send(protocol.step_2(both))
    assert cem.closed == (Closing.REFUSED, "tangled")


@pytest.mark.parametrize("levels", [31, 32, 60])
def test_types_may_lie_32_deep_in_each_other_and_no_deeper(hall: Hall, log: Log, levels: int) -> None:
    """Built level by level, so that no single update tells."""
    anna = seated(hall, "Anna", 1)
    ben = seated(hall, "Ben", 2)
    inner = ben.doc.get("profile", type=Map)
    for _ in range(levels):
        inner["in"] = Map()
        inner = inner["in"]
        ben.settle()
        hall.settle()
    assert (ben.closed is None) == (levels <= 32)
    assert hall.reloads == []  # what is too deep is never applied
    anna.type("weiter")
    anna.settle()
    hall.settle()
    assert anna.closed is None
    assert str(log.replayed().get("work", type=Text)) == "weiter"


def test_an_update_that_nests_too_deep_at_once_is_refused_and_others_lose_nothing(hall: Hall, log: Log) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    with ben.doc.transaction():
        inner = ben.doc.get("profile", type=Map)
        for _ in range(33):
            inner["in"] = Map()
            inner = inner["in"]
    anna.type("Hallo")
    ben.settle()
    anna.settle()
    hall.settle()
    anna.settle()
    assert ben.closed == (Closing.REFUSED, "depth")
    assert hall.reloads == []  # it was never applied
    assert str(log.replayed().get("work", type=Text)) == "Hallo"
    assert anna.saved == 2


def test_structs_that_wait_for_each_other_for_ever_are_refused(hall: Hall) -> None:
    ben = seated(hall, "Ben", 2)
    first = b"\x01\x08\x00\x84\x09\x00\x01a"
    second = b"\x01\x09\x00\x84\x08\x00\x01b"
    ben.send(protocol.step_2(b"\x02" + second + first + b"\x00"))
    hall.settle()
    assert ben.closed == (Closing.REFUSED, "malformed: ring")


def test_a_document_has_an_end(log: Log) -> None:
    hall = Hall(log, "g1", Limits(document=20_000))
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    for _ in range(20):
        if not anna.closed:
            anna.type("x" * 2_000)
            anna.settle()
            hall.settle()
    assert anna.closed == (Closing.TOO_BIG, "too_big")
    ben.settle()
    del ben.text[0:15_000]
    ben.settle()
    hall.settle()
    ben.type("wieder Platz")
    ben.settle()
    hall.settle()
    assert ben.closed is None


def test_a_nearly_full_document_is_not_measured_at_every_stroke(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []
    size = Replica.size
    monkeypatch.setattr(Replica, "size", lambda replica: (measured.append(1), size(replica))[1])
    anna = seated(hall, "Anna", 1)
    for _ in range(4):
        anna.type("x" * 245_000)
        anna.settle()
        hall.settle()
    measured.clear()
    for _ in range(100):
        anna.type("ab")
        anna.settle()
        hall.settle()
    assert len(measured) <= 2
    assert anna.closed is None


def test_a_room_shows_its_backlog(hall: Hall) -> None:
    anna = seated(hall, "Anna", 1)
    anna.type("a")
    anna.settle()
    hall.store(acknowledge=False)
    assert hall.room.pending == 0
    anna.type("b" * 1_000)
    anna.settle()
    assert hall.room.pending > 1_000
    hall.acknowledged()
    hall.settle()
    assert hall.room.pending == 0


def test_one_stored_message_holds_what_the_broker_takes(log: Log) -> None:
    hall = Hall(log, "g1", Limits(message=5_000))
    anna = seated(hall, "Anna", 1)
    for _ in range(10):
        anna.type("x" * 2_000)
        anna.settle()
    hall.settle()
    assert len(log.messages) == 5
    anna.settle()
    assert anna.saved == 11


# -- awareness


def state(client: Client, number: int) -> dict[str, object] | None:
    found: dict[str, object] | None = json.loads(client.states[number])
    return found


def test_name_and_colour_are_the_servers_word(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.move(b'{"cursor":7,"user":{"name":"Die Koordination","person":"p-Ben","colour":5}}')
    hall.tick(1)
    ben.settle()
    assert state(ben, 1) == {"cursor": 7, "user": {"person": "p-Anna", "name": "Anna", "colour": 1}}


def test_nobody_speaks_for_another(hall: Hall) -> None:
    anna, ben, cem = (seated(hall, name, number) for number, name in enumerate(("Anna", "Ben", "Cem"), 1))
    anna.move()
    ben.move()
    hall.tick(1)
    assert ben.move(b'{"cursor":99}', client=1, clock=50) == 1
    assert ben.move(b"null", client=1, clock=50) == 1
    hall.tick(2)
    cem.settle()
    assert (state(cem, 1) or {})["cursor"] == 1


def test_an_echo_costs_nothing_and_changes_nothing(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    assert anna.move() == 1
    hall.tick(1)
    frame = ben.inbox[-1]
    assert hall.receive(ben.seat, frame) == 0
    assert hall.receive(anna.seat, frame) == 0
    assert ben.move(b"null", client=1, clock=1) == 0  # how a client tells that it has not heard of another for 30 s
    hall.tick(2)
    ben.inbox.clear()
    hall.tick(3)
    assert not ben.inbox


def test_who_left_does_not_come_back_as_an_echo(hall: Hall) -> None:
    anna, ben, cem = (seated(hall, name, number) for number, name in enumerate(("Anna", "Ben", "Cem"), 1))
    anna.move()
    hall.tick(1)
    late = ben.inbox[-1]
    anna.cut()
    hall.tick(2)
    cem.settle()
    assert state(cem, 1) is None
    assert hall.receive(ben.seat, late) == 0
    hall.tick(3)
    cem.settle()
    assert state(cem, 1) is None


def test_a_second_socket_takes_over_from_one_that_died_unnoticed(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.move()
    former = anna.seat
    anna.connect(hall)
    anna.move(b'{"cursor":5}')
    hall.room.leave(former)
    hall.tick(1)
    ben.settle()
    assert (state(ben, 1) or {})["cursor"] == 5


def test_awareness_goes_out_at_most_ten_times_a_second(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    ben.inbox.clear()
    for step in range(100):
        anna.move()
        hall.tick(step / 100)
    assert 9 <= len(ben.inbox) <= 11


def test_nobody_goes_20_seconds_without_a_message(hall: Hall) -> None:
    anna = seated(hall, "Anna", 1)
    for second in range(0, 61):
        hall.tick(second)
    assert len(anna.inbox) >= 3


@pytest.mark.parametrize("text", [b"7", b"{", b"[" * 50_000, b'{"x":"' + b"x" * 5_000 + b'"}'])
def test_awareness_that_is_no_state_ends_its_sender(hall: Hall, text: bytes) -> None:
    anna = seated(hall, "Anna", 1)
    anna.move(text)
    assert anna.closed
    assert anna.closed[0] is Closing.REFUSED


def test_a_reader_without_a_name_is_not_shown(hall: Hall) -> None:
    anna = seated(hall, "Anna", 1)
    guest = Client("", 5)
    guest.who = msgspec.structs.replace(guest.who, person="")
    guest.connect(hall, reading="read_only")
    guest.move()
    hall.tick(1)
    anna.settle()
    assert 5 not in anna.states


def test_queried_awareness_is_told(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.move()
    ben.inbox.clear()
    ben.send(b"\x03")
    ben.settle()
    assert (state(ben, 1) or {})["cursor"] == 1


# -- what is stored


def test_snapshot_and_tail_give_the_same_document(hall: Hall, log: Log) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.type("vorher ")
    anna.settle()
    hall.settle()
    log.snapshot = hall.room.snapshot("s")
    assert log.snapshot
    ben.settle()
    ben.type("nachher ")
    ben.settle()
    hall.settle()
    again = Hall(log, "g2")
    cem = seated(again, "Cem", 3)
    assert str(cem.text) == str(ben.text)
    assert again.room.sequence == len(log.messages)


def test_no_snapshot_while_the_memory_is_ahead_of_the_stream(hall: Hall) -> None:
    anna = seated(hall, "Anna", 1)
    anna.type("x")
    anna.settle()
    hall.store(acknowledge=False)
    assert hall.room.snapshot("s") is None
    hall.acknowledged()
    assert hall.room.snapshot("s") is None  # acknowledged, but others may have stored before it
    hall.follow()
    assert hall.room.snapshot("s")


def test_a_log_with_a_hole_is_an_error_and_never_a_document(log: Log) -> None:
    hall = Hall(log, "g1")
    anna = seated(hall, "Anna", 1)
    for word in ("eins", "zwei"):
        anna.type(word)
        anna.settle()
        hall.settle()
    room = Room("g2", lambda _: True)
    with pytest.raises(Incomplete):
        room.load(Loaded(None, log.messages[1:]))
    assert room.loading
    room.load(Loaded(None, log.messages))
    assert not room.loading


def test_what_arrives_before_the_document_is_loaded_is_kept(log: Log) -> None:
    room = Room("g1", lambda _: True)
    room.join(Seat(number=1, who=person("Anna")))
    room.receive(1, protocol.step_2(update_of(1, "früh")), 0)
    assert room.flush() is None
    room.load(log.load())
    edits = room.flush()
    assert edits
    assert edits.edits[0].clients == (1,)


def test_two_gateways_show_the_same(log: Log) -> None:
    one, two = Hall(log, "g1"), Hall(log, "g2")
    anna, ben = seated(one, "Anna", 1), seated(two, "Ben", 2)
    anna.type("links ")
    ben.type("rechts ")
    for _ in range(3):
        anna.settle()
        ben.settle()
        one.settle()
        two.settle()
    anna.settle()
    ben.settle()
    assert str(anna.text) == str(ben.text) == str(log.replayed().get("work", type=Text))


def test_one_client_id_let_in_by_two_gateways_at_once_is_settled_by_the_stream(log: Log) -> None:
    one, two = Hall(log, "g1"), Hall(log, "g2")
    anna, ben, cem = seated(one, "Anna", 7), seated(two, "Ben", 7), seated(two, "Cem", 3)
    anna.type("Anna")
    ben.type("Ben")
    anna.settle()
    ben.settle()
    one.store()
    two.store()
    one.settle()
    two.settle()
    assert cem.closed == (Closing.REFUSED, "diverged")
    texts = []
    for hall, number in ((one, 21), (two, 22)):
        texts.append(str(seated(hall, "Dora", number).text))
    assert texts == ["Anna", "Anna"]


def test_a_document_seeded_again_sends_everybody_away_and_refuses_the_former_text(hall: Hall, log: Log) -> None:
    anna = seated(hall, "Anna", 1)
    anna.type("alt")
    anna.settle()
    hall.settle()
    snapshot = hall.room.snapshot("s")
    assert snapshot
    owners = dict.fromkeys(snapshot.owners, "")
    log.snapshot = msgspec.structs.replace(snapshot, epoch=1, state=update_of(50, "neu"), owners=owners)
    log.publish(Edits(FORM, 1, "restore", []))
    hall.settle()
    assert anna.closed == (Closing.REFUSED, "new_epoch")
    anna.connect(hall)
    anna.settle()
    hall.settle()
    assert anna.closed == (Closing.REFUSED, "foreign_client")
    assert str(seated(hall, "Ben", 2).text) == "neu"


def test_a_lost_log_is_brought_back_by_those_who_have_it(hall: Hall, log: Log) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.type("eins ")
    anna.settle()
    hall.settle()
    log.snapshot = hall.room.snapshot("former stream")
    for client, word in ((anna, "zwei "), (ben, "drei ")):
        client.settle()
        client.type(word)
        client.settle()
        hall.settle()
    anna.settle()
    ben.settle()
    fresh = Log()
    room = Hall(fresh, "g2")
    room.room.load(Loaded(log.snapshot, [], lost=True))
    anna.connect(room)  # brings what Ben wrote, too
    anna.settle()
    room.settle()
    ben.connect(room)
    ben.settle()
    room.settle()
    ben.type("vier ")
    ben.settle()
    room.settle()
    anna.settle()
    assert (anna.closed, ben.closed) == (None, None)
    assert str(anna.text) == str(ben.text)
    assert fresh.messages[0].edits.edits[0].person == "p-Anna"


def test_a_stored_message_with_unknown_content_leaves_the_room_loading() -> None:
    room = Room("g1", lambda _: True)
    message = Stored(1, Edits(FORM, 0, "g9", [Edit("p", b"\x05")]))
    with pytest.raises(Incomplete):
        room.load(Loaded(None, [message]))


def test_a_doubt_that_arises_while_loading_is_not_forgotten(hall: Hall, log: Log) -> None:
    hall.room.doubt("unreadable")
    hall.room.doubt("unreadable")
    with pytest.raises(Incomplete):
        hall.room.load(log.load())
    hall.room.load(log.load())
    assert not hall.room.loading
    assert [type(wish).__name__ for wish in hall.room.out] == ["Reload"]


@given(
    st.lists(st.tuples(st.sampled_from([b"", b"\x00\x00", b"\x00\x01", b"\x00\x02", b"\x01"]), st.binary(max_size=60)))
)
def test_whatever_bytes_arrive_the_room_stands(frames: list[tuple[bytes, bytes]]) -> None:
    hall = Hall(Log(), "g1")
    anna = seated(hall, "Anna", 1)
    for kind, rest in frames:
        ben = seated(hall, "Ben", 2)
        ben.send(kind + (blob(rest) if kind else rest))
        hall.settle()
        hall.tick(1)
    anna.type("Hallo")
    anna.settle()
    hall.settle()
    anna.settle()
    assert anna.saved == 2


def test_rows_of_lists_of_maps_pass(hall: Hall, log: Log) -> None:
    anna = seated(hall, "Anna", 1)
    rows = anna.doc.get("finance", type=Array)
    rows.append(Map({"id": "k1", "order": 1, "label": Text("Holz 😀")}))
    anna.settle()
    hall.settle()
    assert len(log.replayed().get("finance", type=Array)) == 1


def test_an_unknown_seat_is_ignored(hall: Hall) -> None:
    assert hall.room.receive(99, protocol.step_1(uint(0)), 0) == 0
    hall.room.dismiss(99, Closing.RESTART, "x")
    assert not hall.room.out


def test_a_foreign_awareness_update_that_is_cut_ends_its_sender(hall: Hall) -> None:
    anna = seated(hall, "Anna", 1)
    anna.send(protocol.awareness(b"\x02\x01\x01" + blob(b"{}")))
    assert anna.closed


def test_more_echoes_than_there_was_to_echo_are_charged(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.move(b'{"cursor":"' + b"x" * 3_000 + b'"}')
    hall.tick(1)
    frame = ben.inbox[-1]
    assert [hall.receive(ben.seat, frame) for _ in range(4)] == [0, 0, 1, 1]


def test_who_asks_for_the_document_again_and_again_waits_for_each_answer(hall: Hall) -> None:
    anna = seated(hall, "Anna", 1)
    anna.inbox.clear()
    for _ in range(5):
        anna.send(protocol.step_1(b"\x00"))
    assert not anna.inbox
    hall.tick(0.5)
    assert not any(frame[:2] == b"\x00\x01" for frame in anna.inbox)
    hall.tick(1.0)
    assert sum(frame[:2] == b"\x00\x01" for frame in anna.inbox) == 1


def test_names_of_roots_that_were_refused_take_no_room_from_others(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2, only=frozenset({"comments"}))
    ben.send(protocol.update(filled_roots(2, "work", 400)))
    assert ben.closed == (Closing.RIGHT_GONE, "comments_only")
    anna.send(protocol.update(filled_roots(1, "profile", 200)))
    assert anna.closed is None


def filled_roots(client: int, name: str, count: int) -> bytes:
    """A value in each of so many roots."""
    items = (b"\x28\x01" + blob(f"{name}.n{number}".encode()) + b"\x01k\x01\x7e" for number in range(count))
    return b"\x01" + uint(count) + uint(client) + b"\x00" + b"".join(items) + b"\x00"


def test_what_came_before_step_2_is_not_called_saved_with_it(log: Log) -> None:
    """They do not fit into one message of the stream: step 2 is stored, and what counts as sent before it is not."""
    hall = Hall(log, "g1", Limits(message=5_000))
    anna = Client("Anna", 1)
    anna.type("x" * 4_000)
    anna.connect(hall)
    step_2 = protocol.step_2(anna.doc.get_update())
    anna.type("y" * 3_000)
    anna.send(anna.outbox.pop())
    anna.send(step_2)
    anna.inbox.clear()
    hall.store()
    anna.settle()
    assert (len(log.messages), anna.saved) == (1, 0)
    hall.settle()
    anna.settle()
    assert (len(log.messages), anna.saved) == (2, 2)


def test_nobody_puts_words_into_what_another_is_just_having_stored(hall: Hall, log: Log) -> None:
    """Whose clock comes next can be guessed; applied in another order, the words would count as the other's."""
    anna, zoe = seated(hall, "Zoe", 1), seated(hall, "Anna", 2)
    anna.type("Hallo")
    anna.settle()
    hall.settle()
    anna.type("X")
    anna.settle()
    zoe.send(protocol.update(b"\x01\x01\x02\x00\x84\x01\x05" + b"\x01!" + b"\x00"))
    hall.settle()
    stored = [(edit.person, edit.clients) for message in log.messages for edit in message.edits.edits]
    assert stored == [("p-Zoe", (1,)), ("p-Zoe", ()), ("p-Anna", (2,))]


def test_nobody_takes_the_client_id_under_which_another_shows_herself_before_she_writes(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    anna.move()
    ben.send(protocol.update(update_of(1, "Hallo")))
    assert ben.closed == (Closing.REFUSED, "foreign_client")
    anna.type("Hallo")
    anna.settle()
    hall.settle()
    assert anna.closed is None


def test_awareness_of_more_clients_than_there_have_been_ends_its_sender(hall: Hall) -> None:
    anna = seated(hall, "Anna", 1)
    entries = b"".join(uint(client) + b"\x01" + blob(b"{}") for client in range(2_000))
    anna.send(protocol.awareness(uint(2_000) + entries))
    assert anna.closed == (Closing.REFUSED, "malformed: awareness")


def test_the_whole_document_is_encoded_once_for_all_who_join_together(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, encoded = seated(hall, "Anna", 1), list[bytes]()
    anna.type("Hallo")
    anna.settle()
    hall.store(acknowledge=False)
    missing = Replica.missing
    monkeypatch.setattr(
        Replica, "missing", lambda replica, vector: (encoded.append(vector), missing(replica, vector))[1]
    )
    readers = [Client(f"Ben {number}", 10 + number) for number in range(5)]
    for reader in readers:
        reader.connect(hall, reading="read_only")
        reader.settle()
    hall.acknowledged()
    for reader in readers:
        reader.settle()
    assert {str(reader.text) for reader in readers} == {"Hallo"}
    assert len(encoded) == 1


def test_whatever_fails_while_it_is_applied_nothing_of_it_is_called_saved(
    hall: Hall, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    certain, before = Order.certain, ben.saved

    def fails(order: Order, pieces: Sequence[Piece]) -> bool:
        if any(piece.client == 2 for piece in pieces):
            raise ValueError("never seen before")
        return certain(order, pieces)

    monkeypatch.setattr(Order, "certain", fails)
    for _ in range(2):
        anna.type("Hallo ")
        ben.type("Welt ")
        anna.settle()
        ben.settle()
        hall.settle()
        anna.settle()
    assert (ben.closed, ben.saved) == ((Closing.REFUSED, "unusable"), before)
    assert (anna.closed, anna.saved) == (None, 3)
    assert str(log.replayed().get("work", type=Text)) == "Hallo Hallo "


def test_tiny_echoes_are_counted_too(hall: Hall) -> None:
    anna, ben = seated(hall, "Anna", 1), seated(hall, "Ben", 2)
    for second in range(1, 5):
        anna.move(b'{"cursor":"' + b"x" * 4_000 + b'"}')
        hall.tick(second)
    nothing = protocol.awareness(b"\x00")
    assert sum(hall.receive(ben.seat, nothing) for _ in range(1_000)) > 900
