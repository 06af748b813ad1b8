"""Keeps a room's promise: loads it, stores what it gives until that is acknowledged, and writes snapshots."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Protocol

import structlog

from services.realtime.sync.replay import Incomplete
from services.realtime.sync.replica import Broken
from services.realtime.sync.room import Room
from services.realtime.sync.seats import Close, Reload, Send
from shared.bus.documents import Unreadable
from shared.bus.edits import Edits, Loaded, Snapshot, Stored

log = structlog.get_logger()

SNAPSHOT_AFTER, SNAPSHOT_SECONDS = 500, 20.0  # messages, and not more often
_TAKE_ANYWAY = 0.2
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0


class Store(Protocol):
    """What `shared.bus.documents.Documents` does."""

    stream: str

    async def ensure(self) -> str: ...
    async def publish(self, municipality: str, document: str, edits: Edits) -> int: ...
    async def last(self, municipality: str, document: str) -> int: ...
    async def load(self, municipality: str, document: str) -> Loaded: ...
    async def keep(self, municipality: str, document: str, snapshot: Snapshot) -> bool: ...


class Keeper:
    """Carries one room. `deliver` sends frames and closes sockets; `held` says whether its sockets may be read.

    After every call of the room somebody must `stir`.
    """

    def __init__(
        self,
        municipality: str,
        document: str,
        room: Room,
        store: Store,
        deliver: Callable[[list[Send | Close]], None],
        held: Callable[["Keeper", bool], None],
    ) -> None:
        self.municipality, self.document, self.room = municipality, document, room
        self.blocked = False
        self._store, self._deliver, self._held = store, deliver, held
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._settling: asyncio.Event | None = None
        self._fences: list[tuple[int, asyncio.Future[None]]] = []
        self._since_snapshot, self._snapshot_at, self._due_at = 0, self._loop.time(), 0.0
        self._start(self._load())

    # -- the room's wishes

    def stir(self) -> None:
        """Carries out what the room wants, and sees to it that what waits is stored."""
        self._carry()
        if self.room.ready and self._timer is None:
            self._timer = self._loop.call_soon(self._flush)

    def _carry(self) -> None:
        room = self.room
        while room.out:
            out, room.out = room.out, []
            wishes = [wish for wish in out if not isinstance(wish, Reload)]
            if len(wishes) < len(out):
                self._start(self._load())
            self._deliver(wishes)
        blocked = room.pending > room.limits.pending // (2 if self.blocked else 1)
        if blocked is not self.blocked:
            self.blocked = blocked
            self._held(self, blocked)
        if self._settling and room.settled:
            self._settling.set()

    def _flush(self) -> None:
        """The first update of a quiet room leaves at once."""
        self._timer = None
        if self._snapshot_due() and self._loop.time() < self._due_at + _TAKE_ANYWAY:
            self._timer = self._loop.call_later(0.002, self._flush)
            return
        edits = self.room.flush()
        if edits is not None:
            self._start(self._publish(edits))
        self.stir()

    async def _publish(self, edits: Edits) -> None:
        """Repeats a publish that got no answer: updates are idempotent."""
        pause = _FIRST_PAUSE
        while True:
            try:
                sequence = await self._store.publish(self.municipality, self.document, edits)
                break
            except Exception as error:
                log.warning("not stored yet", document=self.document, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                with suppress(Exception):  # the stream may be gone; whatever else it is, the next attempt will tell
                    await self._store.ensure()
        self.room.stored(sequence)
        self.stir()

    # -- what is stored

    def follow(self, message: Stored) -> None:
        self.room.follow(message)
        self._since_snapshot += 1
        self._pass_fences()
        self._try_snapshot()
        self.stir()

    def doubt(self) -> None:
        """What is stored is not what is in memory any more."""
        self.room.doubt("unreadable")
        self.stir()

    async def caught_up(self) -> None:
        """Returns when the room knows all that was stored before this call: another gateway may have stored it."""
        last = await self._store.last(self.municipality, self.document)
        if self.room.loading or self.room.sequence < last:
            fence: asyncio.Future[None] = self._loop.create_future()
            self._fences.append((last, fence))
            try:
                await fence
            finally:  # passed, or who waited has given up
                self._fences = [each for each in self._fences if each[1] is not fence]

    def _pass_fences(self) -> None:
        if self._fences and not self.room.loading:
            passed = [fence for last, fence in self._fences if last <= self.room.sequence]
            self._fences = [each for each in self._fences if each[0] > self.room.sequence]
            for fence in passed:
                if not fence.done():
                    fence.set_result(None)

    async def _load(self) -> None:
        """Until it succeeds; meanwhile nobody sees a document, least of all an empty one."""
        pause = _FIRST_PAUSE
        while True:
            try:
                self.room.load(await self._store.load(self.municipality, self.document))
                break
            except Exception as error:
                alarm = isinstance(error, Incomplete | Unreadable | Broken | ValueError)
                tell = log.error if alarm else log.warning
                tell("not loaded", municipality=self.municipality, document=self.document, error=repr(error)[:200])
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        self._pass_fences()
        self.stir()

    def state(self) -> bytes | None:
        """The document in its one form, if all of it is stored and nothing else is known."""
        try:
            snapshot = self.room.snapshot(self._store.stream)
        except Broken:
            return None
        return snapshot.state if snapshot else None

    async def compare(self) -> None:
        """Sends everybody away and loads anew, if pure replay gives another document than the one in memory."""
        replay = Room("replay", lambda _: True, self.room.limits)
        replay.load(await self._store.load(self.municipality, self.document))
        replayed = replay.snapshot(self._store.stream)
        if replayed and replayed.sequence == self.room.sequence and self.state() not in (None, replayed.state):
            log.error("memory is not what is stored", municipality=self.municipality, document=self.document)
            self.room.doubt("diverged")
            self.stir()

    # -- snapshots

    def _snapshot_due(self) -> bool:
        if self._since_snapshot < SNAPSHOT_AFTER or self._loop.time() < self._snapshot_at + SNAPSHOT_SECONDS:
            return False
        self._due_at = self._due_at or self._loop.time()
        return True

    def _try_snapshot(self) -> None:
        if self._snapshot_due() and (snapshot := self._take()):
            self._start(self._keep(snapshot))

    def _take(self) -> Snapshot | None:
        try:
            snapshot = self.room.snapshot(self._store.stream)
        except Broken as error:  # what is stored stays the truth, without a shortcut
            log.error("no snapshot", municipality=self.municipality, document=self.document, error=str(error))
            snapshot = None
        else:
            if snapshot is None:
                return None
        self._since_snapshot, self._snapshot_at, self._due_at = 0, self._loop.time(), 0.0
        return snapshot

    async def _keep(self, snapshot: Snapshot) -> None:
        try:
            await self._store.keep(self.municipality, self.document, snapshot)
        except Exception as error:  # the next one will do; the tail is longer until then
            log.warning("snapshot not written", document=self.document, error=type(error).__name__)

    def rebase(self) -> None:
        """The stream was made anew: what is in memory becomes the snapshot that it begins with, as soon as possible."""
        self.room.rebase()
        self._since_snapshot, self._snapshot_at = SNAPSHOT_AFTER, float("-inf")
        self._try_snapshot()

    # -- time, and the end

    def tick(self, now: float) -> None:
        self.room.tick(now)
        self._try_snapshot()
        self.stir()

    @property
    def idle(self) -> bool:
        unborn = self.room.loading and not self.room.pending
        return not self.room.seats and (self.room.settled or unborn) and not self._fences

    async def settle(self, seconds: float) -> bool:
        """Waits until everything that arrived is durable; False if it is not after `seconds`."""
        if self.room.loading and not self.room.pending:  # nothing arrived
            return True
        if not self.room.settled:
            self._settling = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settling.wait(), seconds)
        return self.room.settled

    async def close(self) -> None:
        """Writes a last snapshot, if there is anything new, and stops."""
        if self._since_snapshot and self.room.settled and (snapshot := self._take()):
            await self._keep(snapshot)
        if self._timer:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
