"""How joining a document grows with the number of rooms that one gateway holds."""

from contextlib import AsyncExitStack
from statistics import median
from time import perf_counter

from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

from shared.ids import new_id
from tests.bench.rows import Row, Say, at_most
from tests.bench.servers import gateway_process, tickets

ROOMS, GROWTH = 1_000, 1.3
_JOINS = 50
_BEHIND_ONE_ADDRESS = 150  # rooms; the gateway allows a few more
_STEP_1, _STEP_2 = b"\x00\x00\x01\x00", b"\x00\x01"


async def measure(nats_url: str, *, quick: bool, say: Say) -> list[Row]:
    """`join_ms`: from the first byte to the whole document, of a new room among `ROOMS`; `join_growth`: that as a
    multiple of what it takes among the first ones."""
    rooms = ROOMS // 5 if quick else ROOMS
    say(f"{rooms:,} rooms in one gateway")
    async with gateway_process(nats_url) as (port, _), AsyncExitStack() as sockets:
        times = [await _join(port, number, sockets) for number in range(rooms)]
    first, last = median(times[:_JOINS]), median(times[-_JOINS:])
    return [Row(id="join_ms", figure=1000 * last), at_most("join_growth", last / first, GROWTH)]


async def _join(port: int, number: int, sockets: AsyncExitStack) -> float:
    """Opens a socket into a room of its own; the seconds until the document was there."""
    target = tickets(port, f"plan-{new_id()}", 10**6)(number)
    begun = perf_counter()
    socket = await sockets.enter_async_context(
        connect(
            target.url,
            subprotocols=[Subprotocol(name) for name in target.subprotocols],
            origin=Origin(target.origin),
            compression=None,
            proxy=None,
            ping_interval=None,
            local_addr=(f"127.0.0.{1 + number // _BEHIND_ONE_ADDRESS}", 0),
        )
    )
    await socket.send(_STEP_1)
    while (await socket.recv())[:2] != _STEP_2:
        pass
    return perf_counter() - begun
