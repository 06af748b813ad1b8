"""Faults 4, 5, 11 and 12: a service killed with kill -9 at every point of its way, two relays, a failing handler."""

import time
from contextlib import AsyncExitStack
from dataclasses import replace

import msgspec
import pytest
from structlog.testing import capture_logs

from shared.category import Handled
from shared.ids import new_id
from shared.view import View
from tests.counter import Count, context
from tests.faults.child import POINTS
from tests.faults.processes import child, facts_of, last_told, once_and_in_order
from tests.faults.sizes import sizes
from tests.infra import eventually
from tests.pair import HEARING, TELLING, adding, built, heard_totals, place_of, running, sums, sums_of, totals


@pytest.fixture
async def telling(infra):
    async with place_of(infra, TELLING) as place:
        yield place


@pytest.fixture
async def hearing(infra):
    async with place_of(infra, HEARING) as place:
        yield place


@pytest.mark.parametrize("point", POINTS)
@sizes("rounds", 1, 12)
async def test_kill_9_at_any_point_leaves_nothing_or_everything_once(infra, telling, point, rounds, verdict):
    stored_before = 0
    async with built(infra, TELLING, telling) as observer:
        for number in range(1, rounds + 1):
            command = new_id()
            async with child(infra, "funding", telling, die=point, command_id=command) as killed:
                assert await killed.died()
            stored = (await observer.store.head("dresden")).size
            assert stored == number if "decide" not in point else stored == number - 1
            stored_before += stored == number
            async with child(infra, "funding", telling) as again:  # alone, before anybody repeats the command
                await eventually(lambda child=again: "ready" in child.said, 30)
                await eventually(lambda size=stored: _told(infra, size), 20)
                await eventually(lambda size=stored: _shown(observer, size), 20)
            async with child(infra, "funding", telling, command_id=command) as retried:
                await eventually(lambda child=retried: len(child.said) == 2, 30)
                handled = msgspec.json.decode(retried.said[1], type=Handled)
                assert handled == Handled(
                    msgspec.structs.replace(handled.answer, position=number), 1 - (stored == number)
                )
                await eventually(lambda size=number: _told(infra, size), 20)
            entries = await observer.store.entries("dresden", stream="counter-a")
            assert [entry.version for entry in entries] == list(range(1, number + 1))
            assert await _shown(observer, number)
    verdict(
        4,
        f"kill -9 {point}, {rounds} times",
        "absent everywhere, or stored, told and shown exactly once; the retry gets the first answer",
        f"{stored_before} of {rounds} were stored; {rounds} entries, facts and sums after the retries",
    )


async def _told(infra, size):
    assert await last_told(infra, "dresden") == size
    return once_and_in_order(await facts_of(infra, "dresden"), range(1, size + 1))


async def _shown(service, size):
    return (await sums_of(service, totals, "dresden")).get("a", (0, 0)) == (5 * size, size)


async def _told_to(infra, position):
    return await last_told(infra, "dresden") == position


@sizes("commands", 60, 1500)
async def test_two_relays_of_which_one_is_killed_after_publishing_tell_once(infra, telling, commands, verdict):
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(built(infra, TELLING, telling))  # writes, tells nothing
        doomed = await stack.enter_async_context(
            child(infra, "funding", telling, die="after publish", passing=3, patrol=0.2)
        )
        other = await stack.enter_async_context(child(infra, "funding", telling, patrol=0.2))
        for one in (doomed, other):
            await eventually(lambda child=one: "ready" in child.said, 30)
        written = 0

        async def write(number):
            nonlocal written
            for _ in range(number):
                await writer.handle("counter", "a", Count(by=1), context())
                written += 1

        while doomed.process.returncode is None:  # it must have told thrice, whoever wins the others
            await write(3)
        assert await doomed.died()
        await write(commands)
        await eventually(lambda: _told_to(infra, written), 30)
        facts = await facts_of(infra, "dresden")
        assert once_and_in_order(facts, range(1, written + 1))
        assert other.process.returncode is None
    verdict(
        5,
        "two relays of one service at once, one killed with kill -9 after publishing",
        "no fact twice, none missing; the other goes on",
        f"{len(facts)} facts of {written} events, in order, the survivor told the rest",
    )


