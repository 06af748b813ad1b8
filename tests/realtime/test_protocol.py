"""The wire against bytes that Yjs, y-protocols and lib0 made (tests/realtime/golden)."""

import json
from pathlib import Path

import pytest

from services.realtime.sync import protocol
from services.realtime.sync.lib0 import MAX, Malformed, Reader, uint
from services.realtime.sync.protocol import Kind, Message
from services.realtime.sync.shapes import shape_of
from shared.bus.edits import FORM, Edit, Edits, Snapshot, decode_edits, decode_snapshot, encode

GOLDEN = Path(__file__).parent / "golden"
WIRE = {name: bytes.fromhex(text) for name, text in json.loads((GOLDEN / "wire.json").read_text()).items()}
HELLO = bytes.fromhex("0101070004010770726f66696c650548616c6c6f00")


def test_what_a_client_sends_is_read() -> None:
    assert protocol.read(WIRE["step1"]) == Message(Kind.STEP_1, b"\x01\x07\x05")
    assert protocol.read(WIRE["step2"]) == Message(Kind.STEP_2, HELLO)
    assert protocol.read(WIRE["update"]) == Message(Kind.UPDATE, HELLO)
    assert protocol.read(WIRE["empty_step2"]) == Message(Kind.STEP_2, protocol.NOTHING)
    assert protocol.read(WIRE["awareness"]).kind is Kind.AWARENESS
    assert protocol.read(WIRE["query_awareness"]) == Message(Kind.QUERY_AWARENESS, b"")


def test_what_the_server_sends_is_what_clients_read() -> None:
    assert protocol.step_1(b"\x01\x07\x05") == WIRE["step1"]
    assert protocol.step_2(HELLO) == WIRE["step2"]
    assert protocol.update(HELLO) == WIRE["update"]
    assert protocol.awareness(protocol.read(WIRE["awareness"]).payload) == WIRE["awareness"]


def test_our_own_kinds_have_their_bytes_for_ever() -> None:
    assert protocol.saved(300, 9) == WIRE["saved"] + b"\x09"  # a page that knows the count alone reads on
    assert protocol.denied("read_only") == WIRE["denied"]
    assert protocol.live(b'{"agenda":2}') == WIRE["live"]


@pytest.mark.parametrize("frame", ["", "00", "0003", "000205aa", "00020000", "0200", "64", "0301", "80", "ff" * 9])
def test_what_is_no_message_is_refused(frame: str) -> None:
    with pytest.raises(Malformed):
        protocol.read(bytes.fromhex(frame))


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**31, 2**32 - 1, MAX])
def test_a_number_comes_back(number: int) -> None:
    assert Reader(uint(number)).uint() == number


@pytest.mark.parametrize("spelling", ["8000", "ff00", "ffffffffffffff10", "ffffffffffffffff01"])
def test_a_number_in_a_longer_spelling_or_beyond_2_to_the_53_is_refused(spelling: str) -> None:
    with pytest.raises(Malformed):
        Reader(bytes.fromhex(spelling)).uint()


def test_a_state_vector_is_read_and_a_false_one_refused() -> None:
    assert protocol.state_vector(bytes.fromhex("0207050801")) == {7: 5, 8: 1}
    for vector in ("", "01", "0207050701", "010705aa", "ffffff7f0705", "0107ffffffff0f"):
        with pytest.raises(Malformed):
            protocol.state_vector(bytes.fromhex(vector))


def test_only_known_documents_and_their_roots_are_allowed() -> None:
    plan = shape_of("plan-018f3a")
    assert plan
    assert plan.allows("finance")
    assert plan.allows("profile.goal-1")
    assert not plan.allows("cards")
    assert not plan.allows("profile.")
    assert not plan.allows("profile.a.b")
    assert not shape_of("plan-")
    assert not shape_of("memo-1")
    assert not shape_of("plan-a.b")


def test_stored_forms_have_their_bytes_for_ever() -> None:
    golden = json.loads((GOLDEN / "stored.json").read_text())
    edits = Edits(FORM, 3, "g1", [Edit("p1", b"\x00\x00", (300,)), Edit("p2", b"abc", (), True)])
    snapshot = Snapshot(FORM, 3, "2026-01-02T03:04:05Z", 17, b"abc", {7: "p1", 2**32 - 1: ""}, b"\x01")
    assert encode(edits).hex() == golden["edits"]
    assert encode(snapshot).hex() == golden["snapshot"]
    assert decode_edits(bytes.fromhex(golden["edits"])) == edits
    assert decode_snapshot(bytes.fromhex(golden["snapshot"])) == snapshot


def test_a_stored_form_that_is_not_known_is_an_error() -> None:
    with pytest.raises(ValueError, match="form 2"):
        decode_edits(encode(Edits(2, 0, "g", [])))
