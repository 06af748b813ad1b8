"""The auditor's desk over HTTP: replay, as of, why, the history of a project, figures, and who has looked."""

import csv
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from shared.audit.notes import read_key
from shared.audit.verify import verify_bundle
from shared.audit.verify_faults import Fault
from shared.ids import new_id
from tests.audit.logs import packed, unpacked
from tests.infra import eventually
from tests.system.fund import LEMGO, TITLE, Fund, done, proposal

DESK = "/audit/funding/desk"


@pytest.fixture(scope="module")
async def fund(deployment):
    await deployment.open(LEMGO)
    roles = {"anna": (), "otto": ("funding_officer",), "olga": ("funding_officer", "treasurer"), "rita": ("reviewer",)}
    roles |= {"carl": ("coordinator",), "aldo": ("auditor",)}
    people = {name: await deployment.citizen(f"{name.title()} X.", "lemgo", *held) for name, held in roles.items()}
    made = Fund(deployment, **people)
    await made.open()
    return made


@pytest.fixture(scope="module")
async def decided(fund):
    """An application for 34,000 € that got 27,200 €, 10,000 of them paid: (application, project, decision)."""
    application = await fund.reviewed()
    path, first = f"application/{application}", proposal(27_200_00)
    await done(fund.otto, f"{path}/propose-decision", first)
    await done(fund.olga, f"{path}/confirm-decision", {"proposal_id": first["proposal_id"]})
    await eventually(lambda: _delivered(fund, application), 15)
    await done(fund.anna, f"{path}/accept-decision")
    await done(fund.olga, f"{path}/pay-instalment", {"payment_id": new_id(), "amount_cents": 10_000_00})
    shown = (await fund.aldo.get(f"/api/funding/applications/{application}")).json()
    return application, shown["project"], first["proposal_id"]


async def _delivered(fund, application):
    recorded = await fund.deployment.site("funding").service.history("lemgo", f"application-{application}")
    return any(type(one.event).__name__ == "LetterIssued" for one in recorded)


async def _step(fund, application, event):
    recorded = await fund.deployment.site("funding").service.history("lemgo", f"application-{application}")
    return next(number for number, one in enumerate(recorded, 1) if type(one.event).__name__ == event)


async def page(who, path):
    answer = await who.get(path)
    assert answer.status_code == 200, (path, answer.text[-300:])
    return answer.text


async def _postings(fund, account):
    """The positions in funding's log of what entered an account of the pot."""
    recorded = await fund.deployment.site("funding").service.history("lemgo", f"pot-{fund.pot}")
    return [one.entry.position for one in recorded if type(one.event).__name__ == account]


async def test_the_replay_goes_step_by_step_and_shows_what_changed(fund, decided):
    address = f"/funding/applications/{decided[0]}/history"
    number = await _step(fund, decided[0], "ApplicationSubmitted")
    submitted = await page(fund.aldo, f"{address}?step={number}")
    assert "Antrag eingereicht" in submitted
    assert '<mark class="gw-mark">Eingereicht</mark>' in submitted
    assert 'rel="prev"' in submitted
    assert 'rel="next"' in submitted
    assert "Das Nachrechnen ergibt den heutigen Stand" in submitted
    assert 'rel="prev"' not in await page(fund.aldo, f"{address}?step=1")
    for step in ("99", "0", "-3"):
        assert "Rate ausgezahlt" in await page(fund.aldo, f"{address}?step={step}")


async def test_auditors_read_names_and_points_and_everybody_else_does_not(fund, decided, deployment):
    number = await _step(fund, decided[0], "ReviewRecorded")
    address = f"/lemgo/funding/applications/{decided[0]}/history?step={number}"
    audited = await page(fund.aldo, address.removeprefix("/lemgo"))
    assert "Rita X., Jury" in audited
    assert "Ein Standort fehlt." in audited
    public = (await deployment.client().get(address)).text
    assert "Jury, 1. Person" in public
    assert "Wer diesen Stand gesehen hat" not in public
    for secret in ("Rita", "Otto", "Olga", "Ein Standort fehlt."):
        assert secret not in public


