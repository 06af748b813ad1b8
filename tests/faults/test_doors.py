"""Faults 29 and 30: who may not open a websocket, and what becomes of open ones when the right to them goes."""

import asyncio
import time
from contextlib import AsyncExitStack, suppress

import pytest
from websockets.exceptions import WebSocketException

from services.realtime.sync import protocol
from services.realtime.sync.gateway import Gateway
from services.realtime.sync.protocol import Closing
from shared.access.sessions import Sessions
from shared.access.tickets import SECONDS, mint, public_key
from shared.bus import signals
from shared.bus.connection import connect
from shared.ids import new_id
from tests.faults.sizes import sizes
from tests.infra import eventually
from tests.realtime.page import MUNICIPALITY, ORIGIN, SEED, Page, ticket


@pytest.fixture
async def gateway(infra):
    running = Gateway(infra.nats_url, [public_key(SEED)], [ORIGIN])
    await running.start()
    yield running
    await running.drain()


@pytest.fixture
async def sessions(infra):
    client, js = await connect(infra.nats_url, name="sessions")
    yield await Sessions.open(client, js), client
    await client.close()


async def answer(port, path, *headers):
    """The status line of the answer to the request for a websocket, as whoever writes headers by hand gets it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = (f"GET {path} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade", *headers)
    asked += ("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13")
    writer.write("\r\n".join([*asked, "", ""]).encode())
    status = (await reader.readline()).decode().split()[1]
    writer.transport.abort()
    return int(status)


async def test_nobody_comes_in_from_elsewhere_or_with_a_ticket_that_is_not_fresh_and_for_this(gateway, verdict):
    document = f"plan-{new_id()}"
    path, port = f"/{MUNICIPALITY}/{document}", gateway.port

    def offered(token):
        return f"Sec-WebSocket-Protocol: {protocol.SUBPROTOCOL}, ticket.{token}"

    def fresh(**claims):
        return mint(SEED, ticket(claims.pop("document", document), **claims))

    used, ours = fresh(), f"Origin: {ORIGIN}"
    assert await answer(port, path, ours, offered(used)) == 101
    await eventually(lambda: gateway.sockets == 0)
    now = int(time.time())
    refused = {
        "an evil origin": (403, "Origin: https://evil.example", offered(fresh())),
        "a null origin": (403, "Origin: null", offered(fresh())),
        "no origin": (403, offered(fresh())),
        "two origins": (403, ours, ours, offered(fresh())),
        "a longer origin": (403, f"{ours}.evil.example", offered(fresh())),
        "a used ticket": (401, ours, offered(used)),
        "an old ticket": (401, ours, offered(fresh(expires=now - 1))),
        "a ticket of the future": (401, ours, offered(fresh(expires=now + 10 * SECONDS))),
        "a foreign key": (401, ours, offered(mint(b"\x08" * 32, ticket(document)))),
        "a cookie only": (401, ours, "Cookie: __Host-session=abc; session=abc"),
        "a cookie and our subprotocol": (401, ours, "Cookie: session=abc", "Sec-WebSocket-Protocol: gemeinwerk.v1"),
        "a ticket in the address": (404, ours),
        "another document's ticket": (403, ours, offered(fresh(document=f"plan-{new_id()}"))),
        "another town's ticket": (403, ours, offered(fresh(municipality="detmold"))),
    }
    seen = {}
    for what, (status, *headers) in refused.items():
        where = f"{path}?ticket={fresh()}" if what == "a ticket in the address" else path
        seen[what] = await answer(port, where, *headers)
        assert seen[what] == status, what
    assert gateway.sockets == 0
    assert await answer(port, path, ours, offered(fresh())) == 101
    verdict(
        29, ", ".join(refused), "refused before the upgrade", f"{len(seen)} × 401, 403 or 404, no socket was opened"
    )


@pytest.mark.parametrize("how", ["sign-out", "suspension", "role change", "left the team"])
@sizes("within", 15.0, 1.0)  # seconds; the machine of an ordinary run may be busy with something else
async def test_a_right_that_goes_takes_its_open_sockets_with_it(gateway, sessions, how, within, verdict):
    document, account, person = f"plan-{new_id()}", new_id(), "p-1"
    held, client = sessions
    started = [
        await held.start(account=account, persons={MUNICIPALITY: person}, roles={MUNICIPALITY: ["reviewer"]})
        for _ in range(3)
    ]
    ways = {
        "sign-out": lambda: held.revoke(started[0][1].id),
        "suspension": lambda: held.revoke_account(account),
        "role change": lambda: held.grant(account, MUNICIPALITY, person, []),
        "left the team": lambda: signals.tell(
            client, f"access.revoked.{MUNICIPALITY}", f'{{"person":"{person}","document":"{document}"}}'.encode()
        ),
    }
    async with AsyncExitStack() as stack:
        pages = [Page(gateway.port, document, person, session=session.id) for _, session in started]
        other = Page(gateway.port, document, "p-2", session="s-2")
        for page in (*pages, other):
            await stack.enter_async_context(page)
            await page.synced.wait()
        meant, stay = (pages[:1], [*pages[1:], other]) if how == "sign-out" else (pages, [other])
        late = mint(SEED, ticket(document, person, session=started[0][1].id))
        begun = time.monotonic()
        await ways[how]()
        sending = [asyncio.create_task(_keeps_sending(page)) for page in meant]
        codes = [await asyncio.wait_for(page.gone(), 15) for page in meant]
        took = time.monotonic() - begun
        assert codes == [Closing.RIGHT_GONE] * len(meant)
        assert took < within
        assert {page.denied[-1] for page in meant} == {"right_gone"}  # upon which the page offers what is not saved
        await asyncio.gather(*sending)
        for number, page in enumerate(stay):
            await page.write(f"bleibt-{number} ")
        await eventually(lambda: all(page.all_saved for page in stay), 15)
        assert "zu-spät" not in str(other.text)
        offered = f"Sec-WebSocket-Protocol: {protocol.SUBPROTOCOL}, ticket.{late}"
        assert await answer(gateway.port, f"/{MUNICIPALITY}/{document}", f"Origin: {ORIGIN}", offered) == 403
    verdict(
        30,
        f"{how} with {len(meant)} open sockets",
        "closed within 1 s, what is sent later is not stored, tickets made before are void",
        f"closed with {codes[0]} after {1000 * took:.0f} ms",
    )


async def _keeps_sending(page):
    """Types on, once it has been told that the right is gone, as if it did not mind."""
    await eventually(lambda: page.denied or page.socket.close_code, 15)
    with suppress(WebSocketException):
        for _ in range(20):
            await page.write("zu-spät ")
