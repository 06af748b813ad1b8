"""One door for all services: an ASGI app that sends each path to the service whose card lists it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

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
`/<m>/audit/<service>/…` (`/<m>/audit` itself: funding) and `/<m>/api/facts` (realtime)."""

_MUNICIPAL = {route.first: route.service for route in ROUTES if route.municipal}
_DEPLOYMENT = {route.first: route.service for route in ROUTES if not route.municipal}


def service_of(path: str) -> str:
    """The service that answers `path`; marketplace also answers what nobody knows, with a page that says so."""
    first, second, third, *_ = [*path.strip("/").split("/"), "", "", ""]
    if first in _DEPLOYMENT:
        return _DEPLOYMENT[first]
    if second == "api":
        return "realtime" if third == "facts" else third
    if second == "audit":
        return third or "funding"
    return _MUNICIPAL.get(second, "marketplace")


class Dispatcher:
    """Answers for all `services`, runs their lifespans, and serves `assets` under /assets."""

    def __init__(self, services: Mapping[str, App], assets: App) -> None:
        self.services = dict(services)
        self._assets = assets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["method"] == "HEAD" and not scope["path"].startswith("/assets/"):
            await self({**scope, "method": "GET"}, receive, _headers_only(send))
        elif scope["path"].startswith("/assets/"):
            await self._assets(scope, receive, send)
        else:
            fallback = next(iter(self.services.values()))
            await self.services.get(service_of(scope["path"]), fallback)(scope, receive, send)

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
