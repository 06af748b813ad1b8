"""What the marketplace lists: projects by phase, district, need and words, with their teams and next needs."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from services.marketplace.views.needs import needs
from services.marketplace.views.projects import projects
from services.marketplace.views.teams import teams
from shared.text import folded

PAGE = 12
LAST = 100_000  # no town has more pages; a larger number would not fit the database


class Search(Struct, frozen=True):
    """What a reader asks for; "" is no condition. `need` is a kind of need, `page` counts from 1."""

    q: str = ""
    phase: str = ""
    district: str = ""
    need: str = ""
    page: int = 1


class Listed(Struct, frozen=True):
    """A project on the list; `team` are pseudonyms, leads first; `need` is (id, kind, what) of its next need."""

    id: str
    title: str
    summary: str
    district: str
    picture: str
    phase: str
    team: tuple[str, ...]
    need: tuple[str, str, str] | None


class Found(Struct, frozen=True):
    """A page of the list; `phases` and `districts` count what the other conditions leave."""

    projects: tuple[Listed, ...]
    total: int
    phases: dict[str, int]
    districts: dict[str, int]


async def found(connection: AsyncConnection, municipality: str, search: Search) -> Found:
    """The public projects that a search finds, last moved first."""
    where = _conditions(municipality, search)
    matches = sa.select(projects).where(*where.values())
    page = matches.order_by(projects.c.moved.desc(), projects.c.id).limit(PAGE).offset(PAGE * (search.page - 1))
    rows = (await connection.execute(page)).all()
    ids = [row.id for row in rows]
    faces, next_needs = await _teams(connection, municipality, ids), await _next_needs(connection, municipality, ids)
    listed = tuple(
        Listed(r.id, r.title, r.summary, r.district, r.picture, r.phase, faces.get(r.id, ()), next_needs.get(r.id))
        for r in rows
    )
    phases = await _counts(connection, projects.c.phase, [c for name, c in where.items() if name != "phase"])
    districts = await _counts(connection, projects.c.district, [c for name, c in where.items() if name != "district"])
    total = await connection.scalar(sa.select(sa.func.count()).select_from(projects).where(*where.values()))
    return Found(listed, total or 0, phases, districts)


async def open_needs(connection: AsyncConnection, municipality: str, limit: int = 6) -> Sequence[Any]:
    """Open needs of public projects, newest first: id, project, kind, what, by_day and the project's title."""
    of = (projects.c.municipality == needs.c.municipality) & (projects.c.id == needs.c.project)
    query = (
        sa.select(needs, projects.c.title)
        .join(projects, of)
        .where(needs.c.municipality == municipality, needs.c.state == "open", projects.c.state == "public")
        .order_by(needs.c.published.desc())
        .limit(limit)
    )
    return (await connection.execute(query)).all()


async def count_open_needs(connection: AsyncConnection, municipality: str) -> int:
    of = (projects.c.municipality == needs.c.municipality) & (projects.c.id == needs.c.project)
    query = sa.select(sa.func.count()).select_from(needs.join(projects, of))
    mine = (needs.c.municipality == municipality, needs.c.state == "open", projects.c.state == "public")
    return await connection.scalar(query.where(*mine)) or 0


def _conditions(municipality: str, search: Search) -> dict[str, sa.ColumnElement[bool]]:
    where: dict[str, sa.ColumnElement[bool]] = {
        "municipality": projects.c.municipality == municipality,
        "state": projects.c.state == "public",
    }
    for number, word in enumerate(folded(search.q).split()):
        where[f"word {number}"] = projects.c.search.contains(word) | _in_needs(word) | _resembles(word)
    if search.phase:
        where["phase"] = projects.c.phase == search.phase
    if search.district:
        where["district"] = projects.c.district == search.district
    if search.need:
        where["need"] = _open_need(needs.c.kind == search.need)
    return where


def _resembles(word: str) -> sa.ColumnElement[bool]:
    """A word with a typo still finds; short ones would find everything."""
    if len(word) < 5:
        return sa.false()
    return sa.func.public.word_similarity(word, projects.c.search) > 0.5


def _in_needs(word: str) -> sa.ColumnElement[bool]:
    return _open_need(needs.c.search.contains(word))


def _open_need(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    mine = (needs.c.municipality == projects.c.municipality) & (needs.c.project == projects.c.id)
    return sa.exists().where(mine, needs.c.state == "open", condition)


async def _counts(
    connection: AsyncConnection, column: sa.Column[str], where: Sequence[sa.ColumnElement[bool]]
) -> dict[str, int]:
    rows = await connection.execute(sa.select(column, sa.func.count()).where(*where).group_by(column))
    return {row[0]: row[1] for row in rows}


async def _teams(connection: AsyncConnection, municipality: str, ids: list[str]) -> dict[str, tuple[str, ...]]:
    mine = (teams.c.municipality == municipality) & teams.c.project.in_(ids) & (teams.c.state == "member")
    order = (teams.c.role != "lead", teams.c.since, teams.c.person)
    found: dict[str, tuple[str, ...]] = {}
    for row in await connection.execute(sa.select(teams.c.project, teams.c.person).where(mine).order_by(*order)):
        found[row.project] = (*found.get(row.project, ()), row.person)
    return found


async def _next_needs(
    connection: AsyncConnection, municipality: str, ids: list[str]
) -> dict[str, tuple[str, str, str]]:
    mine = (needs.c.municipality == municipality) & needs.c.project.in_(ids) & (needs.c.state == "open")
    rows = await connection.execute(sa.select(needs).where(mine).order_by(needs.c.published.desc()))
    return {row.project: (row.id, row.kind, row.what) for row in rows}
