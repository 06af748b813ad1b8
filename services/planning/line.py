"""One row of a plan: who wrote it, who changed what of it when, each with the entry of the log that says so."""

from datetime import datetime
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import asdict

from services.planning.reading import names_of, reader
from services.planning.views.plans import bursts_on, changes_of, revisions_of
from shared.category import NotFound
from shared.plans import Change
from shared.web.visit import Visit


class Edit(Struct, frozen=True, kw_only=True):
    """What one person did to the row in one go; `position` is that of the log's entry."""

    at: datetime
    person: str
    name: str
    changes: tuple[Change, ...]
    position: int
    revision: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """The row by its latest name; `edits` newest first, each with the revision that was the first to hold it."""

    project: str
    title: str
    line: str
    label: str
    edits: list[Edit]


@get("/{municipality:str}/plans/{id:str}/lines/{row:str}")
async def line(visit: NamedDependency[Visit], id: FromPath[str], row: FromPath[str]) -> Response[Any]:
    told = await line_told(visit, id, row)
    return await visit.page("line.html", f"{told.line} {told.label}", nav="projects", told=told)


async def line_told(visit: Visit, project: str, row: str) -> Told:
    """All that the log says of a row. Raises `NotFound` for one that nobody wrote, and for whoever may not read."""
    assert visit.town
    await reader(visit, project)
    town = visit.town.id
    await visit.extra.office.record(town, project)
    async with visit.site.service.reading(town) as connection:
        rows = await bursts_on(connection, town, project, row)
        frozen = list(reversed(await revisions_of(connection, town, project)))
    if not rows:
        raise NotFound(row)
    names = await names_of(visit, *(one.person for one in rows))
    edits = [
        Edit(
            at=one.at,
            person=one.person,
            name=names[one.person],
            changes=(made := tuple(Change(**asdict(each)) for each in changes_of(one) if each.row == row)),
            position=one.position,
            revision=next((f"Fassung {each.number}" for each in frozen if each.at >= one.at), ""),
        )
        for one in rows
    ]
    last = next((each for edit in edits for each in edit.changes if each.line), made[-1])
    title = await visit.site.titles.read(town, "project", project) or "Projekt"
    return Told(project=project, title=title, line=last.line, label=last.label, edits=edits)


ROUTES = [line]
