"""Every fault run says which fault it made, what had to hold and what was seen; `make test-faults` prints the list."""

from collections.abc import Callable, Iterator

import pytest

from deploy.embedded import Infra, Running, start
from shared.bus.connection import connect
from tests.infra import open_folder
from tests.pair import forget_facts, open_municipalities

Verdict = Callable[[int, str, str, str], None]
_VERDICTS: list[tuple[int, str, str, str]] = []


@pytest.fixture(scope="module")
def servers() -> Iterator[Running]:
    """PostgreSQL and NATS of one module of fault runs, which may kill and spoil them."""
    with open_folder() as folder, start(folder) as running:
        yield running


@pytest.fixture
async def infra(servers: Running) -> Infra:
    """Both servers at work, no facts on the bus but the openings of dresden and detmold."""
    for name in servers.ended():
        servers.restart(name)
    client, js = await connect(servers.infra.nats_url, name="test")
    await forget_facts(js)
    await client.close()
    await open_municipalities(servers.infra, "dresden", "detmold")
    return servers.infra


@pytest.fixture
def verdict() -> Verdict:
    """`verdict(line, fault, expected, seen)`, after everything has been asserted; lines are those of the fault list."""
    return lambda line, fault, expected, seen: _VERDICTS.append((line, fault, expected, seen))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if _VERDICTS and config.getoption("markexpr") != "not faults":
        terminalreporter.section("faults")
        for line, fault, expected, seen in sorted(_VERDICTS):
            terminalreporter.write_line(f"{line:>2}  {fault}\n    expected: {expected}\n    seen:     {seen}")
