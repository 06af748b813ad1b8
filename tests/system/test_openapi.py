"""What anybody may send to the addresses that the services describe: never is a failure of ours the answer."""

import asyncio
from urllib.parse import unquote

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from shared.access.permissions import RULES
from shared.ids import new_id
from tests.examples import IDEA
from tests.system.bodies import around, least
from tests.system.cast import cast

SERVICES = ("marketplace", "planning", "funding", "events")
BODIES = 6  # for each command
ROLES = ("coordinator", "funding_officer", "treasurer", "reviewer", "facilitator")
IDS = [
    "x",
    "%00",
    "a%00b",
    "%0a",
    "..",
    "%2e%2e",
    "%2f",
    "x" * 5000,
    "%F0%9F%A6%AB",
    "%ff",
    "*",
    "a.b",
    "a b",
    "-",
    "'",
]
IDS += ["e%CC%81", "%E2%80%AE", "$x", "{id}", "0" * 64, "1e9"]


@pytest.fixture(scope="module")
async def stage(deployment):
    return await cast(deployment)


async def described(deployment):
    """Address, schema, components and rule of every command, and of what else takes JSON."""
    for service in SERVICES:
        found = (await deployment.client().get(f"/dresden/api/{service}/openapi.json")).json()
        for path, operations in found["paths"].items():
            operation = operations.get("post", {})
            taken = operation.get("requestBody", {"content": {}})["content"].get("application/json")
            if taken:
                rule = RULES.get(f"{service}.{operation.get('x-rule')}")
                yield path, taken["schema"], found["components"]["schemas"], rule


def drawn(strategy, number):
    """Some values of a strategy, the same in every run."""
    values = []

    @hypothesis.settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value):
        values.append(value)

    draw()
    return values


async def everybody(stage):
    """Sessions of all who are allowed most: one a role, and both teams' leads."""
    return {name: await stage.actors[name].client() for name in (*ROLES, "lead", "other_lead", "citizen")}


def asked(clients, rule):
    """Those who come through to what decides, and one more: the rest is turned away alike, whatever the body says."""
    names = {"lead", "other_lead", "citizen"} | (rule.roles if rule else set())
    return [client for name, client in clients.items() if name in names]


async def test_no_body_makes_a_service_fail(deployment, stage):
    things, failed = stage.other, []
    ids = {"project": things.project, "team": things.project, "need": things.need, "pot": things.pot}
    ids |= {"application": things.application, "process": things.process, "meeting": things.meeting}
    ids |= {f"{name}s": id for name, id in ids.items()}
    ids |= {"municipality": "dresden", "person": things.person}
    number = 0
    async for path, schema, components, rule in described(deployment):
        aggregate = path.split("/")[4]
        if number % 12 == 0:
            clients = await everybody(stage)
        number += 1
        bodies = drawn(st.one_of(around(schema, components), around(schema, components), st.text(max_size=3)), BODIES)
        for each in bodies:
            id = ids.get(aggregate, new_id())
            answers = await asyncio.gather(
                *(
                    client.post(path.replace("{id}", id), json=_aimed(each, id, things))
                    for client in asked(clients, rule)
                )
            )
            failed += [(path, each, answer.text) for answer in answers if answer.status_code >= 500]
    assert not failed, f"{len(failed)}: {failed[:5]}"
    await nothing_stands_still(deployment)


def _aimed(body, id, things):
    """With the ids that are checked against the address; the rest stays as broken as it is."""
    if not isinstance(body, dict):
        return body
    right = {"application_id": id, "pot_id": things.pot, "meeting": id, "project_id": things.project}
    return body | {name: value for name, value in right.items() if name in body}


async def nothing_stands_still(deployment):
    """Every view has taken in everything that was stored: no value came through that a view cannot keep."""
    for name in deployment.app.services:
        service = deployment.site(name).service
        await service.projector.catch_up("dresden")
        for source in service.card.hears:
            await service.projector.catch_up("dresden", source)
        assert await service.projector.stopped("dresden") == {}, name