async def test_the_team_sees_that_the_file_was_read_and_by_which_office(fund, decided):
    application = decided[0]
    await page(fund.aldo, f"/funding/applications/{application}")
    last = await page(fund.anna, f"/funding/applications/{application}/history")
    assert "Wer diesen Stand gesehen hat" in last
    assert "Revision, 1. Person" in last
    assert "Aldo" not in last


async def test_a_look_is_an_entry_once_a_day_and_holds_no_name(fund, decided):
    service = fund.deployment.site("funding").service

    async def looks():
        entries = await service.store.entries("lemgo", 0, 10_000)
        return [one for one in entries if one.type == "Looked" and one.actor == fund.aldo.person]

    await page(fund.aldo, f"{DESK}/pots/{fund.pot}")
    before = await looks()
    for _ in range(3):
        await page(fund.aldo, f"{DESK}/pots/{fund.pot}")
    assert len(await looks()) == len(before)
    assert all(b"Aldo" not in one.body for one in before)
    listed = await page(fund.aldo, f"{DESK}/looks")
    assert "Aldo X.</b>, Revision" in listed
    own = await page(fund.rita, f"{DESK}/looks")
    assert "Rita X.</b>, Jury" in own
    assert "Aldo" not in own
    assert (await fund.anna.get(f"{DESK}/looks")).status_code == 404


async def test_a_decision_goes_home_as_a_bundle_that_proves_every_cent_and_is_noted(fund, decided, tmp_path):
    application, _, decision = decided
    url = f"/audit/funding/bundle.zip?stream=application-{application}"
    assert f'href="/lemgo{url}"' in await page(fund.aldo, f"/decisions/{decision}")
    assert "bundle.zip" not in await page(fund.anna, f"/decisions/{decision}")
    await fund.deployment.site("funding").signer.sign("lemgo")
    keys = (await fund.anna.get("/audit/funding/keys")).text.split()
    taken = await fund.aldo.get(url)
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(taken.content)
    report = verify_bundle(bundle, [read_key(key) for key in keys])
    assert report.holds, report.fault
    files = unpacked(taken.content)
    entries = files["funding/entries.tsv"]
    for event in (b"DecisionConfirmed", b"MoneyCommitted", b"MoneyPaid"):
        assert b'"type":"%s"' % event in entries
    bundle.write_bytes(packed(files | {"funding/entries.tsv": entries.replace(b":2720000,", b":2720001,", 1)}))
    assert (verify_bundle(bundle).fault or Fault(code="")).code == "changed_body"
    listed = await page(fund.aldo, f"{DESK}/looks")
    assert "hat ein Prüfbündel mitgenommen" in listed
    assert (await fund.aldo.get("/audit/funding/bundle.zip")).status_code == 200
    assert "Protokoll der Förderung" in await page(fund.aldo, f"{DESK}/looks")


async def test_who_takes_entries_or_a_bundle_along_is_noted_too(fund, decided):
    for path in ("entries?limit=2", f"bundle.zip?stream=application-{decided[0]}"):
        assert (await fund.aldo.get(f"/audit/funding/{path}")).status_code == 200
    listed = await page(fund.aldo, f"{DESK}/looks")
    assert "Protokoll der Förderung" in listed
    assert listed.count("hat ein Prüfbündel mitgenommen") >= 2


async def test_the_ledger_leads_auditors_to_the_reasons(fund, decided):
    audited, public = [await page(who, f"/funding/pots/{fund.pot}/ledger") for who in (fund.aldo, fund.anna)]
    paid = (await _postings(fund, "MoneyPaid"))[0]
    assert f"{DESK}/why/{paid}" in audited
    assert DESK not in public


