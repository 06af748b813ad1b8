"""The gateway over real websockets and a real broker."""

import asyncio
import json
from contextlib import AsyncExitStack

import pytest
from pycrdt import Doc, Text
from structlog.testing import capture_logs
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import InvalidStatus

from services.realtime.sync import protocol
from services.realtime.sync.gateway import Gateway
from services.realtime.sync.protocol import Closing
from services.realtime.sync.room import Room
from shared.access.tickets import mint
from shared.bus import signals
from shared.bus.connection import connect
from shared.bus.documents import Documents
from shared.bus.edits import FORM, Loaded, Snapshot
from tests.infra import eventually
from tests.realtime.conftest import Start
from tests.realtime.page import MUNICIPALITY, ORIGIN, SEED, Page, ticket


async def test_two_pages_have_the_same_and_know_that_it_is_saved(gateway: Gateway, document: str) -> None:
    async with Page(gateway.port, document, "p-1") as anna, Page(gateway.port, document, "p-2") as ben:
        await anna.write("Hallo ")
        await ben.write("Welt ")
        await eventually(lambda: str(anna.text) == str(ben.text) and len(str(anna.text)) == 11)
        await eventually(lambda: anna.all_saved and ben.all_saved)


async def test_what_is_saved_is_stored(gateway: Gateway, document: str, nats_url: str) -> None:
    client, js = await connect(nats_url, name="look")
    documents = await Documents.open(client, js)
    async with Page(gateway.port, document) as anna:
        await eventually(lambda: anna.all_saved)
        await anna.write("Hallo")
        await eventually(lambda: anna.saved == 2)
        tail = (await documents.load(MUNICIPALITY, document)).tail
        assert [edit.person for message in tail for edit in message.edits.edits] == ["p-1"]
        assert b"Hallo" in tail[-1].edits.edits[0].update
    await client.close()


async def test_who_comes_later_and_who_comes_back_have_all(start: Start, document: str) -> None:
    first = await start()
    page = Page(first.port, document)
    async with page:
        await page.write("Hallo ")
        await eventually(lambda: page.all_saved)
    page.type("ohne Netz ")
    second = await start()
    page.port = second.port
    async with page, Page(second.port, document, "p-2") as ben:
        await eventually(lambda: str(ben.text) == "ohne Netz Hallo ")
        await eventually(lambda: page.all_saved)


@pytest.mark.parametrize("count", [2, 3])
async def test_gateways_side_by_side(start: Start, document: str, count: int) -> None:
    async with AsyncExitStack() as open_pages:
        pages = [
            await open_pages.enter_async_context(Page((await start()).port, document, f"p-{number}"))
            for number in range(count)
        ]
        for word in range(20):
            await asyncio.gather(*(page.write(f"{number}.{word} ") for number, page in enumerate(pages)))
        await eventually(lambda: all(page.all_saved for page in pages))
        await eventually(lambda: len({str(page.text) for page in pages}) == 1)
        assert str(pages[0].text).count(" ") == 20 * count


async def test_a_gateway_that_holds_something_else_than_is_stored_loads_it_anew(start: Start, document: str) -> None:
    one, two = await start(compare_every=0.2), await start(compare_every=0.2)
    async with Page(one.port, document, "p-1") as anna, Page(two.port, document, "p-2") as ben:
        await anna.write("Hallo")
        await eventually(lambda: anna.all_saved and str(ben.text) == "Hallo")
        assert two._hall
        assert two._loop
        (keeper,) = two._hall.keepers.values()
        wrong = Room("wrong", lambda _: True)
        wrong.load(Loaded(Snapshot(FORM, 0, "", 0, _written(anna.doc.client_id, "Hollo"), {}), []))
        two._loop.call_soon_threadsafe(setattr, keeper.room, "_replica", wrong._replica)
        assert await asyncio.wait_for(ben.gone(), 5) == Closing.REFUSED
        assert ben.denied == ["diverged"]
        async with Page(two.port, document, "p-3") as cem:
            await cem.synced.wait()
            assert str(cem.text) == "Hallo"
        await anna.write("weiter ")
        await eventually(lambda: anna.all_saved)


async def test_a_document_seeded_again_is_another_and_takes_nothing_of_the_former(
    gateway: Gateway, document: str, nats_url: str
) -> None:
    client, js = await connect(nats_url, name="restore")
    documents = await Documents.open(client, js)
    page = Page(gateway.port, document)
    async with page:
        await page.write("alt ")
        await eventually(lambda: page.all_saved)
        await documents.reseed(MUNICIPALITY, document, _written(7, "neu "), 1, [page.doc.client_id])
        assert await page.gone() == Closing.REFUSED
        assert page.denied == ["new_epoch"]
    async with page:
        assert await page.gone() == Closing.REFUSED
        assert page.denied[1:] == ["foreign_client"]
    async with Page(gateway.port, document, "p-2") as ben:
        await eventually(lambda: str(ben.text) == "neu ")
        await ben.write("weiter ")
        await eventually(lambda: ben.all_saved)
    await client.close()


