"""Who is in a document and where: each client tells of itself, the server signs with her name; never stored."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from services.realtime.sync.lib0 import Malformed, Reader, blob, uint

LARGEST = 4_096
_REMEMBERED = 1_024  # clients that left: their last states still come back as echoes
_GONE = b"null"


class Person(Struct, frozen=True, kw_only=True):
    """As others see her; `person` is empty for readers without a name, who are not shown."""

    person: str
    name: str
    hue: int


class _State(Struct):
    clock: int
    text: bytes
    seat: int | None
    person: str


class Presence:
    """The awareness states of one room (y-protocols `awareness.js`). `changed` are the clients not yet told on."""

    def __init__(self) -> None:
        self._states: dict[int, _State] = {}
        self._own: dict[int, int] = {}
        self.changed: set[int] = set()

    def hear(self, seat: int, who: Person, update: bytes) -> int:
        """Takes what `seat` says about itself; gives what to charge for it, 0 for an echo. Raises `Malformed`.

        A seat speaks for one client id, the first it names that is not somebody else's. Every y-websocket client also
        sends back what it hears: entries of others that are no newer than ours. Newer ones are forged, and dropped.
        """
        charge = 0
        for client, clock, text in _entries(update, len(self._states) + _REMEMBERED):
            state = self._states.get(client)
            if state and (clock < state.clock or (clock == state.clock and not _leaves(seat, state, text))):
                continue
            charge += 1
            if who.person and self._may(seat, who, client, state):
                self._tell(seat, who, client, clock, text)
        return charge

    def leave(self, seat: int) -> None:
        client = self._own.pop(seat, None)
        state = None if client is None else self._states.get(client)
        if client is not None and state is not None and state.seat == seat:
            state.text, state.seat = _GONE, None
            self.changed.add(client)

    def client_of(self, seat: int) -> int | None:
        """The client id under which `seat` has announced itself."""
        return self._own.get(seat)

    def person_of(self, client: int) -> str | None:
        """Who shows herself under `client`, or did."""
        return self._states[client].person if client in self._states else None

    def everybody(self) -> bytes:
        """The awareness update about all who are here."""
        return _update({client: state for client, state in self._states.items() if state.text != _GONE})

    def told(self) -> bytes:
        """The awareness update about all that changed, which then counts as told."""
        update = _update({client: self._states[client] for client in self.changed})
        self.changed.clear()
        if len(self._states) > _REMEMBERED:
            self._states = {client: state for client, state in self._states.items() if state.text != _GONE}
        return update

    def _may(self, seat: int, who: Person, client: int, state: _State | None) -> bool:
        """A second socket of the same person takes her client over: the first may be dead without knowing."""
        return self._own.get(seat, client) == client and (state is None or state.person == who.person)

    def _tell(self, seat: int, who: Person, client: int, clock: int, text: bytes) -> None:
        signed = _GONE if text == _GONE else _signed(text, who)
        self._own[seat] = client
        self._states[client] = _State(clock, signed, seat, who.person)
        self.changed.add(client)


def _leaves(seat: int, state: _State, text: bytes) -> bool:
    """A client that removes itself repeats its clock."""
    return text == _GONE and state.seat == seat and state.text != _GONE


def _update(states: Mapping[int, _State]) -> bytes:
    parts = [uint(len(states))]
    for client, state in states.items():
        parts += (uint(client), uint(state.clock), blob(state.text))
    return b"".join(parts)


def _entries(update: bytes, most: int) -> list[tuple[int, int, bytes]]:
    """`most`: no echo can hold more than there have been."""
    reader = Reader(update)
    try:
        count = reader.uint()
        if count > most:
            raise Malformed("awareness")
        entries = [(reader.uint(), reader.uint(), reader.blob()) for _ in range(count)]
    except IndexError as error:
        raise Malformed("cut") from error
    if not reader.ended():
        raise Malformed("awareness")
    return entries


def _signed(text: bytes, who: Person) -> bytes:
    """The state with person, name and colour as the server knows them, whatever the client wrote there."""
    if len(text) > LARGEST:
        raise Malformed("awareness size")
    try:
        state = msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("awareness JSON") from error
    if not isinstance(state, dict):
        raise Malformed("awareness state")
    return msgspec.json.encode(state | {"user": {"person": who.person, "name": who.name, "colour": who.hue}})
