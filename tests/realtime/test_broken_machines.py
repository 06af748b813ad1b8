"""kill -9 of a gateway and of the broker, a lost stream: what was called saved is there, and everybody has the same."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from websockets.exceptions import InvalidStatus

from deploy.embedded import Running
from deploy.embedded import start as start_servers
from services.realtime.sync.gateway import Gateway
from services.realtime.sync.protocol import Closing
from shared.access.tickets import public_key
from shared.bus.connection import connect
from shared.bus.documents import STREAM, Documents
from tests.bench.servers import gateway_process
from tests.infra import eventually, open_folder
from tests.realtime.page import MUNICIPALITY, ORIGIN, SEED, Page


@pytest.fixture(scope="module")
def servers() -> Iterator[Running]:
    """A broker of these tests' own, to be killed."""
    with open_folder() as folder, start_servers(folder) as running:
        yield running


@pytest.fixture
async def gateway(servers: Running) -> AsyncIterator[Gateway]:
    gateway = Gateway(servers.infra.nats_url, [public_key(SEED)], [ORIGIN])
    await gateway.start()
    yield gateway
    await gateway.drain()


def same(pages: list[Page]) -> bool:
    return len({str(page.text) for page in pages}) == 1 and all(page.all_saved for page in pages)


async def test_a_gateway_that_is_killed_while_ten_type_loses_nothing(nats_url: str, document: str) -> None:
    pages = [Page(0, document, f"p-{number}") for number in range(10)]
    async with gateway_process(nats_url) as (first, victim), gateway_process(nats_url) as (second, _):
        async with AsyncExitStack() as stack:
            for page in pages:
                page.port = first
                await stack.enter_async_context(page)
            await asyncio.gather(*(page.synced.wait() for page in pages))
            typing = asyncio.gather(*(_type(page, 100) for page in pages), return_exceptions=True)
            await eventually(lambda: sum(page.saved for page in pages) > 100)
            os.kill(victim, signal.SIGKILL)
            await typing
            promised = [page.saved for page in pages]
            assert any(saved < page.sent for saved, page in zip(promised, pages, strict=True))
        async with Page(second, document, "p-reader") as reader:
            await reader.synced.wait()
            stored = str(reader.text).split()
            for number, saved in enumerate(promised):
                mine = [word for word in stored if word.startswith(f"{number}-")]
                assert len(mine) >= saved - 1  # one of the messages was its step 2
                assert len(set(mine)) == len(mine)
            for page in pages:
                page.port = second
                await page.__aenter__()
            await eventually(lambda: same(pages))
            assert set(str(pages[0].text).split()) >= set(stored)
            for page in pages:
                await page.__aexit__()


async def _type(page: Page, words: int) -> None:
    person = str(page.claims["person"]).removeprefix("p-")
    for number in range(words):
        page.type(f"{person}-{number} ")
        await page.flush()
        await asyncio.sleep(0.01)


async def test_while_the_broker_is_away_nothing_is_called_saved_and_nothing_is_lost(
    servers: Running, gateway: Gateway, document: str
) -> None:
    async with Page(gateway.port, document, "p-1") as anna, Page(gateway.port, document, "p-2") as ben:
        await anna.write("vorher ")
        await eventually(lambda: str(ben.text) == "vorher " and anna.all_saved)
        servers.kill("nats")
        saved = anna.saved
        for number in range(20):
            await anna.write(f"{number} ")
        with pytest.raises(InvalidStatus, match="503"):
            await Page(gateway.port, document, "p-3").__aenter__()
        assert (anna.saved, str(ben.text)) == (saved, "vorher ")
        await asyncio.to_thread(servers.restart, "nats")
        for page in (anna, ben):  # a right may have gone that the broker could not tell of
            assert await asyncio.wait_for(page.gone(), 30) == Closing.RESTART
            await eventually(lambda page=page: _back(page), 30)  # type: ignore[misc]
        await eventually(lambda: same([anna, ben]), 30)
        assert len(str(ben.text).split()) == 21


async def test_a_lost_stream_begins_with_what_the_gateway_has(
    servers: Running, gateway: Gateway, document: str
) -> None:
    client, js = await connect(servers.infra.nats_url, name="breaker")
    documents = await Documents.open(client, js)
    async with Page(gateway.port, document, "p-1") as anna, Page(gateway.port, document, "p-2") as ben:
        await anna.write("vorher ")
        await eventually(lambda: str(ben.text) == "vorher " and anna.all_saved)
        await js.delete_stream(STREAM)
        await ben.write("nachher ")
        await eventually(lambda: same([anna, ben]), 20)
        await eventually(lambda: _stored(documents, document), 20)
    other = Gateway(servers.infra.nats_url, [public_key(SEED)], [ORIGIN])
    await other.start()
    async with Page(other.port, document, "p-3") as cem:
        await cem.synced.wait()
        assert str(cem.text) == "nachher vorher "
    await other.drain()
    await client.close()


async def _back(page: Page) -> bool:
    try:
        await page.__aenter__()
    except InvalidStatus:
        return False
    return True


async def _stored(documents: Documents, document: str) -> bool:
    await documents.ensure()
    snapshot = await documents.snapshot(MUNICIPALITY, document)
    return snapshot is not None and snapshot.stream == documents.stream
