"""Limits of one socket and of all of them, over real websockets."""

import asyncio
import struct
from contextlib import AsyncExitStack

import pytest
from websockets.exceptions import InvalidStatus

from services.realtime.sync import protocol
from services.realtime.sync.allowance import Allowance
from services.realtime.sync.crowd import PER_PERSON
from services.realtime.sync.gateway import Gateway
from services.realtime.sync.hall import Wire
from services.realtime.sync.intake import Limits
from services.realtime.sync.protocol import Closing
from services.realtime.sync.room import Room
from shared.ids import new_id
from tests.infra import eventually
from tests.realtime.conftest import Start
from tests.realtime.page import Page


async def test_a_person_may_not_open_rooms_without_end(gateway: Gateway) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(PER_PERSON.rooms):
            await stack.enter_async_context(Page(gateway.port, f"plan-{new_id()}", "p-1"))
        with pytest.raises(InvalidStatus, match="429"):
            await Page(gateway.port, f"plan-{new_id()}", "p-1").__aenter__()
        await stack.enter_async_context(Page(gateway.port, f"plan-{new_id()}", "p-2"))


async def test_sockets_that_open_at_the_same_moment_are_counted(gateway: Gateway, document: str) -> None:
    pages = [Page(gateway.port, document, "p-1") for _ in range(PER_PERSON.sockets + 10)]
    opened = await asyncio.gather(*(page.__aenter__() for page in pages), return_exceptions=True)
    inside = [page for page in opened if isinstance(page, Page)]
    assert len(inside) == PER_PERSON.sockets
    for page in inside:
        await page.__aexit__()
    await eventually(lambda: gateway.sockets == 0)
    async with Page(gateway.port, document, "p-1") as again:
        await again.synced.wait()


async def test_who_says_nothing_for_long_is_asked_to_come_back(start: Start, document: str) -> None:
    gateway = await start(limits=Limits(idle=0.5))
    async with Page(gateway.port, document, "p-1") as silent:
        await silent.synced.wait()
        assert await asyncio.wait_for(silent.gone(), 15) == Closing.IDLE


async def test_a_flood_of_pings_is_slowed_down_and_the_others_are_not(gateway: Gateway, document: str) -> None:
    ping = b"\x89" + struct.pack("!B", 0x80 | 125) + bytes(4) + bytes(125)
    async with Page(gateway.port, document, "p-1") as anna, Page(gateway.port, document, "p-2") as ben:
        await asyncio.gather(anna.synced.wait(), ben.synced.wait())
        assert ben.socket
        ben.socket.transport.write(ping * 2_000)
        await anna.write("geht")
        await asyncio.wait_for(eventually(lambda: anna.all_saved), 15)
        assert [wire.ticket.person for wire in _held(gateway)] == ["p-2"]
        assert ben.socket.close_code is None
        ben.socket.transport.abort()  # nobody would read its farewell for a while


async def test_a_question_for_the_whole_document_is_answered_once_a_second(gateway: Gateway, document: str) -> None:
    async with Page(gateway.port, document, "p-1") as anna:
        await anna.synced.wait()
        for _ in range(20):
            await anna.send(protocol.step_1(b"\x00"))
        await anna.write("Hallo")
        await eventually(lambda: anna.all_saved)
        assert sum(frame[:2] == b"\x00\x01" for frame in anna.frames) <= 3
        await eventually(lambda: sum(frame[:2] == b"\x00\x01" for frame in anna.frames) >= 2, 15)


async def test_of_many_frames_that_come_at_once_none_is_handed_on_before_its_time(
    gateway: Gateway, document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[bytes] = []
    receive = Room.receive

    def noted(room: Room, number: int, frame: bytes, now: float) -> int:
        taken.append(frame)
        return receive(room, number, frame, now)

    async with Page(gateway.port, document, "p-1") as anna:
        await anna.synced.wait()
        monkeypatch.setattr(Room, "receive", noted)
        monkeypatch.setattr(Allowance, "take", lambda *_: 0.0 if len(taken) < 10 else 60.0)
        assert anna.socket
        anna.socket.transport.write((b"\x82\x81" + bytes(4) + b"\x03") * 500)  # 3: who is here?
        await eventually(lambda: gateway._hall and len(_held(gateway)) == 1, 15)
        assert len(taken) == 10
        anna.socket.transport.abort()


async def test_what_waited_is_not_handed_on_when_it_was_too_much_for_too_long(
    gateway: Gateway, document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[bytes] = []
    receive = Room.receive

    def noted(room: Room, number: int, frame: bytes, now: float) -> int:
        taken.append(frame)
        return receive(room, number, frame, now)

    async with Page(gateway.port, document, "p-1") as anna:
        await anna.synced.wait()
        monkeypatch.setattr(Room, "receive", noted)
        monkeypatch.setattr(Allowance, "take", lambda *_: 0.001)
        monkeypatch.setattr(Allowance, "over", lambda *_: len(taken) >= 10)
        assert anna.socket
        anna.socket.transport.write((b"\x82\x81" + bytes(4) + b"\x03") * 500)
        assert await asyncio.wait_for(anna.gone(), 15) == Closing.TOO_MUCH
        assert len(taken) == 10


def _held(gateway: Gateway) -> list[Wire]:
    assert gateway._hall
    return [wire for wire, _ in gateway._hall.wires.values() if "limit" in wire._holds]  # type: ignore[attr-defined]
