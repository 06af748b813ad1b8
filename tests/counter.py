"""The smallest aggregate that shows what the kernel promises, and a store of either kind to put it in."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from deploy.embedded import Infra
from shared.decider import Decider, JointDecider, Rejected
from shared.ids import new_id
from shared.message import Command, Context, Event
from shared.store import database
from shared.store.codec import Codec
from shared.store.postgres import PostgresStore
from tests.infra import drop_database


class Counted(Event):
    by: int
    note: str = ""


class Closed(Event):
    pass


CounterEvent: TypeAlias = Counted | Closed


class Counter(Struct, frozen=True):
    total: int = 0
    closed: bool = False


class Count(Command):
    by: Annotated[int, Meta(ge=0)]
    note: str = ""


class Close(Command):
    pass


class Move(Command):
    by: int


def evolve(state: Counter, event: CounterEvent) -> Counter:
    match event:
        case Counted(by=by):
            return Counter(state.total + by, state.closed)
        case Closed():
            return Counter(state.total, True)


def decide(command: Count | Close, state: Counter, context: Context) -> list[Event]:
    match command:
        case Close():
            return [] if state.closed else [Closed()]
        case Count(by=by, note=note):
            if state.closed:
                raise Rejected("counter_closed", total=state.total)
            return [Counted(by=by, note=note)] if by else []


def move(command: Move, states: tuple[Counter, Counter], context: Context) -> list[tuple[int, Event]]:
    if states[0].total < command.by:
        raise Rejected("too_little", available=states[0].total)
    return [(0, Counted(by=-command.by)), (1, Counted(by=command.by))]


counter: Decider[Counter] = Decider(
    "counter", CounterEvent, Count | Close, Counter(), decide, evolve, project=lambda id, state: f"p-{id}"
)
moving = JointDecider((counter, counter), Move, move)
CODEC = Codec([counter])


def context(command_id: str | None = None, by: str = "ann", municipality: str = "dresden") -> Context:
    return Context(by=by, municipality=municipality, at=datetime.now(UTC), command_id=command_id or new_id())


async def create_service_database(infra: Infra, name: str = "test") -> tuple[str, str]:
    """A migrated database with its roles: the URLs of migrator and application."""
    unique = f"{name}_{secrets.token_hex(4)}"
    migrator, application = await database.create(infra.postgres_url, unique, secrets.token_hex(8))
    await database.migrate(migrator)
    return migrator, application


@asynccontextmanager
async def postgres_store(infra: Infra) -> AsyncIterator[PostgresStore]:
    _, application = await create_service_database(infra)
    store = await PostgresStore.open(application, size=20)
    try:
        yield store
    finally:
        await store.close()
        await drop_database(infra, application)
