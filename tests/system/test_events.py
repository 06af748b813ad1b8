"""Events over HTTP, on real servers: a process from its template, a meeting with a waiting list, a live evening."""

import re
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from html import unescape

import pytest
from pycrdt import Doc, Map, Text

from shared.access.tickets import public_key, verify
from shared.bus import signals
from shared.bus.connection import connect
from shared.bus.edits import FORM, Edit, Edits
from shared.ids import new_id
from tests.infra import eventually

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


async def test_a_meeting_moves_keeps_its_calendar_entry_and_is_called_off(petra):
    id, day = await announced(petra), (datetime.now(UTC) + timedelta(days=30)).date()
    form = {"day": day.isoformat(), "begins": "18:30", "ends": "20:00", "place": "Stadthalle"}
    assert (await petra.submit(f"/events/meetings/{id}/move-meeting", **form)).status_code == 303
    file = (await petra.get(f"/events/meetings/{id}.ics")).text
    assert "SEQUENCE:1" in file
    assert f"DTSTART:{day:%Y%m%d}T1" in file
    wrong = await petra.submit(f"/events/meetings/{id}/move-meeting", **form | {"ends": "18:00"})
    assert (wrong.status_code, 'value="18:00"' in wrong.text) == (409, True)
    assert (await petra.submit(f"/events/meetings/{id}/cancel-meeting", reason="Sturm")).status_code == 303
    assert "Abgesagt: Sturm" in (await petra.get(f"/events/meetings/{id}")).text
    assert "STATUS:CANCELLED" in (await petra.get(f"/events/meetings/{id}.ics")).text


async def test_a_meeting_is_announced_from_its_step(petra):
    process = await started(petra)
    page = (await petra.get(f"/events/meetings/new?process={process}&step=table_2")).text
    assert 'value="Strategie-Tisch: Digitale Ethik"' in page
    assert f'value="{ANCHOR}"' in page
    id = await announced(petra, process=process, step="table_2")
    told = (await petra.get(f"/api/events/processes/{process}")).json()
    assert next(step["meeting"] for step in told["steps"] if step["key"] == "table_2") == id
    assert "anderer Tag als im Ablauf" in (await petra.get(f"/events/processes/{process}")).text


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


async def test_every_link_and_form_of_a_page_leads_somewhere(deployment, petra):
    process, meeting = await started(petra), await running(petra)
    paths = ("events", f"events/processes/{process}", f"events/meetings/{meeting}", f"live/{meeting}/facilitate")
    for path in paths:
        page = (await petra.get(f"/{path}")).text
        for link in set(re.findall(r'href="(/detmold/(?:events|live|table)[^"#]*)"', page)):
            assert (await petra.client.get(unescape(link))).status_code == 200, (path, link)
        for action in set(re.findall(r'action="(/detmold/[^"]*)"', page)):
            answer = await petra.client.post(action, data={"csrf": petra.csrf})
            assert answer.status_code in (303, 400, 409), (path, action)
        assert not re.findall(r'"/detmold/(?:meetings|processes)', page)


async def test_another_towns_meeting_does_not_exist_here(deployment, petra):
    id = await announced(petra)
    assert (await deployment.client().get(f"/dresden/events/meetings/{id}")).status_code == 404
    assert (await petra.client.get(f"/dresden/api/events/meetings/{id}")).status_code == 404


ITEMS = "Ankommen, 10\nWas darf die Stadt wissen?, 30 Min.\nVerabredungen 15"


async def running(petra, **changed):
    """A meeting that runs, with three items on its agenda, of which the first is on."""
    id = await announced(petra, capacity="40", **changed)
    room = f"/live/{id}"
    assert (await petra.submit(f"{room}/plan-agenda", items=ITEMS)).status_code == 303
    assert (await petra.submit(f"{room}/start-meeting")).status_code == 303
    first = (await petra.get(f"/api/events/live/{id}")).json()["agenda"][0]
    assert (await petra.submit(f"{room}/start-agenda-item", item_id=first["item_id"])).status_code == 303
    return id


