import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import ip_network

import pytest
from nats.js import JetStreamContext

from shared.access.limits import Limit, Limits, neighbourhood, trusted_address
from shared.bus.connection import connect
from shared.ids import new_id

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@dataclass
class Clock:
    now: float = 1_770_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def brokers(nats_url: str) -> AsyncIterator[list[JetStreamContext]]:
    opened = [await connect(nats_url, name=f"test-{number}") for number in range(2)]
    yield [js for _, js in opened]
    for client, _ in opened:
        await client.close()


async def test_fifty_parallel_hits_count_as_fifty(brokers):
    clock, limit, subject = Clock(), Limit("parallel", 50, 3600), new_id()
    processes = [await Limits.open(js, clock=clock) for js in brokers]
    verdicts = await asyncio.gather(*(processes[n % 2].hit(limit, subject) for n in range(60)))
    assert sum(verdict.allowed for verdict in verdicts) == 50
    assert all(verdict.wait == pytest.approx(72) for verdict in verdicts if not verdict.allowed)


async def test_hits_are_earned_back_evenly(brokers):
    clock, limit, subject = Clock(), Limit("evenly", 3, 60), new_id()
    limits = await Limits.open(brokers[0], clock=clock)
    assert [(await limits.hit(limit, subject)).allowed for _ in range(4)] == [True, True, True, False]
    clock.now += 19
    assert (await limits.hit(limit, subject)).wait == pytest.approx(1)
    clock.now += 1
    assert [(await limits.hit(limit, subject)).allowed for _ in range(2)] == [True, False]
    clock.now += 3600
    assert [(await limits.hit(limit, subject)).allowed for _ in range(4)] == [True, True, True, False]


async def test_limits_and_subjects_do_not_touch_each_other(brokers):
    limits = await Limits.open(brokers[0], clock=Clock())
    one, other, subject = Limit("one", 1, 60), Limit("other", 1, 60), new_id()
    assert (await limits.hit(one, subject)).allowed
    assert (await limits.hit(other, subject)).allowed
    assert (await limits.hit(one, "ä*> \ud800" + subject)).allowed
    assert not (await limits.hit(one, subject)).allowed


async def test_counting_goes_on_after_the_broker_forgot_its_memory(brokers):
    limits, limit, subject = await Limits.open(brokers[0], clock=Clock()), Limit("forgotten", 1, 60), new_id()
    assert (await limits.hit(limit, subject)).allowed
    await brokers[0].delete_key_value("limits")
    assert [(await limits.hit(limit, subject)).allowed for _ in range(2)] == [True, False]


def asked(client: str | None, *forwarded: str) -> str:
    headers = [(b"host", b"gemeinwerk.example"), *((b"x-forwarded-for", line.encode()) for line in forwarded)]
    return trusted_address({"client": client and (client, 1234), "headers": headers}, PROXIES)


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("203.0.113.7", (), "203.0.113.7"),
        ("203.0.113.7", ("198.51.100.1",), "203.0.113.7"),  # not a proxy: what it claims is worth nothing
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("192.0.2.66, 198.51.100.1",), "198.51.100.1"),  # the left one is the client's own claim
        ("10.0.0.1", ("192.0.2.66, 198.51.100.1, 10.0.0.2",), "198.51.100.1"),
        ("10.0.0.1", ("192.0.2.66", "198.51.100.1"), "198.51.100.1"),
        ("10.0.0.1", ("198.51.100.1, unknown",), "10.0.0.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("10.0.0.9",), "10.0.0.9"),
        ("fd00::1", ("2001:db8::5",), "2001:db8::5"),
        ("::ffff:10.0.0.1", ("::ffff:198.51.100.1",), "198.51.100.1"),
        (None, ("198.51.100.1",), ""),
        ("/run/socket", ("198.51.100.1",), ""),
    ],
)
def test_only_what_a_trusted_proxy_saw_is_the_address(client, forwarded, address):
    assert asked(client, *forwarded) == address


async def test_rotating_forwarded_addresses_are_one_client_and_citizens_behind_one_proxy_are_many(brokers):
    limits, limit = await Limits.open(brokers[0], clock=Clock()), Limit(f"sign-in-{new_id()}", 5, 60)
    addresses = [f"198.51.100.{number}" for number in range(40)]
    rotating = [(await limits.hit(limit, asked("203.0.113.7", address))).allowed for address in addresses]
    citizens = [(await limits.hit(limit, asked("10.0.0.1", f"192.0.2.9, {address}"))).allowed for address in addresses]
    assert sum(rotating) == 5
    assert all(citizens)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("", ""),
    ],
)
def test_one_customer_counts_once_whatever_address_it_picks(address, counted):
    assert neighbourhood(address) == counted