def _written(client: int, text: str) -> bytes:
    doc: Doc[Text] = Doc(client_id=client)
    doc.get("work", type=Text).insert(0, text)
    return doc.get_update()


async def test_a_drained_gateway_has_stored_all_and_sends_everybody_elsewhere(start: Start, document: str) -> None:
    first, second = await start(), await start()
    page = Page(first.port, document)
    async with page:
        await page.synced.wait()
        for number in range(50):
            await page.write(f"{number} ")
        await eventually(lambda: page.saved)
        await first.drain()
        assert await page.gone() == Closing.RESTART
        with pytest.raises(ConnectionRefusedError):
            await open_socket(f"ws://127.0.0.1:{first.port}/x")
    async with Page(second.port, document, "p-2") as ben:
        await ben.synced.wait()
        received = set(str(ben.text).split())
    page.port = second.port
    async with page:
        await eventually(lambda: page.all_saved)
    assert received <= {str(number) for number in range(50)}
    assert len(received) >= page.saved


async def test_a_snapshot_is_written_when_a_room_closes_and_read_when_it_opens(
    start: Start, document: str, nats_url: str
) -> None:
    first = await start()
    async with Page(first.port, document) as page:
        for number in range(5):
            await page.write(f"{number} ")
        await eventually(lambda: page.all_saved)
        text = str(page.text)
        client_id = page.doc.client_id
    await first.drain()
    client, js = await connect(nats_url, name="look")
    documents = await Documents.open(client, js)
    snapshot = await documents.snapshot(MUNICIPALITY, document)
    assert snapshot
    assert snapshot.owners == {client_id: "p-1"}
    await documents.purge(MUNICIPALITY, document, snapshot.sequence)
    await client.close()
    second = await start()
    async with Page(second.port, document, "p-2") as ben:
        await ben.synced.wait()
        assert str(ben.text) == text


# -- the door


async def status_of(gateway: Gateway, path: str, *, origin: str | None = ORIGIN, offered: list[str]) -> int:
    try:
        async with open_socket(
            f"ws://127.0.0.1:{gateway.port}{path}",
            origin=origin,  # type: ignore[arg-type]
            subprotocols=offered or None,  # type: ignore[arg-type]
        ):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", f"{ORIGIN}:8443", f"{ORIGIN}.evil.example"])
async def test_only_pages_of_ours_may_open_a_websocket(gateway: Gateway, document: str, origin: str | None) -> None:
    offered = [protocol.SUBPROTOCOL, f"ticket.{mint(SEED, ticket(document))}"]
    assert await status_of(gateway, f"/{MUNICIPALITY}/{document}", origin=origin, offered=offered) == 403
    assert await status_of(gateway, f"/{MUNICIPALITY}/{document}", offered=offered) == 101  # it was not spent


async def test_a_ticket_opens_its_document_once(gateway: Gateway, document: str) -> None:
    path = f"/{MUNICIPALITY}/{document}"
    offered = [protocol.SUBPROTOCOL, f"ticket.{mint(SEED, ticket(document))}"]
    assert await status_of(gateway, f"/detmold/{document}", offered=offered) == 403
    assert await status_of(gateway, f"{path}x", offered=offered) == 403
    assert await status_of(gateway, path, offered=offered) == 101
    assert await status_of(gateway, path, offered=offered) == 401


async def test_a_ticket_is_spent_for_all_gateways(start: Start, document: str) -> None:
    one, two = await start(), await start()
    offered = [f"ticket.{mint(SEED, ticket(document))}"]
    path = f"/{MUNICIPALITY}/{document}"
    assert sorted(await asyncio.gather(*(status_of(each, path, offered=offered) for each in (one, two)))) == [101, 401]


async def test_no_old_foreign_or_missing_ticket_opens_anything(gateway: Gateway, document: str) -> None:
    path = f"/{MUNICIPALITY}/{document}"
    old = mint(SEED, ticket(document, expires=1_767_322_800))
    foreign = mint(b"\x08" * 32, ticket(document))
    good = [mint(SEED, ticket(document)) for _ in range(2)]
    for offered in (
        [],
        [protocol.SUBPROTOCOL],
        [protocol.SUBPROTOCOL, "ticket."],
        [protocol.SUBPROTOCOL, f"ticket.{old}"],
        [protocol.SUBPROTOCOL, f"ticket.{foreign}"],
        [protocol.SUBPROTOCOL, *(f"ticket.{token}" for token in good)],
    ):
        assert await status_of(gateway, path, offered=offered) == 401


