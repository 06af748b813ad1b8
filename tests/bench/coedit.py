"""Co-editing under load: from send to receipt, from send to `saved`, what was lost, and what it cost the server."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import uvloop
from msgspec import json

from tests.bench.editors import Job
from tests.bench.servers import OURS, PEERS, Server, server
from tests.infra import infrastructure

ROOT = "work"


async def measure(
    server: Server,
    editors: int,
    rate: float,
    seconds: float,
    *,
    readers: int = 0,
    receivers: Sequence[int] | None = None,
) -> dict[str, Any]:
    """Lets `editors` type `rate` edits a second each for `seconds`, in a process of its own, beside `readers`.

    `receivers`: the numbers of those who note receipts, readers behind editors; None: all editors. Gives p50, p95, p99
    and max from send to receipt and (`saved_…`) to `saved` in ms, `lost` receipts, `unsaved` edits, frames a second,
    CPU seconds (`cpu`) and peak memory in MB (`mb`) of the server, and what the generator itself cost.
    """
    targets = [server.targets(editors)(number) for number in range(editors + readers)]
    noting = list(range(editors) if receivers is None else receivers)
    job = Job(targets, rate, seconds, ROOT, noting, readers)
    before = server.seconds()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.editors", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await child.communicate(json.encode(job))
    if child.returncode:
        raise RuntimeError(f"the generator ended with {child.returncode}")
    found: dict[str, Any] = json.decode(answer)
    return found | {"cpu": round(server.seconds() - before, 2), "mb": round(server.peak())}


async def _bench(given: argparse.Namespace, nats_url: str) -> None:
    for _ in range(given.runs):
        async with server(given.server, nats_url, print) as running:
            every = range(0, given.editors + given.readers, given.every) if given.every else None
            found = await measure(
                running, given.editors, given.rate, given.seconds, readers=given.readers, receivers=every
            )
        print(json.encode(found).decode(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", choices=[OURS, *PEERS], default=OURS)
    parser.add_argument("--editors", type=int, default=50)
    parser.add_argument("--readers", type=int, default=0)
    parser.add_argument("--every", type=int, help="only every n-th socket notes receipts")
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--runs", type=int, default=1)
    given = parser.parse_args()
    with infrastructure("embedded") as infra:
        uvloop.run(_bench(given, infra.nats_url))


if __name__ == "__main__":
    main()
