"""One door for all services: an ASGI app that sends each path to the service whose card lists it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Route(Struct, frozen=True):
    """`first` is a first path segment of the deployment, or with `municipal` the one after the municipality's."""

    first: str
    service: str
    municipal: bool = True


ROUTES: tuple[Route, ...] = (
    Route("", "marketplace", False),
    Route("sign-in", "marketplace", False),
    Route("sign-out", "marketplace", False),
    Route("account", "marketplace", False),
    Route("mail", "marketplace", False),
    Route("", "marketplace"),
    Route("projects", "marketplace"),
    Route("people", "marketplace"),
    Route("me", "marketplace"),
    Route("inbox", "marketplace"),
    Route("desk", "marketplace"),
    Route("plans", "planning"),
    Route("funding", "funding"),
    Route("decisions", "funding"),
    Route("events", "events"),
    Route("strategy", "events"),
    Route("live", "events"),
    Route("table", "events"),
    Route("developers", "realtime"),
)
"""Which service answers which path; deploy's proxies are made from the same table. Besides: `/<m>/api/<service>/…`,
`/<m>/audit/<service>/…` (`/<m>/audit` and what is of no service: funding) and `/<m>/api/facts` (realtime)."""

_MUNICIPAL = {route.first: route.service for route in ROUTES if route.municipal}
_SERVICES = frozenset(route.service for route in ROUTES)
_DEPLOYMENT = {route.first: route.service for route in ROUTES if not route.municipal}


def service_of(path: str) -> str:
    """The service that answers `path`; marketplace also answers what nobody knows, with a page that says so."""
    first, second, third, *_ = [*path.strip("/").split("/"), "", "", ""]
    if first in _DEPLOYMENT:
        return _DEPLOYMENT[first]
    if second == "api":
        return "realtime" if third == "facts" else third
    if second == "audit":
        return third if third in _SERVICES else "funding"
    return _MUNICIPAL.get(second, "marketplace")


def hosts_of(public_url: str) -> frozenset[bytes]:
    """How the `Host` header of a request to `public_url` may read: the scheme's own port may stand there or not."""
    url = urlsplit(public_url.lower())
    own = {"https": 443, "http": 80}[url.scheme]
    host = url.netloc.removesuffix(f":{own}").encode()
    return frozenset({host} if url.port not in (None, own) else {host, b"%s:%d" % (host, own)})


class Dispatcher:
    """Answers for all `services`, runs their lifespans, and serves `assets` under /assets.

    Only for requests to `public_url`: one `Host` header that names it and a path that begins with "/". What proxies
    say of the host is never read.
    """

    def __init__(self, services: Mapping[str, App], assets: App, public_url: str) -> None:
        self.services = dict(services)
        self._assets = assets
        self._public_url = public_url
        self._hosts = hosts_of(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif not self._is_ours(scope):
            await self._turn_away(send)
        elif scope["method"] == "HEAD" and not scope["path"].startswith("/assets/"):
            await self({**scope, "method": "GET"}, receive, _headers_only(send))
        elif scope["path"].startswith("/assets/"):
            await self._assets(scope, receive, send)
        else:
            fallback = next(iter(self.services.values()))
            await self.services.get(service_of(scope["path"]), fallback)(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        return len(hosts) == 1 and hosts[0] in self._hosts and scope["path"].startswith("/")

    async def _turn_away(self, send: Send) -> None:
        """Says where Gemeinwerk is; nothing of what was asked is repeated."""
        body = f"Unter dieser Adresse antwortet niemand. Gemeinwerk ist hier: {self._public_url}\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Every app believes it is alone: each gets its own start and stop, and all answer before the server does."""
        apps = list(self.services.values())
        inboxes: list[asyncio.Queue[Message]] = [asyncio.Queue() for _ in apps]
        outboxes: list[asyncio.Queue[Message]] = [asyncio.Queue() for _ in apps]
        tasks: list[asyncio.Task[None]] = [
            asyncio.create_task(app({**scope, "state": {}}, inbox.get, outbox.put))  # type: ignore[arg-type]
            for app, inbox, outbox in zip(apps, inboxes, outboxes, strict=True)
        ]
        while True:
            message = await receive()
            for inbox in inboxes:
                await inbox.put(dict(message))
            answers = [await outbox.get() for outbox in outboxes]
            failed = [answer for answer in answers if answer["type"].endswith(".failed")]
            await send(failed[0] if failed else answers[0])
            if failed or message["type"] == "lifespan.shutdown":
                await asyncio.gather(*tasks, return_exceptions=True)
                return


def _headers_only(send: Send) -> Send:
    """What HEAD gets: the answer to GET without its body (RFC 9110, 9.3.2)."""

    async def without_body(message: Message) -> None:
        await send(message if message["type"] != "http.response.body" else {**message, "body": b""})

    return without_body