async def test_what_the_public_and_the_team_read_is_not_noted(fund, decided, deployment):
    service = fund.deployment.site("funding").service
    before = (await service.store.head("lemgo")).size
    await deployment.client().get(f"/lemgo/funding/applications/{decided[0]}/history")
    await page(fund.anna, f"/funding/applications/{decided[0]}")
    assert (await service.store.head("lemgo")).size == before


async def test_a_pot_as_it_was_before_and_after_the_decision(fund, decided):
    reserved, committed = await _postings(fund, "MoneyReserved"), await _postings(fund, "MoneyCommitted")
    then = await page(fund.aldo, f"{DESK}/pots/{fund.pot}?position={reserved[0]}")
    assert re.search(r'vorgemerkt</th><td[^>]*><mark class="gw-mark">27\.200,00', then)
    assert f"?position={committed[0]}" in then
    early = (datetime.now(UTC) - timedelta(days=400)).date().isoformat()
    assert "Diesen Topf gab es noch nicht" in await page(fund.aldo, f"{DESK}/pots/{fund.pot}?at={early}")
    assert "17.200,00" in await page(fund.aldo, f"{DESK}/pots/{fund.pot}")
    assert (await fund.aldo.get(f"{DESK}/pots/{fund.pot}?at=gestern")).status_code == 400


async def test_a_project_on_one_line_of_time_and_as_it_was(fund, decided):
    address = f"{DESK}/projects/{decided[1]}"
    today = await page(fund.aldo, address)
    for words in ("Projekt veröffentlicht", "Fassung festgehalten", "Entscheidung bestätigt", "Geld ausgezahlt"):
        assert words in today
    for service in ("marketplace", "planning", "funding"):
        assert f"/lemgo/audit/{service}/proof/" in today
    frozen = re.search(
        r'\?at=([^"&]+)"><time[^>]*>[^<]*</time></a>\s*<span[^>]*>.{0,120}?<a href="/lemgo/plans/', today, re.S
    )
    assert frozen
    then = await page(fund.aldo, f"{address}?at={frozen[1]}")
    assert "Entscheidung bestätigt" not in then
    assert "Kein Antrag gestellt." in then
    assert "Leitung seit" in then
    money = await page(fund.aldo, f"{address}?only=funding")
    assert "Projekt veröffentlicht" not in money
    assert (await fund.aldo.get(f"{DESK}/projects/{new_id()}")).status_code == 404


async def test_meetings_of_a_project_stand_on_its_line_of_time(fund, decided):
    starts = datetime.now(UTC) + timedelta(days=9)
    announced = {
        "title": "Werkstatt", "format": "project_workshop", "mode": "on_site", "place": "Rathaus",
        "starts": f"{starts:%Y-%m-%dT18:00:00Z}", "ends": f"{starts:%Y-%m-%dT20:00:00Z}",
        "sections": [{"key": "hall", "way": "site", "capacity": 9}], "project": decided[1],
    }  # fmt: skip
    meeting = new_id()
    told = await fund.anna.give("events", f"meeting/{meeting}/announce-meeting", announced)
    assert told.status_code == 200, told.text

    async def there():
        return meeting in await page(fund.aldo, f"{DESK}/projects/{decided[1]}?only=events")

    await eventually(there, 15)
    line = await page(fund.aldo, f"{DESK}/projects/{decided[1]}")
    assert "Sitzung angekündigt" in line
    assert "/lemgo/audit/events/proof/" in line
    assert f"/lemgo/events/meetings/{meeting}" in line


