"""The log under load: append through `Category.handle`, replay through a decider, rebuild of a view."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import asyncpg

from deploy.embedded import Infra, start
from shared.category import Category
from shared.ids import new_id
from shared.installation import forget_views, install_views
from shared.service import Service
from shared.store import Batch, NewEvent
from shared.store.postgres import PostgresStore
from tests.bench.peers import ask, python_with
from tests.bench.rows import Row, Say, at_least, at_most, times_peer
from tests.counter import CODEC, Count, Counted, Counter, context, counter, create_service_database
from tests.infra import drop_database, open_folder
from tests.pair import TELLING, Place, built, place_of, sums_of, totals

EVENTS = 10  # a stream
RUNS = 9
GROWTH = 1.3
_NOTE = "Bänke – 5 €"
_PEER = Path(__file__).with_name("peer_eventsourcing.py")


async def measure(*, quick: bool, say: Say) -> list[Row]:
    """Rows `append_1 append_16 replay rebuild append_growth`, and how near appending comes to a bare INSERT of the same
    rows."""
    with open_folder() as folder, start(folder) as running:
        rows = []
        for writers, streams, bar in ((1, 25, 2.0), (16, 6, 3.0)):
            rows += await _append(running.infra, writers, streams, bar, 3 if quick else RUNS, say)
        events = 20_000 if quick else 100_000
        async with place_of(running.infra, TELLING) as place, built(running.infra, TELLING, place) as service:
            say(f"filling a log with {events:,} events")
            await _fill(service, events)
            rows.append(await _replay(service, events, say))
            rows.append(await _rebuild(service, place, events, say))
            rows.append(await _growth(service, *((2_000, 50_000) if quick else (10_000, 1_000_000)), say))
    return rows


async def _append(infra: Infra, writers: int, streams: int, bar: float, runs: int, say: Say) -> list[Row]:
    """Handled commands per s, ours, the peer's and raw in turn: what disturbs one disturbs all."""
    ours, theirs, raw = [], [], []
    python = python_with("eventsourcing", ["eventsourcing[postgres]>=9.5,<9.6", "psycopg[binary]>=3.2,<4"], say)
    commands = writers * streams * EVENTS
    for run in range(runs):
        say(f"append, {writers} writers, run {run + 1} of {runs}")
        async with _database(infra) as (owner, application):
            ours.append(commands / await _ours(application, writers, streams))
            raw.append(commands / await _raw(owner, writers, streams))
            order = {"env": _environment(owner), "writers": writers, "streams": streams, "events": EVENTS, "run": run}
            theirs.append(commands / await asyncio.to_thread(ask, python, _PEER, order))
    figure = median(ours)
    return [
        times_peer(f"append_{writers}", figure, median(theirs), bar),
        times_peer(f"append_{writers}_of_raw", figure, median(raw)),
    ]


@asynccontextmanager
async def _database(infra: Infra) -> AsyncIterator[tuple[str, str]]:
    """URLs of a fresh service database: as superuser, and as the application."""
    _, application = await create_service_database(infra, "bench")
    yield urlsplit(infra.postgres_url)._replace(path=urlsplit(application).path).geturl(), application
    await drop_database(infra, application)


