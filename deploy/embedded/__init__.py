"""PostgreSQL and NATS from their wheels, as children of this process: for a laptop and for tests."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.embedded import broker, postgres
from deploy.embedded.binaries import Binaries, of_the_wheels, usable
from deploy.embedded.child import Child, Server
from deploy.embedded.place import Place, settle
from deploy.embedded.problem import CannotStart, PortInUse, as_one_line, port_in_use

__all__ = ["CannotStart", "Infra", "PortInUse", "Running", "of_the_wheels", "start"]

TRIES_FOR_A_FREE_PORT = 3

Prepare = Callable[[Place, Binaries, int, Path], Server]
SERVERS: dict[str, Prepare] = {"postgres": postgres.prepare, "nats": broker.prepare}


@dataclass(frozen=True)
class Infra:
    """Where the services find PostgreSQL and NATS, credentials included."""

    postgres_url: str = field(repr=False)  # superuser, database `postgres`
    nats_url: str = field(repr=False)  # the account of the services
    nats_system_url: str = field(repr=False)  # the system account, for diagnosis


class Running:
    """The started servers, until `stop()` or the end of a `with` block; when this process dies, so do they."""

    def __init__(self, place: Place, infra: Infra, children: dict[str, Child], keeper: ThreadPoolExecutor) -> None:
        self.infra = infra
        self.home = place.home
        self._place = place
        self._children = children
        self._keeper = keeper

    @property
    def pids(self) -> dict[str, int]:
        """The processes by name: `postgres`, `nats`."""
        return {name: child.pid for name, child in self._children.items()}

    def ended(self) -> list[str]:
        """The servers that have ended by themselves or were killed."""
        return [name for name, child in self._children.items() if not child.running()]

    def kill(self, name: str) -> None:
        """kill -9 of `postgres` or `nats`; returns when all its processes are gone."""
        self._children[name].kill()

    def restart(self, name: str) -> None:
        """Stops `postgres` or `nats` if it still runs and starts it on the same port, with its configuration as it now
        lies in `home`; returns when it is ready."""
        server = self._children[name].server
        self._children[name].stop()
        with as_one_line(self._place.directory):
            self._children[name] = child = Child(server, self._place, self._keeper)
        child.wait_ready()

    def stop(self) -> None:
        """Ends both servers in good order and releases the directory; a second call does nothing."""
        if self._children:
            _end(self._children, self._keeper)
            self._children = {}
            self._place.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(directory: Path, *, postgres_port: int | None = None, nats_port: int | None = None) -> Running:
    """Starts both servers with their data under `directory` and returns when they take work.

    Without a port a free one is taken. Raises `CannotStart` with one line for the person at the console.
    """
    with as_one_line(directory):
        place = settle(directory)
    with _released_on_error(place), as_one_line(directory):
        binaries = usable(place, of_the_wheels())
        asked = {"postgres": postgres_port, "nats": nats_port}
        for _ in range(TRIES_FOR_A_FREE_PORT - 1):
            try:
                return _run(place, binaries, asked)
            except PortInUse:  # a free port may be gone before the server binds it
                if postgres_port or nats_port:
                    raise
        return _run(place, binaries, asked)


def _run(place: Place, binaries: Binaries, asked: dict[str, int | None]) -> Running:
    ports = {name: _port(name, asked[name]) for name in SERVERS}
    logs = {name: _fresh_log(place, name) for name in SERVERS}
    servers = {name: prepare(place, binaries, ports[name], logs[name]) for name, prepare in SERVERS.items()}
    keeper = ThreadPoolExecutor(1, "embedded-keeper")
    children: dict[str, Child] = {}
    try:
        for name, server in servers.items():
            children[name] = Child(server, place, keeper)
        for child in children.values():
            child.wait_ready()
    except BaseException:
        _end(children, keeper)
        raise
    return Running(place, _infra(place, ports), children, keeper)


def _infra(place: Place, ports: dict[str, int]) -> Infra:
    word = place.passwords
    return Infra(
        postgres_url=f"postgresql://postgres:{word['postgres']}@127.0.0.1:{ports['postgres']}/postgres",
        nats_url=f"nats://services:{word['services']}@127.0.0.1:{ports['nats']}",
        nats_system_url=f"nats://system:{word['system']}@127.0.0.1:{ports['nats']}",
    )


def _port(name: str, asked: int | None) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", asked or 0))
        except OSError as error:
            raise port_in_use({"postgres": postgres.NAME, "nats": broker.NAME}[name], asked or 0) from error
        return int(probe.getsockname()[1])


def _fresh_log(place: Place, name: str) -> Path:
    """One log per start; the one before is kept."""
    log = place.home / f"{name}.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    return log


def _end(children: dict[str, Child], keeper: ThreadPoolExecutor) -> None:
    for child in reversed(children.values()):
        child.stop()
    keeper.shutdown()


@contextmanager
def _released_on_error(place: Place) -> Iterator[None]:
    try:
        yield
    except BaseException:
        place.release()
        raise
