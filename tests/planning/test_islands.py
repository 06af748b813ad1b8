"""Several people edit one plan in browsers of their own, over a real gateway."""

import asyncio
import re

from playwright.async_api import Page, expect

from services.realtime.sync.protocol import Closing
from shared.documents import read_plan
from shared.ids import new_id
from shared.plans import plain
from shared.web.build import WEB
from tests.infra import eventually
from tests.planning.conftest import OpenPage
from tests.planning.workshop import Workshop
from tests.realtime.page import Page as Socket

Town = tuple[Workshop, str]
SAVED = re.compile("Gespeichert um")


def plan() -> str:
    return f"/dresden/plans/plan-{new_id()}"


async def add_cost(page: Page, label: str) -> None:
    await page.locator("[data-grid=costs]").get_by_role("button", name="Zeile", exact=True).click()
    await page.keyboard.type(label)


async def faults(page: Page) -> list[str]:
    """What axe finds in the parts that scripts have drawn."""
    await page.evaluate((WEB / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8"))
    found: list[str] = await page.evaluate(
        """() => axe.run({include: [["[data-board]"], ["[data-minutes]"], ["[data-write-card]"]].filter(
        ([part]) => document.querySelector(part))}, {resultTypes: ["violations"]}).then(({violations}) =>
        violations.map(({id, nodes}) => id + ": " + nodes[0].html))"""
    )
    return found


async def saved(page: Page) -> None:
    await expect(page.locator("[data-saved]")).to_have_text(SAVED)


async def test_two_people_type_into_one_finance_table(visit: OpenPage) -> None:
    address = plan()
    selin, mira = await visit(f"{address}?as=selin"), await visit(f"{address}?as=mira")
    await add_cost(selin, "Schwerlastregale")
    await selin.get_by_label("Menge K1").fill("24 Stück")
    await selin.get_by_label("Einzelpreis K1").fill("185")
    await expect(mira.get_by_label("Bezeichnung K1")).to_have_value("Schwerlastregale")
    await expect(mira.locator("[data-sum=costs]")).to_have_text("4.440,00 €")
    await expect(mira.get_by_text("Selin B. schreibt")).to_be_visible()
    await mira.get_by_label("Bezeichnung K1").fill("Schwerlastregale, gebraucht")
    await expect(selin.get_by_label("Bezeichnung K1")).to_have_value("Schwerlastregale, gebraucht")
    await saved(selin)


async def test_rows_move_by_keyboard_and_come_back_by_undo(visit: OpenPage) -> None:
    selin = await visit(f"{plan()}?as=selin")
    for label in ("Regale", "Lastenrad", "Flyer"):
        await add_cost(selin, label)
    await selin.get_by_label("Bezeichnung K3").press("Alt+ArrowUp")
    await expect(selin.get_by_label("Bezeichnung K2")).to_have_value("Flyer")
    await expect(selin.get_by_label("Bezeichnung K2")).to_be_focused()
    menu, delete = (
        selin.get_by_label("K1 verschieben oder löschen"),
        selin.get_by_role("button", name="löschen", exact=True),
    )
    await menu.click()
    await selin.keyboard.press("Escape")
    await expect(delete.first).to_be_hidden()
    await expect(menu).to_be_focused()
    await menu.click()
    await selin.get_by_role("heading", name="Prüfung").click()
    await expect(delete.first).to_be_hidden()
    await menu.click()
    await delete.first.click()
    await expect(selin.get_by_label("Bezeichnung K3")).to_have_count(0)
    await selin.get_by_label("Bezeichnung K1").press("Control+z")
    await expect(selin.get_by_label("Bezeichnung K3")).to_have_count(1)


async def test_what_cannot_be_read_stays_and_is_explained(visit: OpenPage) -> None:
    selin = await visit(f"{plan()}?as=selin")
    await add_cost(selin, "Regale")
    price = selin.get_by_label("Einzelpreis K1")
    await price.fill("viel")
    await price.press("Tab")
    await expect(selin.get_by_text("Bitte einen Betrag wie 1.234,50.").first).to_be_visible()
    await expect(price).to_have_value("viel")
    await price.fill("12,5")
    await price.press("Tab")
    await expect(price).to_have_value("12,50")


async def test_cells_of_a_spreadsheet_fill_rows(visit: OpenPage) -> None:
    selin = await visit(f"{plan()}?as=selin")
    await add_cost(selin, "")
    await selin.get_by_label("Bezeichnung K1").evaluate(
        """cell => { const data = new DataTransfer();
        const lines = ["Regale|Sachkosten|24 Stück|185,00|Apr 2027", "Miete|Raum|12 Monate|780,00|", "Flyer"];
        data.setData("text/plain", lines.join("\\n").replaceAll("|", "\\t"));
        cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})) }"""
    )
    await expect(selin.locator("[data-sum=costs]")).to_have_text("13.800,00 €")
    await expect(selin.get_by_label("Wann K1")).to_have_value("Apr 2027")
    await expect(selin.get_by_label("Bezeichnung K3")).to_have_value("Flyer")


async def test_two_people_write_into_one_text(visit: OpenPage) -> None:
    address = plan()
    selin, mira = await visit(f"{address}?as=selin&part=profile"), await visit(f"{address}?as=mira&part=profile")
    mine, hers = selin.get_by_role("textbox", name="Worum geht es?"), mira.get_by_role("textbox", name="Worum geht es?")
    await mine.click()
    await selin.keyboard.type("Wir sammeln Material")
    await expect(hers).to_contain_text("Wir sammeln Material")
    await hers.click()
    await mira.keyboard.press("Control+End")
    await mira.keyboard.type(" und geben es weiter")
    await expect(mine.locator("p").first).to_contain_text("und geben es weiter")
    await expect(selin.locator(".gw-caret__flag")).to_have_text("Mira K.")
    assert await mine.locator("p").first.evaluate(
        "line => line.offsetHeight < 2 * parseFloat(getComputedStyle(line).lineHeight)"
    )
    await saved(mira)


async def test_two_people_fill_a_table(visit: OpenPage, workshop: Town) -> None:
    town, origin = workshop
    address = plan()
    selin, mira = await visit(f"{address}?as=selin&part=profile"), await visit(f"{address}?as=mira&part=profile")
    mine, hers = selin.get_by_role("textbox", name="Worum geht es?"), mira.get_by_role("textbox", name="Worum geht es?")
    await mine.click()
    await selin.keyboard.type("Wer macht was")
    tools = selin.get_by_role("toolbar").first
    await tools.get_by_role("button", name="Tabelle", exact=True).click()
    await expect(tools.get_by_role("button", name="Tabelle", exact=True)).to_have_count(0)
    for word in ("Was", "Wer", "Bis"):
        await selin.keyboard.type(word)
        await selin.keyboard.press("Tab")
    await selin.keyboard.type("Holz")
    await selin.keyboard.press("Control+Enter")
    await selin.keyboard.type("Leim")
    await expect(hers.get_by_role("row")).to_have_count(4)
    await hers.get_by_role("cell").last.click()
    await mira.keyboard.type("Mai")
    await mira.get_by_role("button", name="Spalte dazu").first.click()
    await expect(mine.get_by_role("columnheader")).to_have_count(4)
    await selin.get_by_role("button", name="Zeile weg").first.click()
    await expect(hers.get_by_role("row")).to_have_count(3)
    await hers.get_by_role("cell").last.click()
    await mira.keyboard.type("ja")
    await expect(mine.get_by_role("cell").last).to_contain_text("ja")
    await mira.keyboard.press("Tab")
    await expect(hers).not_to_be_focused()
    await saved(mira)
    socket = Socket(town.gateway.port, address.rsplit("/", 1)[1], right="read")
    socket.origin = origin
    async with asyncio.timeout(15), socket:
        await socket.synced.wait()
        read, left_out = read_plan(socket.doc.get_update())
    assert left_out == []
    assert (
        plain(read.profile.texts["summary"]).rstrip()
        == "Wer macht was\nWas | Wer | Bis | \nHolz |  |  | \n |  | Mai | ja"
    )


async def test_what_is_typed_without_network_is_kept_and_arrives(visit: OpenPage) -> None:
    address = plan()
    selin, mira = await visit(f"{address}?as=selin"), await visit(f"{address}?as=mira")
    await add_cost(selin, "Regale")
    await saved(selin)
    await selin.context.set_offline(True)
    await selin.evaluate("dispatchEvent(new Event('offline'))")
    await selin.get_by_label("Bezeichnung K1").fill("Regale, gebraucht")
    await add_cost(mira, "Miete")
    await expect(selin.get_by_text("Schreib ruhig weiter")).to_be_visible()
    await selin.context.set_offline(False)
    await expect(mira.get_by_label("Bezeichnung K1")).to_have_value("Regale, gebraucht")
    await expect(selin.get_by_label("Bezeichnung K2")).to_have_value("Miete")
    await saved(selin)
    await expect(selin.get_by_text("Schreib ruhig weiter")).to_have_count(0)


async def test_a_copy_that_is_deleted_elsewhere_stops_nobody_from_writing(visit: OpenPage) -> None:
    selin = await visit(f"{plan()}?as=selin")
    await add_cost(selin, "Regale")
    await saved(selin)
    await selin.evaluate(
        """async () => { for (const {name} of await indexedDB.databases()) await new Promise((done) => {
        indexedDB.deleteDatabase(name).onsuccess = done }) }"""
    )
    await selin.get_by_label("Bezeichnung K1").fill("Regale, gebraucht")
    await add_cost(selin, "Miete")
    await saved(selin)
    await expect(selin.get_by_label("Bezeichnung K1")).to_have_value("Regale, gebraucht")


async def test_a_restart_of_the_gateway_loses_nothing(visit: OpenPage, workshop: Town) -> None:
    town, _ = workshop
    selin = await visit(f"{plan()}?as=selin")
    await add_cost(selin, "Regale")
    await saved(selin)
    await town.restart()
    await expect(selin.locator("[data-saved]")).to_contain_text("Ohne Netz")
    await selin.get_by_label("Bezeichnung K1").fill("Regale, gebraucht")
    await town.begin()
    await saved(selin)
    await selin.reload()
    await expect(selin.get_by_label("Bezeichnung K1")).to_have_value("Regale, gebraucht")


async def test_who_loses_the_right_is_offered_what_was_not_saved(visit: OpenPage, workshop: Town) -> None:
    town, _ = workshop
    selin = await visit(f"{plan()}?as=selin")
    await add_cost(selin, "Regale")
    await saved(selin)
    town.rights["selin"] = "gone"
    await town.restart()
    await selin.get_by_label("Bezeichnung K1").fill("Regale, noch nicht gespeichert")
    dialog = selin.get_by_role("dialog")
    await expect(dialog).to_contain_text("Du kannst hier gerade nicht mehr schreiben.", timeout=15_000)
    await expect(dialog.get_by_role("textbox")).to_have_value(re.compile("noch nicht gespeichert"))


async def test_signing_out_offers_what_is_not_saved_and_leaves_nothing(visit: OpenPage, workshop: Town) -> None:
    town, _ = workshop
    selin = await visit(f"{plan()}?as=selin")
    await add_cost(selin, "Regale")
    await saved(selin)
    await town.restart()
    await selin.get_by_label("Bezeichnung K1").fill("Regale, noch nicht gespeichert")
    await selin.evaluate("caches.open('gemeinwerk.pages').then(kept => kept.add(location.href))")
    noted = "Object.keys(localStorage).some(key => key.startsWith('gemeinwerk.unsaved.'))"
    await eventually(lambda: selin.evaluate(noted))
    await selin.get_by_role("button", name="Abmelden").click()
    dialog = selin.get_by_role("dialog")
    await expect(dialog.get_by_role("textbox")).to_have_value(re.compile("noch nicht gespeichert"))
    await dialog.get_by_role("button", name="Trotzdem abmelden").click()
    await selin.get_by_text("Danke").wait_for()
    left = await selin.evaluate("indexedDB.databases().then(found => found.map(each => each.name))")
    assert [name for name in left if "plan-" in name] == []
    assert await selin.evaluate("Object.keys(localStorage)") == []
    assert await selin.evaluate("caches.keys()") == []


async def test_on_a_phone_the_row_opens_when_touched(visit: OpenPage) -> None:
    selin = await visit(f"{plan()}?as=selin", viewport={"width": 390, "height": 844})
    await add_cost(selin, "Regale")
    await selin.get_by_label("Kategorie K1").fill("Sachkosten")
    await selin.get_by_role("heading", name="Prüfung").click()
    await expect(selin.get_by_label("Kategorie K1")).to_be_hidden()


async def test_a_row_is_commented_answered_and_settled(visit: OpenPage, workshop: Town) -> None:
    town, _ = workshop
    address = plan()
    town.rights["duc"] = "comment"
    selin, duc = await visit(f"{address}?as=selin"), await visit(f"{address}?as=duc&right=comment")
    await add_cost(selin, "Holz")
    await saved(selin)
    await duc.get_by_label("K1 kommentieren").click()
    await duc.locator("[data-grid=costs]").get_by_role("textbox", name="Kommentieren").fill("Was sagt @selin dazu?")
    await expect(duc.get_by_role("button", name="@Selin B.").first).to_have_attribute("aria-pressed", "true")
    await duc.keyboard.press("Control+Enter")
    await selin.get_by_label("Kommentare zu K1: 1").click()
    thread = selin.get_by_role("article", name="Kommentar von Duc N.").first
    await expect(thread).to_contain_text("an Selin B.")
    await thread.get_by_role("button", name="Antworten").click()
    await thread.get_by_role("textbox").fill("Es ist gebraucht.")
    await thread.get_by_role("button", name="Antworten").last.click()
    await expect(duc.get_by_text("Es ist gebraucht.")).to_be_visible()
    await duc.get_by_role("button", name="Erledigt").click()
    await expect(thread).to_contain_text("Erledigt von Duc N.")
    await thread.get_by_role("button", name="Wieder öffnen").click()
    await expect(duc.get_by_role("button", name="Erledigt")).to_be_visible()
    await expect(duc.get_by_label("Bezeichnung K1")).not_to_be_editable()
    await saved(duc)


async def test_readers_see_everything_and_touch_nothing(visit: OpenPage) -> None:
    address = plan()
    selin, duc = await visit(f"{address}?as=selin"), await visit(f"{address}?as=duc&right=read")
    await add_cost(selin, "Regale")
    cell = duc.get_by_label("Bezeichnung K1")
    await expect(cell).to_have_value("Regale")
    await expect(cell).not_to_be_editable()
    await expect(duc.get_by_role("button", name="Zeile")).to_have_count(0)
    await expect(selin.locator("[data-people]")).to_contain_text("Duc N.")


async def test_the_pot_marks_a_row_while_it_is_typed(visit: OpenPage, workshop: Town) -> None:
    town, _ = workshop
    selin = await visit(f"{plan()}?as=selin&pot=fonds")
    await add_cost(selin, "Bewirtung")
    row = (await selin.get_by_label("Bezeichnung K1").get_attribute("data-cell") or "").split("/")[1]
    town.findings = [
        {"code": "category_ineligible", "failing": True, "line_id": row, "line": "K1", "words": "nicht förderfähig"}
    ]
    await selin.get_by_label("Einzelpreis K1").fill("840")
    await expect(selin.locator("tr.is-warn").first).to_contain_text("K1")
    await expect(selin.get_by_text("nicht förderfähig").first).to_be_visible()
    await expect(selin.locator("[data-checks] a")).to_have_text("K1")
    asked = town.posted[-1][1]
    assert (asked["pot_id"], asked["finance"]["costs"][0]["unit_price_cents"]) == ("fonds", 84_000)


async def test_a_revision_is_frozen_only_when_everything_is_saved(visit: OpenPage, workshop: Town) -> None:
    town, _ = workshop
    selin = await visit(f"{plan()}?as=selin")
    await add_cost(selin, "Regale")
    await selin.get_by_role("button", name="Fassung festhalten").click()
    await selin.get_by_text("Danke").wait_for()
    path, form = town.posted[-1]
    assert path.endswith("/freeze")
    assert re.fullmatch(r"\d+:[A-Za-z0-9+/=]+", form["saved"])


async def test_without_a_session_the_text_stays(visit: OpenPage, workshop: Town) -> None:
    town, _ = workshop
    selin = await visit(f"{plan()}?as=selin")
    await add_cost(selin, "Regale")
    await saved(selin)
    town.session = False
    await town.restart()
    await town.begin()
    await expect(selin.get_by_role("link", name="Neu anmelden")).to_be_visible(timeout=15_000)
    await selin.get_by_label("Bezeichnung K1").fill("Regale, gebraucht")
    town.session = True
    await selin.evaluate("dispatchEvent(new Event('focus'))")
    await saved(selin)


async def test_what_one_person_typed_never_goes_out_in_anothers_name(visit: OpenPage, workshop: Town) -> None:
    town, _ = workshop
    address = plan()
    selin = await visit(f"{address}?as=selin")
    await add_cost(selin, "Regale")
    await saved(selin)
    await town.restart()
    await selin.get_by_label("Bezeichnung K1").fill("Regale, von Selin")
    town.signed_in = "mira"
    await town.begin()
    await expect(selin.get_by_role("dialog").get_by_role("textbox")).to_have_value(
        re.compile("von Selin"), timeout=15_000
    )
    mira = await visit(f"{address}?as=mira")
    await expect(mira.get_by_label("Bezeichnung K1")).to_have_value("Regale")


def test_every_code_that_ends_a_line_has_words() -> None:
    words = (WEB / "islands/sync/words.ts").read_text(encoding="utf-8")
    for code in Closing:
        assert words.count(f"broken_{code.value}:") == (2 if 4400 <= code < 4500 else 0)


async def test_cards_come_from_phones_and_are_sorted_on_the_board(visit: OpenPage) -> None:
    meeting = f"meeting-{new_id()}"
    console = await visit(f"/dresden/console/{meeting}?as=selin")
    phone = await visit(f"/dresden/phone/{meeting}?as=lena", viewport={"width": 390, "height": 844})
    screen = await visit(f"/dresden/projector/{meeting}?as=duc")
    await phone.get_by_label("Deine Karte").fill("Regenfässer gemeinsam bestellen")
    await phone.get_by_role("button", name="Karte abgeben").click()
    await expect(phone.locator(".gw-note").filter(has_text="liegt auf der Tafel")).to_be_visible()
    await expect(screen.get_by_text("Regenfässer gemeinsam bestellen")).to_be_visible()
    await console.get_by_role("button", name="Spalte", exact=True).click()
    await console.keyboard.type("Speichern")
    await console.get_by_label("Karte „Regenfässer").click()
    await console.get_by_role("button", name="Nach „Speichern“").click()
    await expect(screen.get_by_role("region", name="Speichern")).to_contain_text("Regenfässer")
    await expect(screen.locator("textarea")).to_have_count(0)
    await console.get_by_role("textbox", name="Mitschrift").click()
    await console.keyboard.type("Die Fässer kommen.")
    await saved(console)
    for page in (console, phone, screen):
        assert await faults(page) == []


async def test_a_phone_without_network_keeps_cards_and_votes_and_delivers_each_once(
    visit: OpenPage, workshop: Town
) -> None:
    town, _ = workshop
    meeting = f"meeting-{new_id()}"
    console = await visit(f"/dresden/console/{meeting}?as=selin")
    phone = await visit(f"/dresden/phone/{meeting}?as=lena", viewport={"width": 390, "height": 844})
    await expect(phone.get_by_label("Deine Karte")).to_be_visible()
    await town.restart()
    await phone.context.set_offline(True)
    for text in ("Zisternen fördern", "Dächer begrünen"):
        await phone.get_by_label("Deine Karte").fill(text)
        await phone.get_by_role("button", name="Karte abgeben").click()
    await expect(phone.get_by_text("Gerade kein Netz.")).to_be_visible()
    await expect(phone.locator(".gw-note").filter(has_text="wartet auf Netz")).to_have_count(2)
    await phone.get_by_label("Ja, für alle").check()
    await phone.get_by_role("button", name="Abstimmen").click()
    await expect(phone.get_by_text("Deine Stimme ist gemerkt").first).to_be_visible()
    await phone.context.set_offline(False)
    await phone.reload()
    await expect(phone.locator(".gw-note").filter(has_text="wartet auf Netz")).to_have_count(2)
    await town.begin()
    await expect(phone.locator(".gw-note").filter(has_text="liegt auf der Tafel")).to_have_count(2)
    await expect(console.get_by_text("2 Karten")).to_be_visible()
    await eventually(lambda: bool(town.votes))
    assert {(vote["option_id"], vote["command_id"]) for vote in town.votes} == {("yes", "c-1")}
