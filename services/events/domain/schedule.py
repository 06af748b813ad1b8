"""From a template and an anchor to dates: computed, checked against the least distances, mended."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TypeAlias

from msgspec import Struct

from services.events.domain.holidays import Land, holiday, is_working_day
from services.events.domain.template import Gap, Step, Template

_PATIENCE = 28  # days; a step that finds no place within them stays where the template has it


class Dated(Struct, frozen=True, omit_defaults=True):
    """A step in the calendar. `avoids` names the holiday on which it would have fallen."""

    day: date
    starts: date
    ends: date
    avoids: str | None = None


class BrokenGap(Struct, frozen=True):
    """A distance below the least one; both in days, negative for `step` before `to`."""

    step: str
    to: str
    required_days: int
    actual_days: int


Dates: TypeAlias = Mapping[str, Dated]


def place(step: Step, day: date, avoids: str | None = None) -> Dated:
    """The step on this day, with the weeks that it runs from or until it."""
    length = timedelta(weeks=step.duration)
    starts = day - length if step.runs == "until" else day
    return Dated(day, starts, starts + length, avoids)


def dates(template: Template, anchor: date, land: Land, fixed: Dates | None = None) -> dict[str, Dated]:
    """Every step by its key, in the template's order; `fixed` steps stay as they are.

    A step that would fall on a public holiday moves away from the anchor to the next working day, and what keeps a
    least distance to it moves along: so holidays never shorten a gap. The anchor itself is a choice and stays.
    """
    placed = {template.anchor: place(template.step(template.anchor), anchor), **(fixed or {})}
    for step in sorted(template.steps, key=lambda step: abs(step.offset)):
        if step.key not in placed:
            placed[step.key] = _free_day(template, step, anchor, land, placed)
    return {step.key: placed[step.key] for step in template.steps}


def _free_day(template: Template, step: Step, anchor: date, land: Land, placed: Dates) -> Dated:
    wanted = anchor + timedelta(weeks=step.offset)
    outward = -1 if step.offset < 0 else 1
    for days in range(_PATIENCE):
        day = wanted + timedelta(days=outward * days)
        here = place(step, day)
        free = is_working_day(day, land) if days else holiday(day, land) is None
        if free and not any(step.key in (gap.step, gap.to) for gap in broken(template, {**placed, step.key: here})):
            return Dated(here.day, here.starts, here.ends, holiday(wanted, land))
    return place(step, wanted)


def broken(template: Template, placed: Dates) -> tuple[BrokenGap, ...]:
    """Every least distance that these dates fall short of; steps without a date are not asked."""
    return tuple(
        found
        for step in template.steps
        for gap in step.gaps
        if step.key in placed and gap.to in placed and (found := _shortfall(step.key, gap, placed))
    )


def _shortfall(step: str, gap: Gap, placed: Dates) -> BrokenGap | None:
    mine = placed[step].starts if gap.edge == "start" else placed[step].ends
    required, actual = 7 * gap.weeks, (mine - placed[gap.to].day).days
    short = actual > required if required < 0 else actual < required
    return BrokenGap(step, gap.to, required, actual) if short else None


def newly_broken(template: Template, before: Dates, after: Dates) -> tuple[BrokenGap, ...]:
    """What a change breaks, or shortens further than it was already."""
    known = {(gap.step, gap.to): gap for gap in broken(template, before)}
    return tuple(gap for gap in broken(template, after) if not _as_before(gap, known.get((gap.step, gap.to))))


def _as_before(gap: BrokenGap, known: BrokenGap | None) -> bool:
    if known is None:
        return False
    return gap.actual_days <= known.actual_days if gap.required_days < 0 else gap.actual_days >= known.actual_days


def mended(template: Template, placed: Dates, gap: BrokenGap, land: Land, move: str) -> date:
    """The nearest working day for `move`, one of the gap's two steps, that keeps the gap."""
    missing = gap.actual_days - gap.required_days
    day = placed[move].day + timedelta(days=-missing if move == gap.step else missing)
    outward = -1 if (missing > 0) == (move == gap.step) else 1
    while not is_working_day(day, land):
        day += timedelta(days=outward)
    return day


def anchor_for(template: Template, step: str, day: date) -> date:
    """The anchor from which `step` falls on `day`: planning back from the council's session."""
    return day - timedelta(weeks=template.step(step).offset)


def week(day: date) -> tuple[int, int]:
    """Year and number of the calendar week (ISO 8601)."""
    found = day.isocalendar()
    return found.year, found.week
