"""Transactions that see one municipality's rows, on plain asyncpg: for what runs at every command and every fact."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.store.database import Connection

_FENCE = sa.text("select set_config('app.municipality', :m, true)")
_DIALECT = dialect()  # type: ignore[no-untyped-call]


class Fenced:
    """The transactions of one service's application role."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str, *, size: int = 5) -> Fenced:
        """At most `size` connections, each made when it is needed; nothing is left set on one that goes back."""

        async def nothing(_connection: Any) -> None:
            return

        return cls(
            await asyncpg.create_pool(
                url,
                min_size=0,
                max_size=size,
                max_inactive_connection_lifetime=60,
                reset=nothing,
                server_settings={"jit": "off"},
            )
        )

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self, municipality: str) -> AsyncIterator[Connection]:
        """Row-level security shows it the rows of one municipality only."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.fetchval("select set_config('app.municipality', $1, true)", municipality)
            yield connection


async def run(connection: Connection, statement: sa.Executable, rows: list[dict[str, Any]]) -> None:
    """Runs a statement of SQLAlchemy for each row, all in one round trip."""
    sql, values = _compiled(statement, tuple(rows[0]))
    if len(rows) == 1:
        await connection.execute(sql, *values(rows[0]))
    else:
        await connection.executemany(sql, [values(row) for row in rows])


Values = Callable[[dict[str, Any]], list[Any]]


@lru_cache(maxsize=1024)
def _compiled(statement: sa.ClauseElement, columns: tuple[str, ...]) -> tuple[str, Values]:
    """The SQL of a statement, and how a row fills its parameters. Once for each: making it anew costs more than
    running it."""
    made: Any = statement.compile(dialect=_DIALECT, column_keys=list(columns))
    places, processors = made.positiontup or [], made._bind_processors

    def values(row: dict[str, Any]) -> list[Any]:
        given = made.construct_params(row)
        return [processors[name](given[name]) if name in processors else given[name] for name in places]

    return str(made), values


async def fence(connection: AsyncConnection, municipality: str) -> None:
    """Row-level security shows this transaction the rows of one municipality only."""
    await connection.execute(_FENCE, {"m": municipality})


def engine_of(url: str, *, size: int = 5) -> AsyncEngine:
    """An engine of the application role; a connection goes back to the pool without any municipality.

    Every question is planned for what it asks: a plan for all towns and words fits none of them.
    """
    return create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=size,
        max_overflow=size,
        pool_pre_ping=False,
        connect_args={"server_settings": {"jit": "off", "plan_cache_mode": "force_custom_plan"}},
    )
