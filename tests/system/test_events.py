"""Events over HTTP, on real servers: a process from its template, a meeting with a waiting list, a live evening."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.ids import new_id

ANCHOR = date(2027, 6, 16)  # a Wednesday


@pytest.fixture(scope="module")
async def petra(deployment):
    return await deployment.citizen("Petra M.", "detmold", "coordinator", "facilitator")


@pytest.fixture(scope="module")
async def lena(deployment):
    return await deployment.citizen("Lena D.", "detmold")


async def started(petra, topic="Digitale Ethik"):
    id = new_id()
    sent = await petra.submit(
        "/events/processes/new", id=id, template="zukunftstisch", topic=topic, anchor=ANCHOR.isoformat()
    )
    assert (sent.status_code, sent.headers.get("location")) == (303, f"/detmold/events/processes/{id}"), sent.text
    return id


async def announced(petra, capacity="1", **changed):
    id, day = new_id(), (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    form = {
        "id": id,
        "title": "Strategie-Tisch",
        "format": "strategy_table",
        "mode": "hybrid",
        "day": day,
        "begins": "19:00",
        "ends": "21:00",
        "place": "Rathaus am Markt",
        "capacity": capacity,
    } | changed
    sent = await petra.submit("/events/meetings/new", **form)
    assert sent.status_code == 303, sent.text
    return id


async def test_a_process_has_all_dates_from_its_anchor(deployment, petra):
    id = await started(petra)
    told = (await petra.get(f"/api/events/processes/{id}")).json()
    days = {step["key"]: date.fromisoformat(step["day"]) for step in told["steps"]}
    assert (told["template"], told["template_version"], days["table_2"]) == ("zukunftstisch", 1, ANCHOR)
    assert days["table_1"] <= ANCHOR - timedelta(weeks=4)
    assert days["decision"] >= ANCHOR + timedelta(weeks=4)
    assert told["broken"] == []
    page = (await deployment.client().get(f"/detmold/events/processes/{id}")).text
    assert page.count("<svg") > 2
    assert "Expertisen-Tisch" in page
    assert "reschedule-step" not in page
    assert id in (await deployment.client().get("/detmold/events")).text


async def test_a_date_too_close_names_the_broken_gap_on_page_and_api(petra):
    id = await started(petra)
    too_late = (ANCHOR - timedelta(weeks=3)).isoformat()
    page = await petra.submit(f"/events/processes/{id}/reschedule-step", step="table_1", day=too_late)
    assert page.status_code == 409
    assert "liegen dann 21 Tage" in page.text
    assert "mindestens 28" in page.text
    moved = {"step": "table_1", "day": too_late}
    answer = await petra.give("events", f"process/{id}/reschedule-step", moved)
    assert (answer.status_code, answer.json()["code"]) == (409, "gap_too_short")
    assert answer.json()["facts"]["gaps"][0]["required_days"] == 28
    excused = await petra.give("events", f"process/{id}/reschedule-step", moved | {"reason": "Die Expertin ist krank"})
    assert excused.status_code == 200, excused.text
    told = (await petra.get(f"/api/events/processes/{id}")).json()
    assert [(gap["actual"], gap["required"], gap["reason"]) for gap in told["broken"]] == [
        ("3", "4", "Die Expertin ist krank")
    ]
    assert "Ausnahme vom Mindestabstand" in (await petra.get(f"/events/processes/{id}")).text


async def test_a_program_starts_a_process_by_the_templates_name(petra, lena):
    id, body = new_id(), {"template": "stadtgespraech", "topic": "Stadtziele", "anchor": "2027-04-09"}
    headers = {"x-csrf-token": petra.csrf, "idempotency-key": new_id()}
    path = f"/detmold/api/events/processes/{id}"
    first = await petra.client.post(path, json=body, headers=headers)
    again = await petra.client.post(path, json=body, headers=headers)
    assert (first.status_code, again.json()) == (200, first.json()), first.text
    unknown = await petra.client.post(path, json=body | {"template": "other"}, headers={"x-csrf-token": petra.csrf})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (400, "template")
    refused = await lena.client.post(path, json=body, headers={"x-csrf-token": lena.csrf})
    assert refused.status_code == 403


async def test_a_step_begun_and_done_shows_its_state(petra):
    id = await started(petra)
    for action in ("begin-step", "complete-step"):
        assert (await petra.submit(f"/events/processes/{id}/{action}", step="preparation")).status_code == 303
    told = (await petra.get(f"/api/events/processes/{id}")).json()
    assert next(step["mark"] for step in told["steps"] if step["key"] == "preparation") == "done"
    skipped = await petra.submit(f"/events/processes/{id}/skip-step", step="factions", reason="Keine Zeit")
    assert skipped.status_code == 303
    page = (await petra.get(f"/events/processes/{id}")).text
    assert "2 von 9 Schritten" in page
    assert "Grund: Keine Zeit" in page


async def test_every_fault_of_an_announcement_is_named_and_nothing_typed_is_lost(petra):
    page = await petra.submit(
        "/events/meetings/new", id=new_id(), title="Runde", format="pub_evening", mode="on_site", capacity="900"
    )
    assert page.status_code == 400
    assert page.text.count('aria-invalid="true"') == 4  # day, begins, ends, capacity
    assert 'value="Runde"' in page.text


async def test_who_waits_moves_up_when_a_place_is_given_up(deployment, petra, lena):
    ole = await deployment.citizen("Ole S.", "detmold")
    id = await announced(petra)
    fields = {"meeting": id, "section": "hall"}
    for person in (lena, ole):
        assert (await person.submit(f"/events/meetings/{id}/register", **fields)).status_code == 303
    assert "Du bist angemeldet" in (await lena.get(f"/events/meetings/{id}")).text
    assert "Du stehst auf Platz 1 der Warteliste" in (await ole.get(f"/events/meetings/{id}")).text
    assert (await lena.submit(f"/events/meetings/{id}/cancel-registration", **fields)).status_code == 303
    assert "Du bist angemeldet" in (await ole.get(f"/events/meetings/{id}")).text
    parts = (await petra.get(f"/api/events/meetings/{id}")).json()["parts"]
    assert [(part["key"], part["free"], part["waiting"]) for part in parts] == [("hall", 0, 0), ("screen", None, 0)]
    stranger = await deployment.client().post(f"/detmold/events/meetings/{id}/register", data=fields)
    assert stranger.status_code == 401


async def test_a_larger_hall_lets_people_in(deployment, petra, lena):
    id, ole = await announced(petra), await deployment.citizen("Ole S.", "detmold")
    for person in (lena, ole):
        given = await person.give("events", f"meeting/{id}/register", {"meeting": id, "section": "hall"})
        assert given.status_code == 200, given.text
    assert (await petra.give("events", f"meeting/{id}/resize-section", {"section": "hall", "capacity": 5})).is_success
    assert "Du bist angemeldet" in (await ole.get(f"/events/meetings/{id}")).text


async def test_the_calendar_files_hold_meetings_and_steps(deployment, petra):
    meeting, process, reader = await announced(petra), await started(petra), deployment.client()
    whole = await reader.get("/detmold/events/calendar.ics")
    assert whole.headers["content-type"] == "text/calendar; charset=utf-8"
    assert f"meeting-{meeting}@detmold" in whole.text.replace("\r\n ", "")
    one = await reader.get(f"/detmold/events/meetings/{meeting}.ics")
    assert one.text.count("BEGIN:VEVENT") == 1
    assert (await reader.get(f"/detmold/events/processes/{process}.ics")).text.count("BEGIN:VEVENT") == 9
    assert (await reader.get(f"/detmold/events/meetings/{new_id()}.ics")).status_code == 404


async def test_another_towns_meeting_does_not_exist_here(deployment, petra):
    id = await announced(petra)
    assert (await deployment.client().get(f"/dresden/events/meetings/{id}")).status_code == 404
    assert (await petra.client.get(f"/dresden/api/events/meetings/{id}")).status_code == 404
