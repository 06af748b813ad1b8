"""A plan as it was, and who wrote a line of it: both from the log alone, each edit with its proof."""

import re

import pytest
from pycrdt import Map

from deploy.walkthrough.editor import Editor
from deploy.walkthrough.people import Person
from shared.ids import new_id
from tests.examples import IDEA
from tests.infra import eventually


@pytest.fixture(scope="module")
async def written(deployment):
    """Anna adds a line, Ben changes its price: (Anna, project)."""
    anna, ben = await deployment.citizen("Anna T.", "dresden"), await deployment.citizen("Ben T.", "dresden")
    carl = await deployment.citizen("Carl T.", "dresden", "coordinator")
    project = new_id()
    await anna.submit("/projects/new", id=project, **IDEA)
    await carl.submit(f"/projects/{project}/publish")
    await ben.submit(f"/projects/{project}/join")
    await anna.submit(f"/projects/{project}/accept", person=ben.person)
    await type_in(anna, project, lambda costs: costs.__setitem__("k1", line("Lastenrad", 1_500_00)))
    await _recorded(deployment, anna, project, 1)
    await type_in(ben, project, lambda costs: costs["k1"].__setitem__("unit_price_cents", 1_750_00))
    await _recorded(deployment, anna, project, 2)
    return anna, project


def line(label, cents):
    fields = {"category": "material", "quantity": 1000, "unit_price_cents": cents, "month": "2027-04"}
    return Map({"order": "k1", "label": label, **fields})


async def type_in(citizen, project, change):
    person = Person(citizen.client, citizen.town, citizen.name)
    person.csrf = citizen.csrf
    editor = Editor(person, "planning", f"plan-{project}", "write")
    async with editor.online():
        editor.change(lambda doc: change(doc.get("finance.costs", type=Map)))
        await editor.all_saved(15)


async def edits(deployment, project):
    entries = await deployment.site("planning").service.store.entries("dresden", 0, 500, project=project)
    return [entry for entry in entries if entry.type == "EditsRecorded"]


async def _recorded(deployment, citizen, project, count):
    """Whoever reads the history has what is typed written into the log."""

    async def there():
        await citizen.get(f"/plans/{project}/history")
        return len(await edits(deployment, project)) >= count

    await eventually(there, 15)


async def test_the_plan_stands_as_it_stood_after_each_edit(deployment, written):
    anna, project = written
    first = (await edits(deployment, project))[0].recorded_at.isoformat().replace("+00:00", "Z")
    then, now = await anna.get(f"/plans/{project}/then?at={first}"), await anna.get(f"/plans/{project}/then")
    assert "1.500,00" in then.text
    assert "1.750,00" not in then.text
    assert "1.750,00" in now.text
    content = re.compile(r'gw-paper">(.*)</main>', re.DOTALL)
    saved = await anna.get(f"/plans/{project}/print")
    assert content.findall(now.text)[0].partition("</h1>")[0] == content.findall(saved.text)[0].partition("</h1>")[0]
    assert "Lastenrad" not in (await anna.get(f"/plans/{project}/then?at=2020-01-01")).text
    assert (await anna.get(f"/plans/{project}/then?at=damals")).status_code == 400


async def test_a_line_says_who_wrote_and_who_changed_it_with_proofs(deployment, written):
    anna, project = written
    page = (await deployment.client().get(f"/dresden/plans/{project}/lines/k1")).text
    assert page.index("Ben T.") < page.index("Anna T.")
    assert "1.500,00" in page
    assert "1.750,00" in page
    assert "noch in keiner Fassung" in page
    positions = {entry.position for entry in await edits(deployment, project)}
    assert {int(one) for one in re.findall(r"/dresden/audit/planning/proof/(\d+)", page)} == positions
    for row in ("k9", "%00", "x" * 300):
        assert (await anna.get(f"/plans/{project}/lines/{row}")).status_code == 404
    assert (await anna.get(f"/plans/{new_id()}/lines/k1")).status_code == 404
