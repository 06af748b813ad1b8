"""PostgreSQL and NATS for a test session, empty databases, and waiting for a condition instead of sleeping."""

import asyncio
import inspect
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg

from deploy.embedded import Infra, broker, start

T = TypeVar("T")
LOOK_EVERY = 0.01


@contextmanager
def infrastructure(kind: str) -> Iterator[Infra]:
    """`kind` is embedded, containers, or auto: containers where a Docker engine answers, embedded elsewhere."""
    if kind not in {"auto", "embedded", "containers"}:
        raise ValueError(f"GEMEINWERK_TEST_INFRA is {kind!r}; it may be auto, embedded or containers")
    if kind == "containers" or (kind == "auto" and _docker_answers()):
        with _containers() as found:
            yield found
    else:
        with open_folder() as folder, start(folder) as running:
            yield running.infra


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that the servers' user may enter, too (pytest's `tmp_path` is closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="gemeinwerk-test-")).resolve()
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


async def create_database(infra: Infra, name: str) -> str:
    """Creates an empty database whose name begins with `name` and gives its URL (superuser); 25 to 40 ms."""
    unique = f"{name}_{secrets.token_hex(4)}"
    await _administer(infra, f'CREATE DATABASE "{unique}" TEMPLATE template0')
    return urlsplit(infra.postgres_url)._replace(path=f"/{unique}").geturl()


async def drop_database(infra: Infra, url: str) -> None:
    """Drops what `create_database` made, open connections included."""
    await _administer(infra, f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')


async def eventually(condition: Callable[[], T | Awaitable[T]], deadline: float = 20) -> T:
    """Asks `condition` (plain or async) until it is true and gives its answer.

    An `AssertionError` inside it counts as not yet true. After `deadline` seconds: AssertionError with the last answer.
    """
    until = time.monotonic() + deadline
    while True:
        try:
            answer = condition()
            value = await answer if inspect.isawaitable(answer) else answer
            if value:
                return value
            seen = f"the last answer was {value!r}"
        except AssertionError as error:
            seen = str(error)
        if time.monotonic() >= until:
            raise AssertionError(f"not true within {deadline} s: {seen}")
        await asyncio.sleep(LOOK_EVERY)


def free_port() -> int:
    """A port of the loopback that nobody listens on just now, nor on the one above.

    From where no system takes the port of an outgoing connection: it would be gone before a server has it.
    """
    for _ in range(200):
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe, socket.socket() as above, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            above.bind(("127.0.0.1", port + 1))
            return port
    raise AssertionError("no free port")


async def _administer(infra: Infra, statement: str) -> None:
    connection = await asyncpg.connect(infra.postgres_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _docker_answers() -> bool:
    """Asked in a process of its own: the client leaves its socket open where no engine answers."""
    ping = "import docker; docker.from_env(timeout=3).ping()"
    return subprocess.run([sys.executable, "-c", ping], capture_output=True, check=False).returncode == 0


@contextmanager
def _containers() -> Iterator[Infra]:
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    passwords = {name: secrets.token_urlsafe(24) for name in ("postgres", "services", "system")}
    locale = "--locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C --data-checksums"
    with open_folder() as folder:
        configuration = folder / "nats.conf"
        configuration.write_text(broker.configuration("0.0.0.0", 4222, Path("/data"), passwords))
        postgres = PostgresContainer(
            "postgres:18", username="postgres", password=passwords["postgres"], dbname="postgres", driver=None
        )
        nats = DockerContainer("nats:2").with_exposed_ports(4222).with_command("--config /etc/embedded.conf")
        nats = nats.with_volume_mapping(configuration, "/etc/embedded.conf")
        with (
            postgres.with_env("POSTGRES_INITDB_ARGS", locale).with_command("-c max_connections=200") as database,
            nats.waiting_for(LogMessageWaitStrategy("Server is ready")) as bus,
        ):
            address = f"{bus.get_container_host_ip()}:{bus.get_exposed_port(4222)}"
            yield Infra(
                postgres_url=database.get_connection_url(),
                nats_url=f"nats://services:{passwords['services']}@{address}",
                nats_system_url=f"nats://system:{passwords['system']}@{address}",
            )
