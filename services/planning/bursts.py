"""Puts a stretch of edits down to people: what each one did to the document, and what that changed in the plan."""

import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from itertools import chain, groupby
from typing import Any

from msgspec.structs import asdict

from services.planning.domain.edits import Burst, Changed
from shared.bus.edits import Edit
from shared.documents import Replica, merged, read_comments
from shared.plans import Change, changes, joined
from shared.remarks import said

_LISTED = 40  # changes that one burst lists; the rest is counted
_SLICES, _LEAST = 24, 4  # at most so many readings of the plan for one stretch, and of a big one
_READ = 4_000_000  # bytes that may be read for one stretch: nothing else is done meanwhile
_LONGEST_TEXT = 500


def bursts(replica: Replica, edits: Sequence[Edit]) -> list[Burst]:
    """One burst for each person, in the order in which they began; the replica moves on by all edits.

    People are told apart by the order of their edits: nobody changes a row before it is there. Where they take turns
    very often, neighbouring turns are read together, and within them one person after the other.
    """
    found: dict[str, list[Change]] = {}
    state = replica.state()
    before, said_before = replica.plan(), read_comments(state)
    for turn in _turns(edits, max(_LEAST, min(_SLICES, _READ // len(state)))):
        for person in dict.fromkeys(edit.person for edit in turn):
            for edit in turn:
                if edit.person == person:
                    replica.apply(edit.update)
            after, said_after = replica.plan(), read_comments(replica.state())
            made = [*changes(before, after), *said(said_before, said_after, after)]
            found.setdefault(person, []).extend(made)
            before, said_before = after, said_after
    return [_burst(person, joined(made), edits) for person, made in found.items()]


def _turns(edits: Sequence[Edit], slices: int) -> list[list[Edit]]:
    turns = [list(turn) for _, turn in groupby(edits, key=lambda edit: edit.person)]
    width = -(-len(turns) // slices)
    return [list(chain(*turns[at : at + width])) for at in range(0, len(turns), width or 1)]


def _burst(person: str, made: Sequence[Change], edits: Sequence[Edit]) -> Burst:
    own = [edit for edit in edits if edit.person == person]
    return Burst(
        person,
        b64encode(merged([edit.update for edit in own])).decode(),
        tuple(Changed(**_short(asdict(change))) for change in made[:_LISTED]),
        max(0, len(made) - _LISTED),
        tuple(sorted({client for edit in own for client in edit.clients})),
    )


def _short(change: dict[str, Any]) -> dict[str, Any]:
    """Long texts are shown by their beginning; the update holds the whole. Text in NFC, as the log wants it."""
    return {
        name: unicodedata.normalize("NFC", value[:_LONGEST_TEXT]) if isinstance(value, str) else value
        for name, value in change.items()
    }
