"""Steps 4 and 6: guests at a table with bad network, and a Zukunftstisch by the calendar."""

import re
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pycrdt import Doc, Map, Text

from deploy.walkthrough.checks import Failed, Report, eventually
from deploy.walkthrough.editor import Editor
from deploy.walkthrough.people import Person, sign_in, visitor
from deploy.walkthrough.steps import Cast
from shared.ids import new_id

GUESTS = ("Ada", "Bo", "Cem", "Dana", "Eli", "Fee")
WEEKS = [5, 11, 12, 13, 15, 17, 19, 20]  # of 2022, as in Detmold's own example


async def guests_write_cards(cast: Cast, report: Report) -> None:
    report.step("4  Six guests at a pub table, two of them lose the network")
    meeting = await an_evening(cast.carla)
    code = (await _post(cast.carla, f"/api/events/meetings/{meeting}/tables", {"name": "Stammtisch"}))["code"]
    document = f"meeting-{meeting}"
    phones = [Editor(await a_guest(cast.url, code, name), "events", document) for name in GUESTS]
    host = Editor(cast.carla, "events", document)
    async with host.online(), AsyncExitStack() as stack:
        for phone in phones[:4]:
            await stack.enter_async_context(phone.online())
        for phone in phones[4:]:
            async with phone.online():
                pass  # they were there, and the network is gone
        for number, phone in enumerate(phones):
            for card in range(2):
                phone.change(_card(f"{GUESTS[number].lower()}-{card}", f"Idee {card + 1} von {GUESTS[number]}"))
        for phone in phones[:4]:
            await phone.all_saved()
        seen = await eventually(lambda: _cards(host, 8))
        report.check("the cards of those with network are there", seen)
        for phone in phones[4:]:
            async with phone.online():
                report.check(f"{phone.person.name} is back, and everything is saved", await phone.all_saved())
        report.check("all twelve cards are there, each once", await eventually(lambda: _cards(host, 12)))
    for phone in phones:
        await phone.person.client.aclose()


async def an_evening(carla: Person) -> str:
    id, day = new_id(), (datetime.now(UTC) + timedelta(days=14)).date().isoformat()
    form = {"id": id, "title": "Ideen am Tresen", "format": "pub_evening", "mode": "hybrid", "day": day}
    form |= {"begins": "19:00", "ends": "21:00", "place": "Scheune-Vorplatz", "capacity": "40"}
    announced = await carla.submit("/events/meetings/new", **form)
    if announced.status_code != 303:
        raise Failed(f"a meeting was not announced: {announced.status_code}")
    await carla.submit(f"/live/{id}/plan-agenda", items="Ankommen, 10\nIdeen sammeln, 30")
    await carla.submit(f"/live/{id}/start-meeting")
    return id


async def a_guest(url: str, code: str, name: str) -> Person:
    guest = visitor(url, "dresden")
    guest.name = name
    joined = await guest.client.post("/dresden/api/events/tables/join", json={"code": code, "first_name": name})
    if joined.status_code != 200:
        raise Failed(f"{name} could not join: {joined.status_code} {joined.text[:200]}")
    page = await guest.page(f"/live/{joined.json()['meeting']}/table")
    token = re.search(r'<meta name="csrf" content="(\w+)"', page)
    if token is None:
        raise Failed("the guest's page has no token")
    guest.csrf = token[1]
    return guest


def _card(id: str, text: str) -> Any:
    def change(doc: Doc[Any]) -> None:
        doc.get("cards", type=Map)[id] = Map({"order": id, "text": Text(text), "column": ""})

    return change


async def _cards(host: Editor, number: int) -> bool:
    cards = host.doc.get("cards", type=Map).to_py() or {}
    return len(cards) == number and len({card["text"] for card in cards.values()}) == number


async def a_zukunftstisch_by_the_calendar(cast: Cast, report: Report) -> None:
    report.step("6  A Zukunftstisch in Detmold by the calendar of its own document")
    petra = await sign_in(cast.url, "detmold", "petra@gemeinwerk.example", "Petra M.")
    id = new_id()
    body = {"template": "zukunftstisch", "topic": "Digitale Ethik", "anchor": "2022-04-13"}
    await _post(petra, f"/api/events/processes/{id}", body)
    steps = {step["key"]: step for step in (await petra.json(f"/api/events/processes/{id}"))["steps"]}
    main = [step for step in steps.values() if step["key"] != "participation"]
    weeks = [date.fromisoformat(step["day"]).isocalendar().week for step in main]
    report.check(f"its steps fall into the weeks of the example: {WEEKS}", weeks == WEEKS)
    first = date.fromisoformat(steps["table_1"]["day"]) + timedelta(weeks=2)
    moved = await petra.give("events", f"process/{id}/reschedule-step", {"step": "table_1", "day": first.isoformat()})
    report.check("a moved date that breaks a gap is refused", moved.json()["code"] == "gap_too_short")
    report.check("and the gap is named in words", "mindestens 28" in moved.json()["title"])
    report.check(
        "the process has a page for everybody", "Digitale Ethik" in await _page(cast, f"/events/processes/{id}")
    )
    await petra.client.aclose()


async def _page(cast: Cast, path: str) -> str:
    return (await cast.stranger.client.get(f"/detmold{path}")).text


async def _post(person: Person, path: str, body: Any) -> Any:
    answer = await person.client.post(f"/{person.town}{path}", json=body, headers={"x-csrf-token": person.csrf})
    if answer.status_code != 200:
        raise Failed(f"{path} answered {answer.status_code}: {answer.text[:300]}")
    return answer.json()
