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

from tests.bench.rows import Row, Say, at_most
from tests.infra import open_folder

QUIET = 10.0  # seconds before memory is looked at


async def measure(*, quick: bool, say: Say) -> list[Row]:
    """`idle_mb`: proportional set size of all processes after quiet seconds; `second_start_s` to the first page."""
    return await asyncio.to_thread(_measure, QUIET / 3 if quick else QUIET, say)


def _measure(quiet: float, say: Say) -> list[Row]:
    with open_folder() as folder:
        say("first start, with the demo")
        with _up(folder) as (process, _):
            _wait_for(process, "Beenden")
            time.sleep(quiet)
            idle = sum(one.memory_full_info().pss for one in _family(process)) / 1_000_000
        say("second start")
        begun = time.monotonic()
        with _up(folder) as (_, url):
            _first_page(url)
            second = time.monotonic() - begun
    return [at_most("idle_mb", idle, 700), at_most("second_start_s", second, 5)]


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
