"""A plan over HTTP and websockets, on real servers: opened with its project, typed together, frozen, told to others."""

from base64 import b64encode

import pytest
from pycrdt import Map
from websockets.exceptions import ConnectionClosedError

from deploy.walkthrough.editor import Editor
from deploy.walkthrough.people import Person
from services.planning import freezing
from shared.ids import new_id
from tests.examples import IDEA
from tests.infra import eventually


@pytest.fixture(scope="module")
async def team(deployment):
    """Anna leads, Ben is a member of a public project."""
    anna, ben = await deployment.citizen("Anna B.", "dresden"), await deployment.citizen("Ben C.", "dresden")
    carl = await deployment.citizen("Carl K.", "dresden", "coordinator")
    id = new_id()
    await anna.submit("/projects/new", id=id, **IDEA)
    await carl.submit(f"/projects/{id}/publish")
    await ben.submit(f"/projects/{id}/join")
    await anna.submit(f"/projects/{id}/accept", person=ben.person)
    return anna, ben, id


def _editor(citizen, project, right="write"):
    person = Person(citizen.client, citizen.town, citizen.name)
    person.csrf = citizen.csrf
    return Editor(person, "planning", f"plan-{project}", right)


def _cost(id, label, cents, quantity=1000):
    def change(doc):
        row = Map(
            {
                "order": id,
                "label": label,
                "category": "material",
                "quantity": quantity,
                "unit_price_cents": cents,
                "month": "2027-04",
            }
        )
        doc.get("finance.costs", type=Map)[id] = row

    return change


def _rows(editor):
    return editor.doc.get("finance.costs", type=Map).to_py()


async def _type(editor, change):
    async with editor.online():
        editor.change(change)
        await editor.all_saved(5)


def _package(id, starts, ends):
    def change(doc):
        doc.get("work", type=Map)[id] = Map({"order": id, "label": "Aufbau", "starts": starts, "ends": ends})

    return change


async def _plan(citizen, project):
    return (await citizen.get(f"/api/planning/plans/{project}")).json()


async def test_the_plan_opens_with_the_project_and_everybody_reads_it(deployment, team):
    anna, _, project = team
    assert (await anna.get(f"/plans/{project}")).status_code == 200  # hers waits until planning has heard
    page = await deployment.client().get(f"/dresden/plans/{project}")
    assert page.status_code == 200
    assert IDEA["title"] in page.text
    assert (await deployment.client().get(f"/detmold/plans/{project}")).status_code == 404


async def test_what_is_typed_is_saved_read_and_put_down_to_who_typed_it(team):
    anna, ben, project = team
    one, two = _editor(anna, project), _editor(ben, project)
    async with one.online(), two.online():
        one.change(_cost("a", "Regale", 185_00, 24_000))
        two.change(_cost("b", "Miete", 780_00, 12_000))
        assert await one.all_saved()
        assert await two.all_saved()
        await eventually(lambda: _rows(one) == _rows(two) and len(_rows(one)) == 2)
    plan = await _plan(anna, project)
    assert plan["totals"]["costs_cents"] == 24 * 185_00 + 12 * 780_00
    bursts = (await anna.get(f"/api/planning/plans/{project}/history")).json()["bursts"]
    who = {change["label"]: burst["name"] for burst in bursts for change in burst["changes"]}
    assert who == {"Regale": "Anna B.", "Miete": "Ben C."}
    assert "Regale" in (await anna.get(f"/plans/{project}/finance")).text


async def test_the_page_names_what_is_still_to_be_cleared(team):
    anna, _, project = team
    page = (await anna.get(f"/plans/{project}/finance")).text
    assert "Es fehlen 13.800,00\u00a0€ Einnahmen." in page
    editor = _editor(anna, project)
    async with editor.online():
        editor.change(_package("w", "2027-05-02", "2027-05-01"))
        assert await editor.all_saved()
    work = (await anna.get(f"/plans/{project}/work")).text
    assert f'/plans/{project}/work#zeile-w">A1</a> hat noch niemanden, der sich kümmert.' in work
    schedule = (await anna.get(f"/plans/{project}/schedule")).text
    assert "endet am 1. Mai 2027, also vor dem Beginn am 2. Mai 2027." in schedule


