"""The services of a deployment: how each is built, and how all of them answer behind one door."""

import gc
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path

import uvicorn
from litestar import Litestar

from services.realtime.sync.gateway import Gateway
from shared.access.tickets import public_key
from shared.settings import Settings
from shared.store.database import create
from shared.web.app import open_site
from shared.web.assets import Assets
from shared.web.dispatcher import App, Dispatcher
from shared.web.site import Site

NAMES = ("marketplace", "planning", "events", "funding", "realtime")


async def settings_for(
    postgres_url: str,
    nats_url: str,
    *,
    password: str,
    deployment_key: str,
    signer: Path,
    public_url: str,
    gateway_url: str,
) -> dict[str, Settings]:
    """Creates the databases that are missing and says to each service where it finds its own."""
    settings = {}
    for name in NAMES:
        migrator, application = await create(postgres_url, name, password)
        settings[name] = Settings(
            service=name,
            nats_url=nats_url,
            deployment_key=deployment_key,
            signer=str(signer),
            database_url=application,
            migrator_url=migrator,
            public_url=public_url,
            gateway_url=gateway_url,
        )
    return settings


def gateway_of(settings: Settings, host: str, port: int, lost: Callable[[], None] = lambda: None) -> Gateway:
    """The websocket gateway; port 0 takes a free one."""
    proxies = tuple(ipaddress.ip_network(proxy) for proxy in settings.trusted_proxies)
    keys, origins = [public_key(settings.ticket_seed)], [settings.public_url]
    return Gateway(settings.nats_url, keys, origins, host, port, proxies=proxies, lost=lost)


def app_of(settings: Settings) -> App:
    """The ASGI app of the service that the settings name."""
    create_app: Callable[[Settings], App] = import_module(f"services.{settings.service}.app").create_app
    return create_app(settings)


def one_door(settings: dict[str, Settings]) -> Dispatcher:
    """All services as one ASGI app."""
    public_url = next(iter(settings.values())).public_url
    return Dispatcher({name: app_of(of) for name, of in settings.items()}, Assets.built(), public_url)


def sites_of(door: Dispatcher) -> dict[str, Site]:
    """The opened parts of the services behind a door, once it has started."""
    return {name: app.state.site for name, app in door.services.items() if isinstance(app, Litestar)}


@asynccontextmanager
async def opened(settings: Mapping[str, Settings]) -> AsyncIterator[dict[str, Site]]:
    """The parts of all services in this process, beside those that serve them: for programs of the operator."""
    async with AsyncExitStack() as stack:
        sites = {}
        for name, of in settings.items():
            sites[name] = await stack.enter_async_context(open_site(import_module(f"services.{name}.app").CARD, of))
            await sites[name].service.start()
        yield sites


class Server(uvicorn.Server):
    """What is there when requests begin stays: looking through it for garbage would stop all for 0.1 s."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        settle()


def settle() -> None:
    """Takes all that lives now out of the collector's sight."""
    gc.collect()
    gc.freeze()
