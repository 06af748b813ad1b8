"""Browsers of several people on one demo, and everything their consoles complain about."""

from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from deploy.walkthrough.people import Person
from tests.browser.tour import carry_over

OFFLINE = "net::ERR_INTERNET_DISCONNECTED"  # what a browser says of every request while its network is off


class Windows:
    """`wrong` collects errors of scripts, of the policy, and of anything that could not be loaded."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.wrong: list[str] = []
        self._browser, self._url = browser, url
        self._opened: list[BrowserContext] = []

    async def open(self, person: Person | None = None, path: str = "", **settings: Any) -> Page:
        """A tab in a browser of its own, signed in as `person`, on `path` if there is one."""
        context = await self._browser.new_context(base_url=self._url, **{"reduced_motion": "reduce"} | settings)
        self._opened.append(context)
        if person:
            await carry_over(person, context, self._url)
        context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        context.on("console", self._said)
        page = await context.new_page()
        if path:
            await page.goto(path)
        return page

    async def close(self) -> None:
        for context in self._opened:
            await context.close()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and OFFLINE not in message.text:
            where = message.page.url if message.page else ""
            self.wrong.append(f"{where}: {message.text} {message.location.get('url', '')}")
