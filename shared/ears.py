"""What a service hears: stored, shown and reacted to, each fact once, in the order of its source."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from shared.bus import Bus, Listening, Told
from shared.inbox import Inbox, Missing
from shared.projector import LOG, Projector
from shared.view import Heard, Taken

log = structlog.get_logger()

_WAIT = 5.0  # seconds that one question to the bus stays open
_PACE = 0.03  # seconds from one taking in to the next: under load facts come together, a lone one is taken at once
_GAP_PAUSES = (0.05, 0.1, 0.2, 0.4)
_GLANCE = 0.05  # seconds after which one who waits for a fact looks whether another replica has heard it

Listener = Callable[[Heard], Awaitable[None]]
React = Callable[[Heard], Awaitable[None]]


class Ears:
    """Hears for one service. `react` carries out what follows from a fact, `idle` says that nothing does."""

    def __init__(
        self, name: str, bus: Bus, inbox: Inbox, projector: Projector, idle: Callable[[Heard], bool], react: React
    ) -> None:
        self._name = name
        self._bus = bus
        self._inbox = inbox
        self._projector = projector
        self._idle = idle
        self._react_to = react
        self._news = asyncio.Condition()
        self._heard_to: dict[tuple[str, str], int] = {}  # what this process has taken into the views

    async def hear(self, municipality: str, sources: Sequence[str]) -> None:
        """Hears for ever: first what was stored and not yet dealt with, then what comes."""
        listening = await self._bus.listen(municipality, self._name, sources)
        try:
            for source in sources:
                await self._recover(municipality, source)
            while True:
                facts = await listening.fetch(_WAIT)
                if facts:
                    await asyncio.gather(self._hear(municipality, facts, listening), asyncio.sleep(_PACE))
        finally:
            await listening.close()

    async def has_heard(self, municipality: str, source: str, position: int, within: float) -> bool:
        """Waits until facts are in the views up to `position`, and what follows from them; False after `within` s."""
        if self._heard_to.get((municipality, source), 0) >= position:
            return True
        try:
            async with asyncio.timeout(within):
                while await self._inbox.reacted(municipality, source) < position:
                    await self._glance()
                await self._projector.catch_up(municipality, source, position)
                await self._projector.catch_up(municipality, LOG)
        except TimeoutError:
            return False
        return True

    async def hears_more(
        self, municipality: str, cursor: Mapping[str, int], sources: Sequence[str], within: float
    ) -> bool:
        """Waits until facts are there that `cursor` (source → position) has not seen; False after `within` seconds."""
        try:
            async with asyncio.timeout(within), self._news:
                while not any(
                    self._heard_to.get((municipality, source), 0) > cursor.get(source, 0) for source in sources
                ):
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    async def _glance(self) -> None:
        try:
            async with asyncio.timeout(_GLANCE), self._news:
                await self._news.wait()
        except TimeoutError:
            return

    async def _hear(self, municipality: str, facts: Sequence[Told], listening: Listening) -> None:
        for source in dict.fromkeys(fact.source for fact in facts):
            try:
                await self._patiently(municipality, source, [fact for fact in facts if fact.source == source])
            except Missing as gap:
                log.error("facts missing", service=self._name, municipality=municipality, gap=str(gap))
                await listening.again()
                return
        await listening.done()

    async def _patiently(self, municipality: str, source: str, facts: Sequence[Told]) -> None:
        """Where facts are missing, another replica may just be storing them."""
        for pause in _GAP_PAUSES:
            try:
                await self._take_in(municipality, source, facts)
                return
            except Missing:
                await asyncio.sleep(pause)
        await self._take_in(municipality, source, facts)

    async def _take_in(self, municipality: str, source: str, facts: Sequence[Told]) -> None:
        """Inbox and views in one transaction; where a view is not with the others, it must not hold up the inbox."""
        try:
            taken = await self._projector.take_in(
                municipality, source, lambda c: self._inbox.take(c, municipality, source, facts, self._idle)
            )
        except Missing:
            raise
        except Exception:
            await self._inbox.add(municipality, source, facts)
            await self._recover(municipality, source)
            return
        await self._react(municipality, source, taken)
        if taken.fresh:
            await self._tell_waiting(municipality, source, taken.fresh[-1].position)

    async def _recover(self, municipality: str, source: str) -> None:
        """Shows and reacts to all that is stored."""
        shown = await self._projector.catch_up(municipality, source)
        reacted = await self._inbox.reacted(municipality, source)
        while stored := await self._inbox.read(source, municipality, reacted, 200):
            reacted = await self._react_each(municipality, source, stored)
        await self._tell_waiting(municipality, source, shown)

    async def _react(self, municipality: str, source: str, taken: Taken) -> None:
        if taken.reacted < taken.before:  # something older waits: after a crash, or another replica is at it
            await self._recover(municipality, source)
        elif taken.fresh and taken.reacted < taken.fresh[-1].position:
            await self._react_each(municipality, source, taken.fresh)

    async def _react_each(self, municipality: str, source: str, facts: Sequence[Heard]) -> int:
        for fact in facts:
            await self._react_to(fact)
        await self._projector.catch_up(municipality, LOG)  # a page of reactions moves these views once
        await self._inbox.reacted_to(municipality, source, facts[-1].position)
        return facts[-1].position

    async def _tell_waiting(self, municipality: str, source: str, position: int) -> None:
        self._heard_to[municipality, source] = position
        async with self._news:
            self._news.notify_all()
