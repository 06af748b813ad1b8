"""Starts services as processes of their own, and asks what they left behind."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from deploy.embedded import Infra
from shared.bus import Told
from shared.bus.connection import connect
from shared.bus.jetstream import JetStreamBus
from shared.ids import new_id
from tests.faults.child import Order
from tests.pair import Place

_ROOT = Path(__file__).parents[2]


class Child:
    """A running child; `said` are the lines it has printed so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.said.append(line.decode().strip())

    async def died(self, deadline: float = 30) -> bool:
        """Waits for its end; whether it was kill -9."""
        async with asyncio.timeout(deadline):
            await self._reading
            return await self.process.wait() == -signal.SIGKILL

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self._reading
        await self.process.wait()


@asynccontextmanager
async def child(infra: Infra, card: str, place: Place, **more: object) -> AsyncIterator[Child]:
    """A child that is killed at the end, if it still lives."""
    order = {"card": card, "migrator": place.migrator, "application": place.application, "nats_url": infra.nats_url}
    told = msgspec.convert(order | more, Order)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_ROOT,
    )
    assert process.stdin
    process.stdin.write(msgspec.json.encode(told) + b"\n")
    running = Child(process)
    try:
        yield running
    finally:
        await running.kill()
        process.stdin.close()


async def facts_of(infra: Infra, municipality: str, source: str = "funding") -> list[Told]:
    """Everything a source has told, in the order of the stream."""
    client, js = await connect(infra.nats_url, name="checker")
    checker = f"checker-{new_id()}"
    listening = await JetStreamBus(client, js).listen(municipality, checker, [source])
    found: list[Told] = []
    while facts := await listening.fetch(0.3):
        found += facts
        await listening.done()
    await js.delete_consumer(f"FACTS_{municipality}", checker)
    await client.close()
    return found


async def last_told(infra: Infra, municipality: str, source: str = "funding") -> int:
    """The position of the last fact on the bus."""
    client, js = await connect(infra.nats_url, name="checker")
    cursor = await JetStreamBus(client, js).cursor(municipality, source)
    await client.close()
    return cursor.position


def once_and_in_order(facts: Iterable[Told], positions: Iterable[int]) -> bool:
    """Whether exactly these positions were told, each once, in order, each naming the one before."""
    told, before = list(facts), 0
    for fact in told:
        assert fact.after == before, f"{fact.position} names {fact.after}, not {before}"
        before = fact.position
    return [fact.position for fact in told] == list(positions)
