"""Fault 37: frames, fragments, handshakes and readers without end: memory and others' typing stay as they are."""

import asyncio
import time
from contextlib import suppress

import psutil
import pytest

from services.realtime.sync import protocol
from shared.access.tickets import mint
from shared.bus import signals
from shared.bus.connection import connect
from shared.ids import new_id
from tests.faults.gateway import gateway
from tests.faults.sizes import sizes
from tests.infra import eventually
from tests.realtime.page import MUNICIPALITY, ORIGIN, SEED, Page, ticket

MEGABYTE = 2**20
ALLOWED = 20 * MEGABYTE


class Raw:
    """A websocket that keeps to no rule; `closed` is the code of the server's close frame, 0 for a cut line."""

    def __init__(self, port, document, right="write"):
        self.port, self.document, self.right = port, document, right
        self.closed = None
        self._reading = None

    async def __aenter__(self):
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        token = mint(SEED, ticket(self.document, f"p-{new_id()}", self.right))
        asked = (
            f"GET /{MUNICIPALITY}/{self.document} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13", f"Origin: {ORIGIN}",
            "Sec-WebSocket-Extensions: permessage-deflate", f"Sec-WebSocket-Protocol: gemeinwerk.v1, ticket.{token}",
        )  # fmt: skip
        self.writer.write("\r\n".join([*asked, "", ""]).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head
        assert b"deflate" not in head
        self._reading = asyncio.create_task(self._read(reader))
        return self

    async def __aexit__(self, *_):
        self.writer.transport.abort()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self, reader):
        """Takes frames until the one that closes."""
        try:
            while True:
                first, size = await reader.readexactly(2)
                if size == 126:
                    size = int.from_bytes(await reader.readexactly(2))
                elif size == 127:
                    size = int.from_bytes(await reader.readexactly(8))
                payload = await reader.readexactly(size)
                if first == 0x88:
                    self.closed = int.from_bytes(payload[:2])
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed = 0

    async def sends(self, data, times):
        """Until it is closed, or that often."""
        with suppress(ConnectionError):
            for _ in range(times):
                if self.closed is not None:
                    return
                self.writer.write(data)
                await self.writer.drain()


def frame(first, payload):
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2)
    return bytes([first]) + length + bytes(4) + payload


ATTACKS = {
    "a frame of 100 MB": (b"\x82\xff" + (100 * MEGABYTE).to_bytes(8) + bytes(4), bytes(64 * 1024), 1_600, {1009}),
    "a deflate bomb": (b"", frame(0xC2, b"\xec\xc1\x01\x01" + bytes(100)), 100, {1002}),
    "fragments without end": (frame(0x02, b"\x00"), frame(0x00, b"x") * 100, 1_000, {1009, 4413}),
    "empty fragments without end": (frame(0x02, b""), frame(0x00, b"") * 100, 1_000, {1009, 4413}),
    "control frames of 126 bytes": (b"", b"\x89\xfe\x00\x7e" + bytes(4) + bytes(126), 10, {1002}),
}


@pytest.fixture
async def running(infra):
    async with gateway(infra.nats_url) as child:
        yield child


