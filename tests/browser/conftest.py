"""One demo and one Chromium for all browser tests, and browsers of people whose faults fail the test."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from deploy.walkthrough import money, own_demo, plan
from deploy.walkthrough.checks import Report
from deploy.walkthrough.steps import Cast, an_idea_becomes_public, cast, others_join
from tests.browser.chromium import executable, launch_args
from tests.browser.officers import two_decide
from tests.browser.windows import Windows


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=20_000)  # a busy machine is no fault of the page
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=executable(), args=launch_args())
        yield started
        await started.close()


@pytest.fixture(scope="session")
def demo() -> Iterator[str]:
    """The address of the whole product with its demo towns, in a process of its own."""
    with own_demo(print) as url:
        yield url


@pytest.fixture(scope="session")
async def people(demo: str) -> AsyncIterator[Cast]:
    """Everybody who plays in the walkthrough, signed in."""
    everybody = await cast(demo)
    yield everybody
    for person in everybody.everybody():
        await person.client.aclose()


@pytest.fixture
async def project(people: Cast) -> str:
    """A public project of its own: Mira leads it, Selin and Duc are in the team."""
    report = Report(print)
    id = await an_idea_becomes_public(people, report)
    await others_join(people, id, report)
    return id


@pytest.fixture(scope="session")
async def decided(people: Cast, browser: Browser, demo: str) -> str:
    """The application of a project with a full plan, granted by two officers in their browsers."""
    report = Report(print)
    id = await an_idea_becomes_public(people, report)
    await others_join(people, id, report)
    await plan.three_write_at_once(people, id, report)
    application = await money.an_application_is_pinned(people, id, report)
    await people.frank.must("funding", f"application/{application}/complete-formal-check")
    pot = (await people.mira.json(f"/api/funding/applications/{application}"))["pot"]
    await money.the_jury_reviews(people, application, await money.criteria_of(people, pot))
    windows = Windows(browser, demo)
    await two_decide(windows, people, application)
    await windows.close()
    assert windows.wrong == []
    return application


@pytest.fixture
async def windows(browser: Browser, demo: str) -> AsyncIterator[Windows]:
    """Opens browsers on the demo; what their consoles complained about fails the test at its end."""
    opened = Windows(browser, demo)
    yield opened
    await opened.close()
    assert opened.wrong == []
