"""Tables are put in place as often as one likes; a view in a new version starts anew, the others stay."""

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

import asyncpg
import pytest
import sqlalchemy as sa

from deploy.embedded import start
from shared.bus import NotDurable as BrokerNotDurable
from shared.bus.connection import connect
from shared.bus.jetstream import JetStreamBus
from shared.installation import install_views
from shared.store import database
from shared.store.database import NotDurable
from shared.store.postgres import PostgresStore
from shared.view import table
from tests.counter import Count, context, create_service_database
from tests.infra import drop_database, eventually, open_folder
from tests.pair import TELLING, TOTALS, built, place_of, sums, sums_of, totals

others = sums("others")
OTHERS = replace(TOTALS, name="others", tables=(others,), project=lambda recorded: ())
TWO = replace(TELLING, views=(TOTALS, OTHERS))


async def test_a_view_in_a_new_version_is_rebuilt_and_only_that_one(infra):
    async with place_of(infra, TWO) as place:
        async with built(infra, TWO, place) as service:
            for id in "aab":
                await service.handle("counter", id, Count(by=2), context())
        wider = table("totals", sa.Column("id", sa.Text), sa.Column("events", sa.Integer, nullable=False))

        def project(recorded):
            yield sa.insert(wider), {"municipality": "dresden", "id": recorded.entry.event_id, "events": 1}

        changed = replace(TWO, views=(replace(TOTALS, version=2, tables=(wider,), project=project), OTHERS))
        assert await install_views(place.migrator, changed.views) == ["totals"]
        assert await install_views(place.migrator, changed.views) == []
        async with built(infra, changed, place) as service:
            passed = []
            await service.projector.catch_up("dresden", progress=passed.append)
            async with service.reading("dresden") as connection:
                assert await connection.scalar(sa.select(sa.func.sum(wider.c.events))) == 3
            assert passed == [3]


async def test_services_that_start_at_once_install_once(infra):
    migrator, application = await create_service_database(infra)
    started = await asyncio.gather(*(install_views(migrator, TWO.views) for _ in range(4)))
    assert sorted(len(names) for names in started) == [0, 0, 0, 2]
    await asyncio.gather(*(database.migrate(migrator) for _ in range(3)))
    await drop_database(infra, application)


async def test_migrating_again_keeps_what_is_stored(infra):
    async with place_of(infra, TELLING) as place, built(infra, TELLING, place) as service:
        await service.handle("counter", "a", Count(by=1), context())
        await database.migrate(place.migrator)
        assert len(await service.store.entries("dresden")) == 1
        await service.handle("counter", "a", Count(by=1), context())
        assert await sums_of(service, totals, "dresden") == {"a": (2, 2)}


@pytest.mark.parametrize(
    "statement",
    [
        "alter role {name}_app set synchronous_commit = off",
        "alter database {name} set synchronous_commit = off",
        "alter role {name}_app in database {name} set synchronous_commit = 'false'",
    ],
)
async def test_a_role_or_database_that_does_not_wait_for_the_disk_is_refused(infra, statement):
    migrator, application = await create_service_database(infra)
    admin = await asyncpg.connect(infra.postgres_url)
    await admin.execute(statement.format(name=urlsplit(application).path[1:]))
    await admin.close()
    with pytest.raises(NotDurable, match="synchronous_commit"):
        await database.migrate(migrator)
    with pytest.raises(NotDurable, match="synchronous_commit"):
        await PostgresStore.open(application)
    await drop_database(infra, application)


@pytest.fixture(scope="module")
def own():
    """Servers that a test may spoil."""
    with open_folder() as folder, start(folder) as running:
        yield running


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
async def test_a_database_server_that_could_lose_what_it_acknowledged_is_refused(own, setting):
    migrator, application = await create_service_database(own.infra)
    admin = await asyncpg.connect(own.infra.postgres_url)

    async def switch(statement, value):
        await admin.execute(statement)
        await admin.execute("select pg_reload_conf()")
        await eventually(lambda: shown(value))

    async def shown(value):
        return await admin.fetchval("select current_setting($1)", setting) == value

    await switch(f"alter system set {setting} = off", "off")
    with pytest.raises(NotDurable, match=f"{setting} = off"):
        await database.migrate(migrator)
    with pytest.raises(NotDurable, match=f"{setting} = off"):
        await PostgresStore.open(application)
    await switch(f"alter system reset {setting}", "on")
    await database.migrate(migrator)
    await admin.close()


@pytest.mark.parametrize("written", ['sync_interval: "2m"', "imports: []"])
async def test_a_broker_that_could_lose_what_it_acknowledged_is_refused(own, written):
    configuration = own.home / "nats.conf"
    safe = configuration.read_text(encoding="utf-8")
    name = written.partition(":")[0]
    lines = [written if line.strip().startswith(name) else line for line in safe.splitlines()]

    async def uses(text):
        """What comes of each use of a bus on a broker with this configuration."""
        configuration.write_text(text, encoding="utf-8")
        own.restart("nats")
        client, js = await connect(own.infra.nats_url, name="test")
        bus = JetStreamBus(client, js)
        used = (bus.check(), bus.cursor("dresden", "funding"), bus.listen("dresden", "planning", ["funding"]))
        outcomes = [await asyncio.gather(use, return_exceptions=True) for use in used]
        await client.close()
        return [isinstance(outcome, BrokerNotDurable) for [outcome] in outcomes]

    assert await uses("\n".join(lines)) == [True, True, True]
    assert await uses(safe) == [False, False, False]