async def test_the_finance_page_is_checked_against_the_pot_that_is_chosen(deployment, team):
    anna, _, project = team
    otto, pot = await deployment.citizen("Otto O.", "dresden", "funding_officer"), new_id()
    opened = {"pot_id": pot, "title": "Elbe-Fonds", "purpose": "Für alle.", "source": "Haushalt", "year": 2026}
    await otto.give("funding", f"pot/{pot}/open-pot", opened | {"budget_cents": 1_000_00})
    address = f"/plans/{project}/finance?pot={pot}"
    assert "Elbe-Fonds" not in (await anna.get(address)).text  # without rules there is nothing to check against
    rules = {"version": 1, "rules": {"title": "Richtlinie", "cap_cents": 500_00}}
    await otto.give("funding", f"pot/{pot}/set-rules", rules)

    async def offered():
        page = (await anna.get(address)).text
        return all(words in page for words in (f'data-pot="{pot}"', "Elbe-Fonds</a>, Fassung 1"))

    await eventually(offered)
    asked = {"pot_id": pot, "amount_cents": 600_00, "finance": {"costs": [], "incomes": []}}
    checked = await anna.client.post("/dresden/api/funding/check", json=asked, headers={"x-csrf-token": anna.csrf})
    assert "cap_exceeded" in {finding["code"] for finding in checked.json()["findings"]}
    assert "data-pot" not in (await anna.get(f"/plans/{project}/finance?pot=")).text


async def test_a_frozen_revision_never_changes(team):
    anna, ben, project = team
    revision = new_id()
    answer = await anna.give("planning", f"plan/{project}/freeze-revision", {"revision_id": revision, "name": "Antrag"})
    assert answer.status_code == 200
    frozen = (await anna.get(f"/api/planning/plans/{project}/revisions/{revision}")).json()
    editor = _editor(ben, project)
    await _type(editor, _cost("c", "Später dazu", 1_00))
    assert (await anna.get(f"/api/planning/plans/{project}/revisions/{revision}")).json() == frozen
    assert "Später dazu" in (await anna.get(f"/plans/{project}/history?from={revision}&to=now")).text
    for address in (f"/plans/{project}/history/{revision}", f"/plans/{project}/print?revision={revision}"):
        page = (await anna.get(address)).text
        assert "Regale" in page
        assert "Später dazu" not in page
    assert (await anna.get(f"/plans/{project}/history/{new_id()}")).status_code == 404


async def test_what_the_page_had_as_saved_is_in_the_revision(team, monkeypatch):
    anna, _, project = team
    monkeypatch.setattr(freezing, "_WITHIN", 0.3)
    editor = _editor(anna, project)
    async with editor.online():
        editor.change(_cost("s", "Gespeichert", 7_00))
        assert await editor.all_saved()
    path, revision = f"plan/{project}/freeze-revision", new_id()
    body = {"revision_id": revision, "name": "Stand", "saved": f"0:{b64encode(editor.doc.get_state()).decode()}"}
    assert (await anna.give("planning", path, body)).status_code == 200
    editor.change(_cost("t", "Nur auf der Seite", 7_00))
    more = body | {"revision_id": new_id(), "saved": f"0:{b64encode(editor.doc.get_state()).decode()}"}
    refused = await anna.give("planning", path, more)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_all_saved_yet")
    wrong = await anna.give("planning", path, body | {"revision_id": new_id(), "saved": "0:AAA="})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "saved")


async def test_a_retried_freeze_gets_the_first_answer_though_the_plan_went_on(team):
    anna, ben, project = team
    revision, key = new_id(), new_id()
    path, body = f"plan/{project}/freeze-revision", {"revision_id": revision, "name": "Noch mal"}
    first = await anna.give("planning", path, body, idempotency_key=key)
    frozen = (await anna.get(f"/api/planning/plans/{project}/revisions/{revision}")).json()
    editor = _editor(ben, project)
    async with editor.online():
        editor.change(_cost("r", "Nach dem ersten Versuch", 3_00))
        assert await editor.all_saved()
    assert (await anna.give("planning", path, body, idempotency_key=key)).json() == first.json()
    assert (await anna.give("planning", path, body)).status_code == 200
    assert (await anna.get(f"/api/planning/plans/{project}/revisions/{revision}")).json() == frozen
    shown = (await _plan(anna, project))["revisions"]
    assert [each["number"] for each in shown] == list(range(len(shown), 0, -1))


async def test_two_plans_may_give_a_revision_the_same_id(deployment, team):
    anna, _, project = team
    other, named = new_id(), {"revision_id": new_id(), "name": "Zufall"}
    carl = await deployment.citizen("Carl K.", "dresden", "coordinator")
    await anna.submit("/projects/new", id=other, **IDEA)
    await carl.submit(f"/projects/{other}/publish")

    async def frozen(plan):
        answer = await anna.give("planning", f"plan/{plan}/freeze-revision", named)
        assert answer.status_code == 200, answer.text
        return True

    for plan in (project, other):
        await eventually(lambda p=plan: frozen(p), 15)
        shown = (await _plan(anna, plan))["revisions"]
        assert [each["name"] for each in shown if each["id"] == named["revision_id"]] == ["Zufall"]
    assert await deployment.site("planning").service.projector.stopped("dresden") == {}


