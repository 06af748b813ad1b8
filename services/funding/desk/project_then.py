"""A project as it was at a moment, and the way there: team, plan, money and meetings on one line of time.

Funding shows of the others what it heard from them; each line links to the service that knows more, and to its proof.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from services.funding.books import books
from services.funding.desk.actors import Actors, office_of
from services.funding.desk.links import proof_url, thing_url, town_of
from services.funding.desk.notes import notes
from services.funding.dossier import Dossier
from services.funding.filing import dossier
from services.funding.ledger import balances, posting
from services.funding.shown.words import project_titles, said
from services.funding.views.applications import of_projects
from services.funding.views.chronicle import SOURCES, told_of
from shared.category import NotFound
from shared.money import format_euro
from shared.store import Recorded
from shared.web.moments import asked_moment, for_field, iso
from shared.web.render import moment
from shared.web.visit import Visit

_AMONG_US = ("by", "person")  # fields of facts that name people


class Line(Struct, frozen=True, kw_only=True):
    """Something that happened; `at` is ISO, UTC."""

    at: str
    service: str
    title: str
    note: str
    url: str
    proof: str


class Member(Struct, frozen=True):
    name: str
    person: str
    role: str
    since: str


class Asking(Struct, frozen=True, kw_only=True):
    """An application then: its stage, and what it held of its pot, in cents."""

    application_id: str
    pot_title: str
    pot_id: str
    stage: str
    asked_cents: int | None
    reserved: int
    committed: int
    paid: int
    step: int


class Then(Struct, frozen=True, kw_only=True):
    phase: str
    team: list[Member]
    revision: str
    revision_url: str
    revision_at: str
    meetings: int
    applications: list[Asking]


async def project_then(visit: Visit, project: str, at: str, only: str) -> dict[str, Any]:
    """The project as of `at` (see `asked_moment`), and all lines up to then, newest first. Raises `NotFound`."""
    town, until = town_of(visit), asked_moment(at, visit.now)
    async with visit.site.service.reading(town) as connection:
        told = {source: await told_of(connection, town, project, source) for source in SOURCES}
        files = await _files(visit, connection, project)
    if not any(told.values()):
        raise NotFound(project)
    names = await visit.names(*sorted(set(_people(row for rows in told.values() for row in rows))))
    lines = [_told_line(visit, project, source, row, names) for source, rows in told.items() for row in rows]
    lines += [line for file in files for line in await _money_lines(visit, file)]
    lines.sort(key=lambda line: line.at)
    known = [line for line in lines if line.at <= iso(until)]
    chosen = [line for line in known if only in ("", line.service)]
    titles = await project_titles(visit, project)
    return {
        "project_id": project,
        "project_title": titles[project],
        "then": await _then(visit, project, told, files, until, names),
        "lines": list(reversed(chosen)),
        "later": len(lines) - len(known),
        "only": only,
        "at": at,
        "field": for_field(until),
        "moment": until,
    }


async def _files(visit: Visit, connection: AsyncConnection, project: str) -> list[Dossier]:
    """The applications that have left the team's desk, the oldest first; not those that the reader is biased about."""
    rows = await of_projects(connection, town_of(visit), [project])
    files = [await dossier(visit.site.service, town_of(visit), row.id) for row in rows]
    open_to_her = [file for file in files if file.submitted and visit.person not in file.file.biased]
    return sorted(open_to_her, key=lambda file: file.recorded[0].entry.position)


def _people(rows: Iterable[Any]) -> Iterator[str]:
    return (row.facts[field] for row in rows for field in _AMONG_US if row.facts.get(field))


def _told_line(visit: Visit, project: str, source: str, row: Any, names: dict[str, str]) -> Line:
    code = f"told.{row.name}"
    title = said(visit, code)
    return Line(
        at=row.at,
        service=source,
        title=said(visit, "told.other") if title == code else title,
        note=", ".join(_note(visit, row.facts, names)),
        url=thing_url(town_of(visit), source, project, row.facts),
        proof=proof_url(town_of(visit), source, row.position),
    )


