"""Faults 17 and 20: a superuser changes the log behind our back, and an older backup comes up in its place."""

from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest
from structlog.testing import capture_logs

from shared.audit.guard import Guarded, Halted
from shared.audit.nightly import examine
from shared.audit.recovering import recover
from shared.audit.recovery import recovery
from shared.audit.signer import Signer
from shared.category import Category
from shared.store.codec import Codec
from shared.store.postgres import PostgresStore
from tests.counter import Count, context, counter, create_service_database
from tests.infra import drop_database

CODEC = Codec([counter, recovery])
ENTRIES = 8


@pytest.fixture
async def application(infra):
    _, url = await create_service_database(infra)
    yield url
    await drop_database(infra, url)


@asynccontextmanager
async def process(application, folder):
    """A service's process: its store, who signs, and the guarded way in."""

    async def tell(subject, payload):
        pass

    store = await PostgresStore.open(application)
    signer = Signer("funding", "gemeinwerk.example", store, folder, tell)
    await signer.examine()
    try:
        yield store, signer, Category(Guarded(store, signer), CODEC, counter)
    finally:
        await store.close()


async def as_superuser(infra, application, *statements):
    """Runs statements where no trigger and no fence holds."""
    admin = await asyncpg.connect(urlsplit(infra.postgres_url)._replace(path=urlsplit(application).path).geturl())
    try:
        for table in ("log", "bodies", "commands"):
            await admin.execute(f"alter table store.{table} disable trigger all")
        for statement in statements:
            await admin.execute(statement)
    finally:
        await admin.close()


async def write(counters, times):
    for _ in range(times):
        await counters.handle("a", Count(by=1), context())


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (
            ["update store.bodies set bytes = set_byte(bytes, 6, get_byte(bytes, 6) # 1) where position = 4"],
            "entry 4: its body was changed",
        ),
        (["update store.log set actor = 'eve' where position = 4"], "entry 4: its header or leaf was changed"),
        (["update store.log set leaf = set_byte(leaf, 31, get_byte(leaf, 31) # 1) where position = 4"],
         "entry 4: its header or leaf was changed"),
        (["delete from store.log where position = 4"], "entry 4 is missing"),
        (["delete from store.log where position > 6"], "entry 7 of 8 that were signed is missing"),
        (
            [
                "update store.log set position = 100 where position = 4",
                "update store.log set position = 4 where position = 5",
                "update store.log set position = 5 where position = 100",
            ],
            "entry 4: its header or leaf was changed",
        ),
        (
            ["update store.log set recorded_at = recorded_at - interval '1 year' where position = 4"],
            "entry 4: its header or leaf was changed",
        ),
    ],
    ids=["flip a body", "change a header", "flip a leaf", "drop one", "cut the tail", "swap two", "back-date one"],
)  # fmt: skip
async def test_what_a_superuser_changes_is_found_and_named(infra, application, tmp_path, statements, found, verdict):
    async with process(application, tmp_path) as (store, signer, counters):
        await write(counters, ENTRIES)
        await signer.sign("dresden")
        assert await examine("funding", "dresden", store, signer) == ""
        await as_superuser(infra, application, *statements)
        with capture_logs() as alarms:
            assert await examine("funding", "dresden", store, signer) == found
        assert signer.known("dresden").fault == found
        assert [(alarm["event"], alarm["fault"]) for alarm in alarms] == [("log damaged", found)]
    verdict(17, "a superuser changes the log", "the first bad position is named, with an alarm", found)


async def test_an_older_backup_is_not_written_to_until_the_loss_is_signed(infra, application, tmp_path, verdict):
    async with process(application, tmp_path) as (_, signer, counters):
        await write(counters, 3)
        admin = await asyncpg.connect(application)
        await admin.execute("select set_config('app.municipality', 'dresden', false)")
        head = await admin.fetchrow("select size, recorded_at::text, range::text from store.head")
        await admin.close()
        await write(counters, 5)
        signed = await signer.sign("dresden")
    await as_superuser(
        infra,
        application,
        *(f"delete from store.{table} where position > 3" for table in ("log", "bodies", "commands")),
        f"update store.head set size = 3, recorded_at = '{head['recorded_at']}', range = '{head['range']}'",
    )
    async with process(application, tmp_path) as (store, signer, counters):
        with pytest.raises(Halted, match="it has 3 entries, but 8 were signed"):
            await write(counters, 1)
        assert (await store.head("dresden")).size == 3
        assert signer.known("dresden").note == signed.note
        await recover(signer, Guarded(store, signer), CODEC, "dresden")
        await write(counters, 1)
        assert (await signer.sign("dresden")).checkpoint.size == 9
        assert await examine("funding", "dresden", store, signer) == ""
    verdict(20, "start on an older backup", "writes refused until the signed recovery", "refused, then 9 entries")
