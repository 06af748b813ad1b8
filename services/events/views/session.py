"""What moves while a meeting runs, as rows of the views."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from services.events.views.agendas import items
from services.events.views.meetings import results, tables
from services.events.views.polls import news, polls, votes
from services.events.views.seats import registrations
from services.events.views.words import words


class Session(Struct, frozen=True, kw_only=True):
    """`votes` counts by (poll, option, way), `mine` is the asker's option by poll, `present` counts by way, `guests`
    by table."""

    news: int
    items: Sequence[Any]
    words: Sequence[Any]
    polls: Sequence[Any]
    votes: dict[tuple[str, str, str], int]
    mine: dict[str, str]
    results: Sequence[Any]
    tables: Sequence[Any]
    present: dict[str, int]
    guests: dict[str, int]


async def session(connection: AsyncConnection, municipality: str, meeting: str, person: str | None) -> Session:
    """Everything about the live session of a meeting, as `person` may see it."""

    async def rows(of: sa.Table, *order: Any) -> Sequence[Any]:
        mine = (of.c.municipality == municipality) & (of.c.meeting == meeting)
        return (await connection.execute(sa.select(of).where(mine).order_by(*order))).all()

    asked = await rows(polls, polls.c.position)
    cast = await _votes(connection, municipality, [row.id for row in asked])
    there = [row for row in await rows(registrations) if row.way]
    return Session(
        news=await latest(connection, municipality, meeting),
        items=await rows(items, items.c.number),
        words=await rows(words, words.c.position),
        polls=asked,
        votes=_count((row.poll, row.option, row.way) for row in cast),
        mine={row.poll: row.option for row in cast if row.person == person},
        results=await rows(results, results.c.position),
        tables=await rows(tables, tables.c.position),
        present=_count(row.way for row in there),
        guests=_count(row.seat for row in there if row.seat),
    )


async def latest(connection: AsyncConnection, municipality: str, meeting: str) -> int:
    """The position of the last change in the live session of a meeting; 0 before the first."""
    mine = (news.c.municipality == municipality) & (news.c.meeting == meeting)
    return await connection.scalar(sa.select(news.c.position).where(mine)) or 0


async def table_of(connection: AsyncConnection, municipality: str, digest: str) -> Any:
    """The open table with a code's digest; None where there is none."""
    mine = (tables.c.municipality == municipality) & (tables.c.code_digest == digest) & tables.c.open
    return (await connection.execute(sa.select(tables).where(mine))).first()


async def meeting_of_poll(connection: AsyncConnection, municipality: str, poll: str) -> str | None:
    mine = (polls.c.municipality == municipality) & (polls.c.id == poll)
    found: str | None = await connection.scalar(sa.select(polls.c.meeting).where(mine))
    return found


async def _votes(connection: AsyncConnection, municipality: str, ids: Sequence[str]) -> Sequence[Any]:
    query = sa.select(votes).where(votes.c.municipality == municipality, votes.c.poll.in_(ids))
    return (await connection.execute(query)).all()


def _count(keys: Any) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for key in keys:
        found[key] = found.get(key, 0) + 1
    return found
