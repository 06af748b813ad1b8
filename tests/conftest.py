"""What every test may ask for: PostgreSQL and NATS, started once a session, and empty databases."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
import structlog

from deploy.embedded import Infra
from tests.infra import create_database, drop_database, infrastructure


@pytest.fixture(scope="session")
def infra() -> Iterator[Infra]:
    with infrastructure(os.environ.get("GEMEINWERK_TEST_INFRA", "auto")) as found:
        yield found


@pytest.fixture(scope="session")
def nats_url(infra: Infra) -> str:
    return infra.nats_url


@pytest.fixture(scope="session")
def fresh_database(infra: Infra) -> Callable[[str], Awaitable[str]]:
    """`await fresh_database("funding")` gives the URL of an empty database that lives until the session ends."""
    return lambda name: create_database(infra, name)


@pytest.fixture
async def database(infra: Infra) -> AsyncIterator[str]:
    """The URL of an empty database of this test alone."""
    url = await create_database(infra, "test")
    yield url
    await drop_database(infra, url)


@pytest.fixture(autouse=True)
def logging_as_at_first() -> Iterator[None]:
    """A test that runs the program leaves its logging behind, bound to a stream that is closed by then."""
    yield
    structlog.reset_defaults()
