"""The pages of a plan, as the server renders them, come alive in a browser: over a real gateway, for everybody."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from shared.contracts.documents import Plan
from shared.documents.writing import restoring
from shared.ids import new_id
from shared.web.build import WEB
from shared.web.render import Renderer
from tests.infra import eventually
from tests.planning.conftest import OpenPage
from tests.planning.samples import CONTENT, workspace
from tests.planning.samples import page as frame
from tests.planning.workshop import Workshop
from tests.realtime.page import Page as Socket

AXE = WEB / "node_modules/axe-core/axe.min.js"
FAULTS = """() => axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
resultTypes: ["violations"]}).then(({violations}) => violations.map(({id, nodes}) => id + ": " + nodes[0].html))"""
BEYOND = """() => [...document.querySelectorAll("[data-grid]")].filter((sheet) =>
  sheet.querySelector("table").getBoundingClientRect().right > sheet.getBoundingClientRect().right
).map((sheet) => sheet.dataset.grid)"""
LOOKS = """() => { window.looks = 0; const look = Element.prototype.querySelector;
Element.prototype.querySelector = function (what) {
  looks += what.startsWith("[data-cell=");
  return look.call(this, what);
} }"""
SAVED = re.compile("Gespeichert um")
written: dict[str, Plan] = {}


@pytest.fixture
def plan(workshop: tuple[Workshop, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new plan whose pages come from the service's own templates, empty as on its first day until
    `fill` has put `CONTENT` into it."""
    town, renderer, project = workshop[0], Renderer(), new_id()
    answer: Callable[..., tuple[int, str, str]] = town.answer

    def page(path: str, query: dict[str, str]) -> str:
        part = path.rsplit("/", 1)[-1]
        shown = workspace(
            part,
            project=project,
            address=f"/dresden/plans/{project}",
            content=written.get(project, Plan()),
            findings=(),
            right=query.get("right", "write"),
        )
        body: str = renderer.render("planning/plan.html", frame("Plan", "p-selin"), plan=shown, refused=None).content
        return body

    def answered(method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, str, str]:
        return answer(method, path, {"as": "selin"} | query, body)

    monkeypatch.setattr(town, "page", page)
    monkeypatch.setattr(town, "answer", answered)
    return f"/dresden/plans/{project}"


async def fill(plan: str, workshop: tuple[Workshop, str]) -> None:
    """Somebody writes all of `CONTENT`, and from then on the server's pages show it."""
    socket = Socket(workshop[0].gateway.port, f"plan-{plan.rsplit('/', 1)[1]}", person="p-duc")
    socket.origin = workshop[1]
    async with asyncio.timeout(15), socket:
        await socket.synced.wait()
        socket.doc.apply_update(restoring(socket.doc.get_update(), CONTENT, socket.doc.client_id) or b"")
        await socket.flush()
        await eventually(lambda: socket.all_saved)
    written[plan.rsplit("/", 1)[1]] = CONTENT


async def faults(page: Page) -> list[str]:
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = await page.evaluate(FAULTS)
    return found


async def saved(page: Page) -> None:
    await expect(page.locator("[data-saved]")).to_have_text(SAVED)


async def test_a_plan_is_written_from_part_to_part(plan: str, visit: OpenPage, workshop: tuple[Workshop, str]) -> None:
    page = await visit(f"{plan}/finance")
    costs, first = page.locator("[data-grid=costs]"), page.get_by_text("Was kostet am meisten?")
    await expect(first).to_be_visible()
    await expect(costs.get_by_role("table")).to_be_hidden()
    await costs.get_by_role("button", name="Zeile", exact=True).click()
    await page.keyboard.type("Regale")
    await expect(first).to_be_hidden()
    await page.get_by_label("Menge K1").fill("2 Stück")
    await page.get_by_label("Einzelpreis K1").fill("1.234,50")
    await expect(page.locator("[data-sum=missing]")).to_have_text("2.469,00 €")
    await saved(page)
    await page.get_by_role("link", name="Profil").click()
    await page.get_by_label("Ort").fill("Löbtau")
    await page.get_by_role("textbox", name="Kurz gesagt").click()
    await page.keyboard.type("Material für alle")
    await saved(page)
    await page.get_by_role("button", name="Fassung festhalten").click()
    await page.get_by_label("Name der Fassung").fill("erste")
    await page.get_by_role("button", name="Festhalten", exact=True).click()
    await page.wait_for_url(f"**{plan}/freeze")
    posted: dict[str, Any] = next(form for path, form in workshop[0].posted if path == f"{plan}/freeze")
    assert (posted["name"], posted["revision_id"]) == ("erste", "c-1")
    assert re.fullmatch(r"\d+:[A-Za-z0-9+/=]+", posted["saved"])
    again = await visit(f"{plan}/profile")
    await expect(again.get_by_label("Ort")).to_have_value("Löbtau")
    await expect(again.get_by_role("textbox", name="Kurz gesagt")).to_have_text("Material für alle")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("part", ["profile", "work", "resources", "schedule", "finance"])
