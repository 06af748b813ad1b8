"""Documents on NATS: the stream DOCS holds every edit in its order, the bucket `snapshots` where to begin reading it.

The stream is never purged beyond a snapshot and its last message of a document always stays, so that a lost snapshot
shows as a hole instead of as an empty document.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing, suppress
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import TypeAlias

import nats.errors
from msgspec import Struct, json
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError, NotFoundError

from shared.access.buckets import Bucket, Changed
from shared.bus.edits import FORM, Edits, Loaded, Snapshot, Stored, decode_edits, decode_snapshot, encode

STREAM = "DOCS"
_PART = 512 * 1024
_NAME_IN_USE = 10058
_TRIES = 5
_BATCH, _EXPIRES, _HEARTBEAT = 256, 30, 5  # seconds
_NEXT = json.encode({"batch": _BATCH, "expires": _EXPIRES * 10**9, "idle_heartbeat": _HEARTBEAT * 10**9})

# municipality, document, the message or None if it cannot be read, its sequence
Heard: TypeAlias = Callable[[str, str, Stored | None, int], None]


class Unreadable(Exception):
    """What is stored could not be read as it was written."""


class _Head(Struct, kw_only=True):
    """Of which snapshot, and under which name and in how many parts it lies."""

    epoch: int
    stream: str
    sequence: int
    digest: str
    name: str
    parts: int

    def keys(self, municipality: str, document: str) -> list[str]:
        return [f"{municipality}.{document}.{self.name}.{number}" for number in range(self.parts)]

    def of(self, snapshot: Snapshot) -> bool:
        return (self.epoch, self.stream, self.sequence) == (snapshot.epoch, snapshot.stream, snapshot.sequence)

    def overtakes(self, other: Snapshot) -> bool:
        if self.epoch != other.epoch:
            return self.epoch > other.epoch
        return self.stream == other.stream and self.sequence >= other.sequence


class Documents:
    """`stream` names the stream that lives now: another value means that the former one is lost. `end` is the sequence
    of its last message when that was looked up."""

    def __init__(self, client: Client, js: JetStreamContext, snapshots: Bucket, replicas: int) -> None:
        self._client, self._js, self._snapshots, self._replicas = client, js, snapshots, replicas
        self.stream, self.end = "", 0

    @classmethod
    async def open(cls, client: Client, js: JetStreamContext, *, replicas: int = 1) -> "Documents":
        documents = cls(client, js, await Bucket.open(js, "snapshots", replicas=replicas), replicas)
        await documents.ensure()
        return documents

    @property
    def largest(self) -> int:
        """How many bytes one message of the stream may hold."""
        return self._client.max_payload - 16 * 1024

    async def ensure(self) -> str:
        """Makes the stream where it is missing; gives and keeps the name of the one that lives."""
        config = StreamConfig(
            name=STREAM, subjects=["docs.>"], storage=StorageType.FILE, num_replicas=self._replicas, allow_direct=True
        )
        try:
            info = await self._js.add_stream(config)
        except BadRequestError as error:
            if error.err_code != _NAME_IN_USE:  # an older configuration: what it holds is worth more
                raise
            info = await self._js.stream_info(STREAM)
        assert info.created
        self.stream = info.created.isoformat() if isinstance(info.created, datetime) else str(info.created)
        self.end = info.state.last_seq
        return self.stream

    async def publish(self, municipality: str, document: str, edits: Edits) -> int:
        """Stores; the sequence, when it is on disk. Raises nats-py's errors; then it may be stored all the same."""
        answer = await self._js.publish(_subject(municipality, document), encode(edits))
        return answer.seq

    async def last(self, municipality: str, document: str) -> int:
        """The sequence of the document's last message, as the stream's leader knows it; 0 without one."""
        try:
            found = await self._js.get_last_msg(STREAM, _subject(municipality, document), direct=False)
        except NotFoundError:
            return 0
        return found.seq or 0

    async def load(self, municipality: str, document: str) -> Loaded:
        """All that is stored. Raises when it cannot be read: what fails to load is not an empty document."""
        await self.ensure()
        for _ in range(_TRIES):
            snapshot = await self.snapshot(municipality, document)
            lost = snapshot is not None and snapshot.stream != self.stream
            after = snapshot.sequence if snapshot and not lost else 0
            until = await self.last(municipality, document)
            if until <= after:
                return Loaded(snapshot, [], lost)
            tail = [each async for each in self._tail(municipality, document, after, until)]
            head, _revision = await self._head(municipality, document)
            if head is None or (snapshot and head.of(snapshot)):
                return Loaded(snapshot, tail, lost)
        raise Unreadable(f"{municipality}/{document}")  # a newer snapshot each time: what came before it may be purged

    async def follow(self, heard: Heard, after: int) -> None:
        """Hands on every message of all documents behind the sequence `after`, in order; returns only by an error."""
        async with aclosing(self._pull("docs.>", after)) as messages:
            async for message in messages:
                sequence, municipality, document = message.metadata.sequence.stream, "", ""
                try:
                    _, municipality, document = message.subject.split(".")
                    stored: Stored | None = Stored(sequence, decode_edits(message.data))
                except ValueError:  # it must not keep other documents from being heard
                    stored = None
                heard(municipality, document, stored, sequence)

    async def purge(self, municipality: str, document: str, until: int) -> None:
        """Forgets edits up to the sequence `until` that are in a snapshot, too; the last message stays in any case."""
        snapshot = await self.snapshot(municipality, document)
        if snapshot and snapshot.stream == self.stream:
            first = min(until + 1, snapshot.sequence + 1, await self.last(municipality, document))
            await self._js.purge_stream(STREAM, seq=first, subject=_subject(municipality, document))

    # -- snapshots

    async def snapshot(self, municipality: str, document: str) -> Snapshot | None:
        """The newest snapshot, if there is one. Raises `Unreadable`."""
        for _ in range(_TRIES):  # parts vanish when a newer one is written meanwhile
            head, _revision = await self._head(municipality, document)
            if head is None:
                return None
            found = [(await self._snapshots.read(key)).value for key in head.keys(municipality, document)]
            data = b"".join(part or b"" for part in found)
            if sha256(data).hexdigest() == head.digest:
                return decode_snapshot(data)
        raise Unreadable(f"{municipality}/{document}")

    async def keep(self, municipality: str, document: str, snapshot: Snapshot) -> bool:
        """Writes a snapshot; False if there is one of the same stream that is as new, or somebody was faster."""
        former, revision = await self._head(municipality, document)
        if former and former.overtakes(snapshot):
            return False
        data = encode(snapshot)
        parts = [data[at : at + _PART] for at in range(0, len(data), _PART)]
        head = _Head(
            epoch=snapshot.epoch,
            stream=snapshot.stream,
            sequence=snapshot.sequence,
            digest=sha256(data).hexdigest(),
            name=token_hex(8),
            parts=len(parts),
        )
        for key, part in zip(head.keys(municipality, document), parts, strict=True):
            await self._snapshots.write(key, part)
        try:
            await self._snapshots.write(f"{municipality}.{document}", json.encode(head), revision=revision)
        except Changed:
            await self._drop(head.keys(municipality, document))
            return False
        if former:
            await self._drop(former.keys(municipality, document))
        return True

    async def reseed(self, municipality: str, document: str, state: bytes, epoch: int, clients: Iterable[int]) -> None:
        """Begins a document anew with `state`, in an epoch of its own; all gateways send everybody away and load it.

        `clients` are all client ids of the former epoch: whoever still has its text cannot add it to the new one. The
        document cannot be opened from the first step until the last, so repeat this when it fails.
        """
        sequence = await self.publish(municipality, document, Edits(FORM, epoch, "", []))
        owners = dict.fromkeys(clients, "")
        if not await self.keep(municipality, document, Snapshot(FORM, epoch, self.stream, sequence, state, owners)):
            raise Unreadable(f"{municipality}/{document}: there is a newer snapshot")

    async def _drop(self, keys: list[str]) -> None:
        for key in keys:
            await self._snapshots.remove(key)

    async def _head(self, municipality: str, document: str) -> "tuple[_Head | None, int]":
        held = await self._snapshots.read(f"{municipality}.{document}")
        return (None if held.value is None else json.decode(held.value, type=_Head)), held.revision

    # -- reading the stream

    async def _tail(self, municipality: str, document: str, after: int, until: int) -> AsyncIterator[Stored]:
        async with aclosing(self._pull(_subject(municipality, document), after)) as messages:
            async for message in messages:
                stored = _stored(message)
                yield stored
                if stored.sequence >= until:
                    return

    async def _pull(self, subject: str, after: int) -> AsyncGenerator[Msg, None]:
        """Reads with a consumer of its own, which vanishes with it; a gap in what it delivers is an error (nats-py's
        ordered consumer loses messages silently, and its `fetch` waits until a batch is full)."""
        inbox = self._client.new_inbox()
        subscription = await self._client.subscribe(inbox)
        info = await self._js.add_consumer(STREAM, _reader(subject, after))
        expected, wanted = 1, 0
        try:
            while True:
                if wanted <= _BATCH // 2:
                    await self._client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{info.name}", _NEXT, reply=inbox)
                    wanted += _BATCH
                message = await subscription.next_msg(timeout=2.5 * _HEARTBEAT)
                if (status := (message.headers or {}).get("Status")) is None:
                    if message.metadata.sequence.consumer != expected:
                        raise Unreadable(f"gap before {message.metadata.sequence.stream}")
                    expected, wanted = expected + 1, wanted - 1
                    yield message
                elif status in ("404", "408"):  # this request is over
                    wanted -= int((message.headers or {}).get("Nats-Pending-Messages", _BATCH))
                elif status != "100":
                    raise Unreadable(f"{subject}: status {status}")
        finally:
            with suppress(nats.errors.Error, TimeoutError):  # it would vanish by itself
                await subscription.unsubscribe()
                async with asyncio.timeout(1):
                    await self._js.delete_consumer(STREAM, info.name)


def _reader(subject: str, after: int) -> ConsumerConfig:
    return ConsumerConfig(
        name=f"reader-{token_hex(8)}",
        filter_subject=subject,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
        num_replicas=1,
        inactive_threshold=60,
    )


def _subject(municipality: str, document: str) -> str:
    return f"docs.{municipality}.{document}"


def _stored(message: Msg) -> Stored:
    return Stored(message.metadata.sequence.stream, decode_edits(message.data))
