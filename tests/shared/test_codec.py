import unicodedata

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from shared.decider import Decider
from shared.message import Event
from shared.store.codec import Codec, NotCanonical, UnknownType, _check, encode

texts = st.text(st.characters(codec="utf-8")).map(lambda text: unicodedata.normalize("NFC", text))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcXYZ_09"), inner),
)


@given(values)
def test_the_bytes_are_those_of_rfc_8785(value):
    assert encode(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value", [1.0, {"a": [0.5]}, {"n": float("nan")}, [1e20], 2**53, -(2**53), {"ä": 1}, "a\u0308", "\ud83d"]
)
def test_what_rfc_8785_or_the_log_cannot_hold_is_refused(value):
    with pytest.raises(NotCanonical):
        encode(value)


class Painted(Event):
    form = 3
    colour: str
    coats: int


def _decider() -> Decider[None]:
    return Decider(
        "wall",
        Painted,
        None,
        None,
        lambda command, state, context: [],
        lambda state, event: None,
        upcasts={
            ("Painted", 1): lambda body: {**body, "colour": body["color"]},
            ("Painted", 2): lambda body: {**body, "coats": 1},
        },
    )


def test_an_outdated_form_is_lifted_to_the_present_one():
    codec = Codec([_decider()])
    assert codec.event("Painted", 1, b'{"color":"red","type":"Painted"}') == Painted(colour="red", coats=1)
    assert codec.event("Painted", 2, b'{"colour":"red","type":"Painted"}') == Painted(colour="red", coats=1)
    assert codec.stored(Painted(colour="red", coats=2)) == (
        "Painted",
        3,
        b'{"coats":2,"colour":"red","type":"Painted"}',
    )


def test_an_unknown_type_stops_and_so_does_a_form_from_the_future():
    codec = Codec([_decider()])
    with pytest.raises(UnknownType, match="Gone"):
        codec.event("Gone", 1, b"{}")
    with pytest.raises(UnknownType, match="form 4"):
        codec.event("Painted", 4, b"{}")


def test_a_redacted_body_has_no_event():
    assert Codec([_decider()]).event("Painted", 3, None) is None


loose = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["a\u0308", "\u0338", '"\u0301', "\\\u0308", "ä"]
)
nested = st.recursive(
    st.integers(-(2**54), 2**54) | loose | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(loose, inner, max_size=3),
)


@given(nested)
def test_the_short_way_refuses_what_the_walk_refuses(value):
    """Most bodies are judged by their bytes alone."""
    walked = _refused(lambda: _check(value))
    assert _refused(lambda: encode(value)) == walked


def _refused(work):
    try:
        work()
    except NotCanonical:
        return True
    return False