def _environment(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    named = {"DBNAME": parts.path[1:], "HOST": parts.hostname, "PORT": parts.port, "USER": parts.username}
    named |= {"PASSWORD": parts.password}
    return {f"POSTGRES_{name}": str(value) for name, value in named.items()}


async def _timed(write: Callable[[int, int], Awaitable[None]], writers: int, streams: int) -> float:
    await asyncio.gather(*(write(writer, 2) for writer in range(writers)))  # warm: connections, plans, caches
    began = time.perf_counter()
    await asyncio.gather(*(write(writer, streams) for writer in range(writers)))
    return time.perf_counter() - began


async def _ours(application: str, writers: int, streams: int) -> float:
    store = await PostgresStore.open(application, size=writers)
    counters = Category(store, CODEC, counter)

    async def write(writer: int, streams: int) -> None:
        for _ in range(streams):
            stream = new_id()
            for _ in range(EVENTS):
                await counters.handle(stream, Count(by=3, note=_NOTE), context(municipality=f"town{writer}"))

    took = await _timed(write, writers, streams)
    await store.close()
    return took


_RAW = """
create table raw (like store.log including defaults, bytes bytea, primary key (municipality, position),
                  unique (municipality, stream, version), unique (municipality, event_id))"""
_INSERT = "insert into raw values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,now(),$15,$16)"


async def _raw(owner: str, writers: int, streams: int) -> float:
    pool = await asyncpg.create_pool(owner, min_size=writers, max_size=writers)
    await pool.execute(_RAW)
    positions = [0] * writers

    async def write(writer: int, streams: int) -> None:
        digest, body = b"\0" * 32, CODEC.stored(Counted(by=3, note=_NOTE))[2]
        for _ in range(streams):
            stream = f"counter-{new_id()}"
            for version in range(1, EVENTS + 1):
                positions[writer] += 1
                row = (f"town{writer}", positions[writer], stream, version, new_id(), f"p-{stream}", "Counted", 1)
                await pool.execute(_INSERT, *row, digest, b"", "ann", "", "", "", digest, body)

    took = await _timed(write, writers, streams)
    await pool.close()
    return took


async def _fill(service: Service, events: int, municipality: str = "dresden") -> None:
    type_, form, body = CODEC.stored(Counted(by=3, note=_NOTE))
    for _ in range(events // 500):
        streams = tuple(f"counter-{new_id()}" for _ in range(500 // EVENTS))
        new = (
            NewEvent(owner, new_id(), "p", type_, form, body) for owner in range(len(streams)) for _ in range(EVENTS)
        )
        batch = Batch(
            municipality=municipality,
            actor="ann",
            command_id=new_id(),
            digest=b"",
            streams=streams,
            expected=(0,) * len(streams),
            events=tuple(new),
        )
        async with service.store.work() as work:
            await work.append(batch)


async def _replay(service: Service, events: int, say: Say) -> Row:
    """Decoded and folded on one core, against the bare SELECT of the rows."""
    say(f"replay of {events:,} events")
    connection = await asyncpg.connect(
        urlsplit(service.engine.url.render_as_string(False))._replace(scheme="postgresql").geturl()
    )
    await connection.execute("select set_config('app.municipality', 'dresden', false)")
    select = "select * from store.log join store.bodies using (municipality, position) order by position"
    began = time.perf_counter()
    rows = await connection.fetch(select)
    selected = time.perf_counter() - began
    await connection.close()
    took = min(_folded(rows) for _ in range(3))
    assert len(rows) == events
    return at_least("replay", events / took, 150_000, events / selected)


def _folded(rows: list[asyncpg.Record]) -> float:
    """Seconds of this core's time."""
    began = time.process_time()
    states: dict[str, Counter] = {}
    for row in rows:
        event = CODEC.event(row["type"], row["form"], row["bytes"])
        stream = row["stream"]
        states[stream] = counter.evolve(states.get(stream, counter.initial), event)
    took = time.process_time() - began
    assert set(states.values()) == {Counter(3 * EVENTS)}
    return took


async def _rebuild(service: Service, place: Place, events: int, say: Say) -> Row:
    """A view from the first event to the last, with its checkpoints, against the bare SELECT of the entries."""
    began = time.perf_counter()
    after = 0
    while entries := await service.store.entries("dresden", after):
        after = entries[-1].position
    selected = time.perf_counter() - began
    took = []
    for run in range(2):
        say(f"rebuild of {events:,} events, run {run + 1} of 2")
        await forget_views(place.migrator, TELLING.views)
        await install_views(place.migrator, TELLING.views)
        began = time.perf_counter()
        await service.projector.catch_up("dresden")
        took.append(time.perf_counter() - began)
        assert sum(times for _, times in (await sums_of(service, totals, "dresden")).values()) == events
    return at_least("rebuild", events / min(took), 15_000, events / selected)


async def _growth(service: Service, few: int, many: int, say: Say) -> Row:
    """How much longer a command takes in a long log than in a short one, asked in turn."""
    counters = Category(service.store, CODEC, counter)
    say(f"logs of {few:,} and {many:,} events")
    await _fill(service, few, "short")
    await _fill(service, many, "long")
    times: dict[str, list[float]] = {"short": [], "long": []}
    for _ in range(1_000):
        for municipality, taken in times.items():
            began = time.perf_counter()
            await counters.handle(new_id(), Count(by=3, note=_NOTE), context(municipality=municipality))
            taken.append(time.perf_counter() - began)
    return at_most("append_growth", median(times["long"]) / median(times["short"]), GROWTH)
