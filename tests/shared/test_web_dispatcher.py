"""The one door: which service answers a path, and which hosts it answers for at all."""

import httpx
import pytest

from shared.web.dispatcher import ROUTES, Dispatcher, hosts_of, service_of


def named(name):
    async def app(scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": f"{name} {scope['path']}".encode()})

    return app


NAMES = ("marketplace", "planning", "events", "funding", "realtime")


def door(public_url="https://gemeinwerk.example"):
    return Dispatcher({name: named(name) for name in NAMES}, named("assets"), public_url)


async def ask(app, path="/", *, headers=()):
    """What the door answers to a request with exactly these headers: its status and its body."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": list(headers)}
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent).decode()


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "marketplace"),
        ("/dresden", "marketplace"),
        ("/sign-in/code", "marketplace"),
        ("/dresden/plans/x", "planning"),
        ("/dresden/audit", "funding"),
        ("/dresden/audit/verify/offline", "funding"),
        ("/dresden/audit/events/entries", "events"),
        ("/dresden/api/facts/stream", "realtime"),
        ("/dresden/api/funding/pots", "funding"),
        ("/dresden/api/nobody/x", "marketplace"),
        ("/dresden/nowhere", "marketplace"),
        ("/assets/x.css", "assets"),
    ],
)
async def test_a_path_goes_to_its_service(path, service):
    assert await ask(door(), path, headers=[(b"host", b"gemeinwerk.example")]) == (200, f"{service} {path}")


def test_every_route_names_a_service():
    assert {route.service for route in ROUTES} <= set(NAMES)
    assert service_of("/dresden/table/REGEN-1") == "events"


@pytest.mark.parametrize(
    ("public_url", "hosts"),
    [
        ("https://gemeinwerk.example", {b"gemeinwerk.example", b"gemeinwerk.example:443"}),
        ("https://Gemeinwerk.example:443", {b"gemeinwerk.example", b"gemeinwerk.example:443"}),
        ("https://gemeinwerk.example:8443", {b"gemeinwerk.example:8443"}),
        ("https://gemeinwerk.example:80", {b"gemeinwerk.example:80"}),
        ("http://127.0.0.1:8000", {b"127.0.0.1:8000"}),
        ("http://[::1]:8000", {b"[::1]:8000"}),
        ("http://localhost", {b"localhost", b"localhost:80"}),
    ],
)
def test_the_hosts_of_a_public_url(public_url, hosts):
    assert hosts_of(public_url) == hosts


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"host", b"")],
        [(b"host", b"evil.example")],
        [(b"host", b"gemeinwerk.example.")],
        [(b"host", b"gemeinwerk.example.evil.example")],
        [(b"host", b"evil-gemeinwerk.example")],
        [(b"host", b"gemeinwerk.example:8000")],
        [(b"host", b"gemeinwerk.example@evil.example")],
        [(b"host", b"evil.example"), (b"x-forwarded-host", b"gemeinwerk.example")],
        [(b"host", b"gemeinwerk.example"), (b"host", b"evil.example")],
        [(b"host", "gemeinwerк.example".encode())],
    ],
)
async def test_an_unknown_host_is_turned_away(headers):
    status, body = await ask(door(), headers=headers)
    assert (status, "https://gemeinwerk.example" in body, "evil" in body) == (400, True, False)


@pytest.mark.parametrize("path", ["http://evil.example/", "https://gemeinwerk.example/dresden", "*", "", "dresden"])
async def test_an_absolute_address_is_turned_away(path):
    assert (await ask(door(), path, headers=[(b"host", b"gemeinwerk.example")]))[0] == 400


@pytest.mark.parametrize("host", [b"GEMEINWERK.example", b"gemeinwerk.example:443"])
async def test_what_a_proxy_says_of_the_host_is_not_read(host):
    said = [(b"x-forwarded-host", b"evil.example"), (b"forwarded", b"host=evil.example"), (b"x-host", b"evil.example")]
    assert (await ask(door(), headers=[(b"host", host), *said]))[0] == 200


async def test_head_gets_the_headers_only():
    transport = httpx.ASGITransport(door())
    async with httpx.AsyncClient(transport=transport, base_url="https://gemeinwerk.example") as client:
        answer = await client.head("/dresden")
    assert (answer.status_code, answer.content) == (200, b"")
