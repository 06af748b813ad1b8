"""The log in memory: the same promises as PostgreSQL's, for tests of what stands on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from shared.audit.leaf import leaf_hash
from shared.audit.merkle import CompactRange
from shared.store import Answer, Batch, CommandReused, Conflict, Entry, Head, Loaded, NewEvent, header_of


class MemoryStore:
    """One service's log for many municipalities, lost with the process."""

    def __init__(self) -> None:
        self._logs: dict[str, list[Entry]] = {}
        self._commands: dict[tuple[str, str, str], tuple[bytes, Answer]] = {}
        self._queues: dict[tuple[str, str], asyncio.Lock] = {}

    @asynccontextmanager
    async def work(self) -> AsyncIterator["_Work"]:
        async with AsyncExitStack() as held:
            yield _Work(self, held)

    async def entries(
        self,
        municipality: str,
        after: int = 0,
        limit: int = 1000,
        *,
        stream: str | None = None,
        project: str | None = None,
    ) -> list[Entry]:
        log = self._logs.get(municipality, [])
        if stream is not None:
            return [e for e in log if e.stream == stream and e.version > after][:limit]
        if project is not None:
            return [e for e in log if e.project == project != "" and e.position > after][:limit]
        return log[after : after + limit]

    async def leaves(self, municipality: str, after: int = 0, limit: int = 10_000) -> bytes:
        return b"".join(entry.leaf for entry in self._logs.get(municipality, [])[after : after + limit])

    async def head(self, municipality: str) -> Head:
        tree = CompactRange()
        for entry in self._logs.get(municipality, []):
            tree.append(entry.leaf)
        return Head(tree.size, tuple(tree.hashes))

    def _histories(self, municipality: str, streams: tuple[str, ...]) -> list[tuple[int, str, int, bytes | None]]:
        log = self._logs.get(municipality, [])
        return [(i, e.type, e.form, e.body) for i, stream in enumerate(streams) for e in log if e.stream == stream]

    def _add(self, batch: Batch, versions: list[int], new: NewEvent) -> None:
        log = self._logs.setdefault(batch.municipality, [])
        versions[new.stream] += 1
        entry = Entry(
            municipality=batch.municipality,
            position=len(log) + 1,
            stream=batch.streams[new.stream],
            version=versions[new.stream],
            event_id=new.event_id,
            project=new.project,
            type=new.type,
            form=new.form,
            body=new.body,
            sealed=new.sealed,
            actor=batch.actor,
            on_behalf_of=batch.on_behalf_of,
            cause=batch.cause,
            correlation=batch.correlation,
            recorded_at=max(datetime.now(UTC), log[-1].recorded_at) if log else datetime.now(UTC),
            body_digest=sha256(new.body).digest(),
            sealed_digest=b"" if new.sealed is None else sha256(new.sealed).digest(),
            leaf=b"",
        )
        log.append(replace(entry, leaf=leaf_hash(header_of(entry))))


class _Work:
    def __init__(self, store: MemoryStore, held: AsyncExitStack) -> None:
        self._store = store
        self._held = held
        self.queued = False

    async def load(self, municipality: str, streams: tuple[str, ...], actor: str, command_id: str) -> Loaded:
        await asyncio.sleep(0)  # as over a network, others may come between
        known = self._store._commands.get((municipality, actor, command_id))
        return Loaded(known, [] if known else self._store._histories(municipality, streams))

    async def append(self, batch: Batch) -> Answer:
        await asyncio.sleep(0)
        key = (batch.municipality, batch.actor, batch.command_id)
        if known := self._store._commands.get(key):
            if known[0] != batch.digest:
                raise CommandReused(batch.command_id)
            return known[1]
        log = self._store._logs.get(batch.municipality, [])
        versions = [sum(e.stream == stream for e in log) for stream in batch.streams]
        for stream, expected, present in zip(batch.streams, batch.expected, versions, strict=True):
            if expected != present:
                raise Conflict(stream, expected, present)
        for new in batch.events:
            self._store._add(batch, versions, new)
        answer = Answer(len(self._store._logs.get(batch.municipality, [])), tuple(versions))
        self._store._commands[key] = (batch.digest, answer)
        return answer

    def crowded(self, municipality: str, streams: tuple[str, ...]) -> bool:
        queues = (self._store._queues.get((municipality, stream)) for stream in streams)
        return any(queue is not None and queue.locked() for queue in queues)

    async def queue(self, municipality: str, streams: tuple[str, ...]) -> None:
        self.queued = True
        for stream in sorted(set(streams)):
            lock: Any = self._store._queues.setdefault((municipality, stream), asyncio.Lock())
            await self._held.enter_async_context(lock)