async def test_axe_finds_nothing_while_a_part_is_edited(plan: str, visit: OpenPage, part: str, scheme: str) -> None:
    page = await visit(f"{plan}/{part}", color_scheme=scheme, viewport={"width": 390, "height": 800})
    for add in await page.get_by_role("button", name="Zeile", exact=True).all():
        await add.click()
        await page.keyboard.type("Etwas")
    await expect(page.locator("[data-people] li")).to_have_count(1)
    await saved(page)
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("part", "cell", "typed"),
    [("finance", "Menge K1", "1.000.000 Stunden"), ("resources", "Woher R1", "Nachbarschaft und Verein Holz+Stoff")],
)
async def test_tables_stay_in_their_sheets_at_every_width(
    plan: str, visit: OpenPage, workshop: tuple[Workshop, str], part: str, cell: str, typed: str
) -> None:
    await fill(plan, workshop)
    page = await visit(f"{plan}/{part}", viewport={"width": 1280, "height": 800})
    await page.get_by_label(cell).fill(typed)
    if part == "finance":  # what a line comes to at least is typed below it
        await page.get_by_label("K1 verschieben oder löschen").click()
        await page.get_by_role("button", name="Spanne angeben").first.click()
        await page.keyboard.type("1.000.000,00")
        await expect(page.locator("[data-range]")).to_be_visible()
    await saved(page)
    for width in (1280, 1279, 1024, 930, 926, 800, 390, 320):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate(BEYOND) == [], width
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


async def test_a_letter_looks_for_no_cell_of_its_table(
    plan: str, visit: OpenPage, workshop: tuple[Workshop, str]
) -> None:
    """Each look goes through the whole page: with hundreds of rows a letter took seconds."""
    await fill(plan, workshop)
    page = await visit(f"{plan}/finance")
    await expect(page.get_by_label("Bezeichnung K1")).to_have_value(CONTENT.costs[0].label)
    await page.evaluate(LOOKS)
    await page.get_by_label("Bezeichnung K1").fill("Bretter")
    await expect(page.get_by_label("Bezeichnung K1")).to_have_value("Bretter")
    await saved(page)
    assert await page.evaluate("looks") == 0


async def test_a_conflict_is_mended_by_keyboard_and_every_chart_follows_at_once(
    plan: str, visit: OpenPage, workshop: tuple[Workshop, str]
) -> None:
    await fill(plan, workshop)
    selin = await visit(f"{plan}/schedule")
    reader = await visit(f"{plan}/schedule?as=mira&right=read")
    begins, bar = selin.get_by_label("Beginn A3"), selin.locator("svg.gw-desk g[data-line=w3]")
    hers = reader.locator("svg.gw-desk g[data-line=w3]")
    await expect(begins).to_have_value("2027-03-15")
    await expect(reader.get_by_role("heading", name="A3 beginnt 14 Tage zu früh")).to_be_visible()
    await expect(reader.locator("[data-mend]")).to_have_count(0)
    await expect(bar).to_have_accessible_name(re.compile("A3 Werkstatt einrichten, Paul W.*14 Tage zu früh"))
    await selin.get_by_role("button", name="A3 auf 29.03. verschieben").press("Enter")
    await expect(begins).to_have_value("2027-03-29")
    await expect(selin.get_by_label("Ende A3")).to_have_value("2027-05-28")
    await expect(bar).to_be_focused()
    await expect(hers).to_have_class(re.compile("is-busy"))
    await expect(hers).to_have_attribute("data-starts", "2027-03-29")  # the server's drawing here never does
    await selin.keyboard.press("Control+z")
    await expect(begins).to_have_value("2027-03-15")
    await expect(hers).to_have_attribute("data-starts", "2027-03-15")
    first = selin.locator("svg.gw-desk g[data-line=w1]")
    await first.press("Enter")
    await expect(first).to_have_class(re.compile("is-picked"))
    await first.press("Escape")
    await expect(first).not_to_have_class(re.compile("is-picked"))
    await bar.locator(".d-plan").drag_to(selin.get_by_role("heading", name="Arbeitspakete"), force=True)
    await expect(begins).not_to_have_value("2027-03-15")
    assert await faults(selin) == []


