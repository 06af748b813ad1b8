"""A command here becomes a row there: through log, relay, broker, inbox and view, each once, whatever fails between."""

import asyncio
import shutil
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from deploy.embedded import start
from shared.bus import NotDurable
from shared.bus.connection import connect
from shared.bus.jetstream import JetStreamBus
from shared.decider import Rejected
from tests.counter import Close, Count, context
from tests.infra import eventually, open_folder
from tests.pair import (
    HEARD_TOTALS,
    HEARING,
    TELLING,
    TOTALS,
    built,
    forget_facts,
    heard_totals,
    open_municipalities,
    place_of,
    running,
    sums_of,
    totals,
)


@pytest.fixture(scope="module")
def servers():
    """Servers of these tests alone: the facts of `deployment` are read by everybody on a broker."""
    with open_folder() as folder, start(folder) as running:
        yield running


@pytest.fixture(autouse=True)
def short_patrols(monkeypatch):
    monkeypatch.setattr("shared.service._PATROL", 0.2)
    monkeypatch.setattr("shared.ears._WAIT", 0.5)


@pytest.fixture
async def infra(servers):
    client, js = await connect(servers.infra.nats_url, name="test")
    await forget_facts(js)
    await client.close()
    await open_municipalities(servers.infra, "dresden")
    return servers.infra


@pytest.fixture
async def places(infra):
    async with place_of(infra, TELLING) as telling, place_of(infra, HEARING) as hearing:
        yield telling, hearing


@pytest.fixture
async def pair(infra, places):
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(running(infra, card, place, "dresden"))
            for card, place in zip((TELLING, HEARING), places, strict=True)
        ]


async def count(service, *ids, by=1, municipality="dresden", **more):
    for id in ids:
        await service.handle("counter", id, Count(by=by), context(municipality=municipality, **more))


async def equal(here, there, municipality="dresden"):
    """What was counted here has been heard, summed up and counted there, too, each once."""
    told_here = await sums_of(here, totals, municipality)
    assert await sums_of(there, heard_totals, municipality) == told_here
    assert await sums_of(there, totals, municipality) == told_here
    return bool(told_here)


async def test_a_command_here_is_in_the_views_here_at_once_and_there_soon(pair):
    here, there = pair
    await count(here, "a", by=3)
    assert await sums_of(here, totals, "dresden") == {"a": (3, 1)}
    await eventually(lambda: equal(here, there))
    [reaction] = await there.store.entries("dresden")
    [fact] = await there.inbox.read("funding", "dresden", 0, 9)
    assert (reaction.actor, reaction.cause) == ("planning", fact.id)


async def test_who_waits_for_a_fact_finds_it_in_the_views(pair):
    here, there = pair
    for number in range(1, 6):
        handled = await here.handle("counter", "a", Count(by=1), context())
        position = await here.last_fact("dresden", handled)
        assert position == number
        assert await there.has_heard("dresden", "funding", position, within=5)
        for what in (heard_totals, totals):  # the fact, and what follows from it
            assert (await sums_of(there, what, "dresden"))["a"] == (number, number)
    assert not await there.has_heard("dresden", "funding", 99, within=0.1)


async def test_a_replica_learns_what_another_one_heard(pair, infra, places):
    here, _ = pair
    async with built(infra, HEARING, places[1]) as replica:  # hears nothing itself
        await count(here, "a")
        assert await replica.has_heard("dresden", "funding", 1, within=5)


async def test_a_municipality_that_opens_later_is_served_without_a_restart(pair, infra):
    here, there = pair
    await open_municipalities(infra, "detmold")
    await count(here, "a", municipality="detmold")
    await eventually(lambda: equal(here, there, "detmold"))
    assert await sums_of(there, totals, "dresden") == {}


async def test_a_replica_serves_a_municipality_of_which_another_one_heard(pair, infra, places):
    here, _ = pair
    async with built(infra, TELLING, places[0]) as replica:
        await replica.start()
        await open_municipalities(infra, "detmold")
        await here.stop()
        await here.inbox.add("deployment", "marketplace", await _told(infra, "deployment"))  # as the other one did
        await here.inbox.reacted_to("deployment", "marketplace", 2)
        await count(replica, "a", municipality="detmold")
        await eventually(lambda: _told(infra, "detmold"))


