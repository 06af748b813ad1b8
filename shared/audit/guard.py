"""The log with a guard at its door: where it is not the one that was signed, nothing is written to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.audit.signer import Signer
from shared.store import Answer, Batch, Entry, Head, Store, Work


class Halted(Exception):
    """The log of a municipality is not the one that was signed; nothing was stored."""


class Guarded:
    """A store that asks the signer before it appends, and tells it after."""

    def __init__(self, store: Store, signer: Signer) -> None:
        self._store = store
        self._signer = signer

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with self._store.work() as work:
            yield _Guarded(work, self._signer)

    async def entries(
        self,
        municipality: str,
        after: int = 0,
        limit: int = 1000,
        *,
        stream: str | None = None,
        project: str | None = None,
    ) -> list[Entry]:
        return await self._store.entries(municipality, after, limit, stream=stream, project=project)

    async def leaves(self, municipality: str, after: int = 0, limit: int = 10_000) -> bytes:
        return await self._store.leaves(municipality, after, limit)

    async def head(self, municipality: str) -> Head:
        return await self._store.head(municipality)


class _Guarded:
    def __init__(self, work: Work, signer: Signer) -> None:
        self._work = work
        self._signer = signer
        self.load, self.crowded = work.load, work.crowded
        self.queued = work.queued

    async def append(self, batch: Batch) -> Answer:
        if reason := self._signer.halted.get(batch.municipality):
            raise Halted(reason)
        answer = await self._work.append(batch)
        self._signer.changed(batch.municipality)
        return answer

    async def queue(self, municipality: str, streams: tuple[str, ...]) -> None:
        self.queued = True
        await self._work.queue(municipality, streams)
