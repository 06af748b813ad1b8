"""A running process as rows: what its page lists and its picture draws."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal, TypeAlias

from msgspec import Struct

from services.events.domain.holidays import Land, holidays
from services.events.domain.progress import Mark
from services.events.domain.schedule import Dated
from services.events.domain.template import Gap, Step, Template

State: TypeAlias = Literal["done", "running", "planned", "optional", "skipped"]


class DrawnGap(Struct, frozen=True, kw_only=True):
    """A least distance between a step and a later or earlier day, in days."""

    day: date
    required: int
    actual: int

    @property
    def broken(self) -> bool:
        return self.actual < self.required


class DrawnStep(Struct, frozen=True, kw_only=True):
    """One row. `starts` equal to `ends` is drawn as a point."""

    number: str
    title: str
    day: date
    starts: date
    ends: date
    state: State = "planned"
    is_anchor: bool = False
    gaps: tuple[DrawnGap, ...] = ()
    shows_kept_gap: bool = False
    lead: tuple[str, ...] = ()
    purpose: str = ""
    key: str = ""

    @property
    def broken(self) -> DrawnGap | None:
        """The worst of the gaps that are too short."""
        return min((gap for gap in self.gaps if gap.broken), key=lambda gap: gap.actual - gap.required, default=None)


class Break(Struct, frozen=True):
    """Days on which little happens: school holidays, or a public holiday."""

    starts: date
    ends: date
    name: str


_MARKED: dict[Mark, State] = {"begun": "running", "done": "done", "skipped": "skipped"}


def rows(template: Template, dates: Mapping[str, Dated], marks: Mapping[str, Mark]) -> list[DrawnStep]:
    """Every step that has a date, by the day on which it starts; steps left out have none."""
    found = [_row(template, step, dates, marks) for step in template.steps if step.key in dates]
    return sorted(found, key=lambda row: row.starts)


def public_holidays(first: date, last: date, land: Land) -> list[Break]:
    """Those between two days that fall on a weekday, as narrow bands without a name."""
    days = {day for year in range(first.year, last.year + 1) for day in holidays(year, land)}
    return [Break(day, day, "") for day in sorted(days) if first <= day <= last and day.weekday() < 5]


def span(steps: list[DrawnStep]) -> tuple[date, date]:
    """The first and the last day of the picture."""
    return min(step.starts for step in steps), max(step.ends for step in steps) + timedelta(days=7)


def _row(template: Template, step: Step, dates: Mapping[str, Dated], marks: Mapping[str, Mark]) -> DrawnStep:
    dated, mark = dates[step.key], marks.get(step.key)
    return DrawnStep(
        key=step.key,
        number=step.number,
        title=step.title,
        purpose=step.purpose,
        lead=step.lead,
        day=dated.day,
        starts=dated.starts,
        ends=dated.ends,
        state=_MARKED[mark] if mark else "optional" if step.optional and step.kind != "consultation" else "planned",
        is_anchor=step.key == template.anchor,
        gaps=tuple(_gap(gap, dated, dates[gap.to]) for gap in step.gaps if gap.to in dates),
        shows_kept_gap=step.kind == "consultation",
    )


def _gap(gap: Gap, mine: Dated, other: Dated) -> DrawnGap:
    days = ((mine.starts if gap.edge == "start" else mine.ends) - other.day).days
    actual = -days if gap.weeks < 0 else days
    return DrawnGap(day=other.day, required=abs(7 * gap.weeks), actual=max(0, actual))
