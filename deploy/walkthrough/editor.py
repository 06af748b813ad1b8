"""An editor without a screen: a Yjs document joined to the gateway over a websocket, as a browser's script is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pycrdt
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from deploy.walkthrough.checks import Failed, eventually
from deploy.walkthrough.people import Person
from shared.contracts.documents import PLAN_SCHEMA

_SYNC, _AWARENESS, _SAVED = 0, 1, 100
_STEP_1, _STEP_2, _UPDATE = 0, 1, 2


class Editor:
    """One open document of one person. `doc` is hers; what she changes in it travels by itself."""

    def __init__(self, person: Person, service: str, document: str, right: str = "write") -> None:
        self.person = person
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.sent = self.saved = 0
        self.synced = asyncio.Event()
        self._service, self._document, self._right = service, document, right
        self._socket: ClientConnection | None = None
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._remote = False
        self._observed = self.doc.observe(self._changed)

    @asynccontextmanager
    async def online(self) -> AsyncIterator[None]:
        """Connected for the block; what was changed before it arrives now."""
        async with connect(
            await self._url(), subprotocols=self._protocols, origin=self._origin, max_size=None
        ) as socket:
            self._socket = socket
            self.sent = self.saved = 0
            self._outbox = asyncio.Queue()
            self.synced.clear()
            await socket.send(_message(_SYNC, _STEP_1, self.doc.get_state()))
            working = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
            try:
                async with asyncio.timeout(10):
                    await self.synced.wait()
                yield
                if socket.close_code is not None:  # why, the one who reads is just being told
                    await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                for task in working:
                    if task.done() and (error := task.exception()):
                        raise error
            finally:
                self._socket = None
                for task in working:
                    task.cancel()
                await asyncio.gather(*working, return_exceptions=True)

    async def all_saved(self, within: float = 10.0) -> bool:
        """Waits until the gateway has said that everything sent is durable."""

        async def done() -> bool:
            return self._outbox.empty() and self.saved >= self.sent

        return await eventually(done, within)

    def change(self, change: Callable[[pycrdt.Doc[Any]], None]) -> None:
        """Changes the document in one transaction."""
        with self.doc.transaction():
            change(self.doc)

    async def _url(self) -> str:
        body = {"document": self._document, "right": self._right, "schema": PLAN_SCHEMA}
        answer = await self.person.client.post(
            f"/{self.person.town}/api/{self._service}/tickets", json=body, headers={"x-csrf-token": self.person.csrf}
        )
        if answer.status_code != 200:
            raise Failed(
                f"{self.person.name} got no ticket for {self._document}: {answer.status_code} {answer.text[:200]}"
            )
        ticket = answer.json()
        self._protocols = [Subprotocol("gemeinwerk.v1"), Subprotocol(f"ticket.{ticket['ticket']}")]
        self._origin = Origin(str(self.person.client.base_url).rstrip("/"))
        return str(ticket["url"])

    async def _read(self) -> None:
        assert self._socket
        async for frame in self._socket:
            assert isinstance(frame, bytes)
            kind, rest = _uint(frame)
            if kind == _SAVED:
                self.saved = _uint(rest)[0]
            elif kind == _SYNC:
                await self._sync(rest)

    async def _sync(self, rest: bytes) -> None:
        step, rest = _uint(rest)
        length, rest = _uint(rest)
        payload = rest[:length]
        if step == _STEP_1:
            self.sent += 1
            await self._outbox.put(_message(_SYNC, _STEP_2, self.doc.get_update(payload)))
            return
        self._remote = True
        try:
            self.doc.apply_update(payload)
        finally:
            self._remote = False
        if step == _STEP_2:
            self.synced.set()

    async def _write(self) -> None:
        while True:
            frame = await self._outbox.get()
            if self._socket:
                with contextlib.suppress(ConnectionError):
                    await self._socket.send(frame)

    def _changed(self, event: pycrdt.TransactionEvent) -> None:
        if not self._remote and self._socket:
            self.sent += 1
            self._outbox.put_nowait(_message(_SYNC, _UPDATE, event.update))


def _message(kind: int, step: int, payload: bytes) -> bytes:
    return bytes([kind, step]) + _varint(len(payload)) + payload


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _uint(data: bytes) -> tuple[int, bytes]:
    number = shift = at = 0
    while True:
        byte = data[at]
        number |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            return number, data[at:]
