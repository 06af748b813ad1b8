"""Bad input over HTTP: each fault is named at its field, in the reader's language, and nothing is lost or stored."""

import re

import pytest

from shared.ids import new_id
from tests.examples import IDEA


@pytest.fixture(scope="module")
async def anna(deployment):
    return await deployment.citizen("Anna B.", "dresden")


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"title": "ab"}, "title", "too_short"),
        ({"title": "x" * 121}, "title", "too_long"),
        ({"summary": None}, "summary", "missing"),
        ({"district": 7}, "district", "wrong_form"),
        ({"district": "Löbtau!"}, "district", "wrong_form"),
        ({"latitude": 51.05}, "latitude", "not_a_number"),
        ({"latitude": 999_000_000}, "latitude", "too_large"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
async def test_a_fault_is_named_at_its_field(anna, changed, field, code):
    body = {name: value for name, value in (IDEA | changed).items() if value is not None}
    id = new_id()
    answer = await anna.give("marketplace", f"project/{id}/propose-project", body)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, code)]
    assert problem["errors"][0]["detail"]
    assert (await anna.get(f"/api/marketplace/projects/{id}")).status_code == 404


async def test_all_faults_of_a_form_are_shown_at_once_and_nothing_typed_is_lost(anna):
    typed = {"title": "ab", "summary": "Zu kurz", "district": ""}
    page = await anna.submit("/projects/new", id=new_id(), **typed)
    assert page.status_code == 400
    assert page.text.count('aria-invalid="true"') == 3
    assert 'value="ab"' in page.text
    assert ">Zu kurz</textarea>" in page.text
    assert "Bitte mindestens 10 Zeichen." in page.text


