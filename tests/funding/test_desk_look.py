"""A look at something is recorded once, by its stream's name, and says nothing of what was seen."""

import pytest
from msgspec import ValidationError, convert

from services.funding.domain.look import Looked, RecordLook, look
from tests.spec import Spec

seen = {"kind": "application", "of": "app", "how": "file", "offices": ("reviewer",), "version": 4, "project": "bikes"}


def test_a_look_says_who_saw_which_state_of_what_in_which_office():
    Spec(look).when(RecordLook(**seen), by="rita").then(Looked(by="rita", **seen))


def test_the_same_look_again_adds_nothing():
    Spec(look).given(Looked(by="rita", **seen)).when(RecordLook(**seen), by="rita").then()


def test_a_look_belongs_to_the_project_of_what_was_seen():
    assert look.project("any", look.replay([Looked(by="rita", **seen)])) == "bikes"


@pytest.mark.parametrize("text", ["Wer ist das?", "anna@lemgo.example", "x" * 101])
def test_no_text_of_anybody_fits_into_a_look(text):
    with pytest.raises(ValidationError):
        convert(seen | {"of": text}, RecordLook)
