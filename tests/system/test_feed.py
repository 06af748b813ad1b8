"""The feed of facts: who reads it alone can rebuild what the pages show."""

import json

from services.realtime.sync.protocol import Closing
from shared.ids import new_id
from tests.examples import IDEA
from tests.infra import eventually


async def _token(citizen):
    page = await citizen.submit("/developers/token")
    return page.text.split('<code class="gw-token">')[1].split("<")[0]


async def test_a_subscriber_that_reads_facts_alone_knows_the_project(deployment):
    anna = await deployment.citizen("Anna B.", "dresden")
    carl = await deployment.citizen("Carl K.", "dresden", "coordinator")
    ines = await deployment.citizen("Ines I.", "dresden", "integrator")
    id = new_id()
    await anna.submit("/projects/new", id=id, **IDEA)
    await carl.submit(f"/projects/{id}/publish")
    await anna.submit(f"/projects/{id}/phase", phase="development")
    reader = deployment.client(headers={"authorization": f"Bearer {await _token(ines)}"})

    async def rebuilt():
        cursor, state, last = "", {}, {}
        while True:
            page = (await reader.get(f"/dresden/api/facts?after={cursor}")).json()
            for fact in page["facts"]:
                assert fact["after"] == last.get(fact["source"], 0), "a fact is missing"
                last[fact["source"]] = fact["position"]
                if fact.get("subject") == id:
                    state |= fact["data"]
            if not page["facts"]:
                return state if state.get("phase") == "development" else None
            cursor = page["next"]

    state = await eventually(rebuilt)
    shown = (await reader.get(f"/dresden/api/marketplace/projects/{id}")).json()
    assert (state["phase"], state["district"], [state["person"]]) == (shown["phase"], shown["district"], shown["team"])


async def test_the_feed_is_closed_to_those_without_the_role_and_to_other_towns(deployment):
    anna = await deployment.citizen("Anna B.", "dresden")
    ines = await deployment.citizen("Ines I.", "dresden", "integrator")
    token = await _token(ines)
    assert (await deployment.client().get("/dresden/api/facts")).status_code == 401
    assert (await anna.get("/api/facts")).status_code == 403
    reader = deployment.client(headers={"authorization": f"Bearer {token}"})
    assert (await reader.get("/detmold/api/facts")).status_code == 401
    refused = await reader.get("/dresden/api/facts?after=nonsense")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "after")
    assert json.loads(refused.content)["type"].startswith("urn:gemeinwerk:problem:")


async def test_the_page_for_developers_tells_what_every_closing_of_a_websocket_means(deployment):
    page = (await deployment.client().get("/dresden/developers")).text
    for code in Closing:
        assert f'class="gw-num">{code.value}</th>' in page
    assert "closing." not in page  # each has its words
