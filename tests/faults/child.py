"""A service in a process of its own that kills itself, as kill -9 does, when it passes a chosen point.

Told on standard input what to be (JSON); says on standard output, a line each, `ready` and the answers to commands.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, cast

import msgspec
from msgspec import Struct

from deploy.embedded import Infra
from shared import service
from shared.bus import jetstream
from shared.store import postgres
from tests.counter import Count, context, counter
from tests.pair import HEARING, TELLING, Place, built

POINTS = ("before decide", "after decide", "after commit", "before publish", "after publish", "before reply")


class Order(Struct, frozen=True, kw_only=True):
    """What a child is to be: a service of the pair, its place, the point of its death, a command to handle."""

    card: str
    migrator: str
    application: str
    nats_url: str
    die: str = ""
    passing: int = 1  # dies when it passes the point for this time
    command_id: str = ""  # of a command Count(by=5) on the counter "a" in dresden; none: only tell and hear
    ack_wait: float = 5
    patrol: float = 5


class Death:
    """kill -9 from inside, at the n-th passing of a point."""

    def __init__(self, point: str, passing: int) -> None:
        self._point, self._left = point, passing

    def at(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, work: Callable[..., Awaitable[Any]], name: str) -> Callable[..., Awaitable[Any]]:
        async def passed(*args: Any, **named: Any) -> Any:
            self.at(f"before {name}")
            answer = await work(*args, **named)
            self.at(f"after {name}")
            return answer

        return passed


async def main(order: Order) -> None:
    death = Death(order.die, order.passing)

    def decide(*args: Any) -> Any:
        death.at("before decide")
        events = counter.decide(*args)
        death.at("after decide")
        return events

    log, bus, loops = cast("tuple[Any, Any, Any]", (postgres, jetstream, service))
    log._Work.append = death.around(log._Work.append, "commit")
    bus.JetStreamBus.tell = death.around(bus.JetStreamBus.tell, "publish")
    done = bus._Listening.done

    async def done_but_for_openings(listening: Any) -> None:
        if listening._municipality != service.DEPLOYMENT:
            death.at("before acknowledgement")
        await done(listening)

    bus._Listening.done = done_but_for_openings
    bus._ACK_WAIT, loops._PATROL = order.ack_wait, order.patrol
    card = replace(
        {"funding": TELLING, "planning": HEARING}[order.card], deciders={"counter": replace(counter, decide=decide)}
    )
    infra = Infra("", order.nats_url, "")
    async with built(infra, card, Place(order.migrator, order.application)) as serving:
        await serving.start()
        print("ready", flush=True)
        if order.command_id:
            await answer(serving, order, death)
        await asyncio.Event().wait()


async def answer(serving: service.Service, order: Order, death: Death) -> None:
    handled = await serving.handle("counter", "a", Count(by=5), context(order.command_id))
    death.at("before reply")
    print(msgspec.json.encode(handled).decode(), flush=True)


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.stdin.readline(), type=Order)))