@pytest.mark.parametrize("path", ["/", "/dresden", "/dresden/secret-1", "//plan-1", "/dresden/plan-1/x", "/../plan-1"])
async def test_other_paths_are_nothing(gateway: Gateway, path: str) -> None:
    assert await status_of(gateway, path, offered=[f"ticket.{mint(SEED, ticket('plan-1'))}"]) == 404


async def test_the_ticket_is_never_told_back_to_a_page_of_ours(gateway: Gateway, document: str) -> None:
    async with Page(gateway.port, document) as page:
        assert page.socket
        assert page.socket.response
        assert page.socket.subprotocol == protocol.SUBPROTOCOL
        assert "ticket." not in str(page.socket.response.headers)


async def test_a_plain_yjs_client_works_and_hears_nothing_of_ours(
    gateway: Gateway, document: str, nats_url: str
) -> None:
    plain = Page(gateway.port, document, "p-2")
    plain.own = False
    client, _ = await connect(nats_url, name="teller")
    async with Page(gateway.port, document) as anna, plain:
        await plain.synced.wait()
        await plain.write("schlicht ")
        await eventually(lambda: str(anna.text) == "schlicht ")
        await signals.tell(client, f"live.{MUNICIPALITY}.{document}", b'{"agenda":2}')
        await eventually(lambda: anna.live == [b'{"agenda":2}'])
        assert all(frame[0] in (0, 1) for frame in plain.frames)
    await client.close()


# -- rights


async def test_a_reader_may_not_write(gateway: Gateway, document: str) -> None:
    async with Page(gateway.port, document, "p-1") as anna, Page(gateway.port, document, "p-2", "read") as ben:
        await anna.write("Hallo")
        await eventually(lambda: str(ben.text) == "Hallo")
        await ben.write("ich auch ")
        assert await ben.gone() == Closing.RIGHT_GONE
        assert ben.denied == ["read_only"]
        assert str(anna.text) == "Hallo"


async def test_who_is_sent_away_for_what_stands_in_the_log(gateway: Gateway, document: str) -> None:
    async with Page(gateway.port, document, "p-2", "read") as ben:
        await ben.synced.wait()
        with capture_logs() as said:
            await ben.write("ich auch ")
            await ben.gone()
    (entry,) = [each for each in said if each["event"] == "sent away"]
    told = {"municipality": MUNICIPALITY, "document": document, "person": "p-2", "code": 4403, "reason": "read_only"}
    assert told.items() <= entry.items()


async def test_an_old_editor_is_told_to_reload(gateway: Gateway, document: str) -> None:
    async with Page(gateway.port, document, "p-2", schema=0) as ben:
        await ben.synced.wait()
        await ben.write("x")
        assert await ben.gone() == Closing.OLD_CLIENT


@pytest.mark.parametrize(
    ("where", "what"),
    [
        (MUNICIPALITY, {"person": "p-2"}),
        (MUNICIPALITY, {"person": "p-2", "document": "same"}),
        ("deployment", {"session": "s-p-2"}),
        (MUNICIPALITY, {"session": "s-p-2"}),
    ],
)
async def test_a_right_that_goes_closes_its_sockets_within_a_second_and_no_others(
    gateway: Gateway, document: str, nats_url: str, where: str, what: dict[str, str]
) -> None:
    what = {key: document if value == "same" else value for key, value in what.items()}
    client, _ = await connect(nats_url, name="revoker")
    before = mint(SEED, ticket(document, "p-2"))
    async with Page(gateway.port, document, "p-1") as anna, Page(gateway.port, document, "p-2") as ben:
        await asyncio.gather(anna.synced.wait(), ben.synced.wait())
        await signals.tell(client, f"access.revoked.{where}", json.dumps(what).encode())
        assert await asyncio.wait_for(ben.gone(), 1) == Closing.RIGHT_GONE
        offered = [f"ticket.{before}"]
        assert await status_of(gateway, f"/{MUNICIPALITY}/{document}", offered=offered) == 403
        await anna.write("weiter")
        await eventually(lambda: anna.all_saved)
    await client.close()


async def test_what_does_not_match_closes_nobody(gateway: Gateway, document: str, nats_url: str) -> None:
    client, _ = await connect(nats_url, name="revoker")
    async with Page(gateway.port, document, "p-2") as ben:
        await ben.synced.wait()
        for where, what in (
            ("detmold", {"person": "p-2"}),
            ("deployment", {"person": "p-2"}),
            (MUNICIPALITY, {"person": "p-2", "document": "plan-other"}),
            (MUNICIPALITY, {}),
        ):
            await signals.tell(client, f"access.revoked.{where}", json.dumps(what).encode())
        await signals.tell(client, f"access.revoked.{MUNICIPALITY}", b"{")
        await ben.write("noch da")
        await eventually(lambda: ben.all_saved)
    await client.close()


# -- presence


