"""One contract, two stores: what the log promises in memory and in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import pairwise

import asyncpg
import pytest

from deploy.embedded import Infra
from shared.audit.leaf import leaf_hash
from shared.audit.merkle import CompactRange
from shared.category import Category
from shared.decider import Rejected
from shared.store import CommandReused, Conflict, Store, header_of
from shared.store.codec import NotCanonical
from shared.store.memory import MemoryStore
from tests.counter import CODEC, Close, Count, Counted, Counter, Move, context, counter, moving, postgres_store
from tests.infra import eventually


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest, infra: Infra) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
    else:
        async with postgres_store(infra) as opened:
            yield opened


@pytest.fixture
def counters(store: Store) -> Category:
    return Category(store, CODEC, counter)


async def test_what_is_decided_is_stored_and_read_back(counters, store):
    await counters.handle("a", Count(by=2, note="Käse – 3 €"), context())
    await counters.handle("a", Count(by=3), context())
    assert (await counters.state("a", "dresden")) == (Counter(5), 2)
    first, second = await store.entries("dresden")
    assert (first.position, first.stream, first.version, first.type, first.project) == (
        1,
        "counter-a",
        1,
        "Counted",
        "p-a",
    )
    assert CODEC.recorded(first).event == Counted(by=2, note="Käse – 3 €")
    assert second.recorded_at >= first.recorded_at


async def test_leaves_come_in_order_and_in_one_piece(counters, store):
    for number in range(5):
        await counters.handle("s", Count(by=1), context(municipality="detmold" if number == 2 else "dresden"))
    leaves = [entry.leaf for entry in await store.entries("dresden")]
    assert await store.leaves("dresden") == b"".join(leaves)
    assert await store.leaves("dresden", 1, 2) == leaves[1] + leaves[2]
    assert await store.leaves("dresden", 4) == await store.leaves("nowhere") == b""


async def test_positions_have_no_holes_and_municipalities_nothing_in_common(counters, store):
    for number in range(5):
        await counters.handle(f"s{number % 2}", Count(by=1), context())
        await counters.handle("s0", Count(by=7), context(municipality="detmold"))
    assert [entry.position for entry in await store.entries("dresden")] == [1, 2, 3, 4, 5]
    assert [entry.version for entry in await store.entries("dresden", stream="counter-s1")] == [1, 2]
    assert {entry.municipality for entry in await store.entries("detmold")} == {"detmold"}
    assert len(await store.entries("dresden", project="p-s0")) == 3


async def test_a_known_command_gets_its_first_answer_and_never_reaches_decide(counters, store):
    first = await counters.handle("a", Count(by=2), context("c-1"))
    await counters.handle("a", Close(), context())
    again = await counters.handle("a", Count(by=2), context("c-1"))  # decide would refuse it now
    assert (again.answer, again.appended) == (first.answer, 0)


async def test_nothing_to_do_is_remembered_too(counters, store):
    answer = await counters.handle("a", Count(by=0), context("c-1"))
    await counters.handle("a", Close(), context())
    assert (await counters.handle("a", Count(by=0), context("c-1"))).answer == answer.answer
    assert len(await store.entries("dresden")) == 1


async def test_a_rejection_is_not_remembered(counters):
    await counters.handle("a", Count(by=1), context())
    await counters.handle("a", Close(), context())
    for _ in range(2):
        with pytest.raises(Rejected, match="counter_closed"):
            await counters.handle("a", Count(by=1), context("c-9"))


async def test_the_same_command_id_with_another_body_is_refused(counters):
    await counters.handle("a", Count(by=2), context("c-1"))
    with pytest.raises(CommandReused):
        await counters.handle("a", Count(by=3), context("c-1"))
    with pytest.raises(CommandReused):
        await counters.handle("b", Count(by=2), context("c-1"))


async def test_who_was_slower_learns_the_present_version(counters):
    await counters.handle("a", Count(by=1), context())
    await counters.handle("a", Count(by=1), context(), expected=1)
    with pytest.raises(Conflict) as conflict:
        await counters.handle("a", Count(by=1), context(), expected=1)
    assert (conflict.value.expected, conflict.value.present) == (1, 2)


async def test_fifty_at_once_without_a_version_all_get_through(counters):
    await asyncio.gather(*(counters.handle("a", Count(by=1), context()) for _ in range(50)))
    assert (await counters.state("a", "dresden"))[0] == Counter(50)


async def test_fifty_at_once_with_one_version_have_one_winner(counters, store):
    outcomes = await asyncio.gather(
        *(counters.handle("a", Count(by=1), context(), expected=0) for _ in range(50)), return_exceptions=True
    )
    losers = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert len(losers) == 49
    assert {loser.present for loser in losers} == {1}
    assert len(await store.entries("dresden")) == 1


async def test_one_command_fifty_times_in_parallel_happens_once(counters, store):
    handled = await asyncio.gather(*(counters.handle("a", Count(by=1), context("c-1")) for _ in range(50)))
    assert len({one.answer for one in handled}) == 1
    assert len(await store.entries("dresden")) == 1


async def test_a_decision_over_two_streams_is_one_append(store):
    counters, moves = Category(store, CODEC, counter), Category(store, CODEC, moving)
    await counters.handle("a", Count(by=10), context())
    outcomes = await asyncio.gather(
        *(moves.handle(("a", "b"), Move(by=1), context()) for _ in range(15)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Rejected) for outcome in outcomes) == 5
    assert (await counters.state("a", "dresden"))[0].total == 0
    assert (await counters.state("b", "dresden"))[0].total == 10


async def test_the_range_in_the_head_is_that_of_the_leaves(counters, store):
    tree = CompactRange()
    for number in range(13):
        await counters.handle(f"s{number % 3}", Count(by=number + 1), context())
    entries = await store.entries("dresden")
    for entry in entries:
        assert entry.leaf == leaf_hash(header_of(entry))
        tree.append(entry.leaf)
    head = await store.head("dresden")
    assert (head.size, list(head.range)) == (13, tree.hashes)
    assert all(one.recorded_at <= two.recorded_at for one, two in pairwise(entries))


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Count(by=2**53), "2\\^53"),
        (Count(by=1, note="Cafe\u0301"), "NFC"),
        (Count(by=1, note="\ud800"), "surrogate"),
    ],
)
async def test_what_has_no_canonical_form_is_not_stored(counters, store, command, reason):
    with pytest.raises(NotCanonical, match=reason):
        await counters.handle("a", command, context())
    assert await store.entries("dresden") == []


async def test_what_a_process_remembers_of_a_stream_gives_way_to_what_others_appended(counters, store):
    elsewhere = Category(store, CODEC, counter)
    await counters.handle("a", Count(by=2), context())
    await elsewhere.handle("a", Count(by=3), context())
    handled = await counters.handle("a", Count(by=4), context())
    assert handled.answer.versions == (3,)
    await elsewhere.handle("a", Close(), context())
    with pytest.raises(Rejected, match="counter_closed"):
        await counters.handle("a", Count(by=1), context())
    assert await counters.state("a", "dresden") == (Counter(9, closed=True), 4)


async def test_a_retry_of_a_remembered_stream_counts_once(counters, store):
    first = await counters.handle("a", Count(by=2), context("c-1"))
    for _ in range(2):
        again = await counters.handle("a", Count(by=2), context("c-1"))
        assert (again.answer, again.appended) == (first.answer, 0)
    await counters.handle("a", Count(by=1), context())
    assert (await counters.state("a", "dresden")) == (Counter(3), 2)


async def test_an_expected_version_holds_whatever_is_remembered(counters, store):
    await counters.handle("a", Count(by=2), context())
    await counters.handle("a", Count(by=2), context(), expected=1)
    with pytest.raises(Conflict):
        await counters.handle("a", Count(by=2), context(), expected=1)
    await Category(store, CODEC, counter).handle("a", Count(by=2), context(), expected=2)
    with pytest.raises(Conflict):
        await counters.handle("a", Count(by=2), context(), expected=2)


async def test_connections_that_the_server_ended_are_replaced(infra):
    async with postgres_store(infra) as store:
        counters, admin = Category(store, CODEC, counter), await asyncpg.connect(infra.postgres_url)
        await asyncio.gather(*(counters.handle(f"s{number}", Count(by=1), context()) for number in range(6)))
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'test\\_%\\_app'"
        assert len(await admin.fetch(ended)) > 1
        await admin.close()

        async def works():
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, ConnectionError):
                return await counters.handle("again", Count(by=1), context())

        await eventually(works)
        assert len(await store.entries("dresden")) == 7
