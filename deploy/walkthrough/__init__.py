"""`gemeinwerk walkthrough`: the main job from end to end, over public HTTP and websockets only."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from deploy.walkthrough.checks import Failed, Report
from deploy.walkthrough.story import tell

Say = Callable[[str], None]

__all__ = ["Failed", "own_demo", "walk"]


def walk(url: str | None, say: Say) -> int:
    """Walks through a running demo, or through one of its own that leaves nothing; the number of checks.

    Raises `Failed` with the promise that does not hold.
    """
    with contextlib.nullcontext(url) if url else own_demo(say) as place:
        report = Report(say)
        try:
            asyncio.run(tell(place.rstrip("/"), report))
        except httpx.ConnectError as error:
            raise Failed(f"{place} does not answer") from error
        return report.checked


@contextlib.contextmanager
def own_demo(say: Say) -> Iterator[str]:
    """The address of a `gemeinwerk up` on free ports, with data of its own; both are gone afterwards."""
    port = _two_free_ports()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="gemeinwerk-walkthrough-") as folder:
        Path(folder).chmod(0o711)
        command = [sys.executable, "-m", "deploy.cli", "up", "--data", folder, "--port", str(port)]
        say("Starting a demo …")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
            try:
                _wait_for(process)
                yield url
            finally:
                process.terminate()
                process.wait(30)


def _wait_for(process: subprocess.Popen[str]) -> None:
    """Until the demo is loaded: the line that says how to end it."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith("Beenden"):
            return
    raise Failed("the demo did not start")


def _two_free_ports() -> int:
    """The first of two neighbours, from where no system takes the port of an outgoing connection."""
    for _ in range(200):
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as first, socket.socket() as second, contextlib.suppress(OSError):
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port
    raise Failed("no two free ports beside each other")
