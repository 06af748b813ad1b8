"""The log of a service: what every store must do, whether it lives in memory or in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol

from msgspec import Struct

from shared.audit.leaf import Header
from shared.message import Event


class Conflict(Exception):
    """Somebody was faster: a stream is not at the expected version."""

    def __init__(self, stream: str, expected: int, present: int) -> None:
        super().__init__(f"{stream} is at {present}, not at {expected}")
        self.stream, self.expected, self.present = stream, expected, present


class CommandReused(Exception):
    """The same command id came with another body."""


class Entry(Struct, frozen=True, kw_only=True):
    """One entry of the log as stored; empty strings where there is nothing. `body` is None once redacted."""

    municipality: str
    position: int
    stream: str
    version: int
    event_id: str
    project: str
    type: str
    form: int
    body: bytes | None
    sealed: bytes | None
    actor: str
    on_behalf_of: str
    cause: str
    correlation: str
    recorded_at: datetime
    body_digest: bytes
    sealed_digest: bytes
    leaf: bytes


def header_of(entry: Entry) -> Header:
    """The entry's leaf before hashing: everything but the bodies, of which it holds the digests."""
    return Header(
        actor=entry.actor,
        body=entry.body_digest.hex(),
        cause=entry.cause,
        correlation=entry.correlation,
        event_id=entry.event_id,
        form=entry.form,
        municipality=entry.municipality,
        on_behalf_of=entry.on_behalf_of,
        position=entry.position,
        project=entry.project,
        recorded_at=entry.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        sealed=entry.sealed_digest.hex(),
        stream=entry.stream,
        type=entry.type,
        version=entry.version,
    )


class Recorded(Struct, frozen=True):
    """An entry with its event decoded; `event` is None once redacted."""

    entry: Entry
    event: Event | None

    @property
    def id(self) -> str:
        """The id of the aggregate: the stream's name after its category. Both are free of `/`."""
        return self.entry.stream.partition("-")[2]


class NewEvent(Struct, frozen=True):
    """An event on its way in. `stream` is an index into the batch's streams."""

    stream: int
    event_id: str
    project: str
    type: str
    form: int
    body: bytes
    sealed: bytes | None = None


class Batch(Struct, frozen=True, kw_only=True):
    """One command's outcome: appended all or nothing. `expected` is the version of each of `streams`."""

    municipality: str
    actor: str
    command_id: str
    digest: bytes
    streams: tuple[str, ...]
    expected: tuple[int, ...]
    events: tuple[NewEvent, ...]
    on_behalf_of: str = ""
    cause: str = ""
    correlation: str = ""


class Answer(Struct, frozen=True):
    """What a command's sender gets, also on every retry: the log's position after it, and each stream's version."""

    position: int
    versions: tuple[int, ...]


class Loaded(Struct, frozen=True):
    """Either the first answer to a known command with that command's digest, or the streams' histories.

    `events` are (index of the stream, type, form, body), by stream and version.
    """

    known: tuple[bytes, Answer] | None
    events: Sequence[tuple[int, str, int, bytes | None]]


class Head(Struct, frozen=True):
    """The size of a municipality's log and the compact range of its tree (see `shared.audit.merkle`)."""

    size: int
    range: tuple[bytes, ...]


class Work(Protocol):
    """One unit of work on one connection. `queued` says whether it has queued already."""

    queued: bool

    async def load(self, municipality: str, streams: tuple[str, ...], actor: str, command_id: str) -> Loaded: ...

    async def append(self, batch: Batch) -> Answer:
        """Appends the batch, or returns the first answer. Raises `Conflict`, `CommandReused`."""
        ...

    def crowded(self, municipality: str, streams: tuple[str, ...]) -> bool:
        """Whether somebody in this process queues for one of these streams: who pushes in makes him start over."""
        ...

    async def queue(self, municipality: str, streams: tuple[str, ...]) -> None:
        """Waits until nobody else who queued for one of these streams is at work; held until the unit ends."""
        ...


class Store(Protocol):
    """The append-only log of one service."""

    def work(self) -> AbstractAsyncContextManager[Work]: ...

    async def entries(
        self,
        municipality: str,
        after: int = 0,
        limit: int = 1000,
        *,
        stream: str | None = None,
        project: str | None = None,
    ) -> list[Entry]:
        """Entries in order after a position (with `stream`: after a version)."""
        ...

    async def leaves(self, municipality: str, after: int = 0, limit: int = 10_000) -> bytes:
        """The leaves after a position, in order and in one piece: 32 bytes each."""
        ...

    async def head(self, municipality: str) -> Head: ...


async def every_entry(store: Store, municipality: str, after: int = 0, page: int = 2000) -> AsyncIterator[Entry]:
    """The whole log of a municipality after a position, page by page."""
    while entries := await store.entries(municipality, after, page):
        for entry in entries:
            yield entry
        after = entries[-1].position
