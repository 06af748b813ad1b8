"""`gemeinwerk doctor`: looks at what a run needs, and says of each thing whether it is there."""

import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.embedded import CannotStart, of_the_wheels
from deploy.logs import Finding, signed_logs
from shared.web.assets import Assets, NotBuilt

LEAST_FREE = 500_000_000  # bytes: below, the servers may not even start


def examine(data: Path, port: int, signer: Path | None = None) -> Iterator[Finding]:
    """Looks at everything that `gemeinwerk up` needs, in the order in which it would fail, then at the logs.

    `signer`: the folder of the signing key, where that is not the one in `data`.
    """
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(f"Python {version}", sys.version_info >= (3, 11), "Python 3.11 or newer is needed")
    yield _wheels()
    yield _built()
    for number, use in ((port, "pages"), (port + 1, "websockets")):
        yield Finding(f"port {number} is free, for {use}", _free(number), "set GEMEINWERK_PORT to another")
    yield from _disk(data)
    yield from signed_logs(signer or data / "signer")


def _wheels() -> Finding:
    try:
        found = of_the_wheels()
    except CannotStart as error:
        return Finding("PostgreSQL and NATS", False, str(error))
    return Finding("PostgreSQL and NATS from their wheels", found.nats.exists(), "run `make run` again")


def _built() -> Finding:
    try:
        Assets.built()
    except NotBuilt as error:
        return Finding("styles and scripts are built", False, str(error))
    return Finding("styles and scripts are built", True)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _disk(data: Path) -> Iterator[Finding]:
    place = next(parent for parent in (data.resolve(), *data.resolve().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    yield Finding(f"{free // 1_000_000} MB free for {data}", free > LEAST_FREE, "make room, or set GEMEINWERK_DATA")
    yield Finding(f"{data} can be written", _writable(place), "set GEMEINWERK_DATA to a folder of yours")


def _writable(place: Path) -> bool:
    probe = place / ".gemeinwerk-doctor"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True
