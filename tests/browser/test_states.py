"""States of pages that no visitor of the demo meets: empty, refused, half done. Axe finds nothing, 320 px suffice."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route

from shared.web.problems import Problem
from shared.web.render import Renderer, security_headers
from tests.browser.axe import SCRIPT, findings
from tests.funding import page_samples as funding
from tests.marketplace import page_samples as marketplace
from tests.marketplace.town import DRESDEN

REFUSALS = {
    401: "sign_in_needed", 403: "forbidden", 404: "not_found", 409: "last_lead", 412: "somebody_was_faster",
    413: "too_big", 429: "too_many", 500: "failed", 503: "unavailable",
}  # fmt: skip
SHOWN = {
    "towns", "start", "start-detmold", "start-dortmund", "projects", "project", "project-lead", "propose", "me",
    "inbox", "desk", "sign-in", "funding", "pot", "pot-visitor", "application-granted", "decisions", "decision",
    "audit", "history", "rules", "present",
}  # fmt: skip
"""What `test_pages.py` looks at in the demo itself; `present` is part of a page."""
HTML = Callable[[], str]


def _funding(renderer: Renderer, name: str) -> str:
    template, nav, context, person = funding.SAMPLES[name]
    return renderer.render(f"funding/{template}", funding.page("Seite", nav, person), **context).content


def _refusal(renderer: Renderer, status: int) -> str:
    problem = Problem(status=status, code=REFUSALS[status], facts={"seconds": 20})
    return renderer.error_page(problem, DRESDEN, "/dresden/projects").content


def pages(renderer: Renderer) -> dict[str, HTML]:
    """The path of each page, and how it is made."""
    made: dict[str, HTML] = {}
    made |= {f"/marketplace/{name}": partial(marketplace.html, renderer, name) for name in marketplace.SAMPLES}
    made |= {f"/funding/{name}": partial(_funding, renderer, name) for name in funding.SAMPLES}
    made = {path: page for path, page in made.items() if path.rpartition("/")[2] not in SHOWN}
    return made | {f"/refusal/{status}": partial(_refusal, renderer, status) for status in REFUSALS}


PAGES = pages(Renderer())


@pytest.fixture(scope="module")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """A tab whose requests are answered with our pages and files; what other services would bring in is not there."""
    renderer = Renderer()
    made = pages(renderer)
    headers = security_headers("ws://127.0.0.1", secure=False)

    async def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path in made:
            await route.fulfill(content_type="text/html; charset=utf-8", headers=headers, body=made[path]())
        elif built := renderer.assets.plain(path):
            await route.fulfill(content_type=built[0], body=built[1])
        else:
            await route.fulfill(status=404)

    context = await browser.new_context(
        bypass_csp=True,
        reduced_motion="reduce",
        base_url="http://127.0.0.1",
        viewport={"width": 320, "height": 700},
        color_scheme="dark",
    )
    page = await context.new_page()
    await page.add_init_script(path=SCRIPT)
    await page.route("**/*", answer)
    yield page
    await context.close()


@pytest.mark.parametrize("path", PAGES)
async def test_axe_finds_nothing_and_nothing_sticks_out(tab: Page, path: str) -> None:
    """Narrow and dark, the harder way to look; the same parts are seen wide and light in the demo."""
    await tab.goto(path)
    assert await findings(tab) == []
    assert await tab.evaluate("document.documentElement.scrollWidth") <= 320
