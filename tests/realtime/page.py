"""A page with an open document, over a real websocket: what the browser's y-websocket provider does."""

import asyncio
import time
from contextlib import suppress
from typing import Any, Self

from pycrdt import Doc, Text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from services.realtime.sync import protocol
from services.realtime.sync.lib0 import Reader, blob, uint
from shared.access.tickets import SECONDS, Right, Ticket, mint, new_nonce
from shared.contracts.documents import PLAN_SCHEMA
from tests.realtime.world import ROOT

SEED = b"\x07" * 32
ORIGIN = "https://gemeinwerk.example"
MUNICIPALITY = "dresden"


def ticket(document: str, person: str = "p-1", right: Right = "write", **claims: Any) -> Ticket:
    made: dict[str, Any] = {
        "session": f"s-{person}",
        "municipality": MUNICIPALITY,
        "person": person,
        "document": document,
        "right": right,
        "name": f"Name {person}",
        "hue": 2,
        "schema": PLAN_SCHEMA,
        "nonce": new_nonce(),
        "expires": int(time.time()) + SECONDS,
    }
    return Ticket(**made | claims)


class Page:
    """Open it with `async with`. `port` and ticket may change before it is opened again; the document stays."""

    def __init__(self, port: int, document: str, person: str = "p-1", right: Right = "write", **claims: Any) -> None:
        self.port, self.document = port, document
        self.claims = {"person": person, "right": right, **claims}
        self.doc: Doc[Text] = Doc()
        self.text = self.doc.get(ROOT, type=Text)
        self.own = True
        self.origin = ORIGIN
        self.sent = self.saved = 0
        self.synced = asyncio.Event()
        self.denied: list[str] = []
        self.live: list[bytes] = []
        self.states: dict[int, bytes] = {}
        self.frames: list[bytes] = []
        self.clock = 0
        self.socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._applying = False
        self._unsent: list[bytes] = []
        self.doc.observe(lambda event: self._changed(event.update))

    async def __aenter__(self) -> Self:
        self.sent = self.saved = 0
        self.synced.clear()
        token = protocol.TICKET + mint(SEED, ticket(self.document, **self.claims))
        self.socket = await connect(
            f"ws://127.0.0.1:{self.port}/{MUNICIPALITY}/{self.document}",
            origin=self.origin,  # type: ignore[arg-type]
            subprotocols=[protocol.SUBPROTOCOL, token] if self.own else [token],  # type: ignore[list-item]
            compression=None,
            max_size=None,
        )
        await self.socket.send(protocol.step_1(self.doc.get_state()))
        self._reader = asyncio.create_task(self._read(self.socket))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.socket
        await self.socket.close()
        await self.gone()

    async def gone(self) -> int:
        """Waits until the connection is over; its close code."""
        assert self.socket
        assert self._reader
        await self._reader
        await self.socket.wait_closed()
        return self.socket.close_code or 0

    @property
    def all_saved(self) -> bool:
        return self.synced.is_set() and self.saved == self.sent > 0

    def type(self, text: str, at: int = 0) -> None:
        """Sent by `flush`, as are all changes of the document."""
        self.text.insert(at, text)

    async def flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        for update in unsent:
            await self.send(protocol.update(update))

    async def send(self, frame: bytes) -> None:
        assert self.socket
        if frame[0] == 0 and frame[1] in (1, 2):
            self.sent += 1
        await self.socket.send(frame)

    async def write(self, text: str) -> None:
        self.type(text)
        await self.flush()

    async def move(self, state: bytes = b'{"cursor":1}', client: int | None = None) -> None:
        self.clock += 1
        entry = uint(client or self.doc.client_id) + uint(self.clock) + blob(state)
        await self.send(protocol.awareness(b"\x01" + entry))

    def _changed(self, update: bytes) -> None:
        if not self._applying:
            self._unsent.append(update)

    async def _read(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                frame = await socket.recv()
                assert isinstance(frame, bytes)
                self.frames.append(frame)
                await self._take(frame)

    async def _take(self, frame: bytes) -> None:
        reader = Reader(frame)
        match reader.uint():
            case 0:
                await self._sync(reader.uint(), reader.blob())
            case 1:
                states = Reader(reader.blob())
                for _ in range(states.uint()):
                    client, _, state = states.uint(), states.uint(), states.blob()
                    self.states[client] = state
                with suppress(ConnectionClosed):
                    await self.send(frame)  # as every y-websocket client does
            case 100:
                self.saved = reader.uint()
            case 101:
                self.denied.append(reader.text())
            case 102:
                self.live.append(reader.blob())

    async def _sync(self, kind: int, payload: bytes) -> None:
        if kind == 0:
            self._unsent.clear()
            await self.send(protocol.step_2(self.doc.get_update(payload)))
            return
        self._applying = True
        self.doc.apply_update(payload)
        self._applying = False
        if kind == 1:
            self.synced.set()
