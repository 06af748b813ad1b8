"""From what was typed or sent to a command: each fault at its field."""

from typing import Annotated

import pytest
from msgspec import Meta

from shared.message import Command
from shared.web.forms import Invalid, from_form, from_json, is_key


class Order(Command):
    order_id: str
    title: Annotated[str, Meta(min_length=3, max_length=9)]
    amount_cents: int = 0
    due_on: str = "2027-01-01"
    lines: tuple[str, ...] = ()


def faults(take, *given):
    with pytest.raises(Invalid) as refused:
        take(Order, *given)
    return {name: fault.code for name, fault in refused.value.faults.items()}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", {"order_id": "missing", "title": "missing"}),
        (b'{"order_id":"a b","title":"ab"}', {"order_id": "wrong_form", "title": "too_short"}),
        (b'{"order_id":"a","title":"a\\u0000bc"}', {"title": "wrong_form"}),
        (b'{"order_id":"a","title":"abc","due_on":"2027-02-31"}', {"due_on": "wrong_form"}),
        (b'{"order_id":"a","title":"abc","amount_cents":1.5}', {"amount_cents": "not_a_number"}),
        (b'{"order_id":"a","title":"abc","lines":["a\\u0000"]}', {"lines": "wrong_form"}),
        (b'{"order_id":"a","title":"abc","more":1}', {"more": "unknown_field"}),
        (b"[1]", {"": "not_an_object"}),
        (b"\xff", {"": "not_json"}),
    ],
)
def test_every_fault_is_named_at_its_field(body, found):
    assert faults(from_json, body) == found


def test_a_form_says_amounts_in_german_and_lists_by_line():
    typed = {"order_id": "a", "title": " abc ", "amount_cents": "1.234,50", "lines": "eins\r\n\r\nzwei", "csrf": "x"}
    order = from_form(Order, typed)
    assert (order.title, order.amount_cents, order.lines) == ("abc", 1_234_50, ("eins", "zwei"))
    assert faults(from_form, typed | {"amount_cents": "viel"}) == {"amount_cents": "not_an_amount"}


@pytest.mark.parametrize("text", ["", "-a", "a b", "a/b", "a\n", "ä", "x" * 101, "*", "a>"])
def test_what_cannot_be_an_id(text):
    assert not is_key(text)


@pytest.mark.parametrize("text", ["a", "guest-1", "0190a000-0000-7000-8000-000000000000", "a.b", "A_1", "x" * 100])
def test_what_can_be_an_id(text):
    assert is_key(text)
