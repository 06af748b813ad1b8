"""The golden corpus: every form that events ever stored reads as it did, and is still written byte for byte."""

import json
from pathlib import Path
from typing import get_args

import pytest
from msgspec.json import decode

from services.events.domain.agenda import agenda
from services.events.domain.meeting import meeting
from services.events.domain.poll import poll
from services.events.domain.process import process
from services.events.domain.registration import registration
from services.events.domain.roster import roster
from services.events.domain.speaking import speaking
from shared.store.codec import Codec

DECIDERS = (process, meeting, roster, registration, agenda, speaking, poll)
CODEC = Codec(DECIDERS)
LINES = (Path(__file__).parent / "stored.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", LINES, ids=lambda line: json.loads(line)["type"])
def test_a_stored_form_reads_and_is_written_as_ever(line: str):
    kind = decode(line.encode(), type=dict)["type"]
    event = CODEC.event(kind, 1, line.encode())
    assert event is not None
    assert CODEC.stored(event) == (kind, 1, line.encode())


def test_every_event_has_a_stored_form():
    kinds = {kind.__name__ for decider in DECIDERS for kind in get_args(decider.events)}
    assert {json.loads(line)["type"] for line in LINES} == kinds


def test_no_two_streams_share_the_name_of_an_event():
    names = [kind.__name__ for decider in DECIDERS for kind in get_args(decider.events)]
    assert len(names) == len(set(names))
