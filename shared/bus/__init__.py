"""The bus: facts leave a service in the order of its log, once, and reach everybody who listens."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct


class Told(Struct, frozen=True, kw_only=True):
    """A fact on the bus; `position` is that of its event in its source's log, `after` that of the fact before it."""

    id: str
    municipality: str
    source: str
    name: str
    position: int
    after: int
    project: str
    at: str
    body: bytes


class Cursor(Struct, frozen=True):
    """How far a service has told its facts: the last one's position (0: none yet) and its place in the stream."""

    position: int
    sequence: int


class Overtaken(Exception):
    """Another relay of the same service has told facts since the cursor was read."""


class NotDurable(Exception):
    """The broker would acknowledge what a power cut can still take away."""


class Listening(Protocol):
    """A durable place in a municipality's facts."""

    async def fetch(self, wait: float) -> list[Told]:
        """The next facts in order, the same ones again until `done`; empty after `wait` seconds without any."""
        ...

    async def done(self) -> None:
        """All fetched so far are stored: as a rule they will not come again."""
        ...

    async def again(self) -> None:
        """Starts over from the first fact, because some are missing."""
        ...

    async def close(self) -> None:
        """Fetches no more; the place is kept."""
        ...


class Bus(Protocol):
    """Where facts travel: one ordered stream a municipality."""

    async def check(self) -> None:
        """Raises `NotDurable`; a bus that is out of reach is asked again before it is used."""
        ...

    async def cursor(self, municipality: str, source: str) -> Cursor: ...

    async def tell(self, facts: Sequence[Told], cursor: Cursor) -> Cursor:
        """Publishes facts of one source all or nothing, right after `cursor`. Raises `Overtaken`."""
        ...

    async def listen(self, municipality: str, listener: str, sources: Sequence[str]) -> Listening: ...

    async def signal(self, subject: str, payload: bytes) -> None:
        """Tells whoever listens on `subject` just now; kept by nobody."""
        ...
