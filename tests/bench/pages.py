"""The marketplace with ten thousand projects, filtered and searched, beside a bare page of equal size; its growth."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from secrets import token_hex
from statistics import median
from time import perf_counter
from typing import Any

import asyncpg
import jinja2
from litestar import Litestar, get
from litestar.enums import MediaType
from litestar.response import Response
from markupsafe import Markup

from deploy.embedded import Infra, start
from deploy.services import app_of, settings_for
from deploy.towns import open_town
from services.marketplace.domain.need import PublishNeed
from services.marketplace.domain.project import PHASES, MovePhase, ProposeProject, PublishProject
from shared.ids import new_id
from shared.message import Command, Context
from shared.projector import LOG
from shared.service import Service
from shared.settings import Settings
from tests.bench.rows import Row, Say, at_most, times_peer
from tests.deployment import lifespan
from tests.infra import open_folder
from tests.system.fund import LEMGO

FEW, MANY = 100, 10_000
SHARE, SLOWEST, GROWTH = 0.3, 50.0, 1.3  # of the bare page's throughput; ms; times
_AT_ONCE = 8
_THINGS = ("Bank", "Garten", "Werkstatt", "Lastenrad", "Spielplatz", "Hof", "Brunnen", "Laube", "Pumpe", "Wiese")
_WHERE = ("unter der Linde", "am Fluss", "im Schulhof", "vor dem Rathaus", "hinter der Kirche", "am alten Bahnhof")
_WHY = ("zum Ausruhen", "für alle Kinder", "gegen die Hitze", "mit der Nachbarschaft", "aus altem Holz", "zum Tauschen")
_SEARCHES = (
    "/lemgo/projects?page={}",
    "/lemgo/projects?phase=development&district=altstadt&page={}",
    "/lemgo/projects?q=lastenrad&phase=initiation&page={}",
    "/lemgo/projects?q=lastenrat+linde&page={}",  # with a typo
)

Ask = Callable[[str], Awaitable[bytes]]


async def measure(*, quick: bool, say: Say) -> list[Row]:
    """`marketplace_page`: pages a second as a crowd asks for them, the peer's beside it; `marketplace_growth`: how much
    longer each of those takes with a hundred times as many projects; `marketplace_search_p50` and `…_p99`: ms of pages
    that nobody has asked for before, of the slowest kind of search."""
    with open_folder() as folder, start(folder) as running:
        async with _marketplace(running.infra, folder) as (settings, app):
            service, ask = app.state.site.service, _asking(app)
            await open_town(service, LEMGO)
            few, many = (FEW // 10, MANY // 10) if quick else (FEW, MANY)
            seconds = 1 if quick else 5
            await _fill(service, 0, few, settings.migrator_url, say)
            before = await _throughput(ask, seconds)
            await _fill(service, few, many, settings.migrator_url, say)
            found = {search: await _times(ask, search, 50 if quick else 200) for search in _SEARCHES}
            ours, theirs = await _side_by_side(ask, seconds)
    for search, times in found.items():
        say(f"{search}: p50 {1000 * median(times):.1f} ms, p99 {1000 * _p99(times):.1f} ms")
    slowest = max(found.values(), key=_p99)
    return [
        times_peer("marketplace_page", ours, theirs, SHARE),
        at_most("marketplace_growth", before / ours, GROWTH),
        Row(id="marketplace_search_p50", figure=1000 * median(slowest)),
        at_most("marketplace_search_p99", 1000 * _p99(slowest), SLOWEST),
    ]


@asynccontextmanager
async def _marketplace(infra: Infra, folder: Path) -> AsyncIterator[tuple[Settings, Any]]:
    """That service alone, as on a server: what the others do with ten thousand projects is not its time."""
    settings = await settings_for(
        infra.postgres_url,
        infra.nats_url,
        password=token_hex(8),
        deployment_key=token_hex(32),
        signer=folder / "signer",
        public_url="http://127.0.0.1:8000",
        gateway_url="ws://127.0.0.1:8001",
    )
    app = app_of(settings["marketplace"])
    async with lifespan(app):
        yield settings["marketplace"], app


async def _fill(service: Service, first: int, last: int, migrator_url: str, say: Say) -> None:
    say(f"{last:,} projects")
    random = Random(first)
    districts = [district.key for district in LEMGO.districts]

    async def give(id: str, command: Command, category: str = "project") -> None:
        by = Context(by="anna", municipality=LEMGO.id, at=datetime.now(UTC), command_id=new_id())
        await service.categories[category].handle(id, command, by)

    async def make(number: int) -> None:
        id, said = new_id(), f"{random.choice(_THINGS)} {random.choice(_WHERE)} {number}"
        await give(id, ProposeProject(title=said, summary=random.choice(_WHY), district=random.choice(districts)))
        await give(id, PublishProject())
        for phase in PHASES[1 : random.randrange(1, 4)]:
            await give(id, MovePhase(phase=phase))
        if number % 3 == 0:
            await give(new_id(), PublishNeed(project=id, kind="thing", what=random.choice(_THINGS)), "need")

    for begin in range(first, last, _AT_ONCE):
        await asyncio.gather(*(make(number) for number in range(begin, min(begin + _AT_ONCE, last))))
    await service.projector.catch_up(LEMGO.id, LOG)
    await _analyze(migrator_url)
    told = -1
    while (cursor := await service.bus.cursor(LEMGO.id, service.card.name)).position > told:
        told = cursor.position
        await asyncio.sleep(1)


async def _analyze(url: str) -> None:
    """What PostgreSQL does by itself within a minute."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"set role {await connection.fetchval('select current_database()')}_owner")
    for table in ("projects", "needs", "teams"):
        await connection.execute(f"vacuum analyze views.{table}")
    await connection.close()


