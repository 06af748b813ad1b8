"""What belongs to another town or another team is not there: no route tells of it, whoever asks."""

import re

import httpx
import pytest
from msgspec.structs import replace

from deploy.services import app_of
from shared.ids import new_id
from shared.web.assets import Assets
from shared.web.dispatcher import Dispatcher
from tests.deployment import lifespan
from tests.system.cast import MARK, cast

CLOSED = {303, 401, 403, 404}
AUDITED = ("marketplace", "planning", "events", "funding", "realtime")


@pytest.fixture(scope="module")
async def stage(deployment):
    return await cast(deployment)


def reading(deployment):
    """Every GET route of every service that lies in a town, as it was written."""
    for name, app in deployment.app.services.items():
        for route in app.routes:
            if "GET" in getattr(route, "methods", ()) and route.path.startswith("/{municipality"):
                yield name, route.path


def aimed(path, town, things):
    """The address of a route for the things, one for each id that could stand there."""
    whole = path.replace("{municipality:str}", town)
    ids = (things.project, things.hidden, things.need, things.pot, things.application, things.meeting, things.process)
    if "{" not in whole:
        return [whole]
    parts = {"{view:str}": "table", "{part:str}": "finance", "{code:str}": "REGEN-0000", "{revision:str}": new_id()}
    for name, value in parts.items():
        whole = whole.replace(name, value)
    return [re.sub(r"\{\w+:str\}", id, whole) for id in ids]


@pytest.mark.parametrize("who", ["lead", "coordinator", "auditor", "funding_officer", "foreign_coordinator", "nobody"])
async def test_things_of_one_town_are_not_in_another(deployment, stage, who):
    """Sessions of dresden's people, of detmold's coordinator and of nobody ask detmold for what lies in dresden."""
    client = await stage.actors[who].client()
    for name, route in reading(deployment):
        if route.endswith("/stream") and who == "foreign_coordinator":
            continue  # hers by right, and endless
        for path in aimed(route, "detmold", stage.own):
            answer = await client.get(path)
            assert MARK not in answer.text, (name, path)
            if "{id" in route or "{code" in route:
                assert answer.status_code in CLOSED or _same_for_all(path), (name, path, answer.status_code)


def _same_for_all(path):
    """A page that only takes a code, whether there is such a one or not."""
    return path.startswith("/detmold/table/")


@pytest.mark.parametrize("who", ["lead", "auditor", "coordinator"])
async def test_who_holds_a_role_here_holds_none_there(stage, who):
    client = await stage.actors[who].client()
    for service in AUDITED:
        assert (await client.get(f"/detmold/audit/{service}/entries")).status_code in (401, 303)
    for path in ("/detmold/api/facts", "/detmold/api/facts/stream"):
        assert (await client.get(path)).status_code == 401
    for path in ("/detmold/desk", "/detmold/funding/desk", "/detmold/inbox", "/detmold/me"):
        assert (await client.get(path)).status_code in CLOSED, path


@pytest.mark.parametrize("who", ["citizen", "other_lead", "other_member", "stranger", "guest", "nobody"])
async def test_what_is_not_public_is_seen_by_nobody_else(stage, who):
    client, own = await stage.actors[who].client(), stage.own
    paths = [f"/projects/{own.hidden}", f"/api/marketplace/projects/{own.hidden}", f"/plans/{own.hidden}"]
    paths += [f"/plans/{own.hidden}/finance", f"/plans/{own.hidden}/history", f"/plans/{own.hidden}/print"]
    paths += [f"/api/planning/plans/{own.hidden}", f"/api/planning/plans/{own.hidden}/history"]
    paths += [f"/funding/applications/{own.application}", f"/funding/applications/{own.application}/history"]
    paths += [f"/api/funding/applications/{own.application}", f"/funding/desk/{own.application}"]
    for path in paths:
        hidden = (404, 303) if "/desk/" in path else (404,)  # the officers' desk asks to sign in whatever is on it
        assert (await client.get(f"/dresden{path}")).status_code in hidden, path
    for service in AUDITED:
        assert (await client.get(f"/dresden/audit/{service}/entries")).status_code in (401, 403, 303), service
    assert (await client.get("/dresden/api/facts")).status_code in (401, 403)
    ticket = await client.post("/dresden/api/planning/tickets", json={"document": f"plan-{own.hidden}"})
    assert ticket.status_code == 404, ticket.text