async def test_followers_are_shown_every_event_from_the_first_on_after_each_start(infra, places):
    for events in (3, 5):
        seen = []

        async def follow(municipality, recorded, seen=seen):
            seen.extend((municipality, one.entry.position) for one in recorded)

        async with built(infra, TELLING, places[0]) as service:
            service.follow(follow)
            await service.start()
            await eventually(lambda service=service: service.municipalities())
            await count(service, *"abc" if events == 3 else "de")
            await eventually(lambda seen=seen, events=events: len(seen) == events)
        assert seen == [("dresden", position) for position in range(1, events + 1)]


async def test_what_was_told_while_the_listener_was_away_is_heard(pair, infra, places):
    here, there = pair
    await there.stop()
    await count(here, *"aabc")
    async with running(infra, HEARING, places[1], "dresden") as again:
        await eventually(lambda: equal(here, again))


async def test_a_reaction_interrupted_after_its_command_happens_once(pair, monkeypatch):
    here, there = pair
    interrupted = []
    reacted_to = there.inbox.reacted_to

    async def fail_first(*args):
        if len(interrupted) < 2:
            interrupted.append(args)
            raise ConnectionError("cut between the command and the note of it")
        await reacted_to(*args)

    monkeypatch.setattr(there.inbox, "reacted_to", fail_first)
    await count(here, *"aab")
    await eventually(lambda: len(interrupted) == 2)
    await eventually(lambda: equal(here, there))
    await eventually(lambda: there.inbox.reacted("dresden", "funding"))


async def test_a_broken_view_of_facts_keeps_no_fact_from_the_inbox_and_no_reaction_from_happening(infra, places):
    def break_down(heard):
        raise ValueError("not ready")

    broken = replace(HEARING, views=(TOTALS, replace(HEARD_TOTALS, project=break_down)))
    with capture_logs() as alarms:
        async with (
            running(infra, TELLING, places[0], "dresden") as here,
            running(infra, broken, places[1], "dresden") as there,
        ):
            await count(here, *"aab")
            await eventually(lambda: there.inbox.reacted("dresden", "funding"))
            await eventually(lambda: _counted(there, "b"))
            assert await there.projector.stopped("dresden") == {"heard_totals": "ValueError at 1"}
    assert "view stopped" in [one["event"] for one in alarms]
    async with running(infra, HEARING, places[1], "dresden") as again:
        await eventually(lambda: sums_of(again, heard_totals, "dresden"))
        assert await sums_of(again, heard_totals, "dresden") == {"a": (2, 2), "b": (1, 1)}


async def test_a_refused_reaction_is_an_answer_and_the_next_fact_is_dealt_with(pair):
    here, there = pair
    await there.handle("counter", "a", Close(), context())
    await count(here, "a", "b")
    await eventually(lambda: sums_of(there, heard_totals, "dresden"))
    await eventually(lambda: _counted(there, "b"))
    assert "a" not in await sums_of(there, totals, "dresden")


async def _counted(service, id):
    return id in await sums_of(service, totals, "dresden")


async def test_a_fact_lost_on_the_way_is_noticed_and_read_again(pair, monkeypatch):
    here, there = pair
    fetched = type(await there.bus.listen("dresden", "other", ["funding"]))
    fetch, dropped = fetched.fetch, []

    async def lossy(self, wait):
        facts = await fetch(self, wait)
        if not dropped and any(fact.position == 2 for fact in facts):
            dropped.append(True)
            return [fact for fact in facts if fact.position != 2]
        return facts

    monkeypatch.setattr(fetched, "fetch", lossy)
    with capture_logs() as alarms:
        await count(here, *"abcd")
        await eventually(lambda: equal(here, there))
        await count(here, "a")
        await eventually(lambda: equal(here, there))
    assert dropped
    assert [one["event"] for one in alarms if one["log_level"] == "error"] == ["facts missing"]


