"""The document office on real servers: who typed what stands in the log, once, whatever fails between."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise

import asyncpg
import pytest
from pycrdt import Doc, Map

from deploy.embedded import start
from services.planning.adapters import office as office_module
from services.planning.adapters.office import Office
from services.planning.adapters.place import Place
from services.planning.adapters.tape import Tapes
from services.planning.app import CARD
from services.planning.domain.edits import EditsRecorded
from services.planning.domain.plan import OpenPlan
from shared.bus.connection import connect
from shared.bus.documents import STREAM, Documents
from shared.bus.edits import FORM, Edit, Edits
from shared.documents import Replica, read_plan, seed_plan
from shared.ids import new_id
from shared.installation import install_views
from shared.loops import Loops
from shared.message import Context
from tests.counter import create_service_database
from tests.infra import drop_database, eventually, open_folder
from tests.pair import Place as Database
from tests.pair import built, forget_facts, open_municipalities

TOWN = "dresden"


@pytest.fixture(scope="module")
def servers():
    """Servers of these tests alone: one of them loses all its documents."""
    with open_folder() as folder, start(folder) as running:
        yield running


@pytest.fixture(autouse=True)
def short_times(monkeypatch):
    monkeypatch.setattr("shared.service._PATROL", 0.2)
    monkeypatch.setattr("shared.ears._WAIT", 0.5)
    monkeypatch.setattr(office_module, "QUIET", 0.2)
    monkeypatch.setattr(office_module, "LATEST", 1.0)


@pytest.fixture
async def database(servers):
    migrator, application = await create_service_database(servers.infra, "planning")
    await install_views(migrator, CARD.views, CARD.private)
    yield Database(migrator, application)
    await drop_database(servers.infra, application)


@pytest.fixture
async def house(servers, database):
    client, js = await connect(servers.infra.nats_url, name="test")
    await forget_facts(js)
    await open_municipalities(servers.infra, TOWN)
    async with built(servers.infra, CARD, database) as service:
        await service.start()
        yield House(service, js, await Documents.open(client, js))
    await client.close()


class House:
    """Planning with its offices, and a gateway's side of a plan: people with documents of their own."""

    def __init__(self, service, js, documents):
        self.service, self.js, self.documents = service, js, documents
        self.project, self.doc, self.others = new_id(), Doc(client_id=7), {}

    async def opened(self):
        context = Context(by="planning", municipality=TOWN, at=datetime.now(UTC), command_id=new_id())
        await self.service.handle("plan", self.project, OpenPlan(), context)
        await eventually(lambda: TOWN in self.service._news)
        self.doc.apply_update(seed_plan())

    @asynccontextmanager
    async def office(self):
        office = Office(self.service, self.documents)
        loops = Loops("office")
        loops.run("follow", office.follow)
        loops.run("record", office.record_for_ever)
        try:
            yield office
        finally:
            await loops.stop()

    async def types(self, person, row, cents):
        made, client = [], hash(person) % 1000 + 100
        doc = self.others.setdefault(person, Doc(client_id=client))
        doc.apply_update(self.doc.get_update())
        watching = doc.observe(lambda event: made.append(event.update))
        with doc.transaction():
            doc.get("finance.costs", type=Map)[row] = Map({"label": row, "order": row, "unit_price_cents": cents})
        doc.unobserve(watching)
        self.doc.apply_update(made[0])
        edits = Edits(FORM, 0, "gateway", [Edit(person, made[0], (client,))])
        return await self.documents.publish(TOWN, f"plan-{self.project}", edits)

    async def recorded(self):
        entries = await self.service.store.entries(TOWN, 0, 10_000, project=self.project)
        events = [self.service.codec.event(entry.type, entry.form, entry.body) for entry in entries]
        return [event for event in events if isinstance(event, EditsRecorded)]

    async def costs(self):
        tape = await Tapes(self.service).of(TOWN, self.project)
        return {row.id: row.unit_price_cents for row in tape.replica.plan().costs}

    async def until(self, sequence):
        async def reached():
            found = await self.recorded()
            return bool(found) and (found[-1].stream, found[-1].until) >= (self.documents.stream, sequence)

        await eventually(reached)

    async def each_once(self):
        """Stretches follow each other without overlap, and the log alone gives the document."""
        found = await self.recorded()
        assert all(before.until < after.since for before, after in pairwise(found))
        assert await self.costs() == {
            row.id: row.unit_price_cents for row in Replica(self.doc.get_update()).plan().costs
        }
        return found


