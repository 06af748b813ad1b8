"""The npm y-websocket provider, in Node, against the gateway: as any Yjs client, and as one that speaks our kinds."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared.access.tickets import Right, mint
from shared.web.build import WEB, ready
from tests.realtime.conftest import Start
from tests.realtime.page import MUNICIPALITY, ORIGIN, SEED, ticket

SCRIPT = Path(__file__).with_name("provider.mjs")
RIGHTS: dict[str, Right] = {"anna": "write", "ben": "write", "reader": "read"}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Node and the script with the locked packages in it."""
    node, modules = ready(), WEB / "node_modules"
    target = tmp_path_factory.mktemp("provider") / "provider.mjs"
    esbuild = [node, modules / "esbuild/bin/esbuild", SCRIPT, "--bundle", "--format=esm", "--platform=node"]
    require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
    built = subprocess.run(
        [*map(str, esbuild), f"--banner:js={require}", "--log-level=warning", f"--outfile={target}"],
        env={"NODE_PATH": str(modules)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return [str(node), str(target)]


@asynccontextmanager
async def script(command: list[str], port: int, document: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    tickets = {
        name: [mint(SEED, ticket(document, f"p-{name}", right)) for _ in range(20)] for name, right in RIGHTS.items()
    }
    url = f"ws://127.0.0.1:{port}/{MUNICIPALITY}"
    told = {"url": url, "document": document, "origin": ORIGIN, "tickets": tickets}
    assert process.stdin
    process.stdin.write(json.dumps(told).encode() + b"\n")
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_provider_of_y_websocket_works_as_it_is(bundle: list[str], start: Start, document: str) -> None:
    first = await start()
    async with script(bundle, first.port, document) as running:
        assert running.stdout
        assert running.stdin
        assert await running.stdout.readline() == b"restart\n", (await running.stdout.read()).decode()
        await first.drain()
        await start(port=first.port)
        running.stdin.write(b"back\n")
        said = (await running.stdout.read()).decode()
        assert (said, await running.wait()) == ("done\n", 0)
