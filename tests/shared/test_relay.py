"""Facts leave in the order of the log, each once, whatever happens to relays and broker."""

import asyncio
import json
import secrets
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from shared.bus import Cursor, Overtaken
from shared.bus.connection import connect
from shared.bus.jetstream import JetStreamBus
from shared.category import Category
from shared.contracts.funding import PotOpened
from shared.relay import Relay
from shared.store.codec import UnknownType
from shared.store.memory import MemoryStore
from tests.counter import CODEC, Close, Count, context, counter
from tests.pair import publish, told

GOLDEN = Path(__file__).parents[1] / "contracts" / "facts" / "cloudevent.json"


@pytest.fixture
async def nats(nats_url):
    client, js = await connect(nats_url, name="relay")
    yield client, js
    await client.close()


@pytest.fixture
def bus(nats):
    return JetStreamBus(*nats)


@pytest.fixture
async def town(nats):
    """A municipality of this test alone."""
    name = f"town{secrets.token_hex(4)}"
    yield name
    await nats[1].delete_stream(f"FACTS_{name}")


class Log:
    """A log in memory with its counters, and relays over it."""

    def __init__(self, town, bus):
        self.town, self.bus, self.store = town, bus, MemoryStore()
        self._counters = Category(self.store, CODEC, counter)

    async def count(self, *ids, command=None):
        for id in ids:
            await self._counters.handle(id, command or Count(by=1), context(municipality=self.town))

    def relay(self, bus=None, told=publish):
        return Relay("funding", self.store, CODEC, bus or self.bus, told)

    async def facts(self):
        listening = await self.bus.listen(self.town, f"test-{secrets.token_hex(4)}", ["funding"])
        found = []
        while facts := await listening.fetch(0.2):
            found += facts
        await listening.close()
        return found


@pytest.fixture
def log(town, bus):
    return Log(town, bus)


async def test_facts_come_in_the_order_of_the_log_and_each_names_the_one_before(log):
    await log.count("a", "b", "a")
    await log.count("b", command=Close())  # tells nothing, yet has a position
    await log.count(*"acca")
    assert await log.relay().catch_up(log.town) == 8
    facts = await log.facts()
    assert [fact.position for fact in facts] == [1, 2, 3, 5, 6, 7, 8]
    assert facts[0].after == 0
    assert all(after.after == before.position for before, after in pairwise(facts))
    assert {fact.project for fact in facts} == {"p-a", "p-b", "p-c"}
    entries = await log.store.entries(log.town)
    assert [fact.id for fact in facts] == [entry.event_id for entry in entries if entry.type == "Counted"]


async def test_a_new_relay_goes_on_where_the_last_fact_is(log):
    await log.count("a", "b")
    await log.relay().catch_up(log.town)
    await log.count("c")
    await log.relay().catch_up(log.town)
    assert [fact.position for fact in await log.facts()] == [1, 2, 3]


async def test_many_facts_travel_in_batches(log):
    for number in range(5):
        await asyncio.gather(*(log.count(f"s{number}-{one}") for one in range(90)))
    await log.relay().catch_up(log.town)
    assert [fact.position for fact in await log.facts()] == list(range(1, 451))


async def test_relays_that_run_at_once_tell_each_fact_once(log):
    relays = [log.relay() for _ in range(4)]
    for _ in range(12):
        await asyncio.gather(log.count("a"), *(relay.catch_up(log.town) for relay in relays))
    await asyncio.gather(*(relay.catch_up(log.town) for relay in relays))
    assert [fact.position for fact in await log.facts()] == list(range(1, 13))


async def test_the_fence_refuses_who_has_not_seen_the_last_fact(log, bus):
    facts = [told(PotOpened(pot="a", budget_cents=n), n, municipality=log.town) for n in range(1, 7)]
    start = await bus.cursor(log.town, "funding")
    assert start == Cursor(0, 0)
    one = await bus.tell(facts[:1], start)
    for late in (facts[:1], facts[:3]):  # alone and as a batch
        with pytest.raises(Overtaken):
            await bus.tell(late, start)
    await bus.tell(facts[1:4], one)
    with pytest.raises(Overtaken):
        await bus.tell(facts[1:], one)
    assert [fact.position for fact in await log.facts()] == [1, 2, 3, 4]


async def test_other_sources_in_the_stream_do_not_disturb_the_fence(log, bus):
    cursor = await bus.cursor(log.town, "funding")
    other = told(PotOpened(pot="a", budget_cents=1), 1, municipality=log.town, source="events")
    await bus.tell([other], await bus.cursor(log.town, "events"))
    await bus.tell([told(PotOpened(pot="a", budget_cents=1), 1, municipality=log.town)], cursor)
    assert (await bus.cursor(log.town, "funding")).position == 1


async def test_a_relay_that_does_not_know_whether_its_facts_arrived_asks_the_bus(log, bus):
    class Deaf:
        """The broker stores, and the answer is lost."""

        def __getattr__(self, name):
            return getattr(bus, name)

        async def tell(self, facts, cursor):
            await bus.tell(facts, cursor)
            raise TimeoutError

    await log.count("a", "b")
    relay = log.relay(Deaf())
    with pytest.raises(TimeoutError):
        await relay.catch_up(log.town)
    assert await relay.catch_up(log.town) == 2
    assert [fact.position for fact in await log.facts()] == [1, 2]


async def test_a_broker_that_lost_its_facts_is_refilled_from_the_log(log, nats):
    relay = log.relay()
    await log.count("a", "b", "c")
    await relay.catch_up(log.town)
    before = await log.facts()
    await nats[1].delete_stream(f"FACTS_{log.town}")
    relay.look_again(log.town)
    await relay.catch_up(log.town)
    assert await log.facts() == before


async def test_what_comes_before_an_unknown_type_is_told_and_nothing_after_it(log):
    await log.count("a")
    log.store._logs[log.town].append(_stranger(await log.store.entries(log.town)))
    await log.count("b")
    relay = log.relay()
    assert await relay.catch_up(log.town) == 1
    with pytest.raises(UnknownType):
        await relay.catch_up(log.town)
    assert [fact.position for fact in await log.facts()] == [1]


async def test_a_fact_is_a_cloud_event_in_binary_mode(log, bus, nats):
    """The golden message of docs: what an integrator sees on the wire."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    subject = golden["subject"].replace("dresden", log.town)
    fact = told(PotOpened(pot="zukunft", budget_cents=5_000_000), 7, municipality=log.town, after=4, project="p-1")
    await bus.tell([fact], await bus.cursor(log.town, "funding"))
    message = await nats[1].get_last_msg(f"FACTS_{log.town}", subject)
    seen = {name: value for name, value in message.headers.items() if not name.startswith("Nats-")}
    assert {name: value.replace(log.town, "dresden") for name, value in seen.items()} == golden["headers"]
    assert message.data.decode() == golden["body"]


def _stranger(entries):
    return replace(entries[-1], position=2, version=2, event_id="x", type="CountedTwice")