async def test_going_back_to_a_revision_is_an_edit_like_any_other(team):
    anna, ben, project = team
    revision = new_id()
    await anna.give("planning", f"plan/{project}/freeze-revision", {"revision_id": revision, "name": "Vorher"})
    before = (await _plan(anna, project))["content"]
    editor = _editor(ben, project)
    async with editor.online():
        editor.change(_cost("a", "Ganz anders", 999_00))
        editor.change(lambda doc: doc.get("finance.costs", type=Map).pop("b"))
        assert await editor.all_saved()
        assert (await _plan(anna, project))["content"] != before
        await anna.submit(f"/plans/{project}/restore", revision_id=revision)
        await eventually(lambda: _label(editor, "a") == "Regale")
    assert (await _plan(anna, project))["content"] == before
    again = await anna.give("planning", f"plan/{project}/restore-revision", {"revision_id": revision})
    assert again.json() == {"changed": False}

    async def told():
        bursts = (await anna.get(f"/api/planning/plans/{project}/history")).json()["bursts"]
        return bursts[0]["name"] == "Anna B." and {"Miete", "Regale"} <= {c["label"] for c in bursts[0]["changes"]}

    await eventually(told)


def _label(editor, row):
    rows = editor.doc.get("finance.costs", type=Map)
    return str(rows[row]["label"]) if row in rows else ""


async def test_the_lead_says_by_which_revision_the_team_stands(team):
    anna, ben, project = team
    revision = (await _plan(anna, project))["revisions"][0]["id"]
    refused = await ben.submit(f"/plans/{project}/ready", revision=revision)
    assert refused.status_code == 403
    assert (await anna.submit(f"/plans/{project}/ready", revision=new_id())).status_code == 409
    assert (await anna.submit(f"/plans/{project}/ready", revision=revision)).status_code == 303
    ready = [each["id"] for each in (await _plan(anna, project))["revisions"] if each["ready"]]
    assert ready == [revision]
    page = (await ben.get(f"/plans/{project}/history")).text
    assert "Das Team steht zu dieser Fassung" in page
    assert "Als fertig erklären" not in page


async def test_strangers_read_and_do_not_write(deployment, team):
    anna, _, project = team
    sara = await deployment.citizen("Sara S.", "dresden")
    assert (
        await sara.give("planning", f"plan/{project}/freeze-revision", {"revision_id": new_id(), "name": "x"})
    ).status_code == 403
    back = {"revision_id": (await _plan(anna, project))["revisions"][0]["id"]}
    assert (await sara.give("planning", f"plan/{project}/restore-revision", back)).status_code == 403
    reader, writer = _editor(sara, project), _editor(anna, project)
    with pytest.raises(ConnectionClosedError, match="4403"):
        await _type(reader, _cost("z", "Schmuggel", 1))
    await _type(writer, _cost("d", "Farbe", 9_00))
    labels = [row["label"] for row in (await _plan(anna, project))["content"]["costs"]]
    assert "Farbe" in labels
    assert "Schmuggel" not in labels


async def test_a_plan_that_does_not_exist_has_no_ticket(team):
    anna, _, _ = team
    answer = await anna.give("planning", "tickets", {"document": f"plan-{new_id()}"})
    assert answer.status_code == 404


async def test_who_leaves_the_team_is_out_of_the_document_at_once(deployment, team):
    anna, _, project = team
    dana = await deployment.citizen("Dana D.", "dresden")
    await dana.submit(f"/projects/{project}/join")
    await anna.submit(f"/projects/{project}/accept", person=dana.person)
    leaving, staying = _editor(dana, project), _editor(anna, project)

    async def leaves():
        async with leaving.online():
            leaving.change(_cost("e", "Noch dabei", 1_00))
            assert await leaving.all_saved()
            await dana.submit(f"/projects/{project}/leave")
            await eventually(lambda: leaving._socket.close_code, 5)

    async with staying.online():
        with pytest.raises(ConnectionClosedError, match="4403"):
            await leaves()
        staying.change(_cost("f", "Weiter im Plan", 1_00))
        assert await staying.all_saved()
    answer = await dana.give("planning", "tickets", {"document": f"plan-{project}", "right": "write"})
    assert answer.json()["right"] == "read"


async def test_a_project_page_may_ask_for_a_plan_that_is_not_there_yet(deployment):
    client, path = deployment.client(), f"/dresden/plans/{new_id()}/exports"
    assert (await client.get(path)).status_code == 404
    assert (await client.get(path, headers={"hx-request": "true"})).status_code == 204