async def test_what_is_typed_comes_into_the_log_put_down_to_who_typed_it(house):
    await house.opened()
    async with house.office():
        await house.types("ann", "Holz", 800_00)
        last = await house.types("bob", "Naegel", 3_00)
        await house.until(last)
    found = await house.each_once()
    made = [(burst.person, change.label) for event in found for burst in event.bursts for change in burst.changes]
    assert sorted(made) == [("ann", "Holz"), ("bob", "Naegel")]


async def test_many_followers_record_everything_once(house):
    await house.opened()
    async with AsyncExitStack() as stack:
        offices = [await stack.enter_async_context(house.office()) for _ in range(3)]
        for number in range(30):
            last = await house.types(("ann", "bob")[number % 2], f"r{number}", number)
            if number % 7 == 0:
                await asyncio.gather(*(office.record(TOWN, house.project) for office in offices))
        await house.until(last)
    found = await house.each_once()
    assert sum(len(burst.changes) for event in found for burst in event.bursts) == 30


async def test_a_new_start_reads_on_where_the_former_one_stood(house):
    await house.opened()
    place = Place(house.service.engine)
    async with house.office():
        last = await house.types("ann", "a", 1)
        await house.until(last)

        async def noted():
            return (await place.read())[1] >= last

        await eventually(noted)
    async with house.office() as office:
        await house.until(await house.types("bob", "b", 2))
        assert office._noted >= last
    await place.note("another", 0)  # and if the place is lost, nothing is recorded twice
    async with house.office():
        await house.until(await house.types("ann", "c", 3))
    assert len(await house.each_once()) == 3


async def test_without_the_database_edits_wait_and_are_recorded_once(servers, database, house):
    await house.opened()
    name = database.application.rpartition("/")[2].partition("?")[0]
    operator = await asyncpg.connect(servers.infra.postgres_url)
    async with house.office() as office:
        await house.until(await house.types("ann", "a", 1))
        await operator.execute(f'alter database "{name}" connection limit 0')
        await operator.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
        for number in range(5):
            last = await house.types("bob", f"r{number}", number)
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await office.record(TOWN, house.project)
        await operator.execute(f'alter database "{name}" connection limit -1')
        await house.until(last)
    await operator.close()
    found = await house.each_once()
    assert sum(len(burst.changes) for event in found for burst in event.bursts) == 6


async def test_a_broker_that_lost_its_documents_gets_them_back_from_the_log(house):
    await house.opened()
    async with house.office():
        await house.until(await house.types("ann", "Holz", 800_00))
    former = house.documents.stream
    await house.js.delete_stream(STREAM)
    await house.js.purge_stream("KV_snapshots")
    state, sequence = await Office(house.service, house.documents).content(TOWN, house.project)
    assert [row.id for row in read_plan(state)[0].costs] == ["Holz"]
    assert sequence == 0
    async with house.office():

        async def restored():
            return await house.documents.snapshot(TOWN, f"plan-{house.project}")

        snapshot = await eventually(restored)
        last = await house.types("bob", "Naegel", 3_00)
        await house.until(last)
    assert snapshot.stream == former != house.documents.stream
    assert snapshot.owners == {1: "", hash("ann") % 1000 + 100: "ann"}
    assert [row.id for row in Replica(snapshot.state).plan().costs] == ["Holz"]
    assert (await house.documents.load(TOWN, f"plan-{house.project}")).lost
    assert await house.costs() == {"Holz": 800_00, "Naegel": 3_00}


async def test_an_older_snapshot_of_a_lost_stream_is_brought_up_to_the_log(house):
    await house.opened()
    document = f"plan-{house.project}"
    async with house.office() as office:
        await office.seed(TOWN, [])
        first = await house.types("ann", "Holz", 800_00)
        await house.until(first)
        await office._restore(TOWN, house.project)
        await house.until(await house.types("bob", "Naegel", 3_00))
    old = await house.documents.snapshot(TOWN, document)
    assert old is not None
    assert old.sequence == first
    await house.js.delete_stream(STREAM)
    async with house.office():

        async def current():
            there = await house.documents.snapshot(TOWN, document)
            return there and there.sequence > first

        await eventually(current)
    there = await house.documents.snapshot(TOWN, document)
    assert {row.id for row in Replica(there.state).plan().costs} == {"Holz", "Naegel"}
    assert there.stream == old.stream != house.documents.stream
