"""What the calendar, the page of a process and the page of a meeting ask the views."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct, convert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.events.domain.holidays import Land
from services.events.domain.progress import Mark
from services.events.domain.schedule import Dated, Dates
from services.events.domain.template import Template
from services.events.screens import Coming, Part
from services.events.session_screens import Mine
from services.events.views.meetings import meetings, sections
from services.events.views.processes import papers, processes, steps
from services.events.views.seats import places, registrations

LISTED = 60


class Running(Struct, frozen=True, kw_only=True):
    """A process with its own template. `dates` holds all steps, also skipped ones; `marks` those begun, done, skipped;
    `reasons` why a step is skipped, `exceptions` why its distance was given up; `files` the digest by (step, kind)."""

    id: str
    topic: str
    template: Template
    digest: str
    land: Land
    anchor: date
    goal: str | None
    stopped: str | None
    version: int
    dates: Dates
    marks: dict[str, Mark]
    reasons: dict[str, str]
    exceptions: dict[str, str]
    files: dict[tuple[str, str | None], str]

    @property
    def open_dates(self) -> Dates:
        """The dates that count: those of steps that take place."""
        return {key: dated for key, dated in self.dates.items() if self.marks.get(key) != "skipped"}

    @property
    def done(self) -> int:
        return sum(mark in ("done", "skipped") for mark in self.marks.values())


class Evening(Struct, frozen=True, kw_only=True):
    """A meeting with its places; `version` is that of its stream."""

    coming: Coming
    parts: tuple[Part, ...]
    process: str | None
    step: str | None
    project: str | None
    reason: str
    minutes: str
    version: int


async def running(connection: AsyncConnection, municipality: str, id: str | None = None) -> list[Running]:
    """The processes that have not been stopped, by their anchor; with `id` that one alone, stopped or not."""
    mine = processes.c.municipality == municipality
    where = mine & (processes.c.id == id) if id else mine & processes.c.stopped.is_(None)
    rows = (await connection.execute(sa.select(processes).where(where).order_by(processes.c.anchor))).all()
    ids = [row.id for row in rows]
    dated: dict[str, list[Any]] = {key: [] for key in ids}
    for step in await _of(connection, steps, municipality, ids):
        dated[step.process].append(step)
    filed: dict[str, list[Any]] = {key: [] for key in ids}
    for paper in await _of(connection, papers, municipality, ids):
        filed[paper.process].append(paper)
    return [_running(row, dated[row.id], filed[row.id]) for row in rows]


async def evenings(
    connection: AsyncConnection,
    municipality: str,
    *,
    after: datetime | None = None,
    before: datetime | None = None,
    format: str = "",
    process: str = "",
    ids: Sequence[str] = (),
) -> list[Evening]:
    """Meetings that end after or before a moment, of a format or a process; the next ones, or the last ones, first."""
    where = [meetings.c.municipality == municipality]
    where += [meetings.c.ends >= after] if after else []
    where += [meetings.c.ends < before] if before else []
    where += [meetings.c.format == format] if format else []
    where += [meetings.c.process == process] if process else []
    where += [meetings.c.id.in_(ids)] if ids else []
    order = meetings.c.starts.desc() if before else meetings.c.starts
    query = sa.select(meetings).where(*where).order_by(order).limit(LISTED)
    rows = (await connection.execute(query)).all()
    parts = await _parts(connection, municipality, [row.id for row in rows])
    return [_evening(row, parts.get(row.id, ())) for row in rows]


async def formats(connection: AsyncConnection, municipality: str) -> set[str]:
    """The formats that the town's meetings have."""
    mine = meetings.c.municipality == municipality
    return set((await connection.execute(sa.select(meetings.c.format).where(mine).distinct())).scalars())


async def evening(connection: AsyncConnection, municipality: str, id: str) -> Evening | None:
    return next(iter(await evenings(connection, municipality, ids=(id,))), None)


