"""The marketplace over HTTP, on real servers: from an idea to a project that others join and help."""

import re

from shared.ids import new_id
from tests.examples import IDEA


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
    assert id not in (await stranger.get("/dresden/projects")).text
    assert (await anna.submit(f"/projects/{id}/publish")).status_code == 403
    assert id in (await carl.get("/desk")).text
    assert (await carl.submit(f"/projects/{id}/publish")).status_code == 303
    assert id in (await stranger.get("/dresden/projects")).text  # the page that she has just seen without it
    for query in ("q=material", "q=materialwek", "q=loebtau", "q=Löbtau", "district=loebtau", "phase=initiation"):
        assert id in (await stranger.get(f"/dresden/projects?{query}")).text, query
    for query in ("q=schwimmbad", "district=cotta", "phase=implementation"):
        assert id not in (await stranger.get(f"/dresden/projects?{query}")).text, query
    assert (await stranger.get(f"/detmold/projects/{id}")).status_code == 404


async def test_the_first_view_of_the_marketplace_is_small_over_the_wire(deployment):
    """At most 60 kB with styles, script and icons, as a browser gets them; without pictures and fonts."""
    client = deployment.client(headers={"accept-encoding": "br"})
    page = await client.get("/dresden")
    assert page.headers["content-encoding"] == "br"
    names = set(re.findall(r'"(/assets/[\w.-]+\.(?:css|js|svg))', page.text))
    sizes = [int((await client.get(name)).headers["content-length"]) for name in names]
    assert len(sizes) >= 3
    assert int(page.headers["content-length"]) + sum(sizes) <= 60_000