async def test_a_finger_moves_a_bar_and_sees_for_which_days(
    plan: str, visit: OpenPage, workshop: tuple[Workshop, str]
) -> None:
    await fill(plan, workshop)
    page = await visit(f"{plan}/schedule", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    group = page.locator("svg.gw-phone g[data-line=w3]")
    await expect(group).to_have_attribute("tabindex", "0")
    await group.evaluate("group => group.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = await group.locator(".d-plan").bounding_box()
    assert box
    finger = await page.context.new_cdp_session(page)
    for step in range(9):
        at = {"x": box["x"] + box["width"] / 2 + 4 * step, "y": box["y"] + box["height"] / 2}
        kind = "touchMove" if step else "touchStart"
        await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    await expect(page.locator(".gw-held")).to_have_text(re.compile(r"^\d\d\.0[45]\.2027 – "))
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(page.locator(".gw-held")).to_have_count(0)
    await expect(group).to_have_attribute("data-starts", re.compile("^2027-0[45]"))


async def test_what_the_server_draws_comes_without_a_reload(
    plan: str, visit: OpenPage, workshop: tuple[Workshop, str]
) -> None:
    page = await visit(f"{plan}/schedule")
    await expect(page.locator("[data-tab=schedule] > .gw-soft")).to_have_count(1)
    await saved(page)
    await fill(plan, workshop)
    await expect(page.get_by_role("heading", name="A3 beginnt 14 Tage zu früh")).to_be_visible()
    await expect(page.locator("[data-tab=schedule] small")).to_have_text("1 Konflikt")
    await expect(page.locator("[data-tab=schedule] > .gw-warn")).to_have_count(1)
    await expect(page.locator("svg.gw-desk g[data-line=w3]")).to_have_attribute("tabindex", "0")
    assert await page.evaluate("document.querySelector('svg.gw-desk').closest('[data-plan]') === null")


async def test_others_see_who_is_at_a_card_of_the_board(
    plan: str, visit: OpenPage, workshop: tuple[Workshop, str]
) -> None:
    await fill(plan, workshop)
    selin, mira = await visit(f"{plan}/work"), await visit(f"{plan}/work?as=mira")
    card = mira.locator("[data-card=w2]")
    await expect(card).to_be_visible()
    await selin.locator("[data-card=w2]").press("ArrowRight")
    await expect(mira.locator("[data-state=doing] [data-card=w2]")).to_contain_text("Selin B.")
    await selin.get_by_role("heading", name="Gespräch").click()
    await selin.locator("[data-card=w2]").evaluate("card => card.blur()")
    await expect(card).not_to_contain_text("Selin B.")


async def test_what_was_said_about_a_deleted_row_stays_with_its_part(
    plan: str, visit: OpenPage, workshop: tuple[Workshop, str]
) -> None:
    page = await visit(f"{plan}/work")
    talk = page.locator("[data-talk]")
    await expect(talk).to_contain_text("Noch hat niemand etwas gesagt.")
    await page.get_by_role("button", name="Zeile", exact=True).click()
    await page.keyboard.type("Richtfest")
    await page.get_by_label("A1 kommentieren").click()
    await page.locator("[data-grid=work]").get_by_role("textbox", name="Kommentieren").fill("Wer lädt ein?")
    await page.keyboard.press("Control+Enter")
    await page.get_by_label("A1 verschieben oder löschen").click()
    await page.get_by_role("button", name="löschen", exact=True).click()
    await expect(talk).to_contain_text("Zu einer gelöschten Zeile")
    await expect(talk).to_contain_text("Wer lädt ein?")
    await page.get_by_role("heading", name="Gespräch").click()
    await page.keyboard.press("Control+z")
    await expect(page.get_by_label("Bezeichnung A1")).to_have_value("Richtfest")
    await expect(talk).not_to_contain_text("Zu einer gelöschten Zeile")


async def test_who_reads_sees_everything_and_no_tools(plan: str, visit: OpenPage) -> None:
    writer = await visit(f"{plan}/finance")
    await writer.locator("[data-grid=incomes]").get_by_role("button", name="Zeile", exact=True).click()
    await writer.keyboard.type("Vereinskasse")
    await saved(writer)
    reader = await visit(f"{plan}/finance?right=read")
    await expect(reader.get_by_label("Bezeichnung E1")).to_have_value("Vereinskasse")
    await expect(reader.get_by_label("Bezeichnung E1")).to_have_attribute("readonly", "")
    await expect(reader.get_by_role("button", name="Zeile", exact=True)).to_have_count(0)
    assert await faults(reader) == []
    await expect(reader.get_by_text("Hier steht bald, was das Projekt kostet.")).to_be_visible()


async def test_a_reader_sees_a_text_as_soon_as_somebody_writes_it(plan: str, visit: OpenPage) -> None:
    reader, writer = await visit(f"{plan}/profile?right=read"), await visit(f"{plan}/profile")
    await expect(reader.get_by_text("Das Team schreibt noch daran.")).to_have_count(7)
    await writer.get_by_role("textbox", name="Kurz gesagt").click()
    await writer.keyboard.type("Material für alle")
    await expect(reader.get_by_role("textbox", name="Kurz gesagt")).to_contain_text("Material")
    await expect(reader.get_by_text("Das Team schreibt noch daran.")).to_have_count(6)
