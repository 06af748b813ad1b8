"""What a service heard from others: its own copy of their facts, in order, without gap or double."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.bus import Told
from shared.contracts import fact_of
from shared.projector import fence
from shared.view import Heard, table

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


class Missing(Exception):
    """A fact came before one that was told earlier."""


class Inbox:
    """The facts that one service heard, kept in its own database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, municipality: str, source: str, facts: Sequence[Told]) -> int:
        """Stores what is new and returns the last position. Raises `Missing` on a gap: nothing is stored then."""
        mine = (sources.c.municipality == municipality) & (sources.c.source == source)
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            await connection.execute(
                insert(sources).values(municipality=municipality, source=source).on_conflict_do_nothing()
            )
            found = await connection.execute(sa.select(sources.c.position).where(mine).with_for_update())
            last = int(found.scalar_one())
            rows = []
            for fact in facts:
                if fact.position <= last:
                    continue
                if fact.after != last:
                    raise Missing(f"{source} told {fact.position} after {fact.after}, heard up to {last}")
                rows.append(_row(fact))
                last = fact.position
            if rows:
                await connection.execute(sa.insert(heard), rows)
                await connection.execute(sa.update(sources).where(mine).values(position=last))
            return last

    async def read(self, source: str, municipality: str, after: int, limit: int) -> list[Heard]:
        """Facts of a source after a position, in order."""
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            return await read(connection, source, municipality, after, limit)

    async def position(self, municipality: str, source: str) -> int:
        """The last position heard from a source; 0 before the first."""
        return await self._number(municipality, source, sources.c.position)

    async def reacted(self, municipality: str, source: str) -> int:
        """The last position whose reactions are all done."""
        return await self._number(municipality, source, sources.c.reacted)

    async def reacted_to(self, municipality: str, source: str, position: int) -> None:
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            mine = (sources.c.municipality == municipality) & (sources.c.source == source)
            await connection.execute(sa.update(sources).where(mine).values(reacted=position))

    async def _number(self, municipality: str, source: str, column: sa.Column[int]) -> int:
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            mine = (sources.c.municipality == municipality) & (sources.c.source == source)
            return int(await connection.scalar(sa.select(column).where(mine)) or 0)


async def read(connection: AsyncConnection, source: str, municipality: str, after: int, limit: int) -> list[Heard]:
    """Facts of a source after a position, in order, on a connection that is fenced already."""
    rows = await connection.execute(
        sa.select(heard)
        .where(heard.c.municipality == municipality, heard.c.source == source, heard.c.position > after)
        .order_by(heard.c.position)
        .limit(limit)
    )
    return [_heard(row) for row in rows]


def _row(fact: Told) -> dict[str, Any]:
    names = ("municipality", "source", "position", "id", "name", "project", "at", "body")
    return {name: getattr(fact, name) for name in names}


def _heard(row: Any) -> Heard:
    return Heard(
        id=row.id,
        municipality=row.municipality,
        source=row.source,
        position=row.position,
        project=row.project,
        at=row.at,
        fact=fact_of(row.source, row.name, row.body),
    )