async def test_from_a_euro_to_the_people_who_wrote_the_costs(fund, decided):
    paid = (await _postings(fund, "MoneyPaid"))[0]
    chain = await page(fund.aldo, f"{DESK}/why/{paid}")
    for words in (
        "10.000,00",
        "Rate ausgezahlt",
        "Entscheidung bestätigt",
        "Otto X., Förderstelle",
        "Ein Standort fehlt.",
    ):
        assert words in chain
    assert f"/lemgo/plans/{decided[1]}/lines/k1" in chain
    for address in set(re.findall(r'href="(/lemgo/(?:funding|decisions|audit/funding)/[^"#]*)', chain)):
        assert (await fund.aldo.client.get(address)).status_code == 200, address
    opened = (await fund.deployment.site("funding").service.history("lemgo", f"pot-{fund.pot}"))[0].entry.position
    assert "gehört zu keinem Antrag" in await page(fund.aldo, f"{DESK}/why/{opened}")
    for position in (opened + 1, 0, 10**20):
        assert (await fund.aldo.get(f"{DESK}/why/{position}")).status_code == 404


async def test_the_decisions_of_a_period_with_figures_and_as_files(fund, decided):
    today = datetime.now(UTC).date()
    query = f"since={today - timedelta(days=2)}&until={today + timedelta(days=2)}&pot={fund.pot}"
    listed = await page(fund.aldo, f"{DESK}/decisions?{query}")
    assert "1 Entscheidung</b>" in listed
    assert TITLE in listed
    assert "Nichts in diesem Zeitraum" in await page(fund.aldo, f"{DESK}/decisions?until=2020-01-01")
    assert (await fund.aldo.get(f"{DESK}/decisions?since=neulich")).status_code == 400
    table = await fund.aldo.get(f"{DESK}/decisions.csv?{query}")
    (row,) = csv.DictReader(StringIO(table.content.decode("utf-8-sig")), delimiter=";")
    assert (row["Projekt"], row["Beantragt"], row["Bewilligt"], row["Gutachten"]) == (
        TITLE,
        "34000,00",
        "27200,00",
        "1",
    )
    assert (row["Vorgeschlagen von"], row["Bestätigt von"]) == (fund.otto.person, fund.olga.person)
    assert "Otto" not in table.text
    sheet = load_workbook(BytesIO((await fund.aldo.get(f"{DESK}/decisions.xlsx?{query}")).content)).active
    cells = dict(zip(*(tuple(cell.value for cell in line) for line in sheet.iter_rows(max_row=2)), strict=True))
    assert (cells["Bewilligt"], cells["Ausgezahlt"], cells["Tage"]) == (27_200, 10_000, 0)


async def test_the_desk_is_there_for_auditors_only(fund, decided, deployment):
    paths = [
        f"pots/{fund.pot}",
        f"projects/{decided[1]}",
        "why/3",
        "decisions",
        "decisions.csv",
        "decisions.xlsx",
        "looks",
    ]
    for path in paths:
        assert (await fund.anna.get(f"{DESK}/{path}")).status_code == 404, path
        if path != "looks":
            assert (await fund.otto.get(f"{DESK}/{path}")).status_code == 404, path
        assert (await deployment.client().get(f"/lemgo{DESK}/{path}")).status_code == 303, path
        assert (await fund.aldo.client.get(f"/dresden{DESK}/{path}")).status_code in (303, 404), path
    assert "Dein Schreibtisch" in await page(fund.aldo, "/audit")
    assert "Dein Schreibtisch" not in await page(fund.otto, "/audit")


async def test_who_declared_bias_follows_no_chain_into_the_file(fund, deployment):
    both = await deployment.citizen("Berta X.", "lemgo", "auditor", "reviewer")
    application = await fund.reviewed(5_000_00)
    path, first = f"application/{application}", proposal(5_000_00, "granted")
    await done(both, f"{path}/declare-bias")
    await done(fund.otto, f"{path}/propose-decision", first)
    project = (await fund.otto.get(f"/api/funding/applications/{application}")).json()["project"]
    reserved = (await _postings(fund, "MoneyReserved"))[-1]
    assert (await both.get(f"{DESK}/why/{reserved}")).status_code == 404
    assert (await both.get(f"/funding/applications/{application}/history")).status_code == 404
    assert "Antrag eingereicht" not in await page(both, f"{DESK}/projects/{project}")
    assert "Antrag eingereicht" in await page(fund.aldo, f"{DESK}/projects/{project}")
