"""What the plan asks of the marketplace and of people comes back to it: needs are found, who is named gets to know."""

import pytest
from pycrdt import Map
from websockets.exceptions import ConnectionClosedError

from deploy.walkthrough.editor import Editor
from deploy.walkthrough.people import Person
from shared.ids import new_id
from tests.examples import IDEA
from tests.infra import eventually


@pytest.fixture(scope="module")
async def team(deployment):
    """Anna leads, Ben is a member, Carl coordinates the town."""
    anna, ben = await deployment.citizen("Anna B.", "dresden"), await deployment.citizen("Ben C.", "dresden")
    carl = await deployment.citizen("Carl K.", "dresden", "coordinator")
    id = new_id()
    await anna.submit("/projects/new", id=id, **IDEA)
    await carl.submit(f"/projects/{id}/publish")
    await ben.submit(f"/projects/{id}/join")
    await anna.submit(f"/projects/{id}/accept", person=ben.person)
    return anna, ben, carl, id


def _editor(citizen, project, right):
    person = Person(citizen.client, citizen.town, citizen.name)
    person.csrf = citizen.csrf
    return Editor(person, "planning", f"plan-{project}", right)


async def _type(citizen, project, change, right="write"):
    editor = _editor(citizen, project, right)
    async with editor.online():
        editor.change(change)
        await editor.all_saved(10)


def _resource(id, need):
    def change(doc):
        row = {"order": id, "label": "Lagerraum", "kind": "room", "quantity": 1000, "state": "needed", "need": need}
        doc.get("resources", type=Map)[id] = Map(row)

    return change


async def _resources(citizen, project):
    content = (await citizen.get(f"/api/planning/plans/{project}")).json()["content"]
    return {row["id"]: (row["state"], row["need"]) for row in content["resources"]}


async def _published(citizen, project, need):
    answer = await citizen.give("marketplace", f"need/{need}/publish-need", _need(project))
    assert answer.status_code == 200
    await _type(citizen, project, _resource(f"r-{need[-8:]}", need))
    return f"r-{need[-8:]}"


def _need(project):
    return {"project": project, "kind": "room", "what": "Lagerraum"}


async def test_a_need_that_is_fulfilled_marks_its_row_in_the_name_of_who_accepted(deployment, team):
    anna, ben, _, project = team
    need, offer = new_id(), new_id()
    row = await _published(ben, project, need)
    again = await anna.give("marketplace", f"need/{need}/publish-need", _need(project))
    assert again.status_code == 200  # two people press at once: one need
    dana = await deployment.citizen("Dana D.", "dresden")
    await dana.give("marketplace", f"need/{need}/make-offer", {"offer": offer})
    accepted = await anna.give("marketplace", f"need/{need}/accept-offer", {"offer": offer})
    assert accepted.status_code == 200

    async def secured():
        return (await _resources(anna, project)).get(row) == ("secured", need)

    await eventually(secured, 15)
    bursts = (await anna.get(f"/api/planning/plans/{project}/history")).json()["bursts"]
    marked = [each["person"] for each in bursts if any(change["new"] == "secured" for change in each["changes"])]
    assert marked == [anna.person]


async def test_an_offer_marks_its_row_and_what_the_team_says_since_stays(deployment, team):
    anna, ben, _, project = team
    dana = await deployment.citizen("Dana D.", "dresden")
    need, first, second = new_id(), new_id(), new_id()
    row = await _published(ben, project, need)

    def stands(state):
        async def check():
            return (await _resources(anna, project)).get(row) == (state, need)

        return check

    made = await dana.give("marketplace", f"need/{need}/make-offer", {"offer": first})
    assert made.status_code == 200
    await eventually(stands("offered"), 15)
    history = (await anna.get(f"/plans/{project}/history?person=marketplace")).text
    assert "Marktplatz" in history
    assert "als angeboten markiert" in history
    assert "Dana" not in history
    await dana.give("marketplace", f"need/{need}/withdraw-offer", {"offer": first})
    await eventually(stands("needed"), 15)
    await dana.give("marketplace", f"need/{need}/make-offer", {"offer": second})
    await eventually(stands("offered"), 15)
    await _type(anna, project, lambda doc: doc.get("resources", type=Map)[row].update({"state": "secured"}))
    await dana.give("marketplace", f"need/{need}/withdraw-offer", {"offer": second})
    await anna.give("marketplace", f"need/{need}/withdraw-need", {})

    async def freed():  # this fact comes after the one of the offer
        return (await _resources(anna, project)).get(row) == ("secured", "")

    await eventually(freed, 15)


async def test_a_need_that_is_withdrawn_can_be_asked_for_again(deployment, team):
    anna, ben, _, project = team
    need = new_id()
    row = await _published(ben, project, need)
    assert (await anna.give("marketplace", f"need/{need}/withdraw-need", {})).status_code == 200

    async def freed():
        return (await _resources(anna, project)).get(row) == ("needed", "")

    await eventually(freed, 15)


async def test_who_is_named_in_the_talk_finds_it_in_the_inbox(deployment, team):
    anna, ben, carl, project = team

    def says(doc):
        said = {"about": "finance", "text": "Fragt doch das Bauamt.", "author": carl.person, "mentions": ben.person}
        doc.get("comments", type=Map)["c-1"] = Map(said | {"at": "2026-11-22T10:00:00Z", "state": "open"})

    await _type(carl, project, says, "comment")
    page = await deployment.client().get(f"/dresden/plans/{project}/finance")
    assert "Fragt doch das Bauamt." in page.text
    await anna.get(f"/api/planning/plans/{project}/history")

    async def told():
        return "#kommentar-c-1" in (await ben.get("/inbox")).text

    await eventually(told, 15)
    assert "#kommentar-c-1" not in (await anna.get("/inbox")).text


async def test_who_advises_comments_and_changes_nothing(deployment, team):
    anna, _, carl, project = team
    editor = _editor(carl, project, "comment")

    async def changes_a_row():
        async with editor.online():
            editor.change(_resource("r-forged", ""))
            await eventually(lambda: editor._socket.close_code, 15)

    with pytest.raises(ConnectionClosedError) as closed:
        await changes_a_row()
    assert closed.value.rcvd.code == 4403
    assert "r-forged" not in await _resources(anna, project)
    answer = await carl.give("planning", "tickets", {"document": f"plan-{project}", "right": "write"})
    assert answer.json()["right"] == "comment"
