"""One command, handled: load, replay, decide, append; and again where somebody was faster."""

from collections import Counter, OrderedDict
from hashlib import sha256
from typing import Any

from msgspec import Struct

from shared.decider import NOT_POSSIBLE, Decider, JointDecide, JointDecider, Rejected
from shared.ids import following
from shared.message import Command, Context, Event
from shared.store import Answer, Batch, CommandReused, Conflict, NewEvent, Store, Work
from shared.store.codec import Codec, encode

_REMEMBERED = 500  # states, latest first to stay
_ATTEMPTS = 4  # the first, then three more: by then a queued command has the streams to itself


class NotFound(Exception):
    """There is no such thing in this municipality."""


class Handled(Struct, frozen=True):
    """The answer, and how many events this very call appended (0 on a retry and where there was nothing to do)."""

    answer: Answer
    appended: int


class Category:
    """The handler of one decider, or of one decision over several streams."""

    def __init__(self, store: Store, codec: Codec, decider: Decider[Any] | JointDecider) -> None:
        self._store = store
        self._codec = codec
        self.deciders = decider.deciders if isinstance(decider, JointDecider) else (decider,)
        self.commands = decider.commands
        self._memory: OrderedDict[tuple[str, tuple[str, ...]], tuple[tuple[int, ...], tuple[Any, ...]]] = OrderedDict()
        self._decide: JointDecide = decider.decide if isinstance(decider, JointDecider) else _alone(decider)

    async def handle(
        self, id: str | tuple[str, ...], command: Command, context: Context, expected: int | None = None
    ) -> Handled:
        """Decides `command` on the aggregate `id` (on each id, for a decision over several) and appends the outcome.

        `expected` is the version the sender has seen; without it a conflict is decided again, up to three times,
        queued on the streams so that many parallel senders all get through. A command id that is known gets its
        first answer. Raises `Rejected`, `NotFound`, `Conflict`, `CommandReused`, `NotCanonical`.
        """
        ids = (id,) if isinstance(id, str) else id
        streams = tuple(f"{decider.category}-{i}" for decider, i in zip(self.deciders, ids, strict=True))
        digest = sha256(f"{type(command).__name__} {' '.join(streams)} ".encode() + encode(command)).digest()
        async with self._store.work() as work:
            if work.crowded(context.municipality, streams):
                await work.queue(context.municipality, streams)
            elif handled := await self._from_memory(work, streams, command, context, digest, expected):
                return handled
            for attempt in range(_ATTEMPTS):
                try:
                    return await self._once(work, streams, command, context, digest, expected)
                except Conflict:
                    if expected is not None or attempt == _ATTEMPTS - 1:
                        raise
                    if attempt == 0 and not work.queued:
                        await work.queue(context.municipality, streams)
        raise AssertionError("unreachable")

    async def state(self, id: str, municipality: str, version: int = 100_000) -> tuple[Any, int]:
        """The state of a single-stream aggregate at `version`, or the present one, and the version it has."""
        stream = f"{self.deciders[0].category}-{id}"
        entries = await self._store.entries(municipality, 0, version, stream=stream)
        events = (self._codec.event(entry.type, entry.form, entry.body) for entry in entries)
        return self.deciders[0].replay(event for event in events if event is not None), len(entries)

    async def _once(
        self,
        work: Work,
        streams: tuple[str, ...],
        command: Command,
        context: Context,
        digest: bytes,
        expected: int | None,
    ) -> Handled:
        loaded = await work.load(context.municipality, streams, context.by, context.command_id)
        if loaded.known:
            if loaded.known[0] != digest:
                raise CommandReused(context.command_id)
            return Handled(loaded.known[1], 0)
        states = [decider.initial for decider in self.deciders]
        versions = [0] * len(streams)
        for owner, type_, form, body in loaded.events:
            versions[owner] += 1
            if (event := self._codec.event(type_, form, body)) is not None:
                states[owner] = self.deciders[owner].evolve(states[owner], event)
        if expected is not None and expected != versions[0]:
            raise Conflict(streams[0], expected, versions[0])
        try:
            events = self._decide(command, tuple(states), context)
        except Rejected as refusal:
            if refusal.code == NOT_POSSIBLE and not versions[0]:  # nothing is possible with what is not there
                raise NotFound(streams[0]) from refusal
            raise
        return await self._append(work, streams, versions, states, events, context, digest)

    async def _from_memory(
        self,
        work: Work,
        streams: tuple[str, ...],
        command: Command,
        context: Context,
        digest: bytes,
        expected: int | None,
    ) -> Handled | None:
        """Decides on what this process saw last; the log says whether that still holds. None where it must be read."""
        versions, states = self._memory.pop((context.municipality, streams), ((), ()))
        if not versions or expected not in (None, versions[0]):
            return None
        try:
            events = self._decide(command, states, context)
            if not events:  # perhaps a retry, and the first answer is due
                return None
            return await self._append(work, streams, list(versions), list(states), events, context, digest)
        except (Rejected, Conflict):
            return None

    async def _append(
        self,
        work: Work,
        streams: tuple[str, ...],
        versions: list[int],
        states: list[Any],
        events: list[tuple[int, Event]],
        context: Context,
        digest: bytes,
    ) -> Handled:
        answer = await work.append(self._batch(streams, versions, states, events, context, digest))
        owners = Counter(owner for owner, _ in events)
        if answer.versions != tuple(version + owners[owner] for owner, version in enumerate(versions)):
            return Handled(answer, 0)  # the first answer to a command that is known
        self._memory[context.municipality, streams] = (answer.versions, tuple(states))
        if len(self._memory) > _REMEMBERED:
            self._memory.popitem(last=False)
        return Handled(answer, len(events))

    def _batch(
        self,
        streams: tuple[str, ...],
        versions: list[int],
        states: list[Any],
        events: list[tuple[int, Event]],
        context: Context,
        digest: bytes,
    ) -> Batch:
        new = []
        for number, (owner, event) in enumerate(events):
            states[owner] = self.deciders[owner].evolve(states[owner], event)
            project = self.deciders[owner].project(streams[owner].partition("-")[2], states[owner])
            type_, form, body = self._codec.stored(event)
            event_id = following(f"{context.municipality}/{context.by}/{context.command_id}", number)
            new.append(NewEvent(owner, event_id, project or "", type_, form, body))
        return Batch(
            municipality=context.municipality,
            actor=context.by,
            command_id=context.command_id,
            digest=digest,
            streams=streams,
            expected=tuple(versions),
            events=tuple(new),
            on_behalf_of=context.on_behalf_of or "",
            cause=context.cause or "",
            correlation=context.correlation or "",
        )


def _alone(decider: Decider[Any]) -> JointDecide:
    return lambda command, states, context: [(0, event) for event in decider.decide(command, states[0], context)]
