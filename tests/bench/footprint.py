"""What the whole deployment takes: memory when idle, and the time of a second start."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from deploy.secrets import kept_in
from shared.settings import Settings
from tests.bench.coedit import measure as let_type
from tests.bench.rows import Row, Say, at_most
from tests.bench.servers import Server, tickets
from tests.infra import open_folder

EDITORS, RATE = 200, 2  # edits a second
QUIET = 10.0  # seconds before memory is looked at


async def measure(*, quick: bool, say: Say) -> list[Row]:
    """`idle_mb`: proportional set size of all processes after quiet seconds; `editing_mb`: the same while `EDITORS`
    type into one plan; `first_start_s` (everything is made, the demo loads) and `second_start_s` to the first page."""
    return await asyncio.to_thread(_measure, QUIET / 3 if quick else QUIET, say)


def _measure(quiet: float, say: Say) -> list[Row]:
    with open_folder() as folder:
        say("first start, with the demo")
        begun = time.monotonic()
        with _up(folder) as (process, url):
            _first_page(url)
            first = time.monotonic() - begun
            _wait_for(process, "Beenden")
            time.sleep(quiet)
            idle = _megabytes(process)
            say(f"{EDITORS} editors in one plan")
            project = httpx.get(f"{url}/api/marketplace/projects").json()["projects"][0]["id"]
            editing = asyncio.run(_edited(folder, url, project, process, quiet))
        say("second start")
        begun = time.monotonic()
        with _up(folder) as (_, url):
            _first_page(url)
            second = time.monotonic() - begun
    return [
        at_most("idle_mb", idle, 700),
        at_most("editing_mb", editing, 1_000),
        at_most("first_start_s", first, 20),
        at_most("second_start_s", second, 5),
    ]


async def _edited(folder: Path, url: str, project: str, process: subprocess.Popen[str], seconds: float) -> float:
    """The memory at the end of `seconds` in which all editors have typed."""
    door = url.removesuffix("/dresden")
    seed = Settings(service="bench", nats_url="", deployment_key=kept_in(folder).deployment_key).ticket_seed
    targets = tickets(
        int(door.rpartition(":")[2]) + 1, f"plan-{project}", EDITORS, seed=seed, town="dresden", origin=door
    )
    plan = Server([psutil.Process(process.pid)], lambda _: targets)
    typing = asyncio.create_task(let_type(plan, EDITORS, RATE, seconds))
    await asyncio.wait({typing}, timeout=seconds)
    megabytes = _megabytes(process)
    if lost := (await typing)["unsaved"]:
        raise RuntimeError(f"{lost} edits were not saved")
    return megabytes


def _megabytes(process: subprocess.Popen[str]) -> float:
    return sum(one.memory_full_info().pss for one in _family(process)) / 1_000_000


@contextmanager
def _up(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "deploy.cli", "up", "--data", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process, f"http://127.0.0.1:{port}/dresden"
        process.terminate()
        process.wait(30)


def _wait_for(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout
    for line in process.stdout:
        if line.startswith(word):
            return


def _family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]


def _first_page(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(httpx.HTTPError):
            if httpx.get(url).status_code == 200:
                return
        time.sleep(0.02)