async def test_a_deleted_stream_is_refilled_and_listeners_go_on_without_doubles(pair, infra):
    here, there = pair
    await count(here, *"aab")
    await eventually(lambda: equal(here, there))
    client, js = await connect(infra.nats_url, name="test")
    await js.delete_stream("FACTS_dresden")
    await eventually(lambda: _messages(js))  # refilled though nothing new was told
    await count(here, *"bc")
    await eventually(lambda: equal(here, there))
    assert (await js.stream_info("FACTS_dresden")).state.messages == 5
    await client.close()


async def test_a_broker_without_its_storage_is_refilled_and_listeners_go_on(pair, servers, infra):
    here, there = pair
    await count(here, *"aab")
    await eventually(lambda: equal(here, there))
    servers.kill("nats")
    shutil.rmtree(servers.home / "nats" / "jetstream")
    await count(here, *"ab")  # commands need no broker
    servers.restart("nats")
    await eventually(lambda: equal(here, there), 20)
    await count(here, "c")
    await eventually(lambda: equal(here, there))
    assert await sums_of(there, heard_totals, "dresden") == {"a": (3, 3), "b": (2, 2), "c": (1, 1)}


async def _told(infra, municipality):
    client, js = await connect(infra.nats_url, name="test")
    listening = await JetStreamBus(client, js).listen(municipality, "test", ["funding", "marketplace"])
    facts = await listening.fetch(0.2)
    await client.close()
    return facts


async def _messages(js):
    try:
        return (await js.stream_info("FACTS_dresden")).state.messages == 3
    except Exception as error:
        raise AssertionError from error


async def test_a_broken_view_fails_no_command_and_is_repaired_by_a_new_start(infra, places):
    def break_down(recorded):
        raise ValueError("not ready")

    broken = replace(TELLING, views=(replace(TOTALS, project=break_down),))
    with capture_logs() as alarms:
        async with running(infra, broken, places[0], "dresden") as service:
            handled = await service.handle("counter", "a", Count(by=1), context())
            assert handled.answer.position == 1
    assert "view stopped" in [one["event"] for one in alarms]
    async with running(infra, TELLING, places[0], "dresden") as service:
        await eventually(lambda: sums_of(service, totals, "dresden"))
        assert await sums_of(service, totals, "dresden") == {"a": (1, 1)}


async def test_a_view_that_is_slow_lets_the_command_answer_after_its_patience(infra, places, monkeypatch):
    monkeypatch.setattr("shared.service._VIEWS_WAIT", 0.05)
    async with running(infra, TELLING, places[0], "dresden") as service:
        catch_up, waiting = service.projector.catch_up, asyncio.Event()

        async def slow(*args):
            await waiting.wait()
            return await catch_up(*args)

        monkeypatch.setattr(service.projector, "catch_up", slow)
        with capture_logs() as said:
            await count(service, "a")
        assert [one["event"] for one in said] == ["view behind"]
        assert await sums_of(service, totals, "dresden") == {}
        waiting.set()
        await eventually(lambda: sums_of(service, totals, "dresden"))


async def test_a_refusal_leaves_no_trace(pair):
    here, _ = pair
    await here.handle("counter", "a", Close(), context())
    with pytest.raises(Rejected, match="counter_closed"):
        await count(here, "a")
    assert await here.last_fact("dresden", await here.handle("counter", "a", Close(), context())) is None


async def test_more_municipalities_than_connections_hear_at_once(infra, places):
    towns = [f"town{number}" for number in range(12)]
    await open_municipalities(infra, *towns)
    async with running(infra, TELLING, places[0], *towns) as here:
        for town in towns:
            await count(here, "a", municipality=town)
        async with running(infra, HEARING, places[1], *towns) as there:
            for town in towns:
                await eventually(lambda town=town: equal(here, there, town), 20)


async def test_a_service_does_not_start_on_a_bus_that_could_lose_facts(infra, places):
    async with built(infra, TELLING, places[0]) as service:

        async def refuse():
            raise NotDurable("NATS runs without sync_interval: always")

        service.bus.check = refuse
        with pytest.raises(NotDurable):
            await service.start()
