"""One municipality never sees another's rows, and nobody changes what is written: neither by SQL nor as the owner."""

import asyncio
import random
from contextlib import suppress
from urllib.parse import urlsplit

import asyncpg
import pytest
import sqlalchemy as sa

from shared.fenced import fence
from shared.store.postgres import PostgresStore
from tests.counter import Count, context
from tests.pair import TELLING, built, place_of, totals

TABLES = ("store.log", "store.bodies", "store.commands", "store.head", "views.totals", "views.checkpoints")


@pytest.fixture(scope="module")
async def place(infra):
    async with place_of(infra, TELLING) as made, built(infra, TELLING, made) as service:
        for municipality in ("dresden", "detmold"):
            for id in "abc":
                await service.handle("counter", id, Count(by=1), context(municipality=municipality))
        yield made


@pytest.fixture
async def application(place):
    connection = await asyncpg.connect(place.application)
    yield connection
    await connection.close()


async def rows(connection, table):
    return {row["municipality"] for row in await connection.fetch(f"select municipality from {table}")}


@pytest.mark.parametrize("table", TABLES)
async def test_sql_without_a_municipality_finds_no_row(application, table):
    assert await rows(application, table) == set()
    async with application.transaction():
        await application.execute("select set_config('app.municipality', 'detmold', true)")
        assert await rows(application, table) == {"detmold"}
        await application.execute("select set_config('app.municipality', '', true)")
        assert await rows(application, table) == set()
    assert await rows(application, table) == set(), "nothing is left after the transaction"


async def test_nothing_is_left_on_a_pooled_connection(infra, place):
    async with built(infra, TELLING, place) as service:
        async with service.reading("dresden") as connection:
            assert len((await connection.execute(sa.select(totals))).all()) == 3
        with suppress(sa.exc.DBAPIError):
            async with service.reading("dresden") as connection:
                await connection.execute(sa.text("select 1 / 0"))
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05), service.reading("dresden") as connection:
                await connection.execute(sa.text("select pg_sleep(5)"))
        for _ in range(5):
            async with service.engine.begin() as connection:
                assert (await connection.execute(sa.select(totals))).all() == []


async def test_functions_of_the_log_leave_no_municipality_behind(place):
    store = await PostgresStore.open(place.application, size=1)
    await store.entries("dresden")
    await store.head("dresden")
    async with store.work() as work:
        await work.load("dresden", ("counter-a",), "ann", "none")
    async with store._connection() as connection:  # its only one
        for table in TABLES:
            assert await rows(connection, table) == set()
    await store.close()


async def test_two_hundred_interleaved_see_their_own_only(infra, place):
    chance = random.Random(26)
    async with built(infra, TELLING, place) as service:

        async def look(municipality):
            async with service.reading(municipality) as connection:
                await connection.execute(sa.text("select pg_sleep(:s)"), {"s": chance.random() / 200})
                if chance.random() < 0.2:
                    await connection.execute(sa.text("select 1 / 0"))
                return municipality, {row.municipality for row in await connection.execute(sa.select(totals))}

        towns = [chance.choice(["dresden", "detmold", "dortmund"]) for _ in range(200)]
        seen = await asyncio.gather(*(look(town) for town in towns), return_exceptions=True)
    outcomes = [one for one in seen if not isinstance(one, sa.exc.DBAPIError)]
    assert 100 < len(outcomes) < 200
    for municipality, found in outcomes:
        assert found == ({municipality} if municipality != "dortmund" else set())


async def test_a_row_of_another_municipality_cannot_be_written(infra, place):
    async with built(infra, TELLING, place) as service, service.engine.connect() as connection:
        await fence(connection, "dresden")
        row = {"municipality": "detmold", "id": "x", "total": 1, "times": 1}
        with pytest.raises(sa.exc.DBAPIError, match="row-level security"):
            await connection.execute(sa.insert(totals), row)


async def test_the_application_owns_nothing_and_bypasses_nothing(infra, place, application):
    name = urlsplit(place.application).path[1:]
    role = await application.fetchrow("select * from pg_roles where rolname = current_user")
    assert not any(
        role[right] for right in ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
    )
    assert await application.fetchval("select count(*) from pg_class where relowner = current_user::regrole") == 0
    assert await application.fetchval("select count(*) from pg_proc where proowner = current_user::regrole") == 0
    assert await application.fetch("select roleid from pg_auth_members where member = current_user::regrole") == []
    unfenced = """select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   join pg_attribute a on a.attrelid = c.oid and a.attname = 'municipality'
                  where n.nspname in ('store', 'views', 'vault') and c.relkind = 'r'
                    and not (c.relrowsecurity and c.relforcerowsecurity)"""
    assert await application.fetch(unfenced) == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute(f"set role {name}_owner")


@pytest.mark.parametrize(
    "statement",
    [
        "insert into store.log (municipality, position) values ('dresden', 9)",
        "update store.log set actor = 'eve'",
        "delete from store.log",
        "truncate store.log",
        "update store.head set size = 0",
        "update store.bodies set bytes = null",
        "delete from store.commands",
        "drop table store.log",
        "alter table store.log disable trigger all",
        "create table store.other (x int)",
        "create table public.other (x int)",
    ],
)
async def test_the_application_changes_nothing_that_is_written(application, statement):
    await application.execute("select set_config('app.municipality', 'dresden', false)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute(statement)


@pytest.mark.parametrize("table", ["log", "bodies", "commands"])
@pytest.mark.parametrize(
    "statement", ["update store.{t} set municipality = municipality", "delete from store.{t}", "truncate store.{t}"]
)
async def test_the_owner_changes_nothing_that_is_written_either(place, table, statement):
    owner = await asyncpg.connect(place.migrator)
    await owner.execute(f"set role {urlsplit(place.migrator).path[1:]}_owner")
    await owner.execute("select set_config('app.municipality', 'dresden', false)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await owner.execute(statement.format(t=table))
    assert await owner.fetchval("select count(*) from store.log") == 3
    await owner.close()


async def test_triggers_fire_for_replication_too(infra, place):
    """`session_replication_role = replica` switches ordinary triggers off; only a superuser may set it."""
    name = urlsplit(place.application).path
    admin = await asyncpg.connect(urlsplit(infra.postgres_url)._replace(path=name).geturl())
    await admin.execute("set session_replication_role = replica")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await admin.execute("delete from store.log")
    await admin.close()
