"""Three browsers on one plan: all five parts at once, one of them without network for a while and opened anew there."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page, expect

from deploy.walkthrough.steps import Cast
from tests.browser.windows import Windows
from tests.infra import eventually

SAVED = re.compile("Gespeichert um")
ROW_NAMES = "[...document.querySelectorAll('[data-grid=costs] [data-cell$=label]')].map(cell => cell.value)"
KEPT = "caches.open('gemeinwerk.pages').then(cache => cache.keys()).then(kept => kept.length > 5)"
GOAL = "Was wir erreichen wollen"


async def _add(page: Page, grid: str, *labels: str) -> None:
    for label in labels:
        await page.locator(f"[data-grid={grid}]").get_by_role("button", name="Zeile", exact=True).click()
        await page.keyboard.type(label)


async def _saved(*pages: Page) -> None:
    for page in pages:
        await expect(page.locator("[data-saved]")).to_have_text(SAVED)


async def _names(page: Page, expected: list[str]) -> bool:
    """Whether the cost lines have these names, the last letters of the other one's included."""
    return sorted(await page.evaluate(ROW_NAMES)) == expected


async def _same(one: Page, other: Page) -> bool:
    """Whether both see the cost lines in one order."""
    return bool(await one.evaluate(ROW_NAMES) == await other.evaluate(ROW_NAMES))


async def _work(selin: Page, address: str) -> None:
    """A package on the board by keyboard, and on the chart once it has its days."""
    await _add(selin, "work", "Aufbau", "Fest")
    await selin.locator("[data-work] [data-card]").first.focus()
    await selin.keyboard.press("ArrowRight")
    await expect(selin.get_by_label("Stand A1")).to_have_value("doing")
    await _saved(selin)
    await selin.goto(f"{address}/schedule")
    begins = datetime.now(UTC).date() + timedelta(days=30)
    await selin.get_by_label("Beginn A1").fill(begins.isoformat())
    await selin.get_by_label("Ende A1").fill((begins + timedelta(days=20)).isoformat())
    bar = selin.locator("svg.gw-desk g[data-line]").first
    await expect(bar).to_have_attribute("tabindex", "0")
    await bar.focus()
    await selin.keyboard.press("ArrowRight")
    await expect(selin.get_by_label("Beginn A1")).to_have_value((begins + timedelta(days=1)).isoformat())


async def _write_without_network(duc: Page) -> None:
    """The page opens again from what this browser kept, takes words, and hands them over when the network is back."""
    text = duc.get_by_role("textbox", name=GOAL)
    await text.click()
    await duc.keyboard.type("Ein Lager für alle")
    await _saved(duc)
    await eventually(lambda: duc.evaluate(KEPT), 20)
    await duc.context.set_offline(True)
    await duc.reload()
    await expect(duc.locator("[data-saved]")).to_contain_text("Ohne Netz")
    await expect(text).to_contain_text("Ein Lager für alle")
    await text.click()
    await duc.keyboard.press("Control+End")
    await duc.keyboard.type(", die bauen")


async def test_three_plan_in_five_parts_and_one_loses_the_network(windows: Windows, people: Cast, project: str) -> None:
    address = f"/dresden/plans/{project}"
    mira, selin, duc = await asyncio.gather(
        windows.open(people.mira, f"{address}/finance"),
        windows.open(people.selin, f"{address}/work"),
        windows.open(people.duc, f"{address}/profile"),
    )
    await expect(mira.locator("[data-people]")).to_contain_text("Selin B.")
    await asyncio.gather(_add(mira, "costs", "Regale", "Miete"), _work(selin, address), _write_without_network(duc))
    await selin.goto(f"{address}/finance")
    await expect(selin.get_by_label("Bezeichnung K2")).to_have_value("Miete")
    await asyncio.gather(_add(mira, "costs", "Werkbänke"), _add(selin, "costs", "Flyer"))
    await eventually(lambda: _names(mira, ["Flyer", "Miete", "Regale", "Werkbänke"]), 20)
    await eventually(lambda: _same(mira, selin), 20)
    for _ in range(9):  # more often than she has done anything: hers goes, Mira's stays
        await selin.get_by_role("button", name="Rückgängig").click()
    await eventually(lambda: _names(mira, ["Miete", "Regale", "Werkbänke"]), 20)
    await selin.locator("[data-people]").get_by_role("button", name="Folgen: Mira K.").click()
    await mira.goto(f"{address}/resources")
    await _add(mira, "resources", "Lagerraum")
    await selin.wait_for_url("**/resources")
    await mira.get_by_role("button", name=re.compile("Aufgeben: R1")).click()
    await expect(selin.locator("[data-grid=resources] .gw-grid__extra")).to_contain_text("offen")
    await duc.context.set_offline(False)
    await _saved(mira, duc)
    await mira.get_by_role("button", name="Fassung festhalten").click()
    await mira.get_by_label("Name der Fassung").fill("vor der Beratung")
    await mira.get_by_role("button", name="Festhalten", exact=True).click()
    await expect(mira.get_by_role("main")).to_contain_text("vor der Beratung")
    visitor = await windows.open(None, f"{address}/print")
    for words in ("Ein Lager für alle, die bauen", "Aufbau", "Lagerraum", "Regale", "in Arbeit"):
        await expect(visitor.get_by_role("main")).to_contain_text(words)
