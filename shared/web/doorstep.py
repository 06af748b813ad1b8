"""Whoever types `localhost` on the machine that runs everything is led to the address that it has."""

import ipaddress
from urllib.parse import urlsplit

from shared.web.dispatcher import App, Receive, Scope, Send, hosts_of


def at_home(app: App, public_url: str) -> App:
    """`app`, behind a step that sends GET from another name of this machine to `public_url`; other requests pass.

    Only where `public_url` is itself a name of this machine, and only between such names with its port: what a
    request says of its host leads nowhere else.
    """
    url = urlsplit(public_url)
    if not _is_loopback(url.hostname or ""):
        return app
    port = url.port or 80
    others = {host for name in ("localhost", "127.0.0.1", "[::1]") for host in hosts_of(f"http://{name}:{port}")}
    others -= hosts_of(public_url)

    async def step(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith("/"):
            hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
            if len(hosts) == 1 and hosts[0] in others:
                return await _send_on(scope, public_url, send)
        await app(scope, receive, send)

    return step


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _send_on(scope: Scope, public_url: str, send: Send) -> None:
    path, question = scope.get("raw_path") or scope["path"].encode(), scope.get("query_string", b"")
    headers = [
        (b"location", public_url.encode() + path + (b"?" + question if question else b"")),
        (b"content-length", b"0"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
