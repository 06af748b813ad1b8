"""Processes as their pages show them: where each stands, what comes next, which distances are too short."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from services.events.domain.schedule import BrokenGap, broken, mended
from services.events.domain.template import Document
from services.events.outline import DrawnStep
from services.events.outline import rows as outlined
from services.events.screens import Broken, Coming, Course, ListedStep, Paper, Quarter, Remedy
from services.events.views.calendar import Evening, Running
from services.events.weeks import in_weeks, weeks_from


def course(running: Running) -> Course:
    """A process in the calendar."""
    rows = drawn(running)
    coming = next((step for state in ("planned", "running") for step in rows if step.state == state), None)
    return Course(
        id=running.id,
        topic=running.topic,
        template=running.template.title,
        anchor=running.anchor,
        done=running.done,
        total=len(running.template.steps),
        next_title=coming.title if coming else "",
        next_day=coming.day if coming else None,
        gaps_broken=len(broken(running.template, running.open_dates)),
    )


def quarters(all_running: Iterable[Running]) -> list[Quarter]:
    """The processes by the quarter of their anchor."""
    found: dict[str, list[Course]] = {}
    for running in all_running:
        name = f"{(running.anchor.month + 2) // 3}. Quartal {running.anchor.year}"
        found.setdefault(name, []).append(course(running))
    return [Quarter(name=name, courses=tuple(courses)) for name, courses in found.items()]


def drawn(running: Running) -> list[DrawnStep]:
    """The rows of a process; a step left out keeps its place, but asks for no distance any more."""
    found = outlined(running.template, running.dates, running.marks)
    return [replace(step, gaps=()) if step.state == "skipped" else step for step in found]


def listed(running: Running, steps: Sequence[DrawnStep], evenings: Iterable[Evening], today: date) -> list[ListedStep]:
    """The list below the picture, with each step's papers and meeting."""
    held: dict[str | None, Coming] = {evening.step: evening.coming for evening in evenings}
    return [
        ListedStep(
            drawn=step,
            week=weeks_from(running.anchor, step.day),
            papers=tuple(
                _paper(running, step.key, document, today) for document in running.template.step(step.key).documents
            ),
            meeting=held.get(step.key),
            optional=running.template.step(step.key).optional,
            reason=running.reasons.get(step.key, ""),
        )
        for step in steps
    ]


def shortfalls(running: Running) -> list[Broken]:
    """Every distance that is too short now, with the ways to mend it."""
    return [_shortfall(running, gap) for gap in broken(running.template, running.open_dates)]


def _paper(running: Running, step: str, document: Document, today: date) -> Paper:
    due = None if document.due is None else running.anchor + timedelta(weeks=document.due)
    file = running.files.get((step, document.key), "")
    return Paper(title=document.title, due=due, file=file, late=due is not None and not file and due < today)


def _shortfall(running: Running, gap: BrokenGap) -> Broken:
    template, dates = running.template, running.open_dates
    movable = [key for key in (gap.step, gap.to) if key not in running.marks]
    remedies = tuple(
        Remedy(
            step=key,
            title=template.step(key).title,
            day=mended(template, dates, gap, running.land, key),
            moves_anchor=key == template.anchor,
        )
        for key in movable
    )
    return Broken(
        step=template.step(gap.step).title,
        to=template.step(gap.to).title,
        step_day=dates[gap.step].day,
        required=in_weeks(abs(gap.required_days)),
        actual=in_weeks(max(0, gap.actual_days if gap.required_days >= 0 else -gap.actual_days)),
        before=gap.required_days < 0,
        reason=running.exceptions.get(gap.step, ""),
        remedies=remedies,
    )
