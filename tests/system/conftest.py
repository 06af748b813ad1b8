"""One deployment for all tests of this folder, on servers of its own: each test brings its own people and projects."""

import os
from collections.abc import AsyncIterator

import pytest

from tests.deployment import Deployment, deployed
from tests.examples import DETMOLD, DRESDEN
from tests.infra import infrastructure


@pytest.fixture(scope="session")
async def deployment() -> AsyncIterator[Deployment]:
    with infrastructure(os.environ.get("GEMEINWERK_TEST_INFRA", "auto")) as infra:
        async with deployed(infra) as started:
            await started.open(DRESDEN, DETMOLD)
            yield started
