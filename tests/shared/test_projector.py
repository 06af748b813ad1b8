"""Views follow the log: once each, in one transaction with their checkpoint; one that fails stops alone."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import asyncpg
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from shared.projector import Projector, checkpoints
from shared.service import Service
from shared.store.codec import UnknownType
from shared.view import View, table
from tests.counter import Count, context
from tests.infra import eventually
from tests.pair import TELLING, TOTALS, adding, built, place_of, sums, sums_of, totals

fragile = sums("fragile")
_ADD = adding(fragile)
broken: set[str] = set()


def project_fragile(recorded) -> Iterable:
    if recorded.id in broken:
        raise ValueError(f"cannot show {recorded.id}")
    yield _ADD, {"municipality": recorded.entry.municipality, "id": recorded.id, "total": recorded.event.by, "times": 1}


FRAGILE = View("fragile", 1, "log", (fragile,), project_fragile)
CARD = replace(TELLING, views=(TOTALS, FRAGILE))


@pytest.fixture
async def place(infra):
    broken.clear()
    async with place_of(infra, CARD) as made:
        yield made


@pytest.fixture
async def service(infra, place):
    async with built(infra, CARD, place) as one:
        yield one


async def count(service: Service, *ids: str, municipality: str = "dresden") -> None:
    for id in ids:
        await service.categories["counter"].handle(id, Count(by=1), context(municipality=municipality))


async def test_views_and_checkpoints_end_where_the_log_ends(service):
    await count(service, "a", "b", "a")
    assert await service.projector.catch_up("dresden") == 3
    assert await sums_of(service, totals, "dresden") == {"a": (2, 2), "b": (1, 1)}
    async with service.reading("dresden") as connection:
        places = {row.view: row.position for row in await connection.execute(sa.select(checkpoints))}
    assert places == {"totals": 3, "fragile": 3}


async def test_many_at_once_project_each_event_once(service, infra, place):
    await count(service, *"abcab")
    async with built(infra, CARD, place) as replica:
        both = (service, replica)
        await asyncio.gather(*(one.projector.catch_up("dresden") for one in both for _ in range(10)))
    assert await sums_of(service, totals, "dresden") == {"a": (2, 2), "b": (2, 2), "c": (1, 1)}


async def test_more_municipalities_than_connections_catch_up_at_once(service):
    names = [f"town{number}" for number in range(25)]
    for name in names:
        await count(service, "a", municipality=name)
    await asyncio.wait_for(asyncio.gather(*(service.projector.catch_up(name) for name in names)), 20)
    await asyncio.wait_for(asyncio.gather(*(service.projector.catch_up(name, "funding") for name in names)), 20)
    assert await sums_of(service, totals, "town24") == {"a": (1, 1)}


async def test_a_failing_view_stops_alone_before_the_event_and_goes_on_after_its_repair(service):
    broken.add("b")
    await count(service, *"aabaa")
    await count(service, *"aba", municipality="detmold")
    with capture_logs() as alarms:
        assert await service.projector.catch_up("dresden") == 5
    assert [(one["event"], one["view"], one["at"]) for one in alarms] == [("view stopped", "fragile", 3)]
    assert await sums_of(service, fragile, "dresden") == {"a": (2, 2)}
    assert await sums_of(service, totals, "dresden") == {"a": (4, 4), "b": (1, 1)}
    assert await service.projector.stopped("dresden") == {"fragile": "ValueError at 3"}
    assert await service.projector.stopped("detmold") == {}
    broken.clear()
    await service.projector.catch_up("detmold")
    assert await sums_of(service, fragile, "detmold") == {"a": (2, 2), "b": (1, 1)}, (
        "another municipality never stopped"
    )
    await count(service, "c")
    await service.projector.catch_up("dresden")
    assert await sums_of(service, fragile, "dresden") == {"a": (2, 2)}, "stopped until somebody says otherwise"
    await service.projector.resume("dresden")
    await service.projector.catch_up("dresden")
    assert await sums_of(service, fragile, "dresden") == await sums_of(service, totals, "dresden")
    assert await service.projector.stopped("dresden") == {}


async def test_a_row_that_the_database_refuses_stops_only_its_view(service):
    absent = table("absent", sa.Column("id", sa.Text))
    changes = [(sa.insert(absent), {"municipality": "dresden", "id": "a"})]
    projector = Projector(service.fenced, [TOTALS, View("fragile", 1, "log", (), lambda _: changes)], service._read)
    await count(service, "a")
    with capture_logs():
        await projector.catch_up("dresden")
    assert await projector.stopped("dresden") == {"fragile": "UndefinedTableError at 1"}
    assert await sums_of(service, totals, "dresden") == {"a": (1, 1)}


async def test_a_lost_connection_stops_no_view(service, infra, place):
    await count(service, "a")
    name = place.application.rpartition("/")[2]
    admin = await asyncpg.connect(infra.postgres_url)

    def project_and_lose(recorded):
        yield sa.text("select pg_sleep(30)"), {}

    view = View("fragile", 1, "log", (), project_and_lose)
    projector = Projector(service.fenced, [view], service._read)

    async def cut():
        sleeping = "select pid from pg_stat_activity where datname = $1 and query like '%pg_sleep%'"
        pid = await eventually(lambda: admin.fetchval(sleeping, name))
        await admin.execute("select pg_terminate_backend($1)", pid)

    outcome, _ = await asyncio.gather(projector.catch_up("dresden"), cut(), return_exceptions=True)
    await admin.close()
    assert isinstance(outcome, asyncpg.PostgresError | asyncpg.InterfaceError | ConnectionError)
    assert await service.projector.stopped("dresden") == {}


async def test_an_unknown_type_halts_the_views_before_it(service, infra, place):
    await count(service, "a", "a")
    stranger = await asyncpg.connect(infra.postgres_url.rpartition("/")[0] + "/" + place.application.rpartition("/")[2])
    await stranger.execute(
        """select store.append('dresden', 'ann', 'c', '', '', '', '', '{counter-a}', '{2}', '{1}', '{e}', '{p}',
           '{CountedTwice}', '{1}', array['{}'::bytea], array[null::bytea])"""
    )
    await stranger.close()
    await count(service, "b")
    await service.projector.catch_up("dresden")
    with pytest.raises(UnknownType, match="CountedTwice"):
        await service.projector.catch_up("dresden")
    assert await sums_of(service, totals, "dresden") == {"a": (2, 2)}


async def test_a_rebuilt_view_equals_the_one_that_followed_live(service):
    for number in range(40):
        await count(service, "abc"[number % 3])
        if number % 7 == 0:
            await service.projector.catch_up("dresden")
    await service.projector.catch_up("dresden")
    live = await sums_of(service, totals, "dresden")
    async with service.reading("dresden") as connection:
        await connection.execute(sa.delete(totals))
        await connection.execute(sa.update(checkpoints).where(checkpoints.c.view == "totals").values(position=0))
    passed = []
    await service.projector.catch_up("dresden", progress=passed.append)
    assert (sum(passed), await sums_of(service, totals, "dresden")) == (40, live)