async def mine(connection: AsyncConnection, municipality: str, meeting: str, person: str | None) -> Mine:
    """What a person is to a meeting; the number in the queue is counted by those who asked before her."""
    if person is None:
        return Mine()
    own = (registrations.c.municipality == municipality) & (registrations.c.meeting == meeting)
    query = sa.select(registrations).where(own, registrations.c.person == person)
    row = (await connection.execute(query)).first()
    if row is None:
        return Mine()
    place, queue = await _place(connection, municipality, meeting, person, row.section)
    return Mine(section=row.section or "", place=place, queue=queue, way=row.way, table=row.seat or "")


async def _place(
    connection: AsyncConnection, municipality: str, meeting: str, person: str, section: str | None
) -> tuple[Any, int]:
    if not section:
        return "", 0
    here = (places.c.municipality == municipality) & (places.c.meeting == meeting) & (places.c.section == section)
    row = (await connection.execute(sa.select(places).where(here, places.c.person == person))).first()
    if row is None or row.place == "seat":
        return "seat", 0
    ahead = sa.select(sa.func.count()).select_from(places).where(here, places.c.place == "queue")
    return "queue", (await connection.scalar(ahead.where(places.c.since <= row.since)) or 1)


async def _of(connection: AsyncConnection, of: sa.Table, municipality: str, ids: Sequence[str]) -> Sequence[Any]:
    query = sa.select(of).where(of.c.municipality == municipality, of.c.process.in_(ids))
    return (await connection.execute(query)).all()


async def _parts(connection: AsyncConnection, municipality: str, ids: Sequence[str]) -> dict[str, tuple[Part, ...]]:
    here = (places.c.municipality == municipality) & places.c.meeting.in_(ids)
    counted = sa.select(places.c.meeting, places.c.section, places.c.place, sa.func.count()).where(here)
    rows = await connection.execute(counted.group_by(places.c.meeting, places.c.section, places.c.place))
    taken = {(meeting, section, place): number for meeting, section, place, number in rows}
    query = (
        sa.select(sections)
        .where(sections.c.municipality == municipality, sections.c.meeting.in_(ids))
        .order_by(sections.c.number)
    )
    found: dict[str, tuple[Part, ...]] = {}
    for row in await connection.execute(query):
        seated, waiting = (taken.get((row.meeting, row.key, place), 0) for place in ("seat", "queue"))
        free = None if row.capacity is None else max(0, row.capacity - seated)
        part = Part(key=row.key, way=row.way, capacity=row.capacity, free=free, waiting=waiting)
        found[row.meeting] = (*found.get(row.meeting, ()), part)
    return found


def _evening(row: Any, parts: tuple[Part, ...]) -> Evening:
    return Evening(
        coming=Coming(
            id=row.id,
            title=row.title,
            format=row.format,
            mode=row.mode,
            starts=row.starts,
            ends=row.ends,
            place=row.place,
            stage=row.stage,
            free=_free(parts),
            began=row.began,
        ),
        parts=parts,
        process=row.process,
        step=row.step,
        project=row.project,
        reason=row.reason,
        minutes=row.minutes,
        version=row.version,
    )


def _free(parts: Iterable[Part]) -> int | None:
    """Places left where they are counted; nobody is turned away as long as one section takes all."""
    counted = [part.free for part in parts if part.free is not None]
    if not counted or (not sum(counted) and any(part.free is None for part in parts)):
        return None
    return sum(counted)


def _running(row: Any, dated: Sequence[Any], filed: Sequence[Any]) -> Running:
    template = convert(row.template, Template)
    by_step = {step.step: step for step in dated}
    ordered = [by_step[step.key] for step in template.steps if step.key in by_step]
    return Running(
        id=row.id,
        topic=row.topic,
        template=template,
        digest=row.digest,
        land=Land(row.land),
        anchor=row.anchor,
        goal=row.goal,
        stopped=row.stopped,
        version=row.version,
        dates={step.step: Dated(step.day, step.starts, step.ends, step.avoids) for step in ordered},
        marks={step.step: step.mark for step in ordered if step.mark},
        reasons={step.step: step.reason for step in ordered if step.reason},
        exceptions={step.step: step.exception for step in ordered if step.exception},
        files={(paper.step, paper.kind): paper.file for paper in filed},
    )
