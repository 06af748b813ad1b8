"""Moves a service's views forward: rows and checkpoint in one transaction, a view that fails stops alone."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import sqlalchemy as sa
import structlog

from shared.fenced import Fenced
from shared.store import Recorded
from shared.store.database import Connection
from shared.view import Heard, Taken, View, apply, changes_of, table

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

_MINE = "municipality = $1 and view = any($2::text[])"
_PLACES = f"select view, position, stopped from views.checkpoints where {_MINE} order by view for update"  # noqa: S608
_MARK = f"update views.checkpoints set position = $3, stopped = $4 where {_MINE}"  # noqa: S608
_BEGIN = """insert into views.checkpoints (municipality, view, source, position) values ($1, $2, $3, 0)
            on conflict do nothing"""
_RESUME = "update views.checkpoints set stopped = null where municipality = $1"
_STOPPED = "select view, stopped from views.checkpoints where municipality = $1 and stopped is not null"

Read = Callable[[Connection, str, str, int, int], Awaitable[Sequence[Recorded] | Sequence[Heard]]]
Take = Callable[[Connection], Awaitable[Taken]]
Move = Callable[[Connection, str, dict[str, int], Sequence[Any]], Awaitable[None]]
Progress = Callable[[int], None]


class Behind(Exception):
    """Views do not stand where the facts begin that came."""


class Projector:
    """The views of one service.

    `read(connection, source, municipality, after, limit)` gives what happened, in order. What it reads from this
    database it reads on the given connection: who held one and waited for another could wait for ever.
    """

    def __init__(self, fenced: Fenced, views: Sequence[View], read: Read) -> None:
        self._fenced = fenced
        self._views = {view.name: view for view in views}
        self._read = read
        self._turns: dict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._reached: dict[tuple[str, str], int] = {}

    @property
    def sources(self) -> set[str]:
        return {view.source for view in self._views.values()}

    def shown(self, municipality: str) -> tuple[int, ...]:
        """How far this process has moved the views, by source: while it is the same, so are their rows, but for what
        another replica has moved."""
        return tuple(self._reached.get((municipality, source), 0) for source in sorted(self.sources))

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

    async def take_in(self, municipality: str, source: str, take: Take) -> Taken:
        """Runs `take`, which stores facts of `source`, and moves the views over what was new, in one transaction.

        Raises `Behind` where views stand elsewhere, and whatever `take` or a view raises; nothing is stored then.
        """
        key = (municipality, source)
        async with self._turns[key]:
            async with self._fenced.transaction(municipality) as connection:
                taken = await take(connection)
                if taken.fresh:
                    places = await self._places(connection, municipality, self._of(source))
                    if any(position != taken.before for position in places.values()):
                        raise Behind(source)
                    await self._move_all(connection, municipality, places, taken.fresh)
            self._reached[key] = taken.fresh[-1].position if taken.fresh else taken.before
            return taken

    async def resume(self, municipality: str) -> None:
        """Lets views that had stopped try again, as after a repair."""
        async with self._fenced.transaction(municipality) as connection:
            await connection.execute(_RESUME, municipality)

    async def stopped(self, municipality: str) -> dict[str, str]:
        """Views that stopped, each with the reason."""
        async with self._fenced.transaction(municipality) as connection:
            return {row["view"]: row["stopped"] for row in await connection.fetch(_STOPPED, municipality)}

    async def _step(self, municipality: str, source: str) -> tuple[int, int]:
        """One page: all views at once, or, where one fails, each behind a savepoint of its own."""
        try:
            return await self._page(municipality, source, self._move_all)
        except Exception as failure:
            if not _of_the_view(failure):
                raise
        return await self._page(municipality, source, self._move_each)

    async def _page(self, municipality: str, source: str, move: Move) -> tuple[int, int]:
        async with self._fenced.transaction(municipality) as connection:
            places = await self._places(connection, municipality, self._of(source))
            if not places:
                return 0, 0
            start = min(places.values())
            seen = await self._read(connection, source, municipality, start, _PAGE)
            if seen:
                await move(connection, municipality, places, seen)
            return len(seen), _position(seen[-1]) if seen else start

    def _of(self, source: str) -> list[View]:
        return [view for view in self._views.values() if view.source == source]

    async def _places(self, connection: Connection, municipality: str, views: Sequence[View]) -> dict[str, int]:
        """The position of every view that is not stopped; the rows stay locked, so that only one moves them."""
        if not views:
            return {}
        names = [view.name for view in views]
        rows = await connection.fetch(_PLACES, municipality, names)
        if len(rows) < len(views):
            await connection.executemany(_BEGIN, [(municipality, view.name, view.source) for view in views])
            rows = await connection.fetch(_PLACES, municipality, names)
        return {row["view"]: row["position"] for row in rows if row["stopped"] is None}

    async def _move_all(
        self, connection: Connection, municipality: str, places: dict[str, int], seen: Sequence[Any]
    ) -> None:
        end = _position(seen[-1])
        going = [name for name, position in places.items() if position < end]
        for name in going:
            await apply(connection, changes_of(self._views[name], _ahead(seen, places[name])))
        await self._mark(connection, municipality, going, end, None)

    async def _move_each(
        self, connection: Connection, municipality: str, places: dict[str, int], seen: Sequence[Any]
    ) -> None:
        for name, position in places.items():
            if ahead := _ahead(seen, position):
                await self._move(connection, municipality, self._views[name], ahead)

    async def _move(self, connection: Connection, municipality: str, view: View, ahead: Sequence[Any]) -> None:
        try:
            async with connection.transaction():
                await apply(connection, changes_of(view, ahead))
                await self._mark(connection, municipality, [view.name], _position(ahead[-1]), None)
        except Exception as failure:
            if not _of_the_view(failure):
                raise
            await self._stop_at(connection, municipality, view, ahead, failure)

    async def _stop_at(
        self, connection: Connection, municipality: str, view: View, ahead: Sequence[Any], failure: Exception
    ) -> None:
        """Applies what goes before the first failing one, then stops this view of this municipality, with an alarm."""
        for one in ahead:
            try:
                async with connection.transaction():
                    await apply(connection, changes_of(view, [one]))
                    await self._mark(connection, municipality, [view.name], _position(one), None)
            except Exception as error:
                if not _of_the_view(error):
                    raise
                failure, position = error, _position(one)
                break
        else:
            return  # it passed one by one: only the group was at odds, and nothing is lost
        await self._mark(connection, municipality, [view.name], position - 1, f"{type(failure).__name__} at {position}")
        log.error("view stopped", view=view.name, municipality=municipality, at=position, error=repr(failure)[:500])

    async def _mark(
        self, connection: Connection, municipality: str, names: Sequence[str], position: int, stopped: str | None
    ) -> None:
        if names:
            await connection.execute(_MARK, municipality, names, position, stopped)


# SQLSTATE classes of what passes without a repair: connection, transaction, resources (disk full), operator, system.
_PASSING = {"08", "40", "53", "57", "58"}


def _of_the_view(failure: Exception) -> bool:
    """Whether a repair of the view is needed; all others are a matter of trying again."""
    if isinstance(failure, OSError | asyncpg.InternalClientError):
        return False
    if isinstance(failure, asyncpg.InterfaceError) and not isinstance(failure, asyncpg.DataError):
        return False  # the connection is gone
    return (getattr(failure, "sqlstate", None) or "")[:2] not in _PASSING


def _ahead(seen: Sequence[Any], position: int) -> list[Any]:
    return [one for one in seen if _position(one) > position]


def _position(one: Recorded | Heard) -> int:
    return one.entry.position if isinstance(one, Recorded) else one.position
