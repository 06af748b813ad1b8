"""Faults 6 and 7: the broker away for long, its storage gone, its storage of an hour ago."""

import shutil
import time
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from tests.counter import Count, context
from tests.faults.processes import facts_of, last_told, once_and_in_order
from tests.faults.sizes import sizes
from tests.infra import eventually
from tests.pair import HEARING, TELLING, heard_totals, place_of, running, sums_of, totals

TOWNS = ("dresden", "detmold")


@pytest.fixture(autouse=True)
def short_patrols(request, monkeypatch):
    """The ordinary size does not wait as long as the product does before it looks by itself."""
    if "ordinary" in request.node.name:
        monkeypatch.setattr("shared.service._PATROL", 0.3)
        monkeypatch.setattr("shared.ears._WAIT", 0.3)


@pytest.fixture
async def pair(infra):
    async with (
        place_of(infra, TELLING) as telling,
        place_of(infra, HEARING) as hearing,
        running(infra, TELLING, telling, *TOWNS) as here,
        running(infra, HEARING, hearing, *TOWNS) as there,
    ):
        yield here, there


async def count(service, number, town="dresden"):
    for one in range(number):
        await service.handle("counter", f"c{one % 5}", Count(by=1), context(municipality=town))


async def equal(here, there):
    for town in TOWNS:
        told = await sums_of(here, totals, town)
        if not (await sums_of(there, heard_totals, town) == told == await sums_of(there, totals, town)):
            return False
    return True


@sizes("writes", 60, 5000)
async def test_commands_need_no_broker_and_all_is_told_after_its_return(pair, servers, infra, writes, verdict):
    here, there = pair
    await count(here, 5)
    await eventually(lambda: equal(here, there), 20)
    servers.kill("nats")
    with capture_logs() as alarms:
        await count(here, writes)  # whole: longer than the broker's window for duplicates, 2 minutes or not
        await eventually(lambda: [one for one in alarms if one["event"] == "loop failed"], 30)
    servers.restart("nats")
    back = time.monotonic()
    await eventually(lambda: equal(here, there), 60)
    took = time.monotonic() - back
    facts = await facts_of(infra, "dresden")
    assert once_and_in_order(facts, range(1, writes + 6))
    verdict(
        6,
        f"the broker is away during {writes} writes",
        "commands succeed, alarm, all told once and in order within 60 s of its return",
        f"{writes} succeeded, alarm, all there {took:.1f} s after the return",
    )


@sizes("facts", 40, 5000)
@pytest.mark.parametrize("loss", ["deleted", "of an hour ago"])
async def test_a_broker_that_lost_facts_is_refilled_from_postgresql_alone(pair, servers, infra, loss, facts, verdict):
    here, there = pair
    storage, copy = servers.home / "nats" / "jetstream", servers.home / "nats-an-hour-ago"
    await count(here, facts // 2)
    await count(here, 7, "detmold")
    await eventually(lambda: equal(here, there), 60)
    servers.kill("nats")
    shutil.copytree(storage, copy, dirs_exist_ok=True)
    servers.restart("nats")
    await count(here, facts // 2)
    await eventually(lambda: equal(here, there), 60)
    views = [await sums_of(there, heard_totals, town) for town in TOWNS]
    told = await facts_of(infra, "dresden")
    servers.kill("nats")
    shutil.rmtree(storage)
    if loss == "deleted":
        shutil.rmtree(copy)
    else:
        copy.rename(storage)
        _owned_as(storage, servers.home / "nats")
    servers.restart("nats")
    await eventually(lambda: _refilled(infra, told), 60)
    assert [await sums_of(there, heard_totals, town) for town in TOWNS] == views
    for town in TOWNS:
        await count(here, 10, town)
    await eventually(lambda: equal(here, there), 60)
    assert all(one.position < two.position for one, two in pairwise(await facts_of(infra, "dresden")))
    verdict(
        7,
        f"the broker's storage is {loss} ({facts + 7} facts)",
        "refilled from PostgreSQL alone, views unchanged, listeners go on",
        f"{len(told)} facts of dresden are back as they were, views unchanged, 20 more facts heard once",
    )


async def _refilled(infra, told):
    return await last_told(infra, "dresden") == told[-1].position and await facts_of(infra, "dresden") == told


def _owned_as(folder, model):
    """What was copied belongs to us; the server runs as its own user."""
    owner = model.stat()
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)
