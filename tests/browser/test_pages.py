"""Every page that each visitor of the whole demo can reach: sound, found faultless by axe, and fit for phones."""

import pytest
from playwright.async_api import Page

from deploy.walkthrough import town
from deploy.walkthrough.people import Person
from deploy.walkthrough.steps import Cast
from tests.browser.axe import SCRIPT, findings
from tests.browser.tour import VISITORS, Visitor, enter, kinds_of_pages
from tests.browser.windows import Windows

READY = """() => document.fonts.ready.then(() => [...document.querySelectorAll("[data-plan], [data-live]")].every(
  () => [...document.querySelectorAll("[data-saved]")].every(line => line.textContent.trim())))"""
seen: set[str] = set()


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize("who", VISITORS, ids=lambda who: who.who)
async def test_every_kind_of_page_is_faultless(windows: Windows, demo: str, who: Visitor) -> None:
    person = await enter(demo, who)
    try:
        paths = [path async for kind, path in kinds_of_pages(person, who) if _new(kind, path, who)]
        assert paths, "nothing is in reach"
        await _look(windows, person, paths)
    finally:
        await person.client.aclose()


async def test_a_session_is_faultless_for_guests_and_those_who_lead_it(windows: Windows, people: Cast) -> None:
    meeting = await town.an_evening(people.carla)
    opened = await people.carla.client.post(
        f"/dresden/api/events/meetings/{meeting}/tables",
        json={"name": "Tresen"},
        headers={"x-csrf-token": people.carla.csrf},
    )
    code = opened.json()["code"]
    await _look(windows, people.stranger, ["/dresden/table", f"/dresden/table/{code}", f"/dresden/live/{meeting}"])
    guest = await town.a_guest(people.url, code, "Ada")
    await _look(windows, guest, [f"/dresden/live/{meeting}/table"])
    await guest.client.aclose()
    rooms = ("", "/facilitate", "/projector")
    await _look(windows, people.carla, [f"/dresden/live/{meeting}{room}" for room in rooms])


def _new(kind: str, path: str, who: Visitor) -> bool:
    """The same kind of page in another town looks the same; signed in or not makes a difference, and desks differ."""
    key = f"{bool(who.name)} {kind.removeprefix(f'/{who.town}')}"
    fresh = key not in seen or path in who.starts
    seen.add(key)
    return fresh


async def _look(windows: Windows, person: Person, paths: list[str]) -> None:
    page = await windows.open(person, bypass_csp=True)
    await page.add_init_script(path=SCRIPT)
    found = {path: faults for path in paths if (faults := await _faults(page, path))}
    assert not found, "\n".join(f"{path}: {fault}" for path, faults in found.items() for fault in faults)


async def _faults(page: Page, path: str) -> list[str]:
    await page.set_viewport_size({"width": 1280, "height": 900})
    await page.emulate_media(color_scheme="light")
    answer = await page.goto(path)
    faults = [] if answer and answer.status == 200 else [f"answered {answer and answer.status}"]
    await page.wait_for_function(READY)
    if await page.locator("h1").count() != 1:
        faults.append("not one h1")
    faults += await findings(page)
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size({"width": 390, "height": 844})
    faults += [f"dark: {one}" for one in await findings(page)]
    await page.set_viewport_size({"width": 320, "height": 700})
    if (width := await page.evaluate("document.documentElement.scrollWidth")) > 320:
        faults.append(f"{width} px wide on a phone of 320")
    if await page.evaluate("[...document.querySelectorAll('h1')].some(one => one.scrollWidth > one.clientWidth + 1)"):
        faults.append("the title sticks out")
    return faults
