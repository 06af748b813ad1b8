"""The servers that are compared, each a process of its own for one run: this gateway and its peers."""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import psutil
from msgspec import Struct

from services.realtime.sync.gateway import Gateway
from services.realtime.sync.protocol import SUBPROTOCOL
from shared.access.tickets import SECONDS, Ticket, mint, new_nonce, public_key
from shared.contracts.documents import PLAN_SCHEMA
from shared.ids import new_id
from tests.bench.editors import Target, uint
from tests.bench.peers import node, node_with, python_with
from tests.bench.rows import Say
from tests.infra import free_port
from tests.realtime.page import MUNICIPALITY, ORIGIN, SEED

OURS = "gemeinwerk"
PEERS = ("hocuspocus", "y_websocket", "pycrdt_websocket")
_NPM = ["@hocuspocus/server@4.7.0", "@y/websocket-server@0.1.1", "y-protocols@1.0.7", "yjs@13.6.33"]
_PYPI = ["pycrdt-websocket==0.16.5", "pycrdt==0.14.13", "uvicorn==0.38.0", "uvloop==0.22.1", "websockets==15.0.1"]
_HERE = Path(__file__).parent

Targets: TypeAlias = Callable[[int], Target]  # the n-th socket's


class Server(Struct):
    """`targets(writers)` leads all sockets into one document; those from the number `writers` on only read."""

    processes: list[psutil.Process]
    targets: Callable[[int], Targets]

    def seconds(self) -> float:
        """CPU time so far."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes)

    def peak(self) -> float:
        """The largest resident memory of the first process, in MB; where the system does not tell, the present one."""
        status = Path(f"/proc/{self.processes[0].pid}/status")
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
        return int(found[1]) / 1024 if found else self.processes[0].memory_info().rss / 2**20


@asynccontextmanager
async def server(name: str, nats_url: str, say: Say) -> AsyncIterator[Server]:
    """The server of this name, started on a free port and ended afterwards. The CPU time of ours holds the broker's."""
    if name == OURS:
        async with gateway_process(nats_url) as (port, pid):
            document = f"plan-{new_id()}"
            processes = [psutil.Process(pid), *_brokers()]
            yield Server(processes, lambda writers: tickets(port, document, writers))
        return
    command, environment = _command(name, say)
    child = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=os.environ | environment
    )
    assert child.stdout
    try:
        said = (await child.stdout.readline()).decode()
        port = int(re.findall(r"\d+", said)[-1])
        target = _TARGETS[name](port)
        yield Server([psutil.Process(child.pid)], lambda _: lambda _: target)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


def _command(name: str, say: Say) -> tuple[list[str], dict[str, str]]:
    """Each prints its port."""
    if name == "pycrdt_websocket":
        return [str(python_with("pycrdt", _PYPI, say)), "-P", str(_HERE / "peer_pycrdt.py")], {}
    folder = node_with("yjs", _NPM, say)
    if name == "hocuspocus":
        script = folder / "hocuspocus.mjs"
        script.write_bytes((_HERE / "peer_hocuspocus.mjs").read_bytes())  # beside its packages, so that they are found
        return [str(node()), str(script)], {}
    return [str(node()), str(folder / "node_modules/@y/websocket-server/src/server.js")], {
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
    }


def _hocuspocus(port: int) -> Target:
    room = uint(len("bench")) + b"bench"
    token = b"\x02\x00\x04none"  # without a hook that asks for one any will do
    return Target(f"ws://127.0.0.1:{port}/", prefix=room, greeting=token)


_TARGETS: dict[str, Callable[[int], Target]] = {
    "hocuspocus": _hocuspocus,
    "y_websocket": lambda port: Target(f"ws://127.0.0.1:{port}/bench"),
    "pycrdt_websocket": lambda port: Target(f"ws://127.0.0.1:{port}/bench"),
}


def _brokers() -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if one.name().startswith("nats-server")]


def tickets(
    port: int, document: str, writers: int, *, seed: bytes = SEED, town: str = MUNICIPALITY, origin: str = ORIGIN
) -> Targets:
    """Targets of a gateway that trusts `seed`: every socket a person of her own."""

    def target(number: int) -> Target:
        ticket = Ticket(
            session=f"s-{number}",
            municipality=town,
            person=f"p-{number}",
            document=document,
            right="write" if number < writers else "read",
            name=f"Name {number}",
            hue=1 + number % 8,
            schema=PLAN_SCHEMA,
            nonce=new_nonce(),
            expires=int(time.time()) + SECONDS,
        )
        url = f"ws://127.0.0.1:{port}/{town}/{document}"
        return Target(url, [SUBPROTOCOL, f"ticket.{mint(seed, ticket)}"], origin)

    return target


@asynccontextmanager
async def gateway_process(nats_url: str) -> AsyncIterator[tuple[int, int]]:
    """A gateway as a process of its own; its port and process id."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.servers", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
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


if __name__ == "__main__":
    asyncio.run(_serve())
