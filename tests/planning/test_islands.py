"""Several people edit one plan in browsers of their own, over a real gateway."""

from playwright.async_api import expect

from shared.ids import new_id
from tests.planning.conftest import OpenPage
from tests.planning.workshop import Workshop


async def test_two_people_type_into_one_finance_table(visit: OpenPage, workshop: tuple[Workshop, str]) -> None:
    plan = f"/dresden/plans/plan-{new_id()}"
    selin, mira = await visit(f"{plan}?as=selin"), await visit(f"{plan}?as=mira")
    await selin.locator("[data-grid=costs]").get_by_role("button", name="Zeile", exact=True).click()
    await selin.keyboard.type("Schwerlastregale")
    await selin.get_by_label("Menge K1").fill("24 Stück")
    await selin.get_by_label("Einzelpreis K1").fill("185")
    await expect(mira.get_by_label("Bezeichnung K1")).to_have_value("Schwerlastregale")
    await expect(mira.locator("[data-sum=costs]")).to_have_text("4.440,00 €")
    await expect(mira.get_by_text("Selin B. schreibt")).to_be_visible()
    await mira.get_by_label("Bezeichnung K1").fill("Schwerlastregale, gebraucht")
    await expect(selin.get_by_label("Bezeichnung K1")).to_have_value("Schwerlastregale, gebraucht")
    await expect(selin.locator("[data-saved]")).to_contain_text("Gespeichert um")
