"""Two officers at their desks: one proposes, the other one makes it a decision."""

from playwright.async_api import Page, expect

from deploy.walkthrough.steps import Cast
from tests.browser.windows import Windows


async def two_decide(windows: Windows, people: Cast, application: str) -> None:
    """Frank proposes 15,000 €, in part and with a condition; he cannot confirm it, Greta can."""
    desk = f"/dresden/funding/desk/{application}"
    frank = await windows.open(people.frank, desk)
    await _propose(frank)
    await expect(frank.get_by_role("heading", name="Vorschlag", exact=True)).to_be_visible()
    await expect(frank.get_by_role("button", name="Vorschlag zurücknehmen")).to_be_visible()
    await expect(frank.get_by_role("button", name="Als zweite Person bestätigen")).to_have_count(0)
    greta = await windows.open(people.greta, "/dresden/funding/desk")
    waiting = greta.get_by_role("region", name="Als zweite Person bestätigen")
    await waiting.locator(f'a[href="{desk}"]').click()
    await expect(greta.get_by_text("Frank O.").first).to_be_visible()
    await greta.get_by_role("button", name="Als zweite Person bestätigen").click()
    await expect(greta.get_by_role("button", name="Als zweite Person bestätigen")).to_have_count(0)
    await frank.reload()
    await expect(frank.get_by_role("heading", name="Vorschlag", exact=True)).to_have_count(0)


async def _propose(desk: Page) -> None:
    form = desk.get_by_role("region", name="Entscheidung vorschlagen")
    await form.get_by_label("Teilweise", exact=False).check()
    await form.get_by_label("Betrag in Euro").fill("15.000,00")
    await form.get_by_label("In einem Satz").fill("Der Ausbau in zwei Schritten.")
    reasons = form.get_by_label("Warum: ")
    for number in range(await reasons.count()):
        await reasons.nth(number).fill(f"Grund zu {number + 1}.")
    await form.get_by_label("Bedingungen").fill("2: Versicherung nachweisen")
    await form.get_by_role("button", name="Zur Bestätigung vorlegen").click()