async def test_text_that_is_not_composed_is_composed_before_it_is_stored(anna):
    id = new_id()
    await anna.give("marketplace", f"project/{id}/propose-project", IDEA | {"title": "Cafe\u0301 im Hof"})
    assert (await anna.get(f"/api/marketplace/projects/{id}")).json()["title"] == "Café im Hof"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "not_json"),
        (b"[]", "not_an_object"),
        (b'{"title":"ab\\ud800cd"}', "not_json"),
        (b'{"a":"\xff"}', "not_json"),
    ],
)
async def test_what_is_no_json_object_is_refused(anna, body, code):
    answer = await anna.client.post(
        f"/dresden/api/marketplace/project/{new_id()}/propose-project",
        content=body,
        headers={"x-csrf-token": anna.csrf, "content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


async def test_a_body_of_ten_megabytes_is_refused(deployment, anna):
    huge = IDEA | {"summary": "x" * 10_000_000}
    answer = await anna.give("marketplace", f"project/{new_id()}/propose-project", huge)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_big")
    page = await anna.submit("/projects/new", id=new_id(), **huge)
    assert (page.status_code, "zu groß" in page.text) == (413, True)
    client, form = deployment.client(), {"content-type": "application/x-www-form-urlencoded"}
    for path in ("/sign-in", "/sign-in/code", "/dresden/table", "/dresden/api/events/tickets"):
        assert (await client.post(path, content=b"a=" + b"x" * 10_000_000, headers=form)).status_code == 413, path


async def test_days_that_cannot_be_and_money_below_nothing_are_named(deployment, anna):
    olga = await deployment.citizen("Olga O.", "dresden", "funding_officer", "treasurer", "coordinator")
    pot, wrong = f"pot/{new_id()}", {"title": "Fonds", "purpose": "Für alle", "source": "Stadt", "year": 2027}
    opened = await olga.give("funding", f"{pot}/open-pot", wrong | {"pot_id": pot[4:], "budget_cents": -1})
    assert [(one["field"], one["code"]) for one in opened.json()["errors"]] == [("budget_cents", "too_small")]
    form = await olga.submit("/funding/pots/new", pot_id=pot[4:], **{**wrong, "year": "2027"}, budget_cents="-5,00")
    assert (form.status_code, 'value="-5,00"' in form.text) == (400, True)
    begun = {"template": "stadtgespraech", "topic": "Wasser", "anchor": "2027-02-30"}
    path, header = f"/dresden/api/events/processes/{new_id()}", {"x-csrf-token": olga.csrf}
    answer = await olga.client.post(path, json=begun, headers=header)
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (400, ["anchor"])
    page = await olga.submit("/events/processes/new", id=new_id(), **begun)
    assert (page.status_code, 'value="2027-02-30"' in page.text) == (400, True)


async def test_programs_are_told_in_the_language_that_they_ask_for(anna):
    path = f"/dresden/api/marketplace/project/{new_id()}/propose-project"
    sent = {"x-csrf-token": anna.csrf}
    german = (await anna.client.post(path, json=IDEA | {"title": "ab"}, headers=sent)).json()
    english = await anna.client.post(path, json=IDEA | {"title": "ab"}, headers=sent | {"accept-language": "en-GB, de"})
    assert german["errors"][0]["detail"] == "Bitte mindestens 3 Zeichen."
    assert english.json()["errors"][0]["detail"] == "At least 3 characters, please."


async def test_who_moves_a_meeting_too_late_sees_both_days(deployment):
    carla = await deployment.citizen("Carla V.", "dresden", "coordinator")
    id = new_id()
    when = {"begins": "19:00", "ends": "21:00", "place": "Rathaus"}
    told = {"title": "Tisch", "format": "project_workshop", "mode": "on_site", "day": "2027-05-04", **when}
    assert (await carla.submit("/events/meetings/new", id=id, **told)).status_code == 303
    page = (await carla.get(f"/events/meetings/{id}")).text
    (shown,) = set(re.findall(r'name="expected" value="(\d+)"', page))
    first = await carla.submit(f"/events/meetings/{id}/move-meeting", expected=shown, day="2027-05-05", **when)
    late = await carla.submit(f"/events/meetings/{id}/move-meeting", expected=shown, day="2027-05-06", **when)
    assert (first.status_code, late.status_code) == (303, 412)
    assert "5. Mai 2027" in late.text
    assert 'value="2027-05-06"' in late.text


async def test_a_form_of_an_expired_session_stores_nothing_and_says_so(deployment):
    berta = await deployment.citizen("Berta B.", "dresden")
    await deployment.site("marketplace").sessions.revoke_account(berta.account)
    id = new_id()
    answer = await berta.submit("/projects/new", id=id, **IDEA)
    assert (answer.status_code, "/sign-in" in answer.text) == (401, True)
    assert (await berta.get(f"/projects/{id}")).status_code == 404


@pytest.mark.parametrize("service", ["planning", "events"])
async def test_a_ticket_for_what_is_not_a_document_is_refused(anna, service):
    path, sent = f"/dresden/api/{service}/tickets", {"x-csrf-token": anna.csrf}
    for document, status in (("../x", 400), ("x" * 99, 400), ("", 400), (f"pot-{new_id()}", 404)):
        answer = await anna.client.post(path, json={"document": document}, headers=sent)
        assert answer.status_code == status, (document, answer.text)


async def test_the_same_key_with_another_body_is_refused_and_with_the_same_answered_again(anna):
    id, key = new_id(), new_id()
    path = f"project/{id}/propose-project"
    first = await anna.give("marketplace", path, IDEA, idempotency_key=key)
    again = await anna.give("marketplace", path, IDEA, idempotency_key=key)
    other = await anna.give("marketplace", path, IDEA | {"title": "Etwas anderes"}, idempotency_key=key)
    assert (first.status_code, again.json(), other.status_code) == (200, first.json(), 422)


async def test_who_was_slower_is_told_and_sees_both(deployment, anna):
    carl = await deployment.citizen("Carl K.", "dresden", "coordinator")
    id = new_id()
    await anna.submit("/projects/new", id=id, **IDEA)
    await carl.submit(f"/projects/{id}/publish")
    shown = (await anna.get(f"/api/marketplace/projects/{id}")).json()["version"]
    first = await anna.submit(f"/projects/{id}/describe", expected=str(shown), **IDEA | {"title": "Der erste Name"})
    second = await anna.submit(f"/projects/{id}/describe", expected=str(shown), **IDEA | {"title": "Der zweite Name"})
    assert (first.status_code, second.status_code) == (303, 412)
    assert "Der erste Name" in second.text
    assert "Der zweite Name" in second.text


async def test_a_foreign_towns_project_does_not_exist_here(deployment, anna):
    nina = await deployment.citizen("Nina N.", "detmold")
    id = new_id()
    await anna.submit("/projects/new", id=id, **IDEA)
    assert (await nina.get(f"/projects/{id}")).status_code == 404
    assert (await nina.give("marketplace", f"team/{id}/ask-to-join")).status_code == 404
    assert (await nina.client.get(f"/dresden/projects/{id}")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/nowhere", "/DRESDEN", "/dresden/unknown", "/dresden/projects/nothing", "/dresden%2f..", "/a.b/projects"]
)
async def test_what_is_not_there_is_a_friendly_404(deployment, path):
    answer = await deployment.client().get(path)
    assert answer.status_code == 404
    assert "Das gibt es hier nicht." in answer.text


async def test_a_form_from_elsewhere_is_refused(deployment, anna):
    id = new_id()
    evil = await anna.client.post(
        "/dresden/projects/new", data={"csrf": anna.csrf, "id": id, **IDEA}, headers={"origin": "https://evil.example"}
    )
    without = await anna.client.post("/dresden/projects/new", data={"id": id, **IDEA})
    assert (evil.status_code, without.status_code) == (403, 403)
    assert (await anna.get(f"/projects/{id}")).status_code == 404


async def test_an_expired_session_is_sent_to_sign_in_and_nothing_is_stored(deployment):
    berta = await deployment.citizen("Berta B.", "dresden")
    await deployment.site("marketplace").sessions.revoke_account(berta.account)
    page = await berta.get("/me")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/dresden/me")
    answer = await berta.give("marketplace", f"project/{new_id()}/propose-project", IDEA)
    assert answer.status_code == 401


async def test_a_wrong_code_is_counted_and_five_block_it(deployment):
    client, address = deployment.client(), f"{new_id()[:8]}@dresden.example"
    await client.post("/sign-in", data={"address": address, "next": "/dresden"})
    for _ in range(5):
        page = await client.post("/sign-in/code", data={"address": address, "code": "000000x", "next": "/"})
        assert (page.status_code, "Der Code stimmt nicht." in page.text) == (400, True)
    letter = next(m for m in reversed(deployment.extra("marketplace").post.letters) if m.to == address)
    code = letter.subject.split(": ")[1]
    page = await client.post("/sign-in/code", data={"address": address, "code": code, "next": "/"})
    assert "Zu viele falsche Versuche" in page.text


async def test_every_answer_carries_the_strict_policy(deployment):
    for path in ("/", "/dresden", "/dresden/nothing", "/dresden/api/marketplace/projects"):
        headers = (await deployment.client().get(path)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
