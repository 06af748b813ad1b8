"""What a service heard from others: its own copy of their facts, in order, without gap or double."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from shared.bus import Told
from shared.contracts import fact_of
from shared.fenced import Fenced
from shared.store.database import Connection
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


_PLACE = "select position, reacted from views.sources where municipality = $1 and source = $2"
_BEGIN = "insert into views.sources (municipality, source) values ($1, $2) on conflict do nothing"
_HEAR = """insert into views.heard (municipality, source, position, id, name, project, at, body)
           values ($1, $2, $3, $4, $5, $6, $7, $8)"""
_MOVE = "update views.sources set position = $3, reacted = $4 where municipality = $1 and source = $2"
_REACTED = "update views.sources set reacted = $3 where municipality = $1 and source = $2"
_AFTER = """select * from views.heard where municipality = $1 and source = $2 and position > $3
            order by position limit $4"""


class Missing(Exception):
    """A fact came before one that was told earlier."""


class Inbox:
    """The facts that one service heard, kept in its own database."""

    def __init__(self, fenced: Fenced) -> None:
        self._fenced = fenced

    async def add(self, municipality: str, source: str, facts: Sequence[Told]) -> int:
        """Stores what is new and returns the last position. Raises `Missing` on a gap: nothing is stored then."""
        async with self._fenced.transaction(municipality) as connection:
            taken = await self.take(connection, municipality, source, facts)
        return taken.fresh[-1].position if taken.fresh else taken.before

    async def take(
        self,
        connection: Connection,
        municipality: str,
        source: str,
        facts: Sequence[Told],
        idle: Callable[[Heard], bool] = lambda heard: False,
    ) -> Taken:
        """Stores what is new, on a connection that is fenced already; facts that are all `idle` count as reacted to.

        Raises `Missing` on a gap.
        """
        before, reacted = await _held(connection, municipality, source)
        last, new = before, []
        for fact in facts:
            if fact.position <= last:
                continue
            if fact.after != last:
                raise Missing(f"{source} told {fact.position} after {fact.after}, heard up to {last}")
            new.append(fact)
            last = fact.position
        fresh = tuple(_heard(**dict(zip(_COLUMNS, _row(fact), strict=True))) for fact in new)
        if new:
            if reacted == before and all(map(idle, fresh)):
                reacted = last
            await connection.executemany(_HEAR, [_row(fact) for fact in new])
            await connection.execute(_MOVE, municipality, source, last, reacted)
        return Taken(before, reacted, fresh)

    async def read(self, source: str, municipality: str, after: int, limit: int) -> list[Heard]:
        """Facts of a source after a position, in order."""
        async with self._fenced.transaction(municipality) as connection:
            return await read(connection, source, municipality, after, limit)

    async def position(self, municipality: str, source: str) -> int:
        """The last position heard from a source; 0 before the first."""
        return (await self._place(municipality, source))[0]

    async def reacted(self, municipality: str, source: str) -> int:
        """The last position whose reactions are all done."""
        return (await self._place(municipality, source))[1]

    async def reacted_to(self, municipality: str, source: str, position: int) -> None:
        async with self._fenced.transaction(municipality) as connection:
            await connection.execute(_REACTED, municipality, source, position)

    async def _place(self, municipality: str, source: str) -> tuple[int, int]:
        async with self._fenced.transaction(municipality) as connection:
            place = await connection.fetchrow(_PLACE, municipality, source)
        return (place["position"], place["reacted"]) if place else (0, 0)


async def read(connection: Connection, source: str, municipality: str, after: int, limit: int) -> list[Heard]:
    """Facts of a source after a position, in order, on a connection that is fenced already."""
    rows = await connection.fetch(_AFTER, municipality, source, after, limit)
    return [_heard(**{name: row[name] for name in _COLUMNS}) for row in rows]


async def _held(connection: Connection, municipality: str, source: str) -> tuple[int, int]:
    """Position and reacted, locked until the end of the transaction."""
    place = await connection.fetchrow(f"{_PLACE} for update", municipality, source)
    if place is None:
        await connection.execute(_BEGIN, municipality, source)
        return await _held(connection, municipality, source)
    return place["position"], place["reacted"]


_COLUMNS = ("municipality", "source", "position", "id", "name", "project", "at", "body")


def _row(fact: Told) -> tuple[Any, ...]:
    return tuple(getattr(fact, name) for name in _COLUMNS)


def _heard(*, source: str, name: str, body: bytes, **more: Any) -> Heard:
    return Heard(source=source, fact=fact_of(source, name, body), **more)
