"""Who goes while still at the door leaves nothing behind, and who pushes there is sent away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, cast

import pytest

from services.realtime.sync import sockets
from services.realtime.sync.crowd import Crowd
from services.realtime.sync.door import Door
from services.realtime.sync.hall import Hall
from services.realtime.sync.intake import Limits
from services.realtime.sync.persistence import Store
from services.realtime.sync.protocol import binary_frame
from services.realtime.sync.sockets import Socket, listen
from shared.access.tickets import mint, public_key
from tests.infra import eventually
from tests.realtime.page import MUNICIPALITY, ORIGIN, SEED, ticket

REQUEST = "\r\n".join((
    f"GET /{MUNICIPALITY}/plan-1 HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13", f"Origin: {ORIGIN}",
    "Sec-WebSocket-Protocol: gemeinwerk.v1, ticket.{token}", "", "",
))  # fmt: skip


class Slow:
    """A broker that is asked whether a ticket is fresh, and answers when `answer` is set."""

    def __init__(self) -> None:
        self.asked, self.answer = asyncio.Event(), asyncio.Event()

    async def spend(self, _: str) -> bool:
        self.asked.set()
        return await self.answer.wait()


@pytest.fixture
def broker() -> Slow:
    return Slow()


@pytest.fixture
def door(broker: Slow) -> Door:
    return Door(lambda _: False, broker.spend, [public_key(SEED)], [ORIGIN])


def open_places(door: Door) -> int:
    crowd: Crowd = door._crowd
    return sum(rooms.total() for rooms in crowd._open.values())


@pytest.fixture
async def knock(door: Door) -> AsyncIterator[Callable[[], Any]]:
    hall = Hall("g1", cast(Store, None), binary_frame, Limits())
    server = await listen(hall, door, "127.0.0.1", 0)

    async def one() -> asyncio.StreamWriter:
        _, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        writer.write(REQUEST.format(token=mint(SEED, ticket("plan-1"))).encode())
        return writer

    yield one
    server.close()
    await server.wait_closed()


async def test_who_goes_before_the_ticket_is_checked_gives_the_place_back(
    door: Door, broker: Slow, knock: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, connection_lost = asyncio.Event(), Socket.connection_lost

    def noticed(socket: Socket, error: Exception | None) -> None:
        connection_lost(socket, error)
        lost.set()

    monkeypatch.setattr(Socket, "connection_lost", noticed)
    writer = await knock()
    await broker.asked.wait()
    assert open_places(door) == 2  # the person's and the address's
    writer.transport.abort()
    await asyncio.wait_for(lost.wait(), 15)
    broker.answer.set()
    await eventually(lambda: open_places(door) == 0)


async def test_who_is_given_up_while_the_ticket_is_checked_gives_the_place_back(door: Door, broker: Slow) -> None:
    headers = {"Origin": [ORIGIN], "Sec-WebSocket-Protocol": [f"ticket.{mint(SEED, ticket('plan-1'))}"]}
    asking = asyncio.ensure_future(
        door.ask(f"/{MUNICIPALITY}/plan-1", lambda name: headers.get(name, []), ("127.0.0.1", 1))
    )
    await broker.asked.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert open_places(door) == 0


async def test_what_is_sent_before_the_door_opens_has_an_end(
    broker: Slow, knock: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    receive = Socket._receive

    def counted(socket: Socket, message: bytes) -> None:
        receive(socket, message)
        kept.append(sum(map(len, socket._early)))

    monkeypatch.setattr(Socket, "_receive", counted)
    writer = await knock()
    await broker.asked.wait()
    frame = b"\x82\xff" + (500_000).to_bytes(8) + bytes(4) + bytes(500_000)
    with suppress(ConnectionError):
        for _ in range(20):
            writer.write(frame)
            await writer.drain()
    await eventually(lambda: writer.transport.is_closing() or len(kept) == 20, 15)
    assert max(kept) <= 2 * sockets.LARGEST
    broker.answer.set()
    writer.transport.abort()
