"""The log in PostgreSQL: one SQL function a round trip, each on one checked-out connection in autocommit."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from shared.store import Answer, Batch, CommandReused, Conflict, Entry, Head, Loaded, NewEvent
from shared.store.database import refuse_without_durability

_LOAD = "select * from store.load($1, $2, $3, $4)"
_APPEND = "select * from store.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
# Nearly every command: one stream, one event. To encode arrays takes the driver a tenth of a millisecond.
_APPEND_ONE = """select * from store.append($1, $2, $3, $4, $5, $6, $7, array[$8], array[$9::integer], array[1],
                 array[$10], array[$11], array[$12], array[$13::smallint], array[$14::bytea], array[$15::bytea])"""
_ENTRIES = "select * from store.entries($1, $2, $3, $4, $5)"
_WARM = 2  # connections that are kept at hand; the others go back to the pool, which closes them after a minute
# One plan for good, over the indexes: one made while the tables were small would scan them whole, and planning anew
# costs three times the reading.
_PLANS = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "jit": "off"}


class PostgresStore:
    """One service's log. The connection belongs to the application role: it may read, and append by function."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], size: int, locking: set[int]) -> None:
        self._pool = pool
        self._turns = asyncio.Semaphore(size)
        self._warm: list[Any] = []
        self._locking = locking
        self._queues: Counter[int] = Counter()

    @classmethod
    async def open(cls, url: str, *, size: int = 8) -> PostgresStore:
        """At most `size` connections, each made when it is needed. Raises `database.NotDurable`."""
        locking: set[int] = set()  # server processes that may hold advisory locks

        async def tidy(connection: Any) -> None:
            """What the functions of the log set ends with them; a full reset would cost each command a round trip."""
            if (pid := connection.get_server_pid()) in locking:
                await connection.execute("select pg_advisory_unlock_all()")
                locking.remove(pid)

        pool = await asyncpg.create_pool(
            url, min_size=0, max_size=size, max_inactive_connection_lifetime=60, reset=tidy, server_settings=_PLANS
        )
        async with pool.acquire() as connection:
            await refuse_without_durability(connection)
        return cls(pool, size, locking)

    async def close(self) -> None:
        while self._warm:
            await self._pool.release(self._warm.pop())
        await self._pool.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """The connection that was used last, where it is free: through the pool it costs a command a tenth more."""
        async with self._turns:
            connection = self._warm.pop() if self._warm else await self._pool.acquire()
            if _lost(connection):
                await self._pool.release(connection)
                connection = await self._pool.acquire()
            whole = False
            try:
                yield connection
                whole = not _lost(connection) and connection.get_server_pid() not in self._locking
            finally:
                if whole and len(self._warm) < _WARM:
                    self._warm.append(connection)
                else:
                    await self._pool.release(connection)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[_Work]:
        async with self._connection() as connection:
            work = _Work(connection, self._queues, self._locking)
            try:
                yield work
            finally:
                work.leave()

    async def entries(
        self,
        municipality: str,
        after: int = 0,
        limit: int = 1000,
        *,
        stream: str | None = None,
        project: str | None = None,
    ) -> list[Entry]:
        async with self._connection() as connection:
            rows = await connection.fetch(_ENTRIES, municipality, after, limit, stream, project)
        return [_entry(municipality, row) for row in rows]

    async def leaves(self, municipality: str, after: int = 0, limit: int = 10_000) -> bytes:
        async with self._connection() as connection:
            return bytes(await connection.fetchval("select store.leaves($1, $2, $3)", municipality, after, limit))

    async def head(self, municipality: str) -> Head:
        async with self._connection() as connection:
            row = await connection.fetchrow("select size, range from store.head_of($1)", municipality)
        return Head(0, ()) if row is None else Head(row["size"], tuple(row["range"]))


class _Work:
    def __init__(self, connection: Any, queues: Counter[int], locking: set[int]) -> None:
        self._connection = connection
        self._queues = queues
        self._locking = locking
        self._held: list[int] = []
        self.queued = False

    async def load(self, municipality: str, streams: tuple[str, ...], actor: str, command_id: str) -> Loaded:
        row = await self._connection.fetchrow(_LOAD, municipality, streams, actor, command_id)
        if row["digest"] is not None:
            return Loaded((row["digest"], Answer(row["position"], tuple(row["versions"]))), ())
        if row["owners"] is None:
            return Loaded(None, ())
        owners = (owner - 1 for owner in row["owners"])
        return Loaded(None, list(zip(owners, row["types"], row["forms"], row["bodies"], strict=True)))

    async def append(self, batch: Batch) -> Answer:
        events = batch.events
        command = (
            batch.municipality,
            batch.actor,
            batch.command_id,
            batch.digest,
            batch.on_behalf_of,
            batch.cause,
            batch.correlation,
        )
        if len(batch.streams) == len(events) == 1:
            sql, rest = _APPEND_ONE, (*batch.streams, *batch.expected, *_columns(events[0]))
        else:
            owners, columns = [event.stream + 1 for event in events], zip(*map(_columns, events), strict=True)
            sql, rest = _APPEND, (batch.streams, batch.expected, owners, *(columns if events else [()] * 6))
        row = await self._connection.fetchrow(sql, *command, *rest)
        answer = Answer(row["position"], tuple(row["versions"]))
        match row["status"]:
            case 2:  # see log.sql
                for stream, expected, present in zip(batch.streams, batch.expected, answer.versions, strict=True):
                    if expected != present:
                        raise Conflict(stream, expected, present)
            case 3:
                raise CommandReused(batch.command_id)
        return answer

    def crowded(self, municipality: str, streams: tuple[str, ...]) -> bool:
        return any(self._queues[key] for key in _keys(municipality, streams))

    async def queue(self, municipality: str, streams: tuple[str, ...]) -> None:
        self.queued = True
        self._locking.add(self._connection.get_server_pid())
        for key in _keys(municipality, streams):  # in one order for all, so that nobody waits in a circle
            self._queues[key] += 1
            self._held.append(key)
            await self._connection.execute("select pg_advisory_lock($1)", key)

    def leave(self) -> None:
        """Is not in the queue any more; the locks end when the connection goes back to the pool."""
        for key in self._held:
            self._queues[key] -= 1
            if not self._queues[key]:
                del self._queues[key]


def _columns(event: NewEvent) -> tuple[Any, ...]:
    return event.event_id, event.project, event.type, event.form, event.body, event.sealed


def _lost(connection: Any) -> bool:
    """Whether the server ended it; the pool may have taken it back already, and then it answers nothing any more."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


def _keys(municipality: str, streams: tuple[str, ...]) -> list[int]:
    return sorted({zlib.crc32(f"{municipality}/{stream}".encode()) for stream in streams})


def _entry(municipality: str, row: Any) -> Entry:
    return Entry(
        municipality=municipality,
        position=row["position"],
        stream=row["stream"],
        version=row["version"],
        event_id=row["event_id"],
        project=row["project"],
        type=row["type"],
        form=row["form"],
        body=row["bytes"],
        sealed=row["sealed"],
        actor=row["actor"],
        on_behalf_of=row["on_behalf_of"],
        cause=row["cause"],
        correlation=row["correlation"],
        recorded_at=row["recorded_at"],
        body_digest=row["body"],
        sealed_digest=row["seal"],
        leaf=row["leaf"],
    )