async def _times(ask: Ask, search: str, count: int) -> list[float]:
    """Each page is another, so that none has been made before."""
    times = []
    for number in range(1, count + 1):
        begun = perf_counter()
        await ask(search.format(number))
        times.append(perf_counter() - begun)
    return times


async def _side_by_side(ask: Ask, seconds: float) -> tuple[float, float]:
    """Pages a second of ours and of a bare one of equal size, in turn."""
    bare = _asking(_bare((await ask(_often(1))).decode()))
    ours, theirs = [], []
    for _ in range(3):
        ours.append(await _throughput(ask, seconds))
        theirs.append(await _throughput(bare, seconds))
    return median(ours), median(theirs)


def _often(number: int) -> str:
    """What a crowd asks for: mostly the first pages, every hundredth one that nobody else looks at."""
    page = 4 + number // 100 % 800 if number % 100 == 0 else 1 + number % 3
    return _SEARCHES[number % len(_SEARCHES)].format(page)


async def _throughput(ask: Ask, seconds: float) -> float:
    until, count = perf_counter() + seconds, 0

    async def go_on() -> None:
        nonlocal count
        while perf_counter() < until:
            count += 1
            await ask(_often(count))

    await asyncio.gather(*(go_on() for _ in range(_AT_ONCE)))
    return count / seconds


def _p99(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


def _bare(page: str) -> Litestar:
    """Litestar and Jinja with nothing behind them: a page of the same lines."""
    template = jinja2.Environment(autoescape=True).from_string("{% for line in lines %}{{ line }}\n{% endfor %}")
    lines = [Markup(line) for line in page.splitlines()]

    @get("/lemgo/projects", sync_to_thread=False)
    def show() -> Response[str]:
        return Response(template.render(lines=lines), media_type=MediaType.HTML)

    return Litestar([show])


def _asking(app: Any) -> Ask:
    """Asks an ASGI app in its own process, without a server's and a client's share of the time."""

    async def ask(path: str) -> bytes:
        where, _, query = path.partition("?")
        parts: list[bytes] = []
        status = 0

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            parts.append(message.get("body", b""))

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        await app(
            {
                "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
                "path": where, "raw_path": where.encode(), "query_string": query.encode(), "root_path": "",
                "headers": [(b"host", b"127.0.0.1:8000")], "client": ("127.0.0.1", 40_000),
                "server": ("127.0.0.1", 8000), "state": {},
            },
            receive,
            send,
        )  # fmt: skip
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        return b"".join(parts)

    return ask
