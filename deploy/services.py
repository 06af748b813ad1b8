"""The services of a deployment: how each is built, and how all of them answer behind one door."""

import ipaddress
from collections.abc import Callable
from importlib import import_module

from services.realtime.sync.gateway import Gateway
from shared.access.tickets import public_key
from shared.settings import Settings
from shared.store.database import create
from shared.web.assets import Assets
from shared.web.dispatcher import App, Dispatcher

NAMES = ("marketplace", "events", "funding", "realtime")


async def settings_for(
    postgres_url: str,
    nats_url: str,
    *,
    password: str,
    deployment_key: str,
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
    return Dispatcher({name: app_of(of) for name, of in settings.items()}, Assets.built())
