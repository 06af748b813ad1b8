"""Moves a service's views forward: rows and checkpoint in one transaction, a view that fails stops alone."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.store import Recorded
from shared.view import Heard, View, apply, changes_of, table

log = structlog.get_logger()

LOG = "log"
_PAGE = 1000

checkpoints = table(
    "checkpoints",
    sa.Column("view", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("stopped", sa.Text),
    key=("view",),
)

Read = Callable[[AsyncConnection, str, str, int, int], Awaitable[Sequence[Recorded] | Sequence[Heard]]]
Progress = Callable[[int], None]


class Projector:
    """The views of one service.

    `read(connection, source, municipality, after, limit)` gives what happened, in order. What it reads from this
    database it reads on the given connection: who held one and waited for another could wait for ever.
    """

    def __init__(self, engine: AsyncEngine, views: Sequence[View], read: Read) -> None:
        self._engine = engine
        self._views = {view.name: view for view in views}
        self._read = read
        self._turns: dict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._reached: dict[tuple[str, str], int] = {}

    @property
    def sources(self) -> set[str]:
        return {view.source for view in self._views.values()}

    @asynccontextmanager
    async def reading(self, municipality: str) -> AsyncIterator[AsyncConnection]:
        """A connection that sees the rows of one municipality only."""
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            yield connection

    async def catch_up(
        self, municipality: str, source: str = LOG, until: int = 0, progress: Progress | None = None
    ) -> int:
        """Moves all views of a source to its end, or at least to `until`; returns the position reached.

        Any number may call it at once: they go in single file, and those who find it done return at once.
        """
        key = (municipality, source)
        async with self._turns[key]:
            if 0 < until <= self._reached.get(key, -1):
                return self._reached[key]
            while True:
                moved, reached = await self._step(municipality, source)
                self._reached[key] = reached
                if progress:
                    progress(moved)
                if moved < _PAGE:
                    return reached

    async def resume(self, municipality: str) -> None:
        """Lets views that had stopped try again, as after a repair."""
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            mine = checkpoints.c.municipality == municipality
            await connection.execute(sa.update(checkpoints).where(mine).values(stopped=None))

    async def stopped(self, municipality: str) -> dict[str, str]:
        """Views that stopped, each with the reason."""
        async with self.reading(municipality) as connection:
            rows = await connection.execute(sa.select(checkpoints).where(checkpoints.c.stopped.is_not(None)))
            return {row.view: row.stopped for row in rows}

    async def _step(self, municipality: str, source: str) -> tuple[int, int]:
        views = [view for view in self._views.values() if view.source == source]
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            places = await self._places(connection, municipality, views)
            going = [view for view in views if view.name in places]
            if not going:
                return 0, 0
            start = min(places[view.name] for view in going)
            seen = await self._read(connection, source, municipality, start, _PAGE)
            end = _position(seen[-1]) if seen else start
            for view in going:
                ahead = [one for one in seen if _position(one) > places[view.name]]
                if ahead:
                    await self._move(connection, municipality, view, ahead)
            return len(seen), end

    async def _places(self, connection: AsyncConnection, municipality: str, views: Sequence[View]) -> dict[str, int]:
        """The position of every view that is not stopped; the rows stay locked, so that only one moves them."""
        names = [view.name for view in views]
        own = (checkpoints.c.municipality == municipality) & checkpoints.c.view.in_(names)
        found = sa.select(checkpoints).where(own).order_by(checkpoints.c.view).with_for_update()
        rows = (await connection.execute(found)).all()
        if len(rows) < len(names):
            new = [{"municipality": municipality, "view": v.name, "source": v.source, "position": 0} for v in views]
            await connection.execute(insert(checkpoints).on_conflict_do_nothing(), new)
            rows = (await connection.execute(found)).all()
        return {row.view: row.position for row in rows if row.stopped is None}

    async def _move(self, connection: AsyncConnection, municipality: str, view: View, ahead: Sequence[Any]) -> None:
        try:
            async with connection.begin_nested():
                await apply(connection, changes_of(view, ahead))
                await self._mark(connection, municipality, view, _position(ahead[-1]), None)
        except Exception as failure:
            if not _of_the_view(failure):
                raise
            await self._stop_at(connection, municipality, view, ahead, failure)

    async def _stop_at(
        self, connection: AsyncConnection, municipality: str, view: View, ahead: Sequence[Any], failure: Exception
    ) -> None:
        """Applies what goes before the first failing one, then stops this view of this municipality, with an alarm."""
        for one in ahead:
            try:
                async with connection.begin_nested():
                    await apply(connection, changes_of(view, [one]))
                    await self._mark(connection, municipality, view, _position(one), None)
            except Exception as error:
                if not _of_the_view(error):
                    raise
                failure, position = error, _position(one)
                break
        else:
            return  # it passed one by one: only the group was at odds, and nothing is lost
        await self._mark(connection, municipality, view, position - 1, f"{type(failure).__name__} at {position}")
        log.error("view stopped", view=view.name, municipality=municipality, at=position, error=repr(failure)[:500])

    async def _mark(
        self, connection: AsyncConnection, municipality: str, view: View, position: int, stopped: str | None
    ) -> None:
        await connection.execute(
            sa.update(checkpoints)
            .where(checkpoints.c.municipality == municipality, checkpoints.c.view == view.name)
            .values(position=position, stopped=stopped)
        )


# SQLSTATE classes of what passes without a repair: connection, transaction, resources (disk full), operator, system.
_PASSING = {"08", "40", "53", "57", "58"}


def _of_the_view(failure: Exception) -> bool:
    """Whether a repair of the view is needed; all others are a matter of trying again."""
    if isinstance(failure, OSError) or (isinstance(failure, sa.exc.DBAPIError) and failure.connection_invalidated):
        return False
    return (getattr(getattr(failure, "orig", None), "sqlstate", None) or "")[:2] not in _PASSING


def _position(one: Recorded | Heard) -> int:
    return one.entry.position if isinstance(one, Recorded) else one.position


async def fence(connection: AsyncConnection, municipality: str) -> None:
    """Row-level security shows this transaction the rows of one municipality only."""
    await connection.execute(sa.text("select set_config('app.municipality', :m, true)"), {"m": municipality})


def engine_of(url: str, *, size: int = 5) -> AsyncEngine:
    """An engine of the application role; a connection goes back to the pool without any municipality."""
    return create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1), pool_size=size, max_overflow=size, pool_pre_ping=False
    )
