"""A reverse proxy made from the product's own table of routes, for tests of services in processes of their own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import httpx
import uvicorn

from shared.web.dispatcher import Receive, Scope, Send, service_of
from tests.infra import eventually

_HOP = {b"connection", b"transfer-encoding", b"keep-alive", b"content-length"}


class Proxy:
    """Passes every request on to the process of its service. `backends`: service → address."""

    def __init__(self, backends: Mapping[str, str]) -> None:
        self._backends = dict(backends)
        self._transport = httpx.AsyncHTTPTransport()  # no client: it would keep one person's cookies for the next

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        name = "marketplace" if scope["path"].startswith("/assets/") else service_of(scope["path"])
        backend = self._backends.get(name, self._backends["marketplace"])
        url = httpx.URL(backend, path=scope["path"], query=scope["query_string"])
        headers = [(key, value) for key, value in scope["headers"] if key not in _HOP]
        request = httpx.Request(scope["method"], url, headers=headers, content=await _body(receive))
        answer = await self._transport.handle_async_request(request)
        kept = [(key.lower(), value) for key, value in answer.headers.raw if key.lower() not in _HOP]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": kept})
        async for part in answer.aiter_raw():
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        await answer.aclose()

    async def close(self) -> None:
        await self._transport.aclose()


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


@asynccontextmanager
async def serving(backends: Mapping[str, str], door: socket.socket) -> AsyncIterator[None]:
    """Serves the proxy on a socket that is bound already."""
    proxy = Proxy(backends)
    server = uvicorn.Server(uvicorn.Config(proxy, lifespan="off", log_level="error", access_log=False, ws="none"))
    running = asyncio.create_task(server.serve(sockets=[door]))
    await eventually(lambda: server.started)
    try:
        yield
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await running
        await proxy.close()
