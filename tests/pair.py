"""Two small services over the counter: funding tells what is counted, planning hears it, sums it up and counts too."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from nats.js import JetStreamContext
from sqlalchemy.dialects.postgresql import insert

from deploy.embedded import Infra
from shared.bus import Told
from shared.bus.connection import connect
from shared.bus.jetstream import JetStreamBus
from shared.card import Card, Reaction
from shared.contracts.funding import PotOpened
from shared.contracts.marketplace import MunicipalityOpened
from shared.fenced import Fenced, engine_of
from shared.installation import install_views
from shared.message import Fact
from shared.service import DEPLOYMENT, Service
from shared.store import Recorded
from shared.store.codec import encode
from shared.store.postgres import PostgresStore
from shared.view import Change, Heard, View, table
from tests.counter import Count, Counted, counter, create_service_database
from tests.infra import drop_database, eventually


def sums(name: str) -> sa.Table:
    """A table that shows every double and every hole: it adds up."""
    return table(
        name,
        sa.Column("id", sa.Text),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
    )


totals, heard_totals = sums("totals"), sums("heard_totals")


def adding(to: sa.Table) -> sa.Executable:
    new = insert(to)
    return new.on_conflict_do_update(
        index_elements=["municipality", "id"],
        set_={"total": to.c.total + new.excluded.total, "times": to.c.times + new.excluded.times},
    )


_ADD, _ADD_HEARD = adding(totals), adding(heard_totals)


def project_counted(recorded: Recorded) -> Iterable[Change]:
    if isinstance(recorded.event, Counted):
        row = {"id": recorded.id, "total": recorded.event.by, "times": 1}
        yield _ADD, {"municipality": recorded.entry.municipality, **row}


def project_heard(heard: Heard) -> Iterable[Change]:
    if isinstance(heard.fact, PotOpened):
        row = {"id": heard.fact.pot, "total": heard.fact.budget_cents, "times": 1}
        yield _ADD_HEARD, {"municipality": heard.municipality, **row}


def publish(recorded: Recorded) -> Fact | None:
    if isinstance(recorded.event, Counted):
        return PotOpened(pot=recorded.id, budget_cents=recorded.event.by)
    return None


def react(heard: Heard) -> Iterable[Reaction]:
    if isinstance(heard.fact, PotOpened):
        yield Reaction("counter", heard.fact.pot, Count(by=heard.fact.budget_cents))


TOTALS = View("totals", 1, "log", (totals,), project_counted)
HEARD_TOTALS = View("heard_totals", 1, "funding", (heard_totals,), project_heard)
TELLING = Card("funding", {"counter": counter}, (TOTALS,), publish)
HEARING = Card("planning", {"counter": counter}, (TOTALS, HEARD_TOTALS), lambda _: None, react, hears=("funding",))


class Place(Struct, frozen=True):
    """Where one service of the pair lives: its database's URLs."""

    migrator: str
    application: str


@asynccontextmanager
async def place_of(infra: Infra, card: Card) -> AsyncIterator[Place]:
    """A database for a service, ready and empty, dropped at the end."""
    migrator, application = await create_service_database(infra, card.name)
    await install_views(migrator, card.views)
    yield Place(migrator, application)
    await drop_database(infra, application)


@asynccontextmanager
async def built(infra: Infra, card: Card, place: Place) -> AsyncIterator[Service]:
    """The service, put together but not started."""
    async with AsyncExitStack() as stack:
        store = await PostgresStore.open(place.application)
        stack.push_async_callback(store.close)
        engine = engine_of(place.application)
        stack.push_async_callback(engine.dispose)
        fenced = await Fenced.open(place.application)
        stack.push_async_callback(fenced.close)
        client, js = await connect(infra.nats_url, name=card.name)
        stack.push_async_callback(client.close)
        service = Service(card, store, engine, fenced, JetStreamBus(client, js))
        stack.push_async_callback(service.stop)
        yield service


@asynccontextmanager
async def running(infra: Infra, card: Card, place: Place, *municipalities: str) -> AsyncIterator[Service]:
    """The service at work in `municipalities`, which have been opened on the bus."""
    async with built(infra, card, place) as service:
        await service.start()
        await eventually(lambda: _knows(service, municipalities))
        yield service


async def _knows(service: Service, municipalities: Iterable[str]) -> bool:
    return set(municipalities) <= set(await service.municipalities())


async def open_municipalities(infra: Infra, *names: str) -> None:
    """Tells their openings, as the marketplace does."""
    client, js = await connect(infra.nats_url, name="openings")
    bus = JetStreamBus(client, js)
    cursor = await bus.cursor(DEPLOYMENT, "marketplace")
    facts = [_opening(name, cursor.position + number) for number, name in enumerate(names, 1)]
    await bus.tell(facts, cursor)
    await client.close()


def _opening(name: str, position: int) -> Told:
    return told(
        MunicipalityOpened(opened=name),
        position,
        municipality=DEPLOYMENT,
        source="marketplace",
        id=f"opening-{position}",
    )


def told(fact: Fact, position: int, *, municipality: str, source: str = "funding", **fields: Any) -> Told:
    """A fact as the bus carries it, `after` the position before."""
    known = {"id": f"fact-{position}", "after": position - 1, "project": "", "at": "2026-03-02T18:30:00.000000Z"}
    return Told(
        municipality=municipality,
        source=source,
        name=type(fact).__name__,
        position=position,
        body=encode(fact),
        **(known | fields),
    )


async def forget_facts(js: JetStreamContext) -> None:
    """Deletes the facts of all municipalities, as a broker that lost its storage."""
    for name in [stream.config.name for stream in await js.streams_info()]:
        if name and name.startswith("FACTS_"):
            await js.delete_stream(name)


async def sums_of(service: Service, of: sa.Table, municipality: str) -> dict[str, tuple[int, int]]:
    """id → (total, times) as a view shows them."""
    async with service.reading(municipality) as connection:
        return {row.id: (row.total, row.times) for row in await connection.execute(sa.select(of))}
