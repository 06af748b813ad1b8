"""`gemeinwerk up`: everything on one machine, in one process, with demo towns; and nothing left when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import uvicorn
import uvloop

from deploy import demo, services
from deploy.embedded import CannotStart, start
from deploy.logs import halted
from deploy.secrets import Broken, Secrets, kept_in, signer_in
from shared.web.doorstep import at_home

Say = Callable[[str], None]


def up(data: Path, port: int, say: Say) -> None:
    """Runs until Ctrl-C or SIGTERM. Raises `CannotStart` with one line for the console."""
    door = _listen(port)  # before any server starts: a port in use is the commonest reason to stop
    with door, start(data) as running:
        try:
            kept, signer = kept_in(data), signer_in(data)
        except Broken as error:
            raise CannotStart(str(error)) from error
        if running.home != data.resolve():
            say(f"Die Daten liegen in {running.home}.")
        infra = running.infra
        uvloop.run(_serve(infra.postgres_url, infra.nats_url, kept, signer, door, say))


async def _serve(postgres: str, nats: str, kept: Secrets, signer: Path, door: socket.socket, say: Say) -> None:
    port = door.getsockname()[1]
    public = f"http://127.0.0.1:{port}"
    settings = await services.settings_for(
        postgres,
        nats,
        password=kept.database_password,
        deployment_key=kept.deployment_key,
        signer=signer,
        public_url=public,
        gateway_url=f"ws://127.0.0.1:{port + 1}",
    )
    app = services.one_door(settings)
    gateway = services.gateway_of(settings["realtime"], "127.0.0.1", port + 1)
    try:
        await gateway.start()
    except OSError as error:
        raise CannotStart(f"Port {port + 1}, for the websockets, is in use: set GEMEINWERK_PORT to another.") from error
    config = uvicorn.Config(
        at_home(app, public), ws="none", lifespan="on", log_level="warning", access_log=False, proxy_headers=False
    )

    async def opened() -> None:
        sites = services.sites_of(app)
        for line in halted(sites):
            say(line)
        await demo.load(sites, public, say)

    try:
        await _Server(config, opened).serve(sockets=[door])
    finally:
        await gateway.drain()


class _Server(services.Server):
    """Calls `opened` once requests are taken; the demo is loaded beside them."""

    def __init__(self, config: uvicorn.Config, opened: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._opened = opened

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but without raising the signal again at the end: the servers are to be stopped first."""
        loop = asyncio.get_running_loop()
        for ending in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(ending, self.handle_exit, ending, None)
        yield

    async def main_loop(self) -> None:
        loading = asyncio.ensure_future(self._opened())
        loading.add_done_callback(self._loaded)
        await super().main_loop()
        loading.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await loading

    def _loaded(self, loading: asyncio.Future[None]) -> None:
        if not loading.cancelled() and (error := loading.exception()):
            self.should_exit = True
            raise error
        services.settle()


def _listen(port: int) -> socket.socket:
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", port))
    except OSError as error:
        door.close()
        raise CannotStart(f"Port {port} is in use: set GEMEINWERK_PORT to a free one.") from error
    return door
