"""The replay is turned with the arrow keys, keeps its place in the address, and leaves the keys to who types."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, expect

from shared.web.render import Renderer, security_headers
from tests.funding import page_samples as funding
from tests.funding.desk_samples import history

HISTORY = "/dresden/funding/applications/app/history"


@pytest.fixture
async def replay(browser: Browser) -> AsyncIterator[Page]:
    """The replay at its fifth step, its requests answered as by the service."""
    renderer = Renderer()
    headers = security_headers("ws://127.0.0.1", secure=False)

    async def answer(route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.path == HISTORY:
            step = int(parse_qs(url.query)["step"][0])
            page = funding.page("Verlauf", "funding", "aldo")
            body = renderer.render("funding/history.html", page, **history(step)).content
            await route.fulfill(content_type="text/html; charset=utf-8", headers=headers, body=body)
        elif built := renderer.assets.plain(url.path):
            await route.fulfill(content_type=built[0], body=built[1])
        else:
            await route.fulfill(status=404, body="")

    tab = await browser.new_page()
    await tab.route("**/*", answer)
    await tab.goto(f"http://replay.example{HISTORY}?step=5")
    yield tab
    await tab.close()


async def at(replay: Page, step: int) -> None:
    await expect(replay.locator("[aria-current=step]")).to_contain_text(str(step))
    await expect(replay).to_have_url(f"http://replay.example{HISTORY}?step={step}")


async def test_arrows_turn_the_pages_and_going_back_is_going_back(replay: Page) -> None:
    await replay.keyboard.press("ArrowRight")
    await at(replay, 6)
    for step in (5, 4, 3):
        await replay.keyboard.press("ArrowLeft")
        await at(replay, step)
    await replay.go_back()
    await at(replay, 4)


async def test_the_first_step_is_the_first_and_typing_is_typing(replay: Page) -> None:
    await replay.goto(f"http://replay.example{HISTORY}?step=1")
    await replay.keyboard.press("ArrowLeft")
    await at(replay, 1)
    await replay.evaluate("document.querySelector('main').append(document.createElement('input'))")
    await replay.locator("main input").press("ArrowRight")
    await replay.locator("h1").click()
    await replay.keyboard.press("ArrowRight")
    await at(replay, 2)
