"""The story of the walkthrough in real browsers: an idea, a guest at a table, a public decision."""

import re

import pytest
from playwright.async_api import Page, expect

from deploy.walkthrough import town
from deploy.walkthrough.steps import Cast
from tests.browser.windows import Windows

ADDRESS = "nora@example.org"


async def _sign_in_by_keyboard(page: Page, name: str) -> None:
    """With the code from the page that stands in for a mail server."""
    await page.goto("/sign-in?next=/dresden/projects/new")
    await page.get_by_label("E-Mail-Adresse").focus()
    await page.keyboard.type(ADDRESS)
    await page.keyboard.press("Enter")
    await page.get_by_label("Code aus der E-Mail").wait_for()
    mail = await page.context.new_page()
    await mail.goto("/mail")
    letter = await mail.locator("article", has_text=ADDRESS).first.inner_text()
    await mail.close()
    found = re.search(r"Dein Code: (\d{3} \d{3})", letter)
    assert found
    await page.get_by_label("Code aus der E-Mail").focus()
    await page.keyboard.type(found[1])
    await page.keyboard.press("Enter")
    await page.get_by_label("Name").focus()
    await page.keyboard.press("Control+a")
    await page.keyboard.type(name)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Mitmachen").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/projects/new")


async def _propose_by_keyboard(page: Page, title: str) -> str:
    """Fills the form with Tab, letters and Enter alone; the address of the new project."""
    await page.get_by_label("Wie heißt die Idee?").focus()
    await page.keyboard.type(title)
    await page.keyboard.press("Tab")
    await page.keyboard.type("Ein Regal am Platz: nimm ein Buch mit, stell eines hin.")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Pies")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Idee abschicken")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/projects/[0-9a-f-]{36}$"))
    return page.url


async def test_an_idea_becomes_a_project_with_a_team(windows: Windows, people: Cast) -> None:
    nora = await windows.open()
    await _sign_in_by_keyboard(nora, "Nora V.")
    address = await _propose_by_keyboard(nora, "Bücherschrank am Platz")
    await expect(nora.get_by_role("heading", name="Die Idee wartet auf die Koordination")).to_be_visible()
    carla = await windows.open(people.carla, "/dresden/desk")
    await carla.get_by_role("link", name="Prüfen: Bücherschrank am Platz").click()
    await carla.get_by_role("button", name="Veröffentlichen").click()
    await expect(carla.get_by_role("heading", name="Wo das Projekt steht")).to_be_visible()
    selin = await windows.open(people.selin, address)
    await selin.get_by_role("button", name="Mitmachen").click()
    await expect(selin.get_by_text("Deine Anfrage ist beim Team.")).to_be_visible()
    await nora.goto("/dresden/inbox")
    await nora.get_by_role("link", name=re.compile("Antworten")).click()
    await nora.get_by_role("button", name=re.compile("Aufnehmen.*Selin B.")).click()
    await expect(nora.locator("section", has=nora.locator("#team"))).to_contain_text("Selin B.")
    await selin.reload()
    await expect(selin.get_by_role("link", name="Zum Plan")).to_be_visible()


async def _open_table(carla: Page, name: str) -> str:
    """The code that is printed on the beer mats."""
    await carla.get_by_label("Neuer Tisch").fill(name)
    await carla.get_by_role("button", name="Code erzeugen").click()
    return await carla.locator("b.gw-code").last.inner_text()


async def _write_card(phone: Page, text: str) -> None:
    await phone.get_by_label("Deine Karte").fill(text)
    await phone.get_by_role("button", name="Karte abgeben").tap()


