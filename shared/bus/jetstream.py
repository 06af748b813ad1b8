"""Facts on NATS JetStream: CloudEvents in binary mode, fenced so that two relays cannot interleave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StorageType, StreamConfig

from shared.bus import Cursor, NotDurable, Overtaken, Told, signals
from shared.ids import new_id

if TYPE_CHECKING:
    from nats.aio.msg import Msg

_FENCE_FAILED = {10071, 10164}  # wrong last sequence; the same inside an atomic batch
_BATCH = 200
_ACK_WAIT = 5.0  # seconds until what was fetched and not done comes again, as after kill -9; twice is harmless
_CONFIGURATION = "broker.jetstream"  # imported from the system account, see deploy/nats


class JetStreamBus:
    """The bus over one NATS connection."""

    def __init__(self, client: Client, jetstream: JetStreamContext) -> None:
        self._client = client
        self._js = jetstream

    async def check(self) -> None:
        try:
            answer = await self._client.request(_CONFIGURATION, b'{"config":true}', timeout=2)
        except nats.errors.NoRespondersError as error:
            raise NotDurable(f"NATS does not tell whether it syncs always: {_CONFIGURATION} is not imported") from error
        except (nats.errors.TimeoutError, TimeoutError):
            return
        if not msgspec.json.decode(answer.data)["data"].get("config", {}).get("sync_always"):
            raise NotDurable("NATS runs without sync_interval: always; nothing is told through such a broker")

    async def cursor(self, municipality: str, source: str) -> Cursor:
        await self._stream(municipality)
        try:
            last = await self._js.get_last_msg(_stream(municipality), f"facts.{municipality}.{source}.>")
        except nats.js.errors.NotFoundError:
            return Cursor(0, 0)
        return Cursor(int((last.headers or {})["ce-position"]), last.seq or 0)

    async def tell(self, facts: Sequence[Told], cursor: Cursor) -> Cursor:
        for start in range(0, len(facts), _BATCH):
            cursor = await self._batch(facts[start : start + _BATCH], cursor)
        return cursor

    async def listen(self, municipality: str, listener: str, sources: Sequence[str]) -> _Listening:
        await self._stream(municipality)
        listening = _Listening(self._js, municipality, listener, sources)
        await listening.bind()
        return listening

    async def signal(self, subject: str, payload: bytes) -> None:
        await signals.tell(self._client, subject, payload)

    async def _stream(self, municipality: str) -> None:
        """Makes the stream where there is none, as at first and after the broker lost its storage."""
        await self.check()
        await self._js.add_stream(
            StreamConfig(
                name=_stream(municipality),
                subjects=[f"facts.{municipality}.>"],
                storage=StorageType.FILE,
                deny_purge=True,
                allow_atomic=True,
            )
        )

    async def _batch(self, facts: Sequence[Told], cursor: Cursor) -> Cursor:
        first = facts[0]
        fence = {
            "Nats-Expected-Last-Subject-Sequence": str(cursor.sequence),
            "Nats-Expected-Last-Subject-Sequence-Subject": f"facts.{first.municipality}.{first.source}.>",
        }
        batch = new_id()
        try:
            for number, fact in enumerate(facts, 1):
                headers = _headers(fact) | (fence if number == 1 else {})
                if len(facts) > 1:
                    headers |= {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}
                if number < len(facts):
                    await self._client.publish(_subject(fact), fact.body, headers=headers)
            if len(facts) > 1:
                headers["Nats-Batch-Commit"] = "1"
            answer = await self._js.publish(_subject(fact), fact.body, headers=headers)
        except nats.js.errors.APIError as error:
            if error.err_code in _FENCE_FAILED:
                raise Overtaken(str(cursor)) from error
            raise
        return Cursor(facts[-1].position, answer.seq)


class _Listening:
    def __init__(self, js: JetStreamContext, municipality: str, listener: str, sources: Sequence[str]) -> None:
        self._js = js
        self._stream = _stream(municipality)
        self._municipality = municipality
        self._durable = listener
        self._subjects = sorted(f"facts.{municipality}.{source}.>" for source in sources)
        self._pulling: Any = None
        self._last: Msg | None = None

    async def bind(self) -> None:
        await self._js.add_consumer(
            self._stream,
            ConsumerConfig(
                durable_name=self._durable,
                filter_subjects=self._subjects,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.ALL,  # in order: the last one stands for all before it
                ack_wait=_ACK_WAIT,
                max_deliver=-1,
                max_ack_pending=1000,
            ),
        )
        self._pulling = await self._js.pull_subscribe_bind(self._durable, self._stream)

    async def fetch(self, wait: float) -> list[Told]:
        try:
            messages = await self._pulling.fetch(500, timeout=wait)
        except (nats.errors.TimeoutError, TimeoutError):
            return []
        self._last = messages[-1] if messages else None
        return [_told(message) for message in messages]

    async def done(self) -> None:
        if self._last is not None:
            await self._last.ack()  # were it lost, they would come again, and be known
            self._last = None

    async def close(self) -> None:
        await self._pulling.unsubscribe()

    async def again(self) -> None:
        await self.close()
        await self._js.delete_consumer(self._stream, self._durable)
        await self.bind()


def _stream(municipality: str) -> str:
    return f"FACTS_{municipality}"


def _subject(fact: Told) -> str:
    return f"facts.{fact.municipality}.{fact.source}.{fact.name}"


def _headers(fact: Told) -> dict[str, str]:
    """CloudEvents 1.0 as headers of a NATS message; `position` and `after` are extension attributes."""
    headers = {
        "ce-specversion": "1.0",
        "ce-id": fact.id,
        "ce-source": f"/{fact.municipality}/{fact.source}",
        "ce-type": f"gemeinwerk.{fact.source}.{fact.name}",
        "ce-time": fact.at,
        "ce-position": str(fact.position),
        "ce-after": str(fact.after),
        "content-type": "application/json",
    }
    return headers | {"ce-subject": fact.project} if fact.project else headers


def _told(message: Msg) -> Told:
    headers = message.headers or {}
    _, municipality, source, name = message.subject.split(".")
    return Told(
        id=headers["ce-id"],
        municipality=municipality,
        source=source,
        name=name,
        position=int(headers["ce-position"]),
        after=int(headers["ce-after"]),
        project=headers.get("ce-subject", ""),
        at=headers["ce-time"],
        body=message.data,
    )
