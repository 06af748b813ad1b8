"""The pre-parser against updates that Yjs made, and against what must never reach native code."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment, XmlText

from services.realtime.sync.lib0 import Malformed, blob, uint
from services.realtime.sync.update import LIVE, TRUSTED, WHOLE, Bounds, scan

GOLDEN = json.loads((Path(__file__).parent / "golden" / "updates.json").read_text())
UPDATES = {name: bytes.fromhex(text) for name, text in GOLDEN.items()}


def item(content: bytes, *, clients: int = 1, deletions: bytes = b"\x00") -> bytes:
    """One item of client 7 in the root `work`; `content` begins with its info byte."""
    info, rest = content[:1], content[1:]
    return uint(clients) + b"\x01\x07\x00" + info + b"\x01" + blob(b"work") + rest + deletions


def nested(depth: int) -> bytes:
    """A value in `depth` lists, each the only element of the one around it."""
    return item(b"\x08\x01" + b"\x75\x01" * depth + b"\x7e")


def chain(length: int) -> bytes:
    """One update that makes `length` maps, each inside the one before."""
    doc = Doc(client_id=7)
    with doc.transaction():
        inner = doc.get("work", type=Map)
        for _ in range(length):
            inner["in"] = Map()
            inner = inner["in"]
    return doc.get_update()


@pytest.mark.parametrize(
    ("name", "runs", "needs", "deletions", "nesting"),
    [
        ("text", [(11, 0, 5)], {}, [], 0),
        ("format", [(11, 0, 7)], {11: 6}, [], 0),
        ("embed", [(11, 0, 1)], {}, [], 0),
        ("map", [(11, 0, 4)], {}, [], 0),
        ("array", [(11, 0, 5)], {11: 4}, [(11, 0, 2)], 1),
        ("xml", [(11, 0, 7)], {11: 3}, [], 2),
        ("gc", [(11, 0, 3)], {}, [(11, 0, 3)], 0),
        ("skip", [(11, 0, 1), (11, 2, 3)], {11: 2}, [], 0),
        ("two", [(2**32 - 1, 0, 1), (11, 0, 2)], {11: 2}, [], 0),
    ],
)
def test_an_update_of_yjs_is_understood(
    name: str,
    runs: list[tuple[int, int, int]],
    needs: dict[int, int],
    deletions: list[tuple[int, int, int]],
    nesting: int,
) -> None:
    change = scan(UPDATES[name])
    assert (change.runs, change.needs, change.deletions, change.nesting) == (runs, needs, deletions, nesting)
    assert change.roots == {"work"}


@pytest.mark.parametrize("name", sorted(set(UPDATES) - {"big"}))
def test_every_cut_is_refused(name: str) -> None:
    for length in range(len(UPDATES[name])):
        with pytest.raises(Malformed):
            scan(UPDATES[name][:length])


def test_a_rest_is_refused() -> None:
    with pytest.raises(Malformed, match="rest"):
        scan(UPDATES["text"] + b"\x00")


def test_a_large_integer_that_would_come_back_as_another_type_is_refused() -> None:
    with pytest.raises(Malformed, match="value"):
        scan(UPDATES["big"])


@pytest.mark.parametrize(
    ("update", "why"),
    [
        (nested(65), "value"),
        (nested(30_000), "value"),
        (item(b"\x05" + blob(b"[" * 65 + b"]" * 65)), "depth"),
        (item(b"\x05" + blob(b"[" * 30_000)), "depth"),
        (item(b"\x05" + blob(b"{")), "JSON"),
        (item(b"\x05" + blob(b"undefined")), "JSON"),
        (item(b"\x04" + blob(b"\xff\xfe")), "cut"),
        (item(b"\x04\x00"), "length"),
        (item(b"\x01\x00"), "length"),
        (item(b"\x01" + uint(2**40)), "length"),
        (item(b"\x08" + uint(10**9)), "values"),
        (item(b"\x08\x01\x75" + uint(10**9)), "values"),
        (item(b"\x08\x01\x7d" + b"\xff" * 20), "cut|number"),
        (item(b"\x02\x01\x01a"), "content"),
        (item(b"\x09\x01a\x7e"), "content"),
        (item(b"\x0b\x01"), "content"),
        (item(b"\x07\x05\x01a"), "type"),
        (item(b"\x07\x09"), "type"),
        (uint(10**9), "cut"),
        (b"\x01" + uint(10**9) + b"\x07\x00", "structs"),
        (b"\x00\x01\x07" + uint(10**9), "deletions"),
        (b"\x00\x01\x07\x01\x00\x00", "deletion"),
        (b"\x02" + b"\x01\x07\x00\x04\x01\x04work\x01a" + b"\x01\x07\x01\x04\x01\x04work\x01b" + b"\x00", "twice"),
        (b"\x01\x01\x07\x05\x84\x07\x05\x01a\x00", "reference"),
        (b"\x01\x01\x07\x05\x04\x02\x04work\x01a\x00", "parent"),
    ],
)
def test_hostile_updates_are_refused(update: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        scan(update)


def test_as_many_structs_as_allowed_and_no_more() -> None:
    def update(count: int) -> bytes:
        return b"\x01" + uint(count) + b"\x07\x00" + b"\x00\x01" * count + b"\x00"

    assert scan(update(LIVE.structs)).runs == [(7, 0, LIVE.structs)]
    with pytest.raises(Malformed, match="structs"):
        scan(update(LIVE.structs + 1))
    assert scan(update(LIVE.structs + 1), WHOLE).runs


@pytest.mark.parametrize("length", [1, 2, 31, 400])
def test_types_inside_types_of_one_update_are_counted(length: int) -> None:
    assert scan(chain(length)).nesting == length


def test_neighbours_are_not_nested() -> None:
    doc = Doc(client_id=7)
    fragment = doc.get("work", type=XmlFragment)
    with doc.transaction():
        for number in range(50):
            fragment.children.append(XmlElement("paragraph", {}, [XmlText(f"line {number}")]))
    assert scan(doc.get_update()).nesting == 2


def test_types_that_refer_to_each_other_in_a_ring_are_refused() -> None:
    first = b"\x01\x07\x00\x07\x00\x08\x00\x00"  # a list of client 7 in the type that client 8 makes
    second = b"\x01\x08\x00\x07\x00\x07\x00\x00"  # and the other way round
    with pytest.raises(Malformed, match="ring"):
        scan(b"\x02" + first + second + b"\x00")


def edited(seed: int, steps: int) -> list[bytes]:
    """What a random editor sends: text, formats, lists, maps, elements, deletions."""
    chance, sent = random.Random(seed), []
    doc = Doc(client_id=chance.randrange(1, 2**32))
    text, rows, cards = doc.get("work", type=Text), doc.get("finance", type=Array), doc.get("profile", type=Map)
    doc.observe(lambda event: sent.append(event.update))
    for step in range(steps):
        match chance.randrange(6):
            case 0:
                text.insert(0, chance.choice(["a", "ä€", "😀", "lang " * 9]))
            case 1 | 2 if str(text):
                length = len(str(text)[0].encode())  # pycrdt counts bytes here
                if step % 2:
                    del text[0:length]
                else:
                    text.format(0, length, {"bold": True, "link": {"href": ["x", step]}})
            case 3:
                rows.append(chance.choice([None, 1, 2.5, "x", [1, [2, {"k": True}]], b"\x01\x02"]))
            case 4:
                cards[f"card-{step % 5}"] = Map({"text": Text("hallo"), "tags": Array([1, "zwei"])})
            case _ if len(rows) > 1:
                del rows[0]
    return [*sent, doc.get_update()]


@given(st.integers(0, 2**32), st.integers(1, 25))
def test_what_an_honest_editor_sends_passes(seed: int, steps: int) -> None:
    for update in edited(seed, steps):
        change = scan(update)
        for _, begin, end in change.runs:
            assert begin < end


@given(st.binary(max_size=400))
def test_any_bytes_are_an_update_or_malformed(data: bytes) -> None:
    try:
        scan(data)
    except Malformed:
        return
    scan(data, TRUSTED)


def test_bounds_hold_for_values() -> None:
    update = item(b"\x08" + uint(50) + b"\x7e" * 50)
    assert scan(update, Bounds(values=50)).runs == [(7, 0, 50)]
    with pytest.raises(Malformed, match="values"):
        scan(update, Bounds(values=49))
