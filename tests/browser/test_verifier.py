"""The browser checks a bundle without the server: on the product's page, and from a file that may fetch nothing."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from services.funding.pages.checking import offline_page
from shared.web.assets import Assets
from tests.audit.cases import Case
from tests.audit.logs import FOREIGN_KEY, KEY, checkpoint, entries
from tests.audit.tampering import corpus
from tests.browser.windows import Windows

GOOD, BAD = "Alles stimmt", "Hier stimmt etwas nicht"
DUMB = "Object.defineProperty(crypto.subtle, 'importKey', {value: () => Promise.reject(new Error('no such key'))})"


@pytest.fixture(scope="module")
async def cases() -> dict[str, Case]:
    return {case.name: case for case in await corpus()}


async def check(page: Page, bundle: bytes, keys: str = "", own: str = "") -> str:
    """What the page says of a bundle."""
    await page.get_by_label("Prüfbündel").set_input_files(
        [{"name": "bündel.zip", "mimeType": "application/zip", "buffer": bundle}]
    )
    await page.get_by_label("Schlüssel").fill(keys)
    await page.get_by_label("Ein Prüfpunkt, den du aufgehoben hast").fill(own)
    await page.get_by_role("button", name="Prüfen").click()
    await page.locator("[data-verdict]:focus :is(h2, p)").first.wait_for()
    return await page.locator("[data-verdict]").inner_text()


async def test_the_page_checks_a_bundle_while_the_network_is_off(windows: Windows, cases: dict[str, Case]) -> None:
    page = await windows.open(path="/dresden/audit/verify")
    await page.get_by_role("heading", name="Ein Bündel prüfen").wait_for()
    await page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.context.set_offline(True)
    said = await check(page, cases["sound"].bundle, KEY.text, checkpoint(entries()[:3]))
    assert said.startswith(GOOD)
    for words in ("7 Einträge, lückenlos", "2 frühere Prüfpunkte passen", "Eintrag 4.", "Dein Prüfpunkt passt dazu."):
        assert words in said
    assert "Geprüft wurde mit den Schlüsseln aus dem Bündel selbst" not in said
    assert "am 31. März 2026" in said
    said = await check(page, cases["cent"].bundle)
    assert said.startswith(BAD)
    assert "Förderung: Der Inhalt von Eintrag 3 wurde verändert." in said
    assert "fremder Schlüssel" in await check(page, cases["sound"].bundle, FOREIGN_KEY.text)
    assert "Der Schlüssel lässt sich nicht lesen" in await check(page, cases["sound"].bundle, "abc")
    assert "Dein Prüfpunkt lässt sich nicht lesen" in await check(page, cases["sound"].bundle, own="abc")
    assert asked == []


async def test_the_file_to_keep_works_alone(browser: Browser, cases: dict[str, Case], tmp_path: Path) -> None:
    file = tmp_path / "pruefen.html"
    file.write_text(offline_page(Assets.built()), encoding="utf-8")
    context = await browser.new_context(offline=True)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.goto(file.as_uri())
    said = await check(page, cases["sound_excerpt"].bundle, KEY.text)
    assert said.startswith(GOOD)
    assert "4 Einträge von 7, jeder mit seinem Beweis." in said
    for name, words in (("drop", "Eintrag 4 fehlt."), ("renewed_5", "Bis Eintrag 3 passen sie"), ("cut", "zu früh")):
        said = await check(page, cases[name].bundle)
        assert said.startswith(BAD)
        assert words in said
    refused = await page.evaluate("fetch('https://gemeinwerk.example/').then(() => '', error => error.message)")
    assert refused
    assert all("Content Security Policy" in one for one in wrong)
    await context.close()


async def test_a_browser_without_the_signature_says_so(
    browser: Browser, cases: dict[str, Case], tmp_path: Path
) -> None:
    file = tmp_path / "pruefen.html"
    file.write_text(offline_page(Assets.built()), encoding="utf-8")
    context = await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(DUMB)
    await page.goto(file.as_uri())
    assert "Dieser Browser kann die Unterschriften (Ed25519) nicht prüfen" in await check(page, cases["sound"].bundle)
    await context.close()