@pytest.mark.parametrize("who", ["reviewer", "funding_officer", "treasurer", "auditor"])
async def test_an_application_that_was_not_sent_in_is_the_teams_alone(stage, who):
    client, path = await stage.actors[who].client(), f"/dresden/api/funding/applications/{stage.own.application}"
    assert (await client.get(path)).status_code == 404
    assert (await (await stage.actors["lead"].client()).get(path)).status_code == 200


async def test_facts_and_entries_of_a_town_are_of_that_town(stage):
    """The feed and the log that dresden's auditor reads hold dresden's things and none of detmold's."""
    client, elsewhere = await stage.actors["auditor"].client(), stage.elsewhere
    ids = (elsewhere.project, elsewhere.pot, elsewhere.application, elsewhere.meeting, elsewhere.process)
    for path in ("/dresden/api/facts", *(f"/dresden/audit/{service}/entries?limit=500" for service in AUDITED)):
        told = await client.get(path)
        assert told.status_code == 200, (path, told.text)
        assert not [id for id in ids if id in told.text], path


async def test_who_signs_out_is_out_everywhere_at_once(deployment):
    anna = await deployment.citizen("Anna B.", "dresden")
    kept = {"cookie": "; ".join(f"{name}={value}" for name, value in anna.client.cookies.items())}
    thief = deployment.client(kept)
    assert (await thief.get("/dresden/me")).status_code == 200
    left = await anna.client.post("/sign-out", data={"csrf": anna.csrf})
    assert (left.status_code, "Max-Age=0" in left.headers["set-cookie"]) == (303, True)
    assert (await thief.get("/dresden/me")).status_code == 303
    asked = {"content": b"{}", "headers": {"x-csrf-token": anna.csrf}}
    for path in ("planning/tickets", f"marketplace/team/{new_id()}/ask-to-join", "funding/check"):
        assert (await thief.post(f"/dresden/api/{path}", **asked)).status_code in (400, 401, 404), path


async def test_a_code_signs_in_once(deployment):
    client, address = deployment.client(), f"{new_id()[-8:]}@dresden.example"
    await client.post("/sign-in", data={"address": address, "next": "/"})
    letter = next(m for m in reversed(deployment.extra("marketplace").post.letters) if m.to == address)
    sent = {"address": address, "code": re.sub(r"\D", "", letter.subject), "next": "/"}
    assert (await client.post("/sign-in/code", data=sent)).status_code == 303
    again = await deployment.client().post("/sign-in/code", data=sent)
    assert (again.status_code, "set-cookie" in again.headers) == (400, False)


async def test_links_come_from_the_settings_whatever_a_request_says(deployment):
    said = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "x-forwarded-proto": "https"}
    answer = await deployment.client(said).get("/dresden/me")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/dresden/me")
    assert "evil" not in (await deployment.client(said).get("/dresden")).text
    for host in ("evil.example", "127.0.0.1:8000.", "127.0.0.1", "localhost:8000"):
        refused = await deployment.client({"host": host}).get("/dresden")
        assert (refused.status_code, "evil" in refused.text) == (400, False), host


async def test_under_https_cookies_are_bound_to_the_host(deployment):
    """The same services under an https address: `__Host-` and Secure, and browsers are told to stay with https."""
    public = "https://gemeinwerk.example"
    settings = replace(deployment.settings["marketplace"], public_url=public, gateway_url="wss://gemeinwerk.example")
    app = Dispatcher({"marketplace": app_of(settings)}, Assets.built(), public)
    async with lifespan(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=public) as client:
        address = f"{new_id()[-8:]}@dresden.example"
        page = await client.post("/sign-in", data={"address": address, "next": "/"}, headers={"origin": public})
        letter = app.services["marketplace"].state.extra.post.letters[-1]
        sent = {"address": address, "code": re.sub(r"\D", "", letter.subject), "next": "/"}
        answer = await client.post("/sign-in/code", data=sent, headers={"origin": public})
        cookie = answer.headers["set-cookie"]
        assert re.fullmatch(r"__Host-gw=[\w-]+; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=\d+", cookie)
        assert page.headers["strict-transport-security"].startswith("max-age=")
        for origin in ("http://gemeinwerk.example", "https://evil.example", "null"):
            elsewhere = await client.post("/sign-in", data={"address": address}, headers={"origin": origin})
            assert elsewhere.status_code == 403, origin
