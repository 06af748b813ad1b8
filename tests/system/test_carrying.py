"""What is carried away from a plan and brought into it, over HTTP on real servers."""

import io
import re
from hashlib import sha256
from html import unescape

import pytest
from openpyxl import load_workbook

from shared.ids import new_id
from tests.examples import IDEA
from tests.infra import eventually
from tests.paper import standards, text

TABLE = (
    "Bezeichnung;Kategorie;Menge;Einheit;Einzelpreis;Wann\n"
    "Schwerlastregale;Sachkosten;24;Stück;185,00;April 2027\n"
    "=HYPERLINK(1);Sachkosten;1;;1.000,00;05/2027\n"
    "Miete;Raum;viele;Monate;780,00;05/2027\n"
)


@pytest.fixture(scope="module")
async def team(deployment):
    """Anna leads a public project; Carl only coordinates the town."""
    anna = await deployment.citizen("Anna B.", "dresden")
    carl = await deployment.citizen("Carl K.", "dresden", "coordinator")
    id = new_id()
    await anna.submit("/projects/new", id=id, **IDEA)
    await carl.submit(f"/projects/{id}/publish")
    await eventually(lambda: _opened(anna, id), 15)
    return anna, carl, id


async def _opened(anna, id):
    return (await anna.get(f"/plans/{id}")).status_code == 200


async def _upload(citizen, project, body):
    path = f"/{citizen.town}/plans/{project}/import"
    return await citizen.client.post(path, data={"csrf": citizen.csrf}, files={"table": ("kosten.csv", body)})


def _hidden(page, name):
    return unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])


async def test_a_table_is_looked_at_then_taken_over_as_the_persons_own_edits(team):
    anna, _, project = team
    preview = await _upload(anna, project, TABLE.encode())
    assert preview.status_code == 200, preview.text
    assert "Zeile 4: Menge „viele“ ist keine Zahl." in preview.text
    assert (await anna.get(f"/api/planning/plans/{project}")).json()["content"]["costs"] == []
    taken = {name: _hidden(preview.text, name) for name in ("import_id", "lines")}
    for _ in range(2):  # pressed twice, it counts once
        answer = await anna.submit(f"/plans/{project}/import/lines", **taken)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/dresden/plans/{project}/finance")
    plan = (await anna.get(f"/api/planning/plans/{project}")).json()
    assert [row["label"] for row in plan["content"]["costs"]] == ["Schwerlastregale", "=HYPERLINK(1)"]
    assert plan["totals"]["costs_cents"] == 24 * 185_00 + 1_000_00

    async def recorded():
        bursts = (await anna.get(f"/api/planning/plans/{project}/history")).json()["bursts"]
        return {(burst["name"], change["label"]) for burst in bursts for change in burst["changes"]} == {
            ("Anna B.", "Schwerlastregale"),
            ("Anna B.", "=HYPERLINK(1)"),
        }

    await eventually(recorded, 15)
    assert "steht schon im Plan und wird ausgelassen" in (await _upload(anna, project, TABLE.encode())).text


async def test_only_the_team_brings_something_in(deployment, team):
    anna, carl, project = team
    lines = {"import_id": new_id(), "lines": [{"label": "Fremd", "unit_price_cents": 1}]}
    assert (await _upload(carl, project, TABLE.encode())).status_code == 403
    assert (await carl.get(f"/plans/{project}/import")).status_code == 403
    assert (await carl.give("planning", f"plan/{project}/import-costs", lines)).status_code == 403
    assert (
        (await deployment.client().get(f"/dresden/plans/{project}/import")).headers["location"].startswith("/sign-in")
    )
    assert (await _upload(anna, project, b"PK nothing")).status_code == 400
    assert (await _upload(anna, project, b"x" * 1_200_000)).status_code == 413
    wrong = lines | {"lines": [{"label": "", "unit_price_cents": -1}]}
    assert (await anna.give("planning", f"plan/{project}/import-costs", wrong)).status_code == 400
    for typed in ("", "{", "[]", '[{"label":1}]'):
        answer = await anna.submit(f"/plans/{project}/import/lines", import_id=new_id(), lines=typed)
        assert answer.status_code == 400


async def test_a_full_plan_takes_no_more(team, monkeypatch):
    anna, _, project = team
    monkeypatch.setattr("services.planning.adapters.office._LARGEST", 100)
    lines = {"import_id": new_id(), "lines": [{"label": "Zu viel", "unit_price_cents": 1}]}
    refused = await anna.give("planning", f"plan/{project}/import-costs", lines)
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_full")
    assert "Zu viel" not in (await anna.get(f"/plans/{project}/finance")).text


async def test_everybody_carries_away_what_everybody_may_read(deployment, team):
    anna, _, project = team
    given = await anna.give("planning", f"plan/{project}/import-costs", {
        "import_id": new_id(), "lines": [{"label": "Farbe", "unit_price_cents": 12_50, "month": "2027-06"}]
    })  # fmt: skip
    assert given.json() == {"added": 1}
    await anna.submit(f"/plans/{project}/freeze", revision_id=(revision := new_id()), name="vor der Beratung")
    visitor, address = deployment.client(), f"/dresden/plans/{project}/exports"
    page = await visitor.get(address, params={"revision": revision})
    assert "Fassung 1 „vor der Beratung“" in page.text
    links = [unescape(link) for link in re.findall(r'href="([^"]+/exports/[^"]+)"', page.text)]
    assert len(links) == 7
    found = {link.partition("?")[0].rpartition("/")[2]: await visitor.get(link) for link in links}
    assert {answer.status_code for answer in found.values()} == {200}
    for name in ("projektmappe.pdf", "geschaeftsplan.pdf", "beschlussvorlage.pdf"):
        assert found[name].headers["content-type"] == "application/pdf"
        assert standards(found[name].content) == (True, True)
        assert "Fassung 1 „vor der Beratung“" in text(found[name].content)
    assert "Farbe" in text(found["projektmappe.pdf"].content)
    assert "Der Rat der Stadt Dresden beschließt:" in found["beschlussvorlage.txt"].text
    assert found["plan.json"].json()["revision"]["number"] == 1
    assert load_workbook(io.BytesIO(found["tabellen.xlsx"].content))["Kosten"]["F4"].value == 12.5
    assert found["meilensteine.ics"].text.startswith("BEGIN:VCALENDAR")
    assert 'filename="projektmappe-' in found["projektmappe.pdf"].headers["content-disposition"]
    frozen = await visitor.get(f"/dresden/api/planning/plans/{project}/revisions/{revision}/content")
    digest = sha256(frozen.content).hexdigest()
    assert digest == found["plan.json"].json()["revision"]["digest"]
    assert digest in page.text
    assert digest in text(found["projektmappe.pdf"].content)
    schema = await visitor.get(found["plan.json"].json()["$schema"])
    assert schema.json()["$ref"] == "#/$defs/PlanFile"


async def test_nothing_else_can_be_carried_away(deployment, team):
    _, _, project = team
    visitor = deployment.client()
    for path in (f"plans/{project}/exports/plan.exe", f"plans/{new_id()}/exports/plan.json"):
        assert (await visitor.get(f"/dresden/{path}")).status_code == 404
    unknown = {"revision": new_id()}
    assert (await visitor.get(f"/dresden/plans/{project}/exports", params=unknown)).status_code == 404
    assert (await visitor.get(f"/dresden/plans/{project}/exports/plan.json", params=unknown)).status_code == 404
    assert (await visitor.get(f"/detmold/plans/{project}/exports/plan.json")).status_code == 404
