"""What was heard: in order, without gap or double, kept in the listener's own database."""

import asyncio

import pytest

from shared.contracts.funding import PotOpened
from shared.inbox import Missing
from tests.pair import HEARING, built, place_of, told


def fact(position, after=None, municipality="dresden", source="funding"):
    pot = PotOpened(pot=f"pot-{position}", budget_cents=position)
    before = position - 1 if after is None else after
    return told(pot, position, municipality=municipality, source=source, after=before)


@pytest.fixture
async def inbox(infra):
    async with place_of(infra, HEARING) as place, built(infra, HEARING, place) as service:
        yield service.inbox


async def positions(inbox, municipality="dresden", source="funding", after=0):
    return [heard.position for heard in await inbox.read(source, municipality, after, 1000)]


async def test_facts_are_kept_decoded_in_their_order(inbox):
    assert await inbox.add("dresden", "funding", [fact(1), fact(4, after=1), fact(5, after=4)]) == 5
    heard = await inbox.read("funding", "dresden", 1, 10)
    assert [one.fact for one in heard] == [
        PotOpened(pot="pot-4", budget_cents=4),
        PotOpened(pot="pot-5", budget_cents=5),
    ]
    assert (heard[0].id, heard[0].source, heard[0].municipality) == ("fact-4", "funding", "dresden")
    assert await inbox.position("dresden", "funding") == 5


async def test_a_fact_that_comes_again_is_no_second_fact(inbox):
    await inbox.add("dresden", "funding", [fact(1), fact(2)])
    await inbox.add("dresden", "funding", [fact(1), fact(2), fact(3), fact(3)])
    assert await positions(inbox) == [1, 2, 3]


@pytest.mark.parametrize("facts", [[fact(2)], [fact(1), fact(3)], [fact(2), fact(1)]], ids=["first", "hole", "swapped"])
async def test_after_a_gap_nothing_is_stored(inbox, facts):
    with pytest.raises(Missing):
        await inbox.add("dresden", "funding", facts)
    assert await positions(inbox) == []
    assert await inbox.position("dresden", "funding") == 0


async def test_sources_and_municipalities_have_places_of_their_own(inbox):
    await inbox.add("dresden", "funding", [fact(1), fact(2)])
    await inbox.add("dresden", "events", [fact(7, after=0, source="events")])
    await inbox.add("detmold", "funding", [fact(1, municipality="detmold")])
    assert await positions(inbox) == [1, 2]
    assert await positions(inbox, source="events") == [7]
    assert await positions(inbox, "detmold") == [1]
    assert await positions(inbox, "dortmund") == []


async def test_listeners_that_store_the_same_at_once_store_it_once(inbox):
    facts = [fact(number) for number in range(1, 40)]
    await asyncio.gather(*(inbox.add("dresden", "funding", facts[: 10 + number]) for number in range(29)))
    assert await positions(inbox) == list(range(1, 39))


async def test_a_name_that_came_into_the_language_later_is_kept_and_says_nothing(inbox):
    later = told(PotOpened(pot="a", budget_cents=1), 1, municipality="dresden")
    later = type(later)(**({name: getattr(later, name) for name in later.__struct_fields__} | {"name": "PotPainted"}))
    await inbox.add("dresden", "funding", [later, fact(2)])
    assert [heard.fact for heard in await inbox.read("funding", "dresden", 0, 9)] == [
        None,
        PotOpened(pot="pot-2", budget_cents=2),
    ]


async def test_what_was_reacted_to_is_remembered_apart_from_what_was_heard(inbox):
    await inbox.add("dresden", "funding", [fact(1), fact(2)])
    assert await inbox.reacted("dresden", "funding") == 0
    await inbox.reacted_to("dresden", "funding", 1)
    assert (await inbox.reacted("dresden", "funding"), await inbox.position("dresden", "funding")) == (1, 2)
