"""What a service heard from others: its own copy of their facts, in order, without gap or double."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.bus import Told
from shared.contracts import fact_of
from shared.projector import fence
from shared.view import Heard, Taken, table

heard = table(
    "heard",
    sa.Column("source", sa.Text),
    sa.Column("position", sa.BigInteger),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    key=("source", "position"),
)
sources = table(
    "sources",
    sa.Column("source", sa.Text),
    sa.Column("position", sa.BigInteger, nullable=False, server_default="0"),  # last fact heard
    sa.Column("reacted", sa.BigInteger, nullable=False, server_default="0"),  # last fact reacted to
    key=("source",),
)


_SOURCE = (sources.c.municipality == sa.bindparam("m")) & (sources.c.source == sa.bindparam("s"))
_PLACE = sa.select(sources.c.position, sources.c.reacted).where(_SOURCE)
_PLACE_HELD = _PLACE.with_for_update()
_BEGIN = insert(sources).on_conflict_do_nothing()
_HEAR = sa.insert(heard)
_MOVE = sa.update(sources).where(_SOURCE).values(position=sa.bindparam("p"), reacted=sa.bindparam("r"))
_REACTED = sa.update(sources).where(_SOURCE).values(reacted=sa.bindparam("r"))
_AFTER = (
    sa.select(heard)
    .where(
        heard.c.municipality == sa.bindparam("m"),
        heard.c.source == sa.bindparam("s"),
        heard.c.position > sa.bindparam("after"),
    )
    .order_by(heard.c.position)
    .limit(sa.bindparam("most"))
)


class Missing(Exception):
    """A fact came before one that was told earlier."""


class Inbox:
    """The facts that one service heard, kept in its own database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, municipality: str, source: str, facts: Sequence[Told]) -> int:
        """Stores what is new and returns the last position. Raises `Missing` on a gap: nothing is stored then."""
        async with self._fenced(municipality) as connection:
            taken = await self.take(connection, municipality, source, facts)
        return taken.fresh[-1].position if taken.fresh else taken.before

    async def take(
        self,
        connection: AsyncConnection,
        municipality: str,
        source: str,
        facts: Sequence[Told],
        idle: Callable[[Heard], bool] = lambda heard: False,
    ) -> Taken:
        """Stores what is new, on a connection that is fenced already; facts that are all `idle` count as reacted to.

        Raises `Missing` on a gap.
        """
        mine = {"m": municipality, "s": source}
        place = (await connection.execute(_PLACE_HELD, mine)).one_or_none()
        if place is None:
            await connection.execute(_BEGIN, {"municipality": municipality, "source": source})
            place = (await connection.execute(_PLACE_HELD, mine)).one()
        before, reacted = place.position, place.reacted
        last, new = before, []
        for fact in facts:
            if fact.position <= last:
                continue
            if fact.after != last:
                raise Missing(f"{source} told {fact.position} after {fact.after}, heard up to {last}")
            new.append(fact)
            last = fact.position
        fresh = tuple(_heard(fact) for fact in new)
        if new:
            if reacted == before and all(map(idle, fresh)):
                reacted = last
            await connection.execute(_HEAR, [_row(fact) for fact in new])
            await connection.execute(_MOVE, mine | {"p": last, "r": reacted})
        return Taken(before, reacted, fresh)

    async def read(self, source: str, municipality: str, after: int, limit: int) -> list[Heard]:
        """Facts of a source after a position, in order."""
        async with self._fenced(municipality) as connection:
            return await read(connection, source, municipality, after, limit)

    async def position(self, municipality: str, source: str) -> int:
        """The last position heard from a source; 0 before the first."""
        return (await self._place(municipality, source))[0]

    async def reacted(self, municipality: str, source: str) -> int:
        """The last position whose reactions are all done."""
        return (await self._place(municipality, source))[1]

    async def reacted_to(self, municipality: str, source: str, position: int) -> None:
        async with self._fenced(municipality) as connection:
            await connection.execute(_REACTED, {"m": municipality, "s": source, "r": position})

    async def _place(self, municipality: str, source: str) -> tuple[int, int]:
        async with self._fenced(municipality) as connection:
            place = (await connection.execute(_PLACE, {"m": municipality, "s": source})).one_or_none()
        return (place.position, place.reacted) if place else (0, 0)

    @asynccontextmanager
    async def _fenced(self, municipality: str) -> AsyncIterator[AsyncConnection]:
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            yield connection


async def read(connection: AsyncConnection, source: str, municipality: str, after: int, limit: int) -> list[Heard]:
    """Facts of a source after a position, in order, on a connection that is fenced already."""
    rows = await connection.execute(_AFTER, {"m": municipality, "s": source, "after": after, "most": limit})
    return [_heard(row) for row in rows]


def _row(fact: Told) -> dict[str, Any]:
    names = ("municipality", "source", "position", "id", "name", "project", "at", "body")
    return {name: getattr(fact, name) for name in names}


def _heard(told: Any) -> Heard:
    """From a row of `heard` or from a `Told`: both name the same things."""
    return Heard(
        id=told.id,
        municipality=told.municipality,
        source=told.source,
        position=told.position,
        project=told.project,
        at=told.at,
        fact=fact_of(told.source, told.name, told.body),
    )
