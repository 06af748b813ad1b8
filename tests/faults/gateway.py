"""A gateway in a process of its own that kills itself, as kill -9 does, at a chosen point of writing a snapshot.

Told on its first line of input (JSON) where the broker is and when to die; prints its port, and drains when the input
ends.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from services.realtime.sync import persistence
from services.realtime.sync.gateway import Gateway
from shared.access.buckets import Bucket
from shared.access.tickets import public_key
from tests.realtime.page import ORIGIN, SEED

POINTS = ("before a part", "before the head", "after the head")
_ROOT = Path(__file__).parents[2]


class Order(Struct, frozen=True, kw_only=True):
    """`die`: one of the points, "" for none; `compact`: whether to write snapshots far more often than the product."""

    nats_url: str
    die: str = ""
    compact: bool = False


class Running(Struct):
    port: int
    process: asyncio.subprocess.Process

    def kill(self) -> None:
        self.process.kill()

    async def died(self, deadline: float = 30) -> bool:
        """Waits for its end; whether it was kill -9."""
        return await asyncio.wait_for(self.process.wait(), deadline) == -signal.SIGKILL


@asynccontextmanager
async def gateway(nats_url: str, *, die: str = "", compact: bool = False) -> AsyncIterator[Running]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.gateway",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=_ROOT,
    )  # fmt: skip
    assert child.stdin
    assert child.stdout
    order = Order(nats_url=nats_url, die=die, compact=compact)
    child.stdin.write(msgspec.json.encode(order) + b"\n")
    try:
        yield Running(int(await child.stdout.readline()), child)
    finally:
        child.stdin.close()
        try:
            await asyncio.wait_for(child.wait(), 20)
        except TimeoutError:
            child.kill()
            await child.wait()


def _point(key: str) -> str:
    """What writing `key` of the snapshots' bucket is: municipality, document, and for a part two segments more."""
    return {1: "the head", 3: "a part"}.get(key.count("."), "")


def _deadly(die: str) -> None:
    write = Bucket.write

    async def writes(bucket: Bucket, key: str, *more: Any, **named: Any) -> Any:
        if die == f"before {_point(key)}":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await write(bucket, key, *more, **named)
        if die == f"after {_point(key)}":
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    Bucket.write = writes  # type: ignore[method-assign]


async def main(order: Order) -> None:
    if order.compact:
        persistence.SNAPSHOT_AFTER, persistence.SNAPSHOT_SECONDS = 20, 0.0
    _deadly(order.die)
    running = Gateway(order.nats_url, [public_key(SEED)], [ORIGIN])
    await running.start()
    print(running.port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await running.drain()


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.stdin.readline(), type=Order)))