@pytest.mark.parametrize("id", IDS)
async def test_no_id_makes_a_service_fail(deployment, stage, id):
    client = await stage.actors["coordinator"].client()
    seen = set()
    for name, app in deployment.app.services.items():
        for route in app.routes:
            path = route.path.replace("{municipality:str}", "dresden")
            if "{" not in path or "GET" not in getattr(route, "methods", ()):
                continue
            for part in [part for part in path.split("/") if "{" in part]:
                path = path.replace(part, id)
            answer = await client.get(path)
            seen.add(answer.status_code)
            assert answer.status_code < 500, (name, path, answer.text)
    assert seen <= {200, 204, 303, 400, 403, 404, 405}


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data"},
        {"content-type": "multipart/form-data; boundary=\xe4"},
        {"content-type": "application/json; charset=utf-7"},
        {"content-type": ""},
        {"if-match": "*"},
        {"if-match": '"-1"'},
        {"if-match": '"99999999999999999999999999"'},
        {"if-match": 'W/"x"'},
        {"idempotency-key": "x" * 5000},
        {"idempotency-key": "a\tb"},
        {"idempotency-key": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer \xff"},
        {"cookie": "gw=" + "x" * 4000},
        {"accept-language": "\xff" * 99},
        {"accept-encoding": "br;q=x"},
    ],
)
async def test_no_header_makes_a_service_fail(deployment, stage, headers):
    client = await stage.actors["lead"].client()
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    body = b'{"person":"\xc3\xa4"}'
    for path in (f"team/{stage.own.project}/invite-member", f"need/{stage.own.need}/make-offer"):
        for content in (body, b"", b"--\r\n", b"a=%ff&b"):
            answer = await client.post(f"/dresden/api/marketplace/{path}", content=content, headers=raw)
            assert answer.status_code < 500, (headers, answer.text)
    page = await client.post("/dresden/projects/new", content=body, headers=raw)
    assert page.status_code < 500, (headers, page.text)


@pytest.mark.parametrize(
    "value", ["%00", "9" * 40, "-1", "1.5", "x" * 5000, "%ff", "%F0%9F%A6%AB", "e%CC%81", "", "%25"]
)
async def test_no_question_makes_a_service_fail(deployment, stage, value):
    client = await stage.actors["coordinator"].client()
    asked = "&".join(
        f"{name}={value}" for name in ("q", "page", "after", "limit", "phase", "from", "to", "seen", "next")
    )
    for name, app in deployment.app.services.items():
        for route in app.routes:
            path = route.path.replace("{municipality:str}", "dresden")
            if "{" in path or "GET" not in getattr(route, "methods", ()) or path.endswith("/stream"):
                continue
            answer = await client.get(f"{path}?{asked}")
            assert answer.status_code < 500, (name, path, answer.text)


ODD = (2**53 - 1, -1, "x" * 5000, "a.b *>", "\u202e🦫", "a\x00b")


async def test_no_single_odd_value_makes_a_service_fail_or_a_view_stand_still(deployment, stage):
    """In a body that would do otherwise, on new things too, so that what comes through is stored and shown."""
    failed, number, clients = [], 0, []
    async for path, schema, components, _ in described(deployment):
        whole = schema if "$ref" not in schema else components[schema["$ref"].rpartition("/")[2]]
        clients = list((await everybody(stage)).values()) if number % 3 == 0 else clients
        number += 1
        body = least(whole, components)
        for name, known in whole.get("properties", {}).items():
            if "enum" in known or "$ref" in known:
                continue
            for odd in ODD:
                id = new_id()
                sent = _aimed(body, id, stage.own) | {"pot_id": id if "/pot/" in path else stage.own.pot} | {name: odd}
                sent = {key: value for key, value in sent.items() if key in whole["properties"]}
                client = clients[number % 2 * 5 if "/need/" in path else _who(path)]
                answer = await client.post(path.replace("{id}", id), json=sent)
                failed += [(path, name, odd, answer.text)] if answer.status_code >= 500 else []
    assert not failed, f"{len(failed)}: {failed[:5]}"
    await nothing_stands_still(deployment)


def _who(path):
    return 1 if "/funding/" in path else 0


@pytest.mark.parametrize("id", ["x" * 5000, "a%20b", "a*", "-a", "%F0%9F%A6%AB", "e%CC%81", ".", "a%0ab"])
async def test_nothing_new_gets_an_id_that_no_address_could_hold(deployment, stage, id):
    client = await stage.actors["funding_officer"].client()
    pot = {"pot_id": unquote(id), "title": "x", "purpose": "x", "source": "x", "year": 2026, "budget_cents": 1}
    opened = await client.post(f"/dresden/api/funding/pot/{id}/open-pot", json=pot)
    assert opened.status_code in (400, 404), opened.text
    proposed = await client.post(f"/dresden/api/marketplace/project/{id}/propose-project", json=IDEA)
    assert proposed.status_code in (400, 404), proposed.text
