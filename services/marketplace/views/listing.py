"""What the marketplace lists: projects by phase, district, need and words, with their teams and next needs."""

from collections import Counter
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
_TYPO, _NEAR, _MOST_SPELLINGS = 5, 0.5, 20  # letters, similarity of trigrams (0 to 1), words
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
    where = await _conditions(connection, municipality, search)
    asked = [projects.c[name] == value for name, value in _chosen(search).items()]
    matches = sa.select(projects).where(*where, *asked).order_by(projects.c.moved.desc(), projects.c.id)
    rows = (await connection.execute(matches.limit(PAGE).offset(PAGE * (search.page - 1)))).all()
    ids = [row.id for row in rows]
    faces, next_needs = await _teams(connection, municipality, ids), await _next_needs(connection, municipality, ids)
    listed = tuple(
        Listed(r.id, r.title, r.summary, r.district, r.picture, r.phase, faces.get(r.id, ()), next_needs.get(r.id))
        for r in rows
    )
    return Found(listed, *await _counts(connection, where, search))


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


def _chosen(search: Search) -> dict[str, str]:
    """What is counted with and without: phase and district."""
    return {name: value for name in ("phase", "district") if (value := getattr(search, name))}


async def _conditions(connection: AsyncConnection, municipality: str, search: Search) -> list[sa.ColumnElement[bool]]:
    """All that a project must fulfil but phase and district."""
    where = [projects.c.municipality == municipality, projects.c.state == "public"]
    for word in folded(search.q).split():
        spellings = await _spellings(connection, municipality, word)
        where.append(sa.or_(*(_contains(municipality, spelling) for spelling in spellings)))
    if search.need:
        where.append(_needing(municipality, needs.c.kind == search.need))
    return where


def _contains(municipality: str, word: str) -> sa.ColumnElement[bool]:
    return projects.c.search.contains(word) | _needing(municipality, needs.c.search.contains(word))


def _needing(municipality: str, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    mine = sa.select(needs.c.project).where(needs.c.municipality == municipality, needs.c.state == "open", condition)
    return projects.c.id.in_(mine)


async def _spellings(connection: AsyncConnection, municipality: str, word: str) -> Sequence[str]:
    """The word itself where any project has it; otherwise, if it is long enough for a typo, words that resemble it.

    Only then all words of the town are gone through: that takes ten times as long as to find one.
    """
    public = (projects.c.municipality == municipality, projects.c.state == "public")
    there = sa.select(sa.exists().where(*public, _contains(municipality, word)))
    if len(word) < _TYPO or await connection.scalar(there):
        return (word,)
    text = sa.func.unnest(sa.func.string_to_array(projects.c.search, " ")).label("word")
    words = sa.select(text).where(*public).distinct().subquery().c.word
    near = sa.func.public.word_similarity(word, words)
    alike = sa.select(words).where(sa.func.length(words) >= len(word) - 2, near > _NEAR)
    return (await connection.execute(alike.order_by(near.desc(), words).limit(_MOST_SPELLINGS))).scalars().all() or (
        word,
    )


async def _counts(
    connection: AsyncConnection, where: Sequence[sa.ColumnElement[bool]], search: Search
) -> tuple[int, dict[str, int], dict[str, int]]:
    """How many there are; by phase in the district asked for, and by district in the phase asked for."""
    query = sa.select(projects.c.phase, projects.c.district, sa.func.count()).where(*where)
    total, phases, districts = 0, Counter[str](), Counter[str]()
    for phase, district, count in await connection.execute(query.group_by(projects.c.phase, projects.c.district)):
        of_phase, of_district = search.phase in ("", phase), search.district in ("", district)
        phases[phase] += count * of_district
        districts[district] += count * of_phase
        total += count * (of_phase and of_district)
    return total, dict(+phases), dict(+districts)


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
