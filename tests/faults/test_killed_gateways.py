"""Fault 35: gateway and broker killed with kill -9 while many type, in the middle of compaction, too."""

import asyncio
import time

import pytest
from pycrdt import Text

from services.realtime.sync.room import Room
from shared.bus.connection import connect
from shared.bus.documents import Documents
from shared.ids import new_id
from tests.faults.gateway import POINTS, gateway
from tests.faults.sizes import sizes
from tests.faults.typists import Typist, equal, typists
from tests.infra import eventually
from tests.realtime.page import MUNICIPALITY

WORDS = 30


async def stored(nats_url: str, document: str) -> set[str]:
    """The words that whoever opens the document would get."""
    client, js = await connect(nats_url, name="checker")
    room = Room("checker", lambda _: True)
    room.load(await (await Documents.open(client, js)).load(MUNICIPALITY, document))
    await client.close()
    return set(str(room._replica._doc.get("work", type=Text)).split())


def promised(people: list[Typist]) -> set[str]:
    return {word for person in people for word in person.words[: person.promised]}


@pytest.mark.parametrize(
    ("point", "editors"),
    [("typing", 10), ("before the head", 10)]
    + [pytest.param(point, 50, marks=[pytest.mark.faults, pytest.mark.timeout(600)]) for point in ("typing", *POINTS)],
)
async def test_what_was_shown_as_saved_outlives_the_gateway(servers, infra, point, editors, verdict):
    document, compact = f"plan-{new_id()}", point != "typing"
    die = point if compact else ""
    async with (
        gateway(infra.nats_url, die=die, compact=compact) as first,
        gateway(infra.nats_url) as second,
        typists([first.port, second.port], document, editors) as people,
    ):
        typing = [asyncio.create_task(person.type_words(WORDS)) for person in people]
        if not compact:
            await eventually(lambda: sum(person.promised for person in people) > 5 * editors, 30)
            first.kill()
        assert await first.died()
        kept, ended = promised(people), time.monotonic()
        await eventually(lambda: _unsaved(people) or all(task.done() for task in typing))  # the page says so
        assert kept <= await stored(infra.nats_url, document)
        await asyncio.gather(*typing)
        await eventually(lambda: equal(people), 30)
        took = time.monotonic() - ended
        assert await stored(infra.nats_url, document) == {word for person in people for word in person.words}
    verdict(
        35,
        f"kill -9 of the gateway with {editors} typing ({point})",
        "what was shown as saved is stored, the rest arrives after reconnecting, all are equal within 10 s",
        f"{len(kept)} words had been shown as saved, {editors * WORDS} are there once, all equal after {took:.1f} s",
    )


def _unsaved(people):
    return any(person.promised < len(person.words) for person in people)


@sizes("editors", 10, 50)
async def test_kill_9_of_gateway_and_broker_loses_nothing_that_was_shown_as_saved(servers, infra, editors, verdict):
    document = f"plan-{new_id()}"
    async with (
        gateway(infra.nats_url) as first,
        gateway(infra.nats_url) as second,
        typists([first.port, second.port], document, editors) as people,
    ):
        typing = [asyncio.create_task(person.type_words(WORDS)) for person in people]
        await eventually(lambda: sum(person.promised for person in people) > 5 * editors, 30)
        servers.kill("nats")
        first.kill()
        assert await first.died()
        await asyncio.gather(*typing)
        kept = promised(people)
        assert len(kept) < editors * WORDS
        await asyncio.to_thread(servers.restart, "nats")
        back = time.monotonic()
        assert kept <= await stored(infra.nats_url, document)
        await eventually(lambda: equal(people), 60)
        took = time.monotonic() - back
    verdict(
        35,
        f"kill -9 of gateway and broker with {editors} typing",
        "nothing that was shown as saved is missing, what was not arrives when they are back",
        f"{len(kept)} words had been shown as saved, {editors * WORDS} are there once {took:.1f} s after the return",
    )
