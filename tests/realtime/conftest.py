"""Gateways on a real broker, and names of documents that no other test uses."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from services.realtime.sync.gateway import Gateway
from shared.access.tickets import public_key
from shared.ids import new_id
from tests.realtime.page import ORIGIN, SEED

Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
def document() -> str:
    return f"plan-{new_id()}"


@pytest.fixture
async def start(nats_url: str) -> AsyncIterator[Start]:
    """`await start()` gives a gateway that is drained after the test."""
    started: list[Gateway] = []

    async def one(**settings: Any) -> Gateway:
        gateway = Gateway(nats_url, [public_key(SEED)], [ORIGIN], **settings)
        started.append(gateway)
        await gateway.start()
        return gateway

    yield one
    for gateway in started:
        await gateway.drain()


@pytest.fixture
async def gateway(start: Start) -> Gateway:
    return await start()
