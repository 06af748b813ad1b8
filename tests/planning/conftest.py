"""Browsers on pages that edit, with a real gateway and broker behind them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from services.realtime.sync.gateway import Gateway
from shared.access.tickets import public_key
from tests.browser.chromium import executable, launch_args
from tests.planning.workshop import Workshop
from tests.realtime.page import SEED

OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture
async def workshop(nats_url: str) -> AsyncIterator[tuple[Workshop, str]]:
    """The town with its pages, and where they are."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        origin = f"http://127.0.0.1:{door.getsockname()[1]}"
        town = Workshop(lambda port: Gateway(nats_url, [public_key(SEED)], [origin], port=port))
        await town.gateway.start()
        server = uvicorn.Server(uvicorn.Config(town, lifespan="off", log_level="error", ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[door]))
        yield town, origin
        server.should_exit = True
        await serving
        await town.gateway.drain()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=20_000)  # a busy machine is no fault of the page
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=executable(), args=launch_args())
        yield started
        await started.close()


@pytest.fixture
async def visit(browser: Browser, workshop: tuple[Workshop, str]) -> AsyncIterator[OpenPage]:
    """`await visit("/dresden/plans/plan-1?as=mira")` opens a browser of its own; fails on any script's error."""
    wrong: list[str] = []
    contexts: list[BrowserContext] = []

    async def opened(path: str, **settings: object) -> Page:
        context = await browser.new_context(base_url=workshop[1], service_workers="block", **settings)  # type: ignore[arg-type]
        contexts.append(context)
        tab = await context.new_page()
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
        await tab.goto(path)
        return tab

    yield opened
    for context in contexts:
        await context.close()
    assert wrong == []
