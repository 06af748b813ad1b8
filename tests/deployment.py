"""A whole deployment inside the test process: all services behind one door, a client, and people of a town."""

import asyncio
import ipaddress
import re
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy import services
from deploy.embedded import Infra
from deploy.towns import Town, grant, open_town
from shared.access.standing import standing
from shared.municipalities import municipality
from shared.web.dispatcher import Dispatcher
from shared.web.site import Site
from tests.infra import eventually, free_port

PUBLIC = "http://127.0.0.1:8000"


@dataclass
class Citizen:
    """A signed-in person with her browser."""

    name: str
    town: str
    person: str
    account: str
    csrf: str
    client: httpx.AsyncClient
    deployment: "Deployment"

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.client.get(f"/{self.town}{path}", **options)

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """Posts a form of our own pages; redirects are not followed."""
        return await self.client.post(f"/{self.town}{path}", data={"csrf": self.csrf, **fields})

    async def give(
        self, service: str, path: str, command: dict[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        """Gives a command through the JSON API: `path` is <aggregate>/<id>/<command>."""
        sent = {"x-csrf-token": self.csrf} | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(f"/{self.town}/api/{service}/{path}", json=command or {}, headers=sent)


@dataclass
class Deployment:
    """`app` is the door; `part(name)` a service's site, `settings` what the services were told."""

    app: Dispatcher
    settings: dict[str, Any]
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def site(self, service: str) -> Site:
        return self.app.services[service].state.site  # type: ignore[attr-defined,no-any-return]

    def extra(self, service: str) -> Any:
        return self.app.services[service].state.extra  # type: ignore[attr-defined]

    async def open(self, *towns: Town) -> None:
        """Opens towns, and waits until every service knows them."""
        for town in towns:
            await open_town(self.site("marketplace").service, town)
        for name in self.app.services:
            for town in towns:
                await eventually(lambda n=name, t=town: _knows(self.site(n), t.id))

    async def citizen(self, name: str, town: str, *roles: str) -> "Citizen":
        """Somebody who has signed in by mail and taken part in `town`, with roles granted by the operator."""
        client = self.client()
        address = f"{name.split()[0].lower()}.{secrets.token_hex(3)}@{town}.example"
        then = f"/{town}/me"
        await client.post("/sign-in", data={"address": address, "next": then})
        letter = next(mail for mail in self.extra("marketplace").post.letters if mail.to == address)
        code = re.sub(r"\D", "", letter.subject)
        await client.post("/sign-in/code", data={"address": address, "code": code, "next": then})
        csrf = re.search(r'name="csrf" value="(\w+)"', (await client.get("/account")).text)
        assert csrf
        await client.post("/account/name", data={"name": name, "next": then, "csrf": csrf[1]})
        await client.post("/account/enter", data={"next": then, "csrf": csrf[1]})
        token = self.site("marketplace").cookie.read("; ".join(f"{k}={v}" for k, v in client.cookies.items()))
        assert token
        session = await self.site("marketplace").sessions.read(token)
        assert session
        person = session.persons[town]
        for role in roles:
            await grant(self.site("marketplace"), town, person, role)
        for service in self.app.services:
            await eventually(lambda s=service: _holds(self.site(s), town, person, set(roles)))
        return Citizen(name, town, person, session.account, csrf[1], client, self)

    def client(self, headers: dict[str, str] | None = None, **options: Any) -> httpx.AsyncClient:
        """A browser without cookies, with an address of its own, that talks to the door from our own pages."""
        address = str(ipaddress.ip_address(0x0A00_0000 + len(self.clients) + 1))
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(address, 40_000)),
            base_url=PUBLIC,
            headers={"origin": PUBLIC} | (headers or {}),
            **options,
        )
        self.clients.append(client)
        return client


@asynccontextmanager
async def deployed(infra: Infra) -> AsyncIterator[Deployment]:
    """Starts all services on `infra`, whose broker they need for themselves, and stops them again."""
    with tempfile.TemporaryDirectory(prefix="gemeinwerk-signer-") as folder:
        async with _deployed(infra, Path(folder)) as deployment:
            yield deployment


@asynccontextmanager
async def _deployed(infra: Infra, signer: Path) -> AsyncIterator[Deployment]:
    settings = await services.settings_for(
        infra.postgres_url,
        infra.nats_url,
        password=secrets.token_hex(8),
        deployment_key=secrets.token_hex(32),
        signer=signer,
        public_url=PUBLIC,
        gateway_url=f"ws://127.0.0.1:{(port := free_port())}",
    )
    gateway = services.gateway_of(settings["realtime"], "127.0.0.1", port)
    await gateway.start()
    deployment = Deployment(services.one_door(settings), settings)
    try:
        async with lifespan(deployment.app):
            yield deployment
            for client in deployment.clients:
                await client.aclose()
    finally:
        await gateway.drain()


@asynccontextmanager
async def lifespan(app: Dispatcher) -> AsyncIterator[None]:
    """Runs an ASGI app's lifespan around a block, as a server would."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    running = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    started = await outbox.get()
    assert started["type"] == "lifespan.startup.complete", started
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        await outbox.get()
        await running


async def _holds(site: Site, town: str, person: str, roles: set[str]) -> bool:
    async with site.service.fenced.transaction(town) as connection:
        return roles <= (await standing(connection, town, person, None, site.clock().date())).roles


async def _knows(site: Site, town: str) -> bool:
    async with site.service.reading(town) as connection:
        return await municipality(connection, town) is not None
