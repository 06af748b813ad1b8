"""What the site's script adds to every page, in a browser under the strict policy of the product."""

import asyncio
import socket
from collections.abc import AsyncIterator, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import pytest
import uvicorn
from playwright.async_api import Browser, Page

from shared.web.assets import Assets
from shared.web.render import security_headers

FORM = """
<form method="post" action="/idea" data-keep="idea">{error}
<label>Titel <input name="title" value="{title}"></label>
<label>Wo? <select name="district"><option value="">Bitte wählen</option>
<option value="n">Neustadt</option></select></label>
<label><input type="checkbox" name="open" value="yes"> offen</label><input type="hidden" name="command_id" value="{id}">
<button>Abschicken</button></form>"""
OTHER = """
<p id="made">{made}</p>
<form method="post" action="/delete" data-confirm="Wirklich löschen?" data-confirm-yes="Löschen">
<button>Weg damit</button></form>
<form method="get" action="/list" data-autosubmit><label>Phase <select name="phase"><option value="">alle</option>
<option value="1">Anbahnung</option><option value="2">Umsetzung</option></select></label>
<button class="gw-fallback">Zeigen</button></form>
<form hx-post="/fragment" hx-target="#part" hx-swap="innerHTML">
<input name="word" aria-label="Wort"><button>Tauschen</button></form>
<div id="part"></div><form method="post" action="/sign-out"><button>Abmelden</button></form>"""


