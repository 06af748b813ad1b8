"""Who sits in a room, and what a room wants done: frames sent, sockets closed, itself loaded anew."""

from collections.abc import Collection
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from services.realtime.sync import protocol
from services.realtime.sync.awareness import Person, Presence
from services.realtime.sync.protocol import Closing, Kind


class Arrived(NamedTuple):
    """A sync message on its way into the document: the `nth` of its seat.

    `client`: the client id under which the seat shows itself to others, if it does. `only`: as in `Seat`.
    """

    seat: int
    person: str
    kind: Kind
    update: bytes
    nth: int
    client: int | None
    only: frozenset[str] | None = None


class Seat(Struct, kw_only=True):
    """One socket in a room.

    `reading`: why it may not write, a snake_case code, "" if it may. `own`: it speaks `gemeinwerk.v1`. `received`
    counts its sync messages. `synced`: its step 2 has come, before which `early` updates wait. `only`: the roots that
    it may change, None for all of them. `answered`: when it was last told what it does not have. `echoed`: how much of
    what all were told of presence it has given back, in `echoes` messages.
    """

    number: int
    who: Person
    reading: str = ""
    only: frozenset[str] | None = None
    own: bool = True
    received: int = 0
    greeted: bool = False
    synced: bool = False
    early: list[Arrived] = []
    answered: float = float("-inf")
    echoed: int = 0
    echoes: int = 0


class Send(NamedTuple):
    seats: Collection[int]
    message: bytes


class Close(NamedTuple):
    seat: int
    code: Closing
    reason: str


class Reload(NamedTuple):
    """The room has nothing trustworthy in memory: load what is stored and hand it to `Room.load`."""

    reason: str


Output: TypeAlias = Send | Close | Reload


class Audience:
    """The seats of a room and what is to be sent to them; `spoke` is when all last heard something of presence, and
    `told` how many bytes of that there have been, in `tellings` messages."""

    def __init__(self) -> None:
        self.seats: dict[int, Seat] = {}
        self.out: list[Output] = []
        self.presence = Presence()
        self.spoke = float("-inf")
        self.told = self.tellings = 0

    def leave(self, number: int) -> None:
        """What the seat sent before is stored all the same."""
        if self.seats.pop(number, None):
            self.presence.leave(number)

    def dismiss(self, number: int, code: Closing, reason: str) -> None:
        """Ends a seat; nothing that arrives from it later counts."""
        if seat := self.seats.get(number):
            if seat.own and code >= 4400:
                self.out.append(Send((number,), protocol.denied(reason)))
            self.out.append(Close(number, code, reason))
            self.leave(number)

    def dismiss_all(self, code: Closing, reason: str) -> None:
        for number in list(self.seats):
            self.dismiss(number, code, reason)

    def announce(self, states: bytes, now: float) -> None:
        """Sends an awareness update to everybody."""
        self.spoke = now
        self.told += len(states)
        self.tellings += 1
        if self.seats:
            self.out.append(Send(list(self.seats), protocol.awareness(states)))

    def tell(self, payload: bytes) -> None:
        """What the live session tells, JSON, goes to all who speak `gemeinwerk.v1`."""
        if seats := [seat.number for seat in self.seats.values() if seat.own]:
            self.out.append(Send(seats, protocol.live(payload)))