async def opened(petra, id):
    answer = await petra.client.post(
        f"/detmold/api/events/meetings/{id}/tables", json={"name": "Tisch 1"}, headers={"x-csrf-token": petra.csrf}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def guest(deployment, code, first_name="Gerd"):
    """A phone without account that has joined a table: its client, and what it was told."""
    phone = deployment.client()
    answer = await phone.post("/detmold/api/events/tables/join", json={"code": code, "first_name": first_name})
    assert answer.status_code == 200, answer.text
    phone.headers["x-csrf-token"] = answer.json()["csrf"]
    return phone, answer.json()


async def test_the_agenda_runs_with_its_clock(petra):
    id = await running(petra)
    live = (await petra.get(f"/api/events/live/{id}")).json()
    assert [(line["title"], line["minutes"], line["state"]) for line in live["agenda"]] == [
        ("Ankommen", 10, "now"),
        ("Was darf die Stadt wissen?", 30, "later"),
        ("Verabredungen", 15, "later"),
    ]
    item = live["clock"]["item_id"]
    for action, fields in (
        ("pause-agenda-item", {}),
        ("resume-agenda-item", {}),
        ("extend-agenda-item", {"extension_id": new_id(), "minutes": "5"}),
    ):
        assert (await petra.submit(f"/live/{id}/{action}", item_id=item, **fields)).status_code == 303, action
    live = (await petra.get(f"/api/events/live/{id}")).json()
    assert (live["clock"]["total"], live["clock"]["paused"]) == (900, False)
    assert (await petra.submit(f"/live/{id}/plan-agenda", items="Neu, 10")).status_code == 409


async def test_a_guest_joins_by_code_votes_and_speaks(deployment, petra):
    id = await running(petra)
    table = await opened(petra, id)
    assert table["code"] in (await petra.get(f"/live/{id}/facilitate")).text
    assert table["code"] not in (await deployment.client().get(f"/detmold/live/{id}")).text
    phone, seat = await guest(deployment, table["code"].lower().replace("-", " "))
    assert (seat["meeting"], seat["table"], seat["person"][:6]) == (id, table["table"], "guest-")
    page = await phone.get(f"/detmold/live/{id}/table")
    assert "Tisch 1" in page.text
    assert "Du bist Gerd" in page.text

    key = new_id()
    asked = {"question": "Sensoren im Park?", "answers": "Ja\nNein\nNur mit Beirat", "command_id": key}
    assert (await petra.submit(f"/live/{id}/open-poll", **asked)).status_code == 303
    poll = (await phone.get(f"/detmold/api/events/live/{id}")).json()["polls"][0]
    voted = {"csrf": seat["csrf"], "option_id": "2", "way": "screen"}  # what the form says of the way does not count
    assert (await phone.post(f"/detmold/live/{id}/polls/{poll['id']}/vote", data=voted)).status_code == 303
    lena = await deployment.citizen("Lena D.", "detmold")
    ballot = {"meeting": id, "option_id": "2", "way": "site"}
    refused = await lena.give("events", f"poll/{poll['id']}/vote-poll", ballot)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "way")
    assert (await lena.give("events", f"poll/{poll['id']}/vote-poll", ballot | {"way": "screen"})).status_code == 200
    asked_to_speak = await phone.post(f"/detmold/live/{id}/ask-to-speak", data={"csrf": seat["csrf"]})
    assert asked_to_speak.headers["location"] == f"/detmold/live/{id}/table"

    live = (await phone.get(f"/detmold/api/events/live/{id}")).json()
    assert [(answer["site"], answer["screen"]) for answer in live["polls"][0]["answers"]] == [(0, 0), (1, 1), (0, 0)]
    assert (live["on_site"], live["polls"][0]["mine"]) == (1, "2")
    ask = live["speaking"]["waiting"][0]
    assert (ask["name"], ask["way"]) == ("Gerd", "site")
    taken = await lena.give("events", f"meeting/{id}/withdraw-word", {"ask_id": ask["ask_id"]})
    assert (taken.status_code, taken.json()["code"]) == (409, "word_of_another")
    assert (await petra.submit(f"/live/{id}/give-word", ask_id=ask["ask_id"])).status_code == 303
    assert "Gerd" in (await deployment.client().get(f"/detmold/live/{id}/projector")).text
    assert (await petra.submit(f"/live/{id}/polls/{poll['id']}/close")).status_code == 303
    late = await phone.post(f"/detmold/live/{id}/polls/{poll['id']}/vote", data=voted | {"option_id": "1"})
    assert late.status_code == 409


