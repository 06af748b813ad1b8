"""Replays an application event by event: each beside the state it led to, by the same decider that decided."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from msgspec import Struct

from services.funding.domain.application import (
    Application,
    ApplicationEvent,
    Decided,
    Draft,
    Proposed,
    Submitted,
    Unstarted,
    Withdrawn,
)
from services.funding.domain.filing import application

Stage: TypeAlias = Literal["none", "draft", "submitted", "correction", "review", "proposed", "decided", "withdrawn"]


class Moment(Struct, frozen=True, kw_only=True):
    """An event and the state after it; amounts in cents, None where there is none yet."""

    event: ApplicationEvent
    state: Application
    stage: Stage
    asked_cents: int | None
    granted_cents: int | None
    paid_cents: int
    reviews: int
    rules_version: int


def replay(events: Iterable[ApplicationEvent]) -> list[Moment]:
    """Every event in order beside the state it led to."""
    moments, state = [], application.initial
    for event in events:
        state = application.evolve(state, event)
        moments.append(_moment(event, state))
    return moments


def stage_of(state: Application) -> Stage:
    """The stage by which pages call a state."""
    match state:
        case Unstarted():
            return "none"
        case Draft():
            return "draft"
        case Submitted(file=file):
            stages: dict[str, Stage] = {"open": "submitted", "correction": "correction", "complete": "review"}
            return stages[file.formal]
        case Proposed():
            return "proposed"
        case Decided():
            return "decided"
        case Withdrawn():
            return "withdrawn"


def _moment(event: ApplicationEvent, state: Application) -> Moment:
    file = None if isinstance(state, Unstarted) else state.file
    decision = state.decision if isinstance(state, Decided | Proposed) else None
    grant = decision.grant if decision else None
    return Moment(
        event=event,
        state=state,
        stage=stage_of(state),
        asked_cents=file.pin.amount if file and file.pin else None,
        granted_cents=decision.amount if decision else None,
        paid_cents=grant.paid - grant.returned if grant else 0,
        reviews=len(file.reviews) if file else 0,
        rules_version=file.rules_version if file else 0,
    )
