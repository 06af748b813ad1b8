"""Fault 36: PostgreSQL away while a plan is edited; and documents that cannot be loaded."""

import asyncio
import time
from itertools import pairwise

import pytest
from pycrdt import Map
from websockets.exceptions import InvalidStatus

from services.planning.adapters import office as office_module
from services.planning.app import CARD
from services.realtime.sync.gateway import Gateway
from services.realtime.sync.intake import Limits
from services.realtime.sync.protocol import Closing
from shared.access.tickets import public_key
from shared.bus.connection import connect
from shared.bus.documents import STREAM, Documents
from shared.bus.edits import FORM, Edits, Snapshot
from shared.documents import Replica
from shared.ids import new_id
from shared.installation import install_views
from tests.counter import create_service_database
from tests.faults.sizes import sizes
from tests.infra import drop_database, eventually
from tests.pair import Place, built
from tests.planning.test_office import TOWN, House
from tests.realtime.page import ORIGIN, SEED, Page


@pytest.fixture(autouse=True)
def short_times(monkeypatch):
    monkeypatch.setattr("shared.service._PATROL", 0.2)
    monkeypatch.setattr("shared.ears._WAIT", 0.5)
    monkeypatch.setattr("services.realtime.sync.hall.LINGER", 0.2)
    monkeypatch.setattr(office_module, "QUIET", 0.2)
    monkeypatch.setattr(office_module, "LATEST", 1.0)


@pytest.fixture
async def gateway(infra):
    running = Gateway(infra.nats_url, [public_key(SEED)], [ORIGIN], limits=Limits(patience=1.0))
    await running.start()
    yield running
    await running.drain()


@pytest.fixture
async def house(infra):
    migrator, application = await create_service_database(infra, "planning")
    await install_views(migrator, CARD.views, CARD.private)
    client, js = await connect(infra.nats_url, name="test")
    async with built(infra, CARD, Place(migrator, application)) as service:
        await service.start()
        yield House(service, js, await Documents.open(client, js))
    await client.close()
    await drop_database(infra, application)


async def adds(page, rows):
    costs = page.doc.get("finance.costs", type=Map)
    for row in rows:
        costs[row] = Map({"label": row, "order": row, "unit_price_cents": 100})
        await page.flush()


@sizes("away", 1, 60)
async def test_what_is_typed_while_postgresql_is_away_is_recorded_once(servers, house, gateway, away, verdict):
    await house.opened()
    document, rows = f"plan-{house.project}", [f"zeile-{number:02}" for number in range(30)]
    async with house.office():
        async with Page(gateway.port, document, "p-1") as anna, Page(gateway.port, document, "p-2") as ben:
            await asyncio.gather(anna.synced.wait(), ben.synced.wait())
            await adds(anna, rows[:10])
            await eventually(lambda: anna.all_saved, 15)
            await eventually(lambda: _recorded(house, rows[:10]), 30)
            servers.kill("postgres")
            gone = time.monotonic()
            await adds(anna, rows[10:20])
            await adds(ben, rows[20:])
            await eventually(lambda: anna.all_saved and ben.all_saved, 15)
        await eventually(lambda: gateway.rooms == 0, 15)  # the last one has left, and the room is closed
        await asyncio.sleep(max(0.0, gone + away - time.monotonic()))
        await asyncio.to_thread(servers.restart, "postgres")
        back = time.monotonic()
        await eventually(lambda: _recorded(house, rows), 60)
        took = time.monotonic() - back
    found = await house.recorded()
    assert all(before.until < after.since for before, after in pairwise(found))
    made = [(burst.person, change.label) for event in found for burst in event.bursts for change in burst.changes]
    assert sorted(made) == sorted([*(("p-1", row) for row in rows[:20]), *(("p-2", row) for row in rows[20:])])
    async with Page(gateway.port, document, "p-3") as cem:
        await cem.synced.wait()
        assert sorted(row.id for row in Replica(cem.doc.get_update()).plan().costs) == rows
    verdict(
        36,
        f"PostgreSQL away for {away} s while two edit, and the last one leaves",
        "nothing lost, everything recorded once",
        f"{len(rows)} rows saved meanwhile, each in the log once {took:.1f} s after the return",
    )


async def _recorded(house, rows):
    return sorted(await house.costs()) == sorted(rows)


@pytest.mark.parametrize("what", ["an unreadable edit", "an unreadable snapshot", "a snapshot that was lost"])
async def test_what_cannot_be_loaded_is_never_an_empty_document(infra, gateway, what, verdict):
    document = f"plan-{new_id()}"
    client, js = await connect(infra.nats_url, name="breaker")
    documents = await Documents.open(client, js)
    async with Page(gateway.port, document, "p-1") as anna:
        await anna.write("wichtig ")
        await eventually(lambda: anna.all_saved, 15)
    await eventually(lambda: documents.snapshot(TOWN, document), 15)  # the room has been closed
    sequence = await documents.last(TOWN, document)
    if what == "an unreadable edit":
        await documents.publish(TOWN, document, Edits(99, 0, "x", []))
    elif what == "an unreadable snapshot":
        broken = Snapshot(99, 0, documents.stream, sequence + 1, b"", {})
        await documents.publish(TOWN, document, Edits(FORM, 0, "x", []))
        assert await documents.keep(TOWN, document, broken)
    else:
        await documents.publish(TOWN, document, Edits(FORM, 7, "x", []))  # seeded again, and of that nothing is left
    late = Page(gateway.port, document, "p-2")
    try:
        async with late:
            assert await asyncio.wait_for(late.gone(), 15) == Closing.LATER
    except InvalidStatus:
        pass
    assert not late.synced.is_set()
    assert all(frame[:2] != b"\x00\x01" for frame in late.frames)
    await js.purge_stream(STREAM, subject=f"docs.{TOWN}.{document}")
    await client.close()
    verdict(36, f"{what} of a document", "nobody is shown an empty document", "asked to come back later (1013)")
