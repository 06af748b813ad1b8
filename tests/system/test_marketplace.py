"""The marketplace over HTTP, on real servers: from an idea to a project that others join and help."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded import Infra
from shared.ids import new_id
from tests.deployment import Deployment, deployed
from tests.examples import DETMOLD, DRESDEN, IDEA


@pytest.fixture(scope="module")
async def deployment(infra: Infra) -> AsyncIterator[Deployment]:
    async with deployed(infra) as started:
        await started.open(DRESDEN, DETMOLD)
        yield started


async def test_an_idea_is_public_only_after_the_coordinator_published_it(deployment):
    anna, carl = (
        await deployment.citizen("Anna B.", "dresden"),
        await deployment.citizen("Carl K.", "dresden", "coordinator"),
    )
    stranger = deployment.client()
    id = new_id()
    sent = await anna.submit("/projects/new", id=id, **IDEA)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/dresden/projects/{id}")
    assert IDEA["title"] in (await anna.get(f"/projects/{id}")).text
    assert (await stranger.get(f"/dresden/projects/{id}")).status_code == 404
    assert IDEA["title"] not in (await stranger.get("/dresden/projects")).text
    assert (await anna.submit(f"/projects/{id}/publish")).status_code == 403
    assert IDEA["title"] in (await carl.get("/desk")).text
    assert (await carl.submit(f"/projects/{id}/publish")).status_code == 303
    for query in ("q=material", "q=materialwek", "q=loebtau", "q=Löbtau", "district=loebtau", "phase=initiation"):
        assert IDEA["title"] in (await stranger.get(f"/dresden/projects?{query}")).text, query
    for query in ("q=schwimmbad", "district=cotta", "phase=implementation"):
        assert IDEA["title"] not in (await stranger.get(f"/dresden/projects?{query}")).text, query
    assert (await stranger.get(f"/detmold/projects/{id}")).status_code == 404
