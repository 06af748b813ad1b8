"""Co-editing under load: from send to receipt, from send to `saved`, and what was lost."""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec import json

from services.realtime.sync.gateway import Gateway
from services.realtime.sync.protocol import SUBPROTOCOL
from shared.access.tickets import SECONDS, Ticket, mint, new_nonce, public_key
from shared.ids import new_id
from tests.bench.editors import Job, Target
from tests.infra import infrastructure
from tests.realtime.page import ORIGIN, SEED


async def measure(
    url_factory: Callable[[int], Target],
    editors: int,
    rate: float,
    seconds: float,
    *,
    readers: int = 0,
    receivers: int | None = None,
    root: str = "work",
) -> dict[str, Any]:
    """Lets `editors` type `rate` edits a second each for `seconds`, in a process of its own, beside `readers`.

    `url_factory` gives the target of the n-th socket; all lead to one document. `receivers` samples who notes receipts.
    Gives p50, p95, p99 and max from send to receipt and (`saved_…`) to `saved` in ms, `lost` receipts, `unsaved` edits,
    and what the generator itself cost.
    """
    targets = [url_factory(number) for number in range(editors + readers)]
    job = Job(targets, rate, seconds, root, receivers or editors, readers)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.editors", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await child.communicate(json.encode(job))
    if child.returncode:
        raise RuntimeError(f"the generator ended with {child.returncode}")
    found: dict[str, Any] = json.decode(answer)
    return found


def tickets(port: int, document: str) -> Callable[[int], Target]:
    """Targets of a gateway that trusts `SEED`: every editor a person of her own."""

    def target(number: int) -> Target:
        ticket = Ticket(
            session=f"s-{number}",
            municipality="dresden",
            person=f"p-{number}",
            document=document,
            right="write",
            name=f"Name {number}",
            hue=1 + number % 8,
            schema=1,
            nonce=new_nonce(),
            expires=int(time.time()) + SECONDS,
        )
        url = f"ws://127.0.0.1:{port}/dresden/{document}"
        return Target(url, [SUBPROTOCOL, f"ticket.{mint(SEED, ticket)}"], ORIGIN)

    return target


@asynccontextmanager
async def gateway_process(nats_url: str) -> AsyncIterator[tuple[int, int]]:
    """A gateway as a process of its own; its port and process id."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.coedit",
        "gateway",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin
    assert child.stdout
    child.stdin.write(f"{nats_url}\n".encode())
    try:
        yield int(await child.stdout.readline()), child.pid
    finally:
        child.stdin.close()  # it drains and ends, if nobody has killed it
        await child.wait()


async def _serve() -> None:
    url = (await asyncio.to_thread(sys.stdin.readline)).strip()
    gateway = Gateway(url, [public_key(SEED)], [ORIGIN])
    await gateway.start()
    print(gateway.port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await gateway.drain()


async def _bench(arguments: argparse.Namespace, nats_url: str) -> None:
    async with gateway_process(nats_url) as (port, _):
        for _ in range(arguments.runs):
            found = await measure(
                tickets(port, f"plan-{new_id()}"),
                arguments.editors,
                arguments.rate,
                arguments.seconds,
                readers=arguments.readers,
                receivers=arguments.receivers,
            )
            print(json.encode(found).decode(), flush=True)


def main() -> None:
    if sys.argv[1:] == ["gateway"]:
        asyncio.run(_serve())
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editors", type=int, default=50)
    parser.add_argument("--readers", type=int, default=0)
    parser.add_argument("--receivers", type=int)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    with infrastructure("embedded") as infra:
        asyncio.run(_bench(arguments, infra.nats_url))


if __name__ == "__main__":
    main()