class Neighbour:
    """Somebody who types in another room; `times` are those from a word to `saved`, in s."""

    def __init__(self, port):
        self.page = Page(port, f"plan-{new_id()}", "p-neighbour")
        self.times = []

    async def types_for_ever(self):
        while True:
            wanted, begun = self.page.sent + 1, time.perf_counter()
            await self.page.write("x")
            await eventually(lambda wanted=wanted: self.page.saved >= wanted, 30)
            self.times.append(time.perf_counter() - begun)
            await asyncio.sleep(0.05)

    async def __aenter__(self):
        await self.page.__aenter__()
        await self.page.synced.wait()
        await eventually(lambda: self.page.saved, 15)
        self._typing = asyncio.create_task(self.types_for_ever())
        await eventually(lambda: len(self.times) > 3, 15)
        return self

    async def __aexit__(self, *_):
        assert not self._typing.done(), self._typing.exception()
        self._typing.cancel()
        await asyncio.gather(self._typing, return_exceptions=True)
        await self.page.__aexit__()

    def p95(self):
        return sorted(self.times)[len(self.times) * 95 // 100]


def resident(child):
    return psutil.Process(child.process.pid).memory_info().rss


@sizes("p95", 15.0, 0.2)  # seconds; the machine of an ordinary run may be busy with something else
@pytest.mark.parametrize("what", ATTACKS)
async def test_frames_without_end_are_cut_off(running, what, p95, verdict):
    begin, more, times, codes = ATTACKS[what]
    async with Neighbour(running.port) as neighbour:
        before = resident(running)
        for _ in range(5):
            async with Raw(running.port, f"plan-{new_id()}") as attacker:
                attacker.writer.write(begin)
                await attacker.sends(more, times)
                await eventually(lambda attacker=attacker: attacker.closed is not None, 30)
                assert attacker.closed in codes
        grown = resident(running) - before
        assert grown < ALLOWED
        assert neighbour.p95() < p95
    verdict(
        37,
        f"{what}, five times",
        "closed with 1009 or alike, memory < +20 MB, others' p95 < 200 ms",
        f"{attacker.closed}, {grown / MEGABYTE:+.1f} MB, p95 {1000 * neighbour.p95():.0f} ms",
    )


@sizes("size", (200, 15.0), (1_000, 0.2))
async def test_handshakes_that_nobody_ends_cost_little(running, size, verdict):
    handshakes, p95 = size
    async with Neighbour(running.port) as neighbour:
        before, half = resident(running), []
        for _ in range(handshakes):
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(f"GET /{MUNICIPALITY}/plan-x HTTP/1.1\r\nHost: x\r\n".encode())
            half.append((reader, writer))
        grown = resident(running) - before
        assert grown < ALLOWED
        for reader, writer in half:  # each is given up after five seconds
            with suppress(ConnectionError):
                await asyncio.wait_for(reader.read(), 30)
            writer.transport.abort()
        assert neighbour.p95() < p95
    verdict(
        37,
        f"{handshakes} handshakes that are never finished",
        "given up, memory < +20 MB, others' p95 < 200 ms",
        f"{grown / MEGABYTE:+.1f} MB, p95 {1000 * neighbour.p95():.0f} ms",
    )


@sizes("size", (60, 15.0), (600, 0.2))
async def test_a_reader_that_never_reads_is_sent_away(running, infra, size, verdict):
    told, p95 = size
    document = f"plan-{new_id()}"
    client, _ = await connect(infra.nats_url, name="teller")
    async with Neighbour(running.port) as neighbour, Page(running.port, document, "p-1") as anna:
        await anna.synced.wait()
        async with Raw(running.port, document, "read") as stalled:
            stalled.writer.write(frame(0x82, protocol.step_1(b"\x00")))
            stalled.writer.transport.pause_reading()
            before = resident(running)
            for number in range(1, told + 1):
                await signals.tell(client, f"live.{MUNICIPALITY}.{document}", b'"' + b"x" * 500_000 + b'"')
                await eventually(lambda number=number: len(anna.live) == number, 30)  # type: ignore[misc]
            grown = resident(running) - before
            assert grown < ALLOWED
            stalled.writer.transport.resume_reading()
            await eventually(lambda: stalled.closed is not None, 30)
            assert stalled.closed in (1013, 0)  # what it did not read may never have reached it
        await anna.write("schnell ")
        await eventually(lambda: anna.all_saved, 15)
        assert neighbour.p95() < p95
    await client.close()
    verdict(
        37,
        f"a reader that never reads, and {told // 2} MB for it",
        "sent away with 1013, memory < +20 MB, others' p95 < 200 ms",
        f"{stalled.closed}, {grown / MEGABYTE:+.1f} MB, p95 {1000 * neighbour.p95():.0f} ms",
    )