async def test_a_guest_without_network_loses_no_card(windows: Windows, people: Cast) -> None:
    meeting = await town.an_evening(people.carla)
    carla = await windows.open(people.carla, f"/dresden/live/{meeting}/facilitate")
    code = await _open_table(carla, "Tisch am Fenster")
    phone = await windows.open(None, "/dresden/table", viewport={"width": 390, "height": 844}, has_touch=True)
    await phone.get_by_label("Code auf deinem Tisch").fill(code)
    await phone.get_by_label("Dein Vorname").fill("Ada")
    await phone.get_by_role("button", name="Mitmachen").tap()
    await phone.wait_for_url("**/table")
    await _write_card(phone, "Eine Bank vor jedem Haus")
    await expect(phone.get_by_text("liegt auf der Tafel")).to_have_count(1)
    await expect(carla.locator("[data-board]")).to_contain_text("Ada, Saal")
    await phone.context.set_offline(True)
    await expect(phone.get_by_text("Gerade kein Netz.")).to_be_visible()
    await _write_card(phone, "Licht am Uferweg")
    await expect(phone.get_by_text("wartet auf Netz")).to_have_count(1)
    await phone.context.set_offline(False)
    await expect(phone.get_by_text("liegt auf der Tafel")).to_have_count(2)
    await expect(carla.locator("[data-board] .gw-note")).to_have_count(2)
    cards = await carla.evaluate("[...document.querySelectorAll('[data-cell^=cards]')].map(cell => cell.value)")
    assert sorted(cards) == ["Eine Bank vor jedem Haus", "Licht am Uferweg"]
    await carla.reload()
    await expect(carla.locator("[data-board] .gw-note")).to_have_count(2)


async def _vote(page: Page, answer: str) -> None:
    await page.get_by_role("radio", name=answer).check()
    await page.get_by_role("button", name="Abstimmen").click()
    await expect(page.get_by_text("Deine Stimme zählt").first).to_be_visible()


async def test_a_poll_and_the_minutes_of_an_evening(windows: Windows, people: Cast) -> None:
    meeting = await town.an_evening(people.carla)
    carla = await windows.open(people.carla, f"/dresden/live/{meeting}/facilitate")
    code = await _open_table(carla, "Tresen")
    await carla.get_by_label("Frage").fill("Womit fangen wir an?")
    await carla.get_by_label("Antworten, eine je Zeile").fill("Bänke\nBäume")
    await carla.get_by_role("button", name="Frage öffnen").click()
    await expect(carla.get_by_text("0 von")).to_be_visible()
    guest = await town.a_guest(people.url, code, "Ada")
    phone = await windows.open(guest, f"/dresden/live/{meeting}/table", viewport={"width": 390, "height": 844})
    selin = await windows.open(people.selin, f"/dresden/live/{meeting}")
    await _vote(phone, "Bänke")
    await _vote(selin, "Bänke")
    counted = carla.get_by_role("region", name="Stimmungsbild", exact=True)
    await expect(counted).to_contain_text("Saal 1")
    await expect(counted).to_contain_text("Bildschirm 1")
    await counted.get_by_role("button", name="Schließen und ins Protokoll").click()
    await carla.get_by_label("Was steht fest?").fill("Zwei Bänke am Brunnen")
    await carla.get_by_role("button", name="Festhalten").click()
    await expect(carla.get_by_role("region", name="Festhalten")).to_contain_text("Zwei Bänke am Brunnen")
    for _ in range(2):
        await carla.get_by_role("button", name="Nächster Punkt").click()
    await carla.get_by_role("button", name="Veranstaltung beenden").click()
    await expect(phone.get_by_role("heading", name="Danke, dass du dabei warst")).to_be_visible()
    await carla.goto(f"/dresden/events/meetings/{meeting}")
    await carla.get_by_role("button", name="Protokoll unterschreiben").click()
    await expect(carla.get_by_text("Protokoll unterschrieben")).to_be_visible()
    await selin.goto(f"/dresden/events/meetings/{meeting}")
    await expect(selin.get_by_role("region", name="Womit fangen wir an?")).to_contain_text("Bänke")
    await expect(selin.get_by_text("Zwei Bänke am Brunnen")).to_be_visible()
    await guest.client.aclose()


@pytest.mark.usefixtures("decided")
async def test_a_visitor_reads_the_decision(windows: Windows) -> None:
    visitor = await windows.open(None, "/dresden/decisions", viewport={"width": 390, "height": 844})
    await visitor.get_by_role("link", name=re.compile("Werkbank am Fluss")).first.click()
    await expect(visitor.get_by_role("heading", level=1)).to_be_visible()
    await expect(visitor.get_by_text("15.000,00").first).to_be_visible()
    await expect(visitor.get_by_text("Grund zu 1.")).to_be_visible()
    await expect(visitor.get_by_text("Versicherung nachweisen")).to_be_visible()
