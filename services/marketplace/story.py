"""Tells a project's story from the log: what everybody may know of it, newest first."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from services.marketplace.domain.need import NeedPublished, NeedWithdrawn, OfferAccepted
from services.marketplace.domain.project import (
    ProjectDescribed,
    ProjectPhaseMoved,
    ProjectProposed,
    ProjectPublished,
)
from services.marketplace.domain.team import MemberJoined, MemberLeft
from shared.store import Recorded


class Moment(Struct, frozen=True):
    """One thing that happened: `kind` names it, `person` (a pseudonym) and `text` (a phase, a need) fill its words."""

    at: datetime
    kind: str
    person: str = ""
    text: str = ""


def story(recorded: Iterable[Recorded]) -> list[Moment]:
    """The public moments of one project's streams, newest first.

    Who asked to join, was invited, or offered help in vain is nobody's business; and changing a text again and again
    is one moment.
    """
    told: list[Moment] = []
    needs: dict[str, str] = {}
    for one in recorded:
        moment = _moment(one, needs)
        if moment is None:
            continue
        if told and moment.kind == told[-1].kind == "described":
            told.pop()
        told.append(moment)
    return told[::-1]


def _moment(one: Recorded, needs: dict[str, str]) -> Moment | None:
    at = one.entry.recorded_at
    match one.event:
        case ProjectProposed(by=person):
            return Moment(at, "proposed", person)
        case ProjectPublished():
            return Moment(at, "published")
        case ProjectDescribed():
            return Moment(at, "described", one.entry.actor)
        case ProjectPhaseMoved(phase=phase):
            return Moment(at, "phase", text=phase)
        case MemberJoined(person=person):
            return Moment(at, "joined", person)
        case MemberLeft(person=person):
            return Moment(at, "left", person)
        case NeedPublished(what=what):
            needs[one.id] = what
            return Moment(at, "need", text=what)
        case OfferAccepted():
            return Moment(at, "found", text=needs.get(one.id, ""))
        case NeedWithdrawn():
            return Moment(at, "withdrawn", text=needs.get(one.id, ""))
    return None