class Town:
    """A small server that behaves as the product's pages do; remembers what was posted to it."""

    def __init__(self) -> None:
        self.assets = Assets.built()
        self.posted: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.refuses = False
        self.title = ""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["path"].startswith("/assets/"):
            await self.assets(scope, receive, send)
            return
        body = b""
        while scope["method"] == "POST":
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status, told = self.answer(scope["method"], scope["path"], headers, body.decode())
        await self._send(send, status, told)

    def answer(self, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, str]:
        if method == "GET":
            return 200, self.page(path)
        typed = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        self.posted.append((path, typed, headers))
        if path == "/fragment":
            return (409, "<b>Das Wort gibt es schon</b>") if self.refuses else (200, "<b data-announce>Getauscht</b>")
        if not self.refuses:
            return 303, "/done"
        error = '<p id="fehler" role="alert" tabindex="-1">Titel zu kurz</p>'
        return 400, self.page(path, FORM.format(error=error, title=typed.get("title", ""), id="2"))

    def page(self, path: str, form: str = "") -> str:
        main = form or (OTHER.format(made=path) if path != "/idea" else FORM.format(error="", title=self.title, id="1"))
        return f"""<!doctype html><html lang="de"><head><title>{path}</title><meta name="csrf" content="token-7">
<link rel="stylesheet" href="{self.assets.url("site.css")}">
<script type="module" src="{self.assets.url("site.js")}"></script>
</head><body><div id="meldungen" role="status"></div><main>{main}</main></body></html>"""

    async def _send(self, send: Any, status: int, told: str) -> None:
        policy = security_headers("ws://127.0.0.1", secure=False)["content-security-policy"]
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-security-policy", policy.encode())]
        if status == 303:
            headers.append((b"location", told.encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if status == 303 else told.encode()})


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
async def page(browser: Browser, town: Town) -> AsyncIterator[Page]:
    """A tab on the town's pages; fails the test if the page broke a rule of the policy or raised an error."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(town, lifespan="off", log_level="error", ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[door]))
        context = await browser.new_context(
            base_url=f"http://127.0.0.1:{door.getsockname()[1]}", service_workers="block"
        )
        tab = await context.new_page()
        wrong: list[str] = []
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
        yield tab
        await context.close()
        server.should_exit = True
        await serving
    assert wrong == []


async def test_a_typed_form_survives_a_broken_connection(page: Page) -> None:
    await page.goto("/idea")
    await page.get_by_label("Titel").fill("Lastenrad-Ring")
    await page.get_by_label("Wo?").select_option("n")
    await page.get_by_label("offen").check()
    await page.reload()
    assert await page.get_by_label("Titel").input_value() == "Lastenrad-Ring"
    assert await page.get_by_label("Wo?").input_value() == "n"
    assert await page.get_by_label("offen").is_checked()
    await page.get_by_text("Dein Text von vorhin ist wieder da.").wait_for()


async def test_an_accepted_form_is_forgotten(page: Page, town: Town) -> None:
    await page.goto("/idea")
    await page.get_by_label("Titel").fill("Lastenrad-Ring")
    await page.get_by_role("button", name="Abschicken").click()
    await page.wait_for_url("**/done")
    await page.goto("/idea")
    assert await page.get_by_label("Titel").input_value() == ""
    assert town.posted[0][1]["title"] == "Lastenrad-Ring"


async def test_a_refused_form_is_kept_and_its_error_has_the_focus(page: Page, town: Town) -> None:
    town.refuses = True
    await page.goto("/idea")
    await page.get_by_label("Titel").fill("La")
    await page.get_by_role("button", name="Abschicken").click()
    await page.locator("#fehler:focus").wait_for()
    assert await page.get_by_label("Titel").input_value() == "La"
    await page.goto("/idea")
    assert await page.get_by_label("Titel").input_value() == "La"


async def test_what_the_server_has_changed_since_wins(page: Page, town: Town) -> None:
    await page.goto("/idea")
    await page.get_by_label("Titel").fill("Lastenrad-Ring")
    town.title = "Von anderen geändert"
    await page.goto("/idea")
    assert await page.get_by_label("Titel").input_value() == "Von anderen geändert"


async def test_what_came_back_can_be_discarded(page: Page) -> None:
    await page.goto("/idea")
    await page.get_by_label("Titel").fill("Lastenrad-Ring")
    await page.reload()
    await page.get_by_role("button", name="Verwerfen").click()
    assert await page.get_by_label("Titel").input_value() == ""
    await page.reload()
    assert await page.get_by_label("Titel").input_value() == ""


async def test_signing_out_forgets_what_was_typed(page: Page) -> None:
    await page.goto("/idea")
    await page.get_by_label("Titel").fill("Lastenrad-Ring")
    await page.goto("/done")
    async with page.expect_navigation():  # the address stays: waiting for it would wait for nothing
        await page.get_by_role("button", name="Abmelden").click()
    await page.goto("/idea")
    assert await page.get_by_label("Titel").input_value() == ""


async def test_a_question_comes_first(page: Page, town: Town) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="Weg damit").click()
    dialog = page.get_by_role("dialog", name="Wirklich löschen?")
    await dialog.get_by_role("button", name="Abbrechen").click()
    await dialog.wait_for(state="detached")
    assert town.posted == []
    await page.get_by_role("button", name="Weg damit").click()
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    assert town.posted == []
    await page.get_by_role("button", name="Weg damit").click()
    await dialog.get_by_role("button", name="Löschen").click()
    await page.wait_for_url("**/done")
    assert [path for path, _, _ in town.posted] == ["/delete"]


async def test_a_choice_with_the_mouse_sends_the_form(page: Page) -> None:
    await page.goto("/")
    assert not await page.get_by_role("button", name="Zeigen").is_visible()
    await page.get_by_label("Phase").select_option("1")
    await page.wait_for_url("**/list?phase=1")


async def test_walking_through_choices_with_arrows_sends_nothing_until_enter(page: Page) -> None:
    await page.goto("/")
    await page.get_by_label("Phase").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    assert page.url.endswith("/")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/list?phase=2")


async def test_leaving_a_choice_sends_it(page: Page) -> None:
    await page.goto("/")
    await page.get_by_label("Phase").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.wait_for_url("**/list?phase=1")


async def test_a_fragment_carries_the_token_and_is_announced(page: Page, town: Town) -> None:
    await page.goto("/")
    await page.get_by_label("Wort").fill("Rad")
    await page.get_by_role("button", name="Tauschen").click()
    await page.locator("#part", has_text="Getauscht").wait_for()
    await page.locator("#stimme-status", has_text="Getauscht").wait_for(state="attached")
    path, typed, headers = town.posted[0]
    assert (path, typed["word"], headers["x-csrf-token"]) == ("/fragment", "Rad", "token-7")


async def test_a_refused_fragment_says_why(page: Page, town: Town) -> None:
    town.refuses = True
    await page.goto("/")
    await page.get_by_role("button", name="Tauschen").click()
    await page.get_by_text("Das Wort gibt es schon").wait_for()


async def test_a_fragment_without_connection_says_that_nothing_is_lost(page: Page) -> None:
    await page.goto("/")
    await page.route("**/fragment", lambda route: route.abort())
    await page.get_by_role("button", name="Tauschen").click()
    await page.get_by_text("Keine Verbindung.").wait_for()
