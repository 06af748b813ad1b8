"""The dates of a running process: what is moved, and which least distances that gives up."""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from services.events.domain.holidays import Land
from services.events.domain.schedule import BrokenGap, Dated, dates, newly_broken, place
from services.events.domain.template import Key, Template
from shared.decider import Rejected
from shared.message import Command, Event


# Events: stored for ever in the stream of the process. Add optional fields; never rename, retype or remove.
class StepRescheduled(Event):
    """`broken` lists the least distances given up by this change, for the stated reason."""

    step: str
    dated: Dated
    broken: tuple[BrokenGap, ...] = ()
    reason: str = ""


class AnchorMoved(Event):
    anchor: date
    dates: dict[str, Dated]
    broken: tuple[BrokenGap, ...] = ()
    reason: str = ""


TimetableEvent: TypeAlias = StepRescheduled | AnchorMoved


# State: only what the next decision needs.
class Timetable(Struct, frozen=True):
    template: Template
    land: Land
    anchor: date
    dates: dict[str, Dated]  # skipped steps have none
    chosen: frozenset[str] = frozenset()  # dates set by hand, which a moved anchor leaves alone


def evolve_timetable(state: Timetable, event: TimetableEvent) -> Timetable:
    match event:
        case StepRescheduled(step=step, dated=dated):
            return replace(state, dates=state.dates | {step: dated}, chosen=state.chosen | {step})
        case AnchorMoved(anchor=anchor, dates=days):
            return replace(state, anchor=anchor, dates=days)


def without(state: Timetable, step: str) -> Timetable:
    return replace(state, dates={key: dated for key, dated in state.dates.items() if key != step})


# Decisions: a repeated command decides nothing new.
class RescheduleStep(Command):
    step: Key
    day: date
    reason: str = ""


class MoveAnchor(Command):
    anchor: date
    reason: str = ""


TimetableCommand: TypeAlias = RescheduleStep | MoveAnchor


def decide_timetable(command: TimetableCommand, state: Timetable, settled: frozenset[str]) -> list[Event]:
    """`settled` steps have begun or are over: they keep their dates."""
    match command:
        case RescheduleStep(step=step, day=day, reason=reason):
            title = state.template.step(step).title
            if step == state.template.anchor:
                raise Rejected("anchor_moves_all", step=title)
            if step in state.dates and state.dates[step].day == day:
                return []
            if step in settled:
                raise Rejected("step_settled", step=title)
            dated = place(state.template.step(step), day)
            gaps = _given_up(state, state.dates | {step: dated}, reason)
            return [StepRescheduled(step=step, dated=dated, broken=gaps, reason=reason)]
        case MoveAnchor(anchor=anchor, reason=reason):
            if anchor == state.anchor:
                return []
            if state.template.anchor in settled:
                raise Rejected("step_settled", step=state.template.step(state.template.anchor).title)
            days = dates_from(state, anchor, settled)
            return [AnchorMoved(anchor=anchor, dates=days, broken=_given_up(state, days, reason), reason=reason)]


def dates_from(state: Timetable, anchor: date, settled: frozenset[str]) -> dict[str, Dated]:
    """The dates that another anchor would give; settled steps and those set by hand stay."""
    staying = {key: dated for key, dated in state.dates.items() if key in state.chosen | settled}
    moved = dates(state.template, anchor, state.land, staying)
    return {key: dated for key, dated in moved.items() if key in state.dates}


def _given_up(state: Timetable, after: dict[str, Dated], reason: str) -> tuple[BrokenGap, ...]:
    """The gaps that a change breaks. Without a reason they forbid it, and the refusal names every one."""
    gaps = newly_broken(state.template, state.dates, after)
    if gaps and not reason.strip():
        facts = gap_facts(state.template, gaps)
        raise Rejected("gap_too_short", gaps=facts, **facts[0])
    return gaps


def gap_facts(template: Template, gaps: Sequence[BrokenGap]) -> list[dict[str, str | int]]:
    """Broken gaps for readers: the titles of both steps, the days between them, the days there must be."""
    return [
        {
            "step": template.step(gap.step).title,
            "to": template.step(gap.to).title,
            "required_days": abs(gap.required_days),
            "actual_days": max(0, gap.actual_days if gap.required_days >= 0 else -gap.actual_days),
        }
        for gap in gaps
    ]
