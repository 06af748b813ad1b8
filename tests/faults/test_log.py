"""Faults 1 to 3 and 8: many writers, one version, one command, a forgotten transaction."""

import asyncio
import random
import time
from collections import Counter as Tally

import asyncpg
import pytest

from shared.category import Category
from shared.ids import new_id
from shared.store import CommandReused, Conflict
from shared.store.postgres import PostgresStore
from tests.counter import CODEC, Count, Move, context, counter, create_service_database, moving
from tests.faults.sizes import sizes
from tests.infra import drop_database, eventually
from tests.pair import HEARING, TELLING, heard_totals, place_of, running, sums_of

TOWNS = [f"town{number}" for number in range(8)]
_APPEND = """select position from store.append($1, $2, $3, '', '', '', '', array[$4], array[0], array[1], array[$3],
             '{p}', '{Counted}', '{1}', array['{"by":1,"note":"","type":"Counted"}'::bytea], array[null::bytea])"""


@pytest.fixture
async def application(infra):
    _, url = await create_service_database(infra)
    yield url
    await drop_database(infra, url)


@sizes("commits", 8, 60)
async def test_a_live_follower_sees_all_commits_and_only_those(application, commits, verdict):
    """32 writers hold each commit open for up to 20 ms, one in twenty is rolled back."""
    chance, committed, followed = random.Random(1), Tally(), {town: [] for town in TOWNS}
    store, writing = await PostgresStore.open(application), True

    async def write(writer):
        connection = await asyncpg.connect(application)
        for number in range(commits):
            town, transaction = chance.choice(TOWNS), connection.transaction()
            await transaction.start()
            await connection.execute("select 1 from (select pg_sleep($1)) s", chance.random() / 100)
            await connection.fetch(_APPEND, town, f"w{writer}", f"{writer}-{number}", f"s-{writer}-{number}")
            await connection.execute("select 1 from (select pg_sleep($1)) s", chance.random() / 100)
            if chance.random() < 0.05:
                await transaction.rollback()
            else:
                await transaction.commit()
                committed[town] += 1
        await connection.close()

    async def follow(town):
        seen = followed[town]
        while True:
            last = not writing
            entries = await store.entries(town, seen[-1] if seen else 0)
            seen += [entry.position for entry in entries]
            if last and not entries:
                return

    following = asyncio.gather(*(follow(town) for town in TOWNS))
    await asyncio.gather(*(write(writer) for writer in range(32)))
    writing = False
    await following
    await store.close()
    assert {town: list(range(1, committed[town] + 1)) for town in TOWNS} == followed
    total = sum(committed.values())
    rolled_back = 32 * commits - total
    verdict(
        1,
        f"32 writers on 8 municipalities, commits held up to 20 ms, {rolled_back} of {32 * commits} rolled back",
        "a live follower has all commits, 1..n without holes, in order",
        f"{sum(map(len, followed.values()))} followed of {total} committed, no hole",
    )


@sizes("rounds", 15, 1000)
async def test_one_version_has_one_winner_and_nothing_partial(application, rounds, verdict):
    store = await PostgresStore.open(application, size=50)
    counters, moves = Category(store, CODEC, counter), Category(store, CODEC, moving)
    told = Tally()
    for number in range(rounds):
        ids = (f"a{number}", f"b{number}")  # a stream stays short, as the log wants it
        await counters.handle(ids[0], Count(by=50), context())
        outcomes = await asyncio.gather(
            *(moves.handle(ids, Move(by=1), context(), expected=1) for _ in range(50)), return_exceptions=True
        )
        losers = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
        assert len(losers) == 49
        told.update(loser.present for loser in losers)
        assert (await counters.state(ids[0], "dresden"))[0].total == 49
        assert (await counters.state(ids[1], "dresden"))[0].total == 1
    assert (await store.head("dresden")).size == 3 * rounds
    await store.close()
    assert set(told) == {2}
    verdict(
        2,
        f"50 clients at once on one version of a stream, {rounds} rounds",
        "one winner a round, 49 learn the present version, nothing partial",
        f"{rounds} winners, {told[2]} refusals with version 2, {3 * rounds} entries",
    )


@sizes("commands", 10, 300)
async def test_one_command_fifty_times_and_after_a_time_out_happens_once(application, commands, verdict):
    store, chance = await PostgresStore.open(application, size=20), random.Random(3)
    counters = Category(store, CODEC, counter)
    given_up = 0
    for number in range(commands):
        command = new_id()

        async def send(command=command, number=number):
            try:
                async with asyncio.timeout(chance.random() / 20 if chance.random() < 0.5 else None):
                    return await counters.handle(f"c{number}", Count(by=2), context(command))
            except TimeoutError:
                return None

        answers = [handled.answer for handled in await asyncio.gather(*(send() for _ in range(50))) if handled]
        given_up += 50 - len(answers)
        answers.append((await counters.handle(f"c{number}", Count(by=2), context(command))).answer)
        assert len(set(answers)) == 1
        with pytest.raises(CommandReused):
            await counters.handle(f"c{number}", Count(by=3), context(command))
    assert (await store.head("dresden")).size == commands
    await store.close()
    verdict(
        3,
        f"one command id 50 times in parallel, {given_up} of {50 * commands} cut by a time-out, then again",
        "one set of events, identical answers; another body is refused",
        f"{commands} commands, {commands} entries, one answer each, {commands} other bodies refused",
    )


@sizes("patience", 1, 30)
async def test_a_forgotten_transaction_delays_nobody_and_is_ended(infra, patience, verdict):
    """`patience` in seconds: the ordinary run shortens what every service's role has by itself, 30 s."""
    async with place_of(infra, TELLING) as telling, place_of(infra, HEARING) as hearing:
        idle, elsewhere = await asyncpg.connect(telling.application), await asyncpg.connect(infra.postgres_url)
        assert await idle.fetchval("show idle_in_transaction_session_timeout") == "30s"
        await idle.execute(f"set idle_in_transaction_session_timeout = '{patience}s'")
        for connection, table in ((idle, "views.totals"), (elsewhere, "pg_class")):
            await connection.execute("begin isolation level repeatable read")
            await connection.fetch(f"select count(*) from {table}")
        forgotten, delays = time.monotonic(), []
        async with (
            running(infra, TELLING, telling, "dresden") as here,
            running(infra, HEARING, hearing, "dresden") as there,
        ):
            facts = 25 if patience == 1 else 200
            for number in range(1, facts + 1):
                began = time.monotonic()
                await here.handle("counter", "a", Count(by=1), context())
                assert await there.has_heard("dresden", "funding", number, within=10)
                delays.append(time.monotonic() - began)
            assert await sums_of(there, heard_totals, "dresden") == {"a": (facts, facts)}
        await eventually(idle.is_closed, patience + 10)
        ended = time.monotonic() - forgotten
        await elsewhere.close()
    p99 = sorted(delays)[facts * 99 // 100]
    assert p99 < 1
    verdict(
        8,
        "a transaction left open in another table, one in another database",
        f"delivery p99 below 1 s; the service's own is ended after {patience} s",
        f"p99 {p99 * 1000:.0f} ms over {facts} facts; ended after {ended:.1f} s",
    )