@sizes("events", 30, 3000)
async def test_a_view_that_fails_stops_alone_and_goes_on_after_its_repair(infra, telling, hearing, events, verdict):
    failing, k = {"a"}, events // 2
    sick = sums("sick")
    add = adding(sick)

    def project(heard):
        if heard.municipality == "dresden" and heard.position == k and "a" in failing:
            raise LookupError("k")
        yield (
            add,
            {"municipality": heard.municipality, "id": heard.fact.pot, "total": heard.fact.budget_cents, "times": 1},
        )

    card = replace(HEARING, views=(*HEARING.views, View("sick", 1, "funding", (sick,), project)))
    towns = ("dresden", "detmold")
    async with place_of(infra, card) as place, running(infra, TELLING, telling, *towns) as here:
        for town in towns:
            for one in range(events):
                await here.handle("counter", f"c{one % 7}", Count(by=1), context(municipality=town))
        with capture_logs() as alarms:
            async with running(infra, card, place, *towns) as there:
                for town in towns:
                    assert await there.has_heard(town, "funding", events, within=60)
                stopped = await there.projector.stopped("dresden")
                sick_rows = {town: await sums_of(there, sick, town) for town in towns}
                sound_rows = {town: await sums_of(there, heard_totals, town) for town in towns}
        failing.clear()
        async with running(infra, card, place, *towns) as there:
            await eventually(lambda: _equal(there, sick, sound_rows["dresden"]), 60)
    alarm = [one for one in alarms if one["event"] == "view stopped"]
    assert {(one["view"], one["municipality"], one["at"]) for one in alarm} == {("sick", "dresden", k)}
    assert stopped == {"sick": f"LookupError at {k}"}
    assert sum(times for _, times in sick_rows["dresden"].values()) == k - 1
    assert sick_rows["detmold"] == sound_rows["detmold"] == sound_rows["dresden"]
    verdict(
        11,
        f"a handler fails for ever at {k} of {events} in one municipality",
        f"that view stops there at {k - 1} with an alarm, all others go on; after the repair it continues",
        f"stopped at {k - 1} with {len(alarm)} alarm, others complete, equal after the repair",
    )


async def _equal(service, table, rows):
    return await sums_of(service, table, "dresden") == rows


@sizes("ack_wait", 1, 5)
async def test_kill_9_between_commit_and_acknowledgement_changes_no_sum(infra, telling, hearing, ack_wait, verdict):
    """`ack_wait` in seconds; 5 is the product's. The listener stays away for longer than that."""
    async with running(infra, TELLING, telling, "dresden") as here:
        await count(here, 20)
        async with child(infra, "planning", hearing, die="before acknowledgement", ack_wait=ack_wait) as listener:
            assert await listener.died()
        away = time.monotonic()
        async with built(infra, HEARING, hearing) as observer:
            unacknowledged = (await sums_of(observer, heard_totals, "dresden"))["a"][1]
            assert unacknowledged > 0
            await count(here, 5)
            await eventually(lambda: time.monotonic() - away > ack_wait + 0.1, ack_wait + 5)
            async with child(infra, "planning", hearing, ack_wait=ack_wait):
                await eventually(lambda: _all_heard(observer, here), 30)
                await count(here, 5)
                await eventually(lambda: _all_heard(observer, here), 30)
            times = (await sums_of(observer, heard_totals, "dresden"))["a"][1]
    verdict(
        12,
        f"a listener killed with kill -9 between commit and acknowledgement, away longer than {ack_wait} s",
        "what was not acknowledged comes again and changes no sum",
        f"{unacknowledged} facts were committed when it died, {times} of 30 in the end",
    )


async def count(service, number):
    for _ in range(number):
        await service.handle("counter", "a", Count(by=1), context())


async def _all_heard(there, here):
    told = await sums_of(here, totals, "dresden")
    return await sums_of(there, heard_totals, "dresden") == told == await sums_of(there, totals, "dresden")