async def test_a_guest_belongs_to_one_evening_and_does_nothing_else(deployment, petra):
    id, other = await running(petra), await running(petra)
    phone, seat = await guest(deployment, (await opened(petra, id))["code"])
    elsewhere = await phone.post(f"/detmold/live/{other}/ask-to-speak", data={"csrf": seat["csrf"]})
    assert elsewhere.status_code == 403
    for action in ("end-meeting", "open-table", "check-in"):
        form = {"csrf": seat["csrf"], "name": "Tisch", "section": "hall"}
        assert (await phone.post(f"/detmold/live/{id}/{action}", data=form)).status_code == 403, action
    assert (await phone.get(f"/detmold/live/{id}/facilitate")).status_code == 403
    registered = await phone.post(f"/detmold/events/meetings/{id}/register", data={**form, "section": "hall"})
    assert registered.status_code == 403


async def test_a_wrong_code_is_told_at_its_field_and_nothing_typed_is_lost(deployment, petra):
    page = await deployment.client().post("/detmold/table", data={"code": "REGEN-0000", "first_name": "Lena"})
    assert page.status_code == 409
    assert 'value="REGEN-0000"' in page.text
    assert 'value="Lena"' in page.text
    id = await running(petra)
    table = await opened(petra, id)
    nameless = await deployment.client().post("/detmold/table", data={"code": table["code"], "first_name": " "})
    assert (nameless.status_code, "Diese Angabe fehlt noch." in nameless.text) == (400, True)
    assert (await petra.submit(f"/live/{id}/close-table", table_id=table["table"])).status_code == 303
    closed = await deployment.client().post("/detmold/table", data={"code": table["code"], "first_name": "Lena"})
    assert closed.status_code == 409


async def test_a_panel_comes_only_when_something_has_changed(deployment, petra):
    id, reader = await running(petra), deployment.client()
    news = (await reader.get(f"/detmold/api/events/live/{id}")).json()["news"]
    for view in ("", "/table", "/projector"):
        path = f"/detmold/live/{id}{view}/panel"
        assert (await reader.get(f"{path}?seen={news}")).status_code == 204
        assert "<html" not in (await reader.get(f"{path}?seen=0")).text
    recorded = {"result_id": new_id(), "kind": "finding", "text": "Messwerte gehören allen"}
    assert (await petra.submit(f"/live/{id}/record-result", **recorded)).status_code == 303
    assert "Messwerte gehören allen" in (await reader.get(f"/detmold/live/{id}/panel?seen={news}")).text


async def test_what_is_on_ends_with_the_meeting(deployment, petra):
    id = await running(petra)
    asked = {"question": "Weiter so?", "answers": "Ja\nNein"}
    assert (await petra.submit(f"/live/{id}/open-poll", **asked)).status_code == 303
    assert (await petra.submit(f"/live/{id}/end-meeting")).status_code == 303

    async def closed():
        live = (await petra.get(f"/api/events/live/{id}")).json()
        return live["agenda"][0]["state"] == "done" and not live["polls"][0]["open"] and live["clock"] is None

    await eventually(closed)


async def written(deployment, meeting, person, words, key="k1"):
    """A card in the meeting's document, as a gateway would have stored it."""
    doc = Doc()
    cards = doc.get("cards", type=Map)
    cards[key] = Map({"text": Text(words), "author": person, "name": "Gerd", "order": "a"})
    edit = Edit(person, doc.get_update(), (doc.client_id,))
    edits = Edits(FORM, 0, "test", [edit])
    await deployment.site("events").documents.publish("detmold", f"meeting-{meeting}", edits)


