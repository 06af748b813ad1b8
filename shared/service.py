"""One service at work: it handles commands, shows views, tells facts, hears others and reacts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.audit.recovery import recovery
from shared.bus import Bus
from shared.card import Card, Reaction
from shared.category import Category, Handled, NotFound
from shared.contracts.marketplace import MunicipalityOpened
from shared.decider import Decider, Rejected
from shared.ears import Ears, Listener
from shared.fenced import Fenced, fence
from shared.ids import following
from shared.inbox import Inbox, read
from shared.loops import Loops
from shared.message import Command, Context
from shared.projector import LOG, Projector
from shared.relay import Relay
from shared.store import Recorded, Store
from shared.store.codec import Codec
from shared.store.database import Connection
from shared.view import Heard

log = structlog.get_logger()

DEPLOYMENT = "deployment"
_VIEWS_WAIT = 1.0  # seconds that a command's answer waits for the service's own views
_LATEST = 100
_PATROL = 5.0  # seconds until a loop looks by itself for what a crash, another replica or the broker left behind

Follower = Callable[[str, Sequence[Recorded]], Awaitable[None]]


class Service:
    """The parts of a service, put together by its `app.py`."""

    def __init__(self, card: Card, store: Store, engine: AsyncEngine, fenced: Fenced, bus: Bus) -> None:
        singles = [d for d in card.deciders.values() if isinstance(d, Decider)]
        self.card = card
        self.store = store
        self.engine = engine
        self.bus = bus
        self.codec = Codec([*singles, recovery])
        self.categories = {name: Category(store, self.codec, decider) for name, decider in card.deciders.items()}
        self.fenced = fenced
        self.inbox = Inbox(fenced)
        self.projector = Projector(fenced, card.views, self._read)
        self._ears = Ears(card.name, bus, self.inbox, self.projector, self._idle, self._react)
        self._relay = Relay(card.name, store, self.codec, bus, card.publish)
        self._loops = Loops(card.name)
        self._latest: dict[str, Sequence[Recorded]] = {}  # what the views read last
        self._moving: set[asyncio.Task[int]] = set()
        self._followers: list[Follower] = []
        self._listeners: list[Listener] = []
        self._followed: dict[str, int] = {}
        self._news: dict[str, asyncio.Event] = {}  # something to tell
        self._behind: dict[str, asyncio.Event] = {}  # something to show

    def follow(self, follower: Follower) -> None:
        """Shows a follower every event from the first one on, again after each start: for what lies in disposable
        places outside, such as titles in the directory. Called before `start`."""
        self._followers.append(follower)

    def listen(self, listener: Listener) -> None:
        """Tells a listener of every fact heard, at least once, when it is in the views: for what must happen outside.

        Called before `start`.
        """
        self._listeners.append(listener)

    def beside(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Runs `work` beside telling and hearing, begun again when it fails."""
        self._loops.run(name, work)

    async def start(self) -> None:
        """Begins to tell and to hear, in every municipality that is open. Raises `NotDurable` of the bus.

        Views that had stopped try again: a new start may have brought their repair.
        """
        await self.bus.check()
        for municipality in (DEPLOYMENT, *await self.municipalities()):
            await self.projector.resume(municipality)
            self._open(municipality)

    async def stop(self) -> None:
        await self._loops.stop()
        for moving in self._moving:
            moving.cancel()
        await asyncio.gather(*self._moving, return_exceptions=True)

    async def municipalities(self) -> list[str]:
        """The municipalities that this service knows to be open."""
        facts = await self.inbox.read("marketplace", DEPLOYMENT, 0, 100_000)
        return [heard.fact.opened for heard in facts if isinstance(heard.fact, MunicipalityOpened)]

    async def handle(
        self, category: str, id: str | tuple[str, ...], command: Command, context: Context, expected: int | None = None
    ) -> Handled:
        """Handles a command, and shows it in the service's own views before it returns, or at the latest after 1 s."""
        handled = await self.categories[category].handle(id, command, context, expected)
        if handled.appended and context.municipality in self._news:
            self._news[context.municipality].set()
        await self._show(context.municipality, handled.answer.position)
        return handled

    async def _show(self, municipality: str, position: int) -> None:
        """Waits for the views, which go on moving when patience ends: giving up would throw away what they did."""
        moving = asyncio.create_task(self.projector.catch_up(municipality, LOG, position))
        self._moving.add(moving)
        moving.add_done_callback(self._moving.discard)
        done, _ = await asyncio.wait({moving}, timeout=_VIEWS_WAIT)
        if done and moving.exception() is None:
            return
        error = moving.exception() if done else TimeoutError()  # never fails a command that is stored
        log.warning("view behind", service=self.card.name, municipality=municipality, error=repr(error)[:200])
        if municipality in self._behind:
            self._behind[municipality].set()

    async def history(self, municipality: str, stream: str) -> list[Recorded]:
        """All events of one stream, in order; empty where there is no such stream."""
        return [
            self.codec.recorded(entry) for entry in await self.store.entries(municipality, 0, 10_000, stream=stream)
        ]

    async def last_fact(self, municipality: str, handled: Handled) -> int | None:
        """The position of the last fact that a command led to, for those who wait to hear of it; None without any."""
        last = handled.answer.position
        first = last - handled.appended + 1
        entries = [one for one in self._latest.get(municipality, ()) if first <= one.entry.position <= last]
        if len(entries) < handled.appended:
            stored = await self.store.entries(municipality, first - 1, handled.appended)
            entries = [self.codec.recorded(entry) for entry in stored]
        told = (one.entry.position for one in reversed(entries) if self.card.publish(one))
        return next(told, None)

    @asynccontextmanager
    async def reading(self, municipality: str) -> AsyncIterator[AsyncConnection]:
        """The service's views, as far as one municipality goes."""
        async with self.engine.begin() as connection:
            await fence(connection, municipality)
            yield connection

    async def has_heard(self, municipality: str, source: str, position: int, within: float = 1.0) -> bool:
        """Waits until another service's facts up to `position`, and what follows, are in the views; False after
        `within` seconds."""
        return await self._ears.has_heard(municipality, source, position, within)

    async def hears_more(self, municipality: str, cursor: Mapping[str, int], within: float) -> bool:
        """Waits until facts are there that `cursor` (source → position) has not seen; False after `within` seconds."""
        return await self._ears.hears_more(municipality, cursor, self.card.hears, within)

    def _open(self, municipality: str) -> None:
        if municipality in self._news:
            return
        self._news[municipality] = asyncio.Event()
        self._behind[municipality] = asyncio.Event()
        self._loops.run(f"tell {municipality}", lambda: self._telling(municipality))
        self._loops.run(f"show {municipality}", lambda: self._showing(municipality))
        sources = ["marketplace"] if municipality == DEPLOYMENT else list(self.card.hears)
        if sources:
            self._loops.run(f"hear {municipality}", lambda: self._ears.hear(municipality, sources))

    async def _telling(self, municipality: str) -> None:
        """Tells whenever there is news; without any it asks the bus whether it still has what was told."""
        while True:
            self._news[municipality].clear()
            await self._relay.catch_up(municipality)
            await self._show_followers(municipality)
            if not await _set(self._news[municipality]):
                self._relay.look_again(municipality)

    async def _showing(self, municipality: str) -> None:
        """Moves the views where no command does: after a start, and when one could not wait for them."""
        while True:
            self._behind[municipality].clear()
            await self.projector.catch_up(municipality, LOG)
            if municipality == DEPLOYMENT:  # another replica may have heard of an opening
                for opened in await self.municipalities():
                    self._open(opened)
            await _set(self._behind[municipality])

    async def _show_followers(self, municipality: str) -> None:
        while self._followers:
            after = self._followed.get(municipality, 0)
            entries = await self.store.entries(municipality, after, 500)
            if not entries:
                return
            recorded = [self.codec.recorded(entry) for entry in entries]
            for follower in self._followers:
                await follower(municipality, recorded)
            self._followed[municipality] = entries[-1].position

    def _idle(self, heard: Heard) -> bool:
        return not (self._listeners or self._opens(heard) or any(True for _ in self.card.react(heard)))

    def _opens(self, heard: Heard) -> bool:
        return heard.municipality == DEPLOYMENT and isinstance(heard.fact, MunicipalityOpened)

    async def _react(self, heard: Heard) -> None:
        if self._opens(heard):
            self._open(heard.fact.opened)
        for listener in self._listeners:
            await listener(heard)
        for number, reaction in enumerate(self.card.react(heard)):
            await self._carry_out(heard, number, reaction)

    async def _carry_out(self, heard: Heard, number: int, reaction: Reaction) -> None:
        context = Context(
            by=self.card.name,
            municipality=heard.municipality,
            at=datetime.now(UTC),
            command_id=following(heard.id, number),
            cause=heard.id,
        )
        try:
            handled = await self.categories[reaction.category].handle(reaction.id, reaction.command, context)
            if handled.appended and heard.municipality in self._news:
                self._news[heard.municipality].set()
        except (Rejected, NotFound) as refusal:  # an answer, not a failure: the fact has been dealt with
            log.info("reaction rejected", service=self.card.name, fact=heard.id, refusal=str(refusal)[:200])

    async def _read(
        self, connection: Connection, source: str, municipality: str, after: int, limit: int
    ) -> Sequence[Recorded] | Sequence[Heard]:
        if source != LOG:
            return await read(connection, source, municipality, after, limit)
        page = self.codec.readable(await self.store.entries(municipality, after, limit))
        if page:
            self._latest[municipality] = page[-_LATEST:]
        return page


async def _set(news: asyncio.Event) -> bool:
    """Waits for news; False after a while without any."""
    try:
        async with asyncio.timeout(_PATROL):
            return await news.wait()
    except TimeoutError:
        return False
