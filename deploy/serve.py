"""`gemeinwerk serve`: one service, or the gateway, as a process of its own; what it needs stands in the environment."""

import asyncio
import signal
import sys
from pathlib import Path

import uvicorn
import uvloop

from deploy.secrets import readable
from deploy.services import Server, app_of, gateway_of
from shared.settings import Settings
from shared.web.assets import Assets
from shared.web.dispatcher import Dispatcher


def serve(settings: Settings) -> None:
    """Runs until SIGTERM or Ctrl-C. Raises `Broken` where the signer's folder cannot be read."""
    if settings.service == "gateway":
        uvloop.run(_gateway(settings))
        return
    readable(Path(settings.signer))
    config = uvicorn.Config(
        Dispatcher({settings.service: app_of(settings)}, Assets.built(), settings.public_url),
        host=settings.host,
        port=settings.port,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        loop="uvloop",
    )
    Server(config).run()


async def _gateway(settings: Settings) -> None:
    stopped = asyncio.Event()
    thrown_out = False

    def lost() -> None:
        nonlocal thrown_out
        thrown_out = True
        stopped.set()

    loop = asyncio.get_running_loop()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, stopped.set)
    gateway = gateway_of(settings, settings.host, settings.port, lost)
    await gateway.start()
    await stopped.wait()
    await gateway.drain()
    if thrown_out:
        sys.exit("gemeinwerk: the broker has closed the connection for good; start the gateway anew")