def _note(visit: Visit, facts: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    for field, value in facts.items():
        if field in _AMONG_US and value:
            yield names[value]
        elif field == "number":
            yield f"Fassung {value}"
        elif field == "starts":
            yield moment(value)
        elif field in ("phase", "role", "kind") and value:
            words = said(visit, f"{field}.{value}")
            yield str(value) if words == f"{field}.{value}" else words


async def _money_lines(visit: Visit, file: Dossier) -> list[Line]:
    """What happened to an application, and each time money moved for it."""
    town = town_of(visit)
    pot = await books(visit.site.service, town, file.started.pot_id)
    replay = f"/{town}/funding/applications/{file.id}/history"
    people = {one.entry.actor for one in file.recorded} - file.file.team
    actors = Actors(await visit.names(*sorted(file.file.team)), await visit.names(*sorted(people)))
    lines = []
    for number, one in enumerate(file.recorded, 1):
        event: Any = one.event
        said_of = [actors.label(one.entry.actor, office_of(event)), *map(": ".join, notes(visit, event))]
        lines.append(_own_line(visit, one, "; ".join(said_of), f"{replay}?step={number}"))
    for one in pot.recorded:
        made = posting(one.event)  # type: ignore[arg-type]
        if made and made.application_id == file.id:
            why = f"/{town}/audit/funding/desk/why/{one.entry.position}"
            lines.append(_own_line(visit, one, format_euro(made.amount_cents), why))
    return lines


def _own_line(visit: Visit, one: Recorded, note: str, url: str) -> Line:
    return Line(
        at=iso(one.entry.recorded_at),
        service="funding",
        title=said(visit, f"event.{type(one.event).__name__}"),
        note=note,
        url=url,
        proof=proof_url(town_of(visit), "funding", one.entry.position),
    )


async def _then(
    visit: Visit, project: str, told: dict[str, Sequence[Any]], files: list[Dossier], until: datetime,
    names: dict[str, str],
) -> Then:  # fmt: skip
    by_then = {source: [row for row in rows if row.at <= iso(until)] for source, rows in told.items()}
    frozen = [row for row in by_then["planning"] if row.name == "RevisionFrozen"]
    last = frozen[-1] if frozen else None
    phases = [
        row.facts.get("phase", "hidden")
        for row in by_then["marketplace"]
        if row.name in ("ProjectPublished", "ProjectPhaseMoved", "ProjectHidden")
    ]
    asked = [await _asking(visit, file, until) for file in files]
    return Then(
        phase=phases[-1] if phases else "",
        team=_team(by_then["marketplace"], names),
        revision=f"Fassung {last.facts['number']}" if last else "",
        revision_url=thing_url(town_of(visit), "planning", project, last.facts) if last else "",
        revision_at=last.at if last else "",
        meetings=sum(row.name == "MeetingAnnounced" for row in by_then["events"]),
        applications=[one for one in asked if one],
    )


def _team(rows: Sequence[Any], names: dict[str, str]) -> list[Member]:
    members: dict[str, Member] = {}
    for row in rows:
        person = row.facts.get("person", "")
        if row.name == "MemberJoined":
            since = members[person].since if person in members else row.at
            members[person] = Member(names[person], person, row.facts["role"], since)
        elif row.name == "MemberLeft":
            members.pop(person, None)
    return list(members.values())


async def _asking(visit: Visit, file: Dossier, until: datetime) -> Asking | None:
    """An application as it was then; None before it was begun."""
    recorded = [one for one in file.recorded if one.entry.recorded_at <= until]
    if not recorded:
        return None
    pot = await books(visit.site.service, town_of(visit), file.started.pot_id)
    moved = [posting(one.event) for one in pot.recorded if one.entry.recorded_at <= until]  # type: ignore[arg-type]
    of = balances([one for one in moved if one], file.id)
    then = Dossier(recorded).moments[-1]
    return Asking(
        application_id=file.id,
        pot_title=pot.title,
        pot_id=file.started.pot_id,
        stage=then.stage,
        asked_cents=then.asked_cents,
        reserved=of["reserved"],
        committed=of["committed"],
        paid=of["paid"],
        step=len(recorded),
    )