async def test_the_minutes_are_signed_and_a_guests_name_is_forgotten(deployment, petra):
    id = await running(petra)
    phone, seat = await guest(deployment, (await opened(petra, id))["code"])
    people = deployment.site("events").people
    assert await people.read("detmold", seat["person"]) == "Gerd"
    await written(deployment, id, seat["person"], "Bänke in den Schatten", key="k0")
    assert (await petra.submit(f"/live/{id}/end-meeting")).status_code == 303

    async def forgotten():
        (card,) = (await deployment.extra("events").written("detmold", id)).cards
        return await people.read("detmold", seat["person"]) is None and (card.text[:5], card.name) == ("Bänke", "")

    await eventually(forgotten)
    text = (await phone.get(f"/detmold/events/meetings/{id}/minutes.json")).content
    await written(deployment, id, seat["person"], "Regentonnen an jede Schule")
    recorded = {"result_id": new_id(), "kind": "agreement", "text": "Wir treffen uns wieder"}
    assert (await petra.submit(f"/live/{id}/record-result", **recorded)).status_code == 303
    sign = f"/events/meetings/{id}/sign-off-minutes"
    stale = await petra.submit(sign, minutes=sha256(text).hexdigest())
    assert (stale.status_code, "Das Protokoll hat sich geändert" in stale.text) == (409, True)
    text = (await phone.get(f"/detmold/events/meetings/{id}/minutes.json")).content
    assert "Wir treffen uns wieder" in text.decode()
    assert "Regentonnen an jede Schule" in text.decode()
    assert (await petra.submit(sign, minutes=sha256(text).hexdigest())).status_code == 303
    assert (await phone.get(f"/detmold/events/meetings/{id}/minutes.json")).content == text
    signed = (await petra.get(f"/api/events/meetings/{id}")).json()
    assert (signed["minutes"], signed["meeting"]["stage"]) == (sha256(text).hexdigest(), "signed_off")


async def test_tickets_give_as_much_as_somebody_may(deployment, petra, lena):
    id = await running(petra)
    phone, _ = await guest(deployment, (await opened(petra, id))["code"])
    path, asked = "/detmold/api/events/tickets", {"document": f"meeting-{id}", "right": "write"}
    stranger = deployment.client()
    for client, csrf, right in (
        (phone, phone.headers["x-csrf-token"], "write"),
        (petra.client, petra.csrf, "write"),
        (lena.client, lena.csrf, "read"),
        (stranger, "", "read"),
    ):
        answer = await client.post(path, json=asked, headers={"x-csrf-token": csrf})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        seed = deployment.site("events").settings.ticket_seed
        ticket = verify([public_key(seed)], told["ticket"], datetime.now(UTC).timestamp())
        assert (told["right"], ticket.right, ticket.document) == (right, right, f"meeting-{id}")
        assert told["url"].endswith(f"/detmold/meeting-{id}")
    assert (
        await lena.give("events", f"meeting/{id}/check-in", {"meeting": id, "section": "screen"})
    ).status_code == 200
    told = (await lena.client.post(path, json=asked, headers={"x-csrf-token": lena.csrf})).json()
    assert (told["right"], told["name"]) == ("write", "Lena D.")
    inner = await announced(petra, format="administration_workshop")
    hidden = await deployment.client().post(path, json={"document": f"meeting-{inner}"})
    assert hidden.status_code == 401


async def test_what_happens_in_a_meeting_goes_out_on_its_live_line(deployment, petra):
    told = []
    client, _ = await connect(deployment.site("events").settings.nats_url, name="listener")
    try:
        await signals.listen(client, "live.detmold.*", lambda subject, body: told.append((subject, body)))
        await client.flush()
        id = await running(petra)

        async def heard():
            return any(subject == f"live.detmold.meeting-{id}" and b'"state":"now"' in body for subject, body in told)

        await eventually(heard)
    finally:
        await client.close()
