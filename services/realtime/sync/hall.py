"""All rooms of one gateway: opened when somebody comes, closed when nobody is left, told what is theirs."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Protocol

import structlog
from msgspec import Struct, json

from services.realtime.sync.awareness import Person
from services.realtime.sync.intake import Limits
from services.realtime.sync.persistence import Keeper, Store
from services.realtime.sync.protocol import Closing
from services.realtime.sync.room import Room
from services.realtime.sync.seats import Close, Seat, Send
from services.realtime.sync.shapes import SHAPES, shape_of
from shared.access.tickets import SECONDS, Ticket
from shared.bus.edits import Stored

log = structlog.get_logger()

TICK = 0.05
LINGER = 5.0
RECALLED = 10  # sockets a tick


class Wire(Protocol):
    """A socket, as the hall sees it."""

    ticket: Ticket

    def push(self, frames: bytes) -> None: ...
    def end(self, code: Closing, reason: str) -> None: ...
    def hold(self, why: str, held: bool) -> None: ...


class Revocation(Struct):
    """What `access.revoked.<municipality>` tells: sockets that match all that is given are closed."""

    person: str | None = None
    document: str | None = None
    session: str | None = None
    right: str | None = None

    def hits(self, municipality: str, ticket: Ticket) -> bool:
        """Sessions are revoked in the reserved municipality `deployment`, and end everywhere."""
        if municipality != ticket.municipality and not (municipality == "deployment" and self.session):
            return False
        given = ((self.person, ticket.person), (self.document, ticket.document), (self.session, ticket.session))
        whose = any(meant for meant, _ in given) and all(meant in (None, found) for meant, found in given)
        return whose and self.right in (None, ticket.right)


class Hall:
    """`frame` makes of a message the bytes of a websocket frame, the same for all who get it."""

    def __init__(self, source: str, store: Store, frame: Callable[[bytes], bytes], limits: Limits) -> None:
        self.keepers: dict[tuple[str, str], Keeper] = {}
        self.wires: dict[int, tuple[Wire, Keeper]] = {}
        self._source, self._store, self._frame, self._limits = source, store, frame, limits
        self._loop = asyncio.get_running_loop()
        self._numbers = count(1)
        self._closing: set[asyncio.Task[None]] = set()
        self._idle_since: dict[tuple[str, str], float] = {}
        self._revoked: list[tuple[float, str, Revocation]] = []
        self._recalled: deque[int] = deque()
        self._deaf_until = 0.0

    # -- sockets

    async def enter(self, wire: Wire) -> int | None:
        """Opens the room of the socket's ticket and waits until it knows all that is stored; None if that takes too
        long, or the broker does not answer: then it is not to be taken for the newest."""
        ticket = wire.ticket
        keeper = self._keeper(ticket.municipality, ticket.document)
        number = next(self._numbers)
        self.wires[number] = (wire, keeper)
        if self.revoked(ticket):  # since the door let it pass
            self._dismiss(number, Closing.RIGHT_GONE, "right_gone")
        try:
            async with asyncio.timeout(self._limits.patience):
                await keeper.caught_up()
        except Exception as error:
            log.warning("cannot join", document=ticket.document, error=type(error).__name__)
            self.wires.pop(number, None)
        return number if number in self.wires else None

    def sit(self, number: int, *, own: bool) -> Keeper:
        """From now on the socket is one of the room's seats."""
        wire, keeper = self.wires[number]
        ticket = wire.ticket
        shape = SHAPES[ticket.document.partition("-")[0]]
        only = shape.remarks if ticket.right == "comment" else None
        writes = ticket.right == "write" or bool(only)
        reading = "read_only" if not writes else "old_client" if ticket.schema < shape.schema else ""
        who = Person(person=ticket.person, name=ticket.name, hue=ticket.hue)
        wire.hold("storing", keeper.blocked)
        keeper.room.join(Seat(number=number, who=who, reading=reading, only=only, own=own))
        keeper.stir()
        return keeper

    def leave(self, number: int) -> None:
        if found := self.wires.pop(number, None):
            found[1].room.leave(number)
            found[1].stir()

    def _keeper(self, municipality: str, document: str) -> Keeper:
        place = (municipality, document)
        if (keeper := self.keepers.get(place)) is None:
            shape = shape_of(document)
            assert shape
            room = Room(self._source, shape.allows, self._limits)
            keeper = Keeper(municipality, document, room, self._store, self._deliver, self._hold)
            self.keepers[place] = keeper
        return keeper

    def _deliver(self, wishes: list[Send | Close]) -> None:
        """One write a socket, however many messages there are for it."""
        ready: dict[int, bytes] = {}
        for wish in wishes:
            if isinstance(wish, Send):
                frame = self._frame(wish.message)
                for number in wish.seats:
                    ready[number] = ready[number] + frame if number in ready else frame
        wires = self.wires
        for number, frames in ready.items():
            if found := wires.get(number):
                found[0].push(frames)
        for wish in wishes:
            if isinstance(wish, Close) and (found := wires.get(wish.seat)):
                found[0].end(wish.code, wish.reason)

    def _hold(self, keeper: Keeper, held: bool) -> None:
        for number in keeper.room.seats:
            if found := self.wires.get(number):
                found[0].hold("storing", held)

    # -- what is told

    def hear(self, municipality: str, document: str, message: Stored | None) -> None:
        """A message of the stream; None for one that cannot be read: without it nothing later makes sense."""
        if keeper := self.keepers.get((municipality, document)):
            if message:
                keeper.follow(message)
            else:
                keeper.doubt()

    def tell(self, subject: str, payload: bytes) -> None:
        """What the live session tells on `live.<municipality>.<document>`, JSON."""
        _, municipality, document = subject.split(".")
        if keeper := self.keepers.get((municipality, document)):
            keeper.room.tell(payload)
            keeper.stir()

    def revoke(self, subject: str, payload: bytes) -> None:
        """Closes what a right opened that `access.revoked.<municipality>` says is gone; older tickets are void."""
        municipality = subject.rpartition(".")[2]
        try:
            revocation = json.decode(payload, type=Revocation)
        except ValueError:
            log.error("a revocation that cannot be read", municipality=municipality)
            return
        now = time.time()
        self._revoked = [each for each in self._revoked if each[0] > now - 2 * SECONDS]
        self._revoked.append((now, municipality, revocation))
        for number, (wire, _) in list(self.wires.items()):
            if revocation.hits(municipality, wire.ticket):
                self._dismiss(number, Closing.RIGHT_GONE, "right_gone")

    def revoked(self, ticket: Ticket) -> bool:
        """Whether the right went after the ticket was made."""
        return ticket.issued < self._deaf_until or any(
            at >= ticket.issued and what.hits(place, ticket) for at, place, what in self._revoked
        )

    def recall(self) -> None:
        """The broker was away, and nobody has told of the rights that went meanwhile: everybody is to come back, a few
        at a time, with a ticket that is newer."""
        self._deaf_until = time.time()
        self._recalled.extend(self.wires)

    def _dismiss(self, number: int, code: Closing, reason: str) -> None:
        if found := self.wires.get(number):
            wire, keeper = found
            keeper.room.dismiss(number, code, reason)
            keeper.stir()
            wire.end(code, reason)
            self.wires.pop(number, None)

    def rebase(self) -> None:
        """The stream was lost and made anew: what is in memory here is written down as what it begins with."""
        for keeper in self.keepers.values():
            keeper.rebase()

    # -- time

    async def tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self.tick(self._loop.time())

    def tick(self, now: float) -> None:
        for _ in range(min(RECALLED, len(self._recalled))):
            self._dismiss(self._recalled.popleft(), Closing.RESTART, "restart")
        for place, keeper in list(self.keepers.items()):
            keeper.tick(now)
            if not keeper.idle:
                self._idle_since.pop(place, None)
            elif now - self._idle_since.setdefault(place, now) > LINGER and not self._expected(keeper):
                del self.keepers[place], self._idle_since[place]
                self._close(keeper)

    def _expected(self, keeper: Keeper) -> bool:
        return any(found is keeper for _, found in self.wires.values())

    def _close(self, keeper: Keeper) -> None:
        closing = self._loop.create_task(keeper.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def drain(self, seconds: float) -> None:
        """Takes nothing more, waits until all is durable, sends everybody away to come back elsewhere."""
        for wire, _ in self.wires.values():
            wire.hold("drain", True)
        keepers = list(self.keepers.values())
        await asyncio.gather(*(keeper.settle(seconds) for keeper in keepers))
        for keeper in keepers:
            keeper.room.dismiss_all(Closing.RESTART, "restart")
            keeper.stir()
            self._close(keeper)
        await asyncio.gather(*self._closing)