async def test_presence_is_signed_by_the_server(gateway: Gateway, document: str) -> None:
    async with Page(gateway.port, document, "p-1") as anna, Page(gateway.port, document, "p-2") as ben:
        await asyncio.gather(anna.synced.wait(), ben.synced.wait())
        await anna.move(b'{"user":{"name":"Die Leitung"},"cursor":3}')
        number = anna.doc.client_id
        await eventually(lambda: number in ben.states)
        assert json.loads(ben.states[number]) == {
            "cursor": 3,
            "user": {"person": "p-1", "name": "Name p-1", "colour": 2},
        }
    async with Page(gateway.port, document, "p-3") as cem:
        await cem.synced.wait()
        assert cem.states.get(number, b"null") == b"null"


# -- abuse


async def test_malformed_content_ends_its_sender_and_nobody_else(gateway: Gateway, document: str) -> None:
    deep = b"\x01\x01\x09\x00\x08\x01\x04work\x01" + b"\x75\x01" * 30_000 + b"\x7e\x00"
    async with Page(gateway.port, document, "p-1") as anna:
        for frame, code in (
            (protocol.update(deep), Closing.REFUSED),
            (protocol.update(b"\x01"), Closing.REFUSED),
            (b"\xff\xff", Closing.REFUSED),
            (protocol.update(b"\x00" * 300_000), Closing.TOO_BIG),
            (b"\x00" * 1_500_000, 1009),
        ):
            async with Page(gateway.port, document, "p-2") as ben:
                await ben.synced.wait()
                await ben.send(frame)
                assert await ben.gone() == code
        await anna.write("unberührt")
        await eventually(lambda: anna.all_saved)


async def test_text_frames_are_refused(gateway: Gateway, document: str) -> None:
    async with Page(gateway.port, document) as page:
        assert page.socket
        await page.socket.send("text")
        assert await page.gone() == Closing.REFUSED


async def test_a_message_in_fragments_is_one_message(gateway: Gateway, document: str) -> None:
    async with Page(gateway.port, document) as page, Page(gateway.port, document, "p-2") as ben:
        await asyncio.gather(page.synced.wait(), ben.synced.wait())
        page.type("in Stücken")
        frame = protocol.update(page._unsent.pop())
        assert page.socket
        page.sent += 1
        await page.socket.send([frame[:3], frame[3:9], frame[9:]])
        await eventually(lambda: str(ben.text) == "in Stücken")


async def test_who_floods_is_slowed_down_and_the_others_are_not(gateway: Gateway, document: str) -> None:
    async with Page(gateway.port, document, "p-1") as anna, Page(gateway.port, document, "p-2") as ben:
        await asyncio.gather(anna.synced.wait(), ben.synced.wait())
        for _ in range(200):
            await ben.move()
        await anna.write("geht")
        await eventually(lambda: anna.all_saved, 5)
        await ben.write("auch ")
        await eventually(lambda: str(anna.text).startswith("auch"))
        assert not ben.denied


async def test_a_person_may_not_open_sockets_without_end(gateway: Gateway, document: str) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(30):
            await stack.enter_async_context(Page(gateway.port, document, "p-1"))
        offered = [f"ticket.{mint(SEED, ticket(document, 'p-1'))}"]
        assert await status_of(gateway, f"/{MUNICIPALITY}/{document}", offered=offered) == 429
        await stack.enter_async_context(Page(gateway.port, document, "p-2"))
    assert await status_of(gateway, f"/{MUNICIPALITY}/{document}", offered=offered) == 101


async def test_a_reader_that_never_reads_is_sent_away_and_delays_nobody(
    gateway: Gateway, document: str, nats_url: str
) -> None:
    client, _ = await connect(nats_url, name="teller")
    _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    token = mint(SEED, ticket(document, "p-2", "read"))
    writer.write(
        f"GET /{MUNICIPALITY}/{document} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nOrigin: {ORIGIN}\r\n"
        f"Sec-WebSocket-Protocol: {protocol.SUBPROTOCOL}, ticket.{token}\r\n\r\n".encode()
    )
    await writer.drain()
    assert isinstance(writer.transport, asyncio.Transport)
    writer.transport.pause_reading()
    async with Page(gateway.port, document, "p-1") as anna:
        await anna.synced.wait()
        await eventually(lambda: gateway.sockets == 2)
        for told in range(1, 61):
            await signals.tell(client, f"live.{MUNICIPALITY}.{document}", b'"' + b"x" * 500_000 + b'"')
            await eventually(lambda told=told: len(anna.live) == told)  # type: ignore[misc]
        await eventually(lambda: gateway.sockets == 1)
        await anna.write("schnell")
        await eventually(lambda: anna.all_saved, 5)
    writer.close()
    await client.close()


async def test_health_is_told_without_a_websocket(gateway: Gateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"200 OK" in await reader.read(200)
    writer.close()
