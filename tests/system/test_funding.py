"""Funding over HTTP, on real servers: from a pot to money, with four eyes and reasons that everybody can read."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from msgspec import convert, to_builtins
from msgspec.structs import replace
from openpyxl import load_workbook

from shared.audit.leaf import Header, leaf_hash
from shared.audit.notes import read_key, read_note, verify
from shared.audit.proofs import read_inclusion, signed_in
from shared.ids import new_id
from tests.infra import eventually
from tests.paper import text, unbroken
from tests.system.fund import LEMGO, RULES, SCORES, TITLE, Fund, done, pin, plan, proposal, refused


@pytest.fixture(scope="module")
async def people(deployment):
    await deployment.open(LEMGO)
    return {
        name.lower(): await deployment.citizen(f"{name} X.", "lemgo", *roles)
        for name, roles in {
            "Anna": (),
            "Otto": ("funding_officer",),
            "Olga": ("funding_officer", "treasurer"),
            "Rita": ("reviewer",),
            "Carl": ("coordinator",),
            "Aldo": ("auditor",),
        }.items()
    }


@pytest.fixture
async def fund(deployment, people):
    made = Fund(deployment, **people)
    await made.open()
    return made


async def test_one_officer_alone_decides_nothing_and_the_second_may_refuse(fund, deployment):
    application = await fund.reviewed()
    path, first = f"application/{application}", proposal(27_200_00)
    await done(fund.otto, f"{path}/propose-decision", first)
    assert (await fund.ledger())["reserved"] == 27_200_00
    id = {"proposal_id": first["proposal_id"]}
    assert await refused(fund.otto, f"{path}/confirm-decision", id) == (409, "same_officer")
    assert await refused(fund.olga, f"{path}/propose-decision", proposal(1_00)) == (409, "proposal_open")
    assert (await fund.anna.give("funding", f"{path}/confirm-decision", id)).status_code == 403
    await done(fund.olga, f"{path}/contradict-decision", id | {"reason": "Fünf Räder sind nötig."})
    ledger = await fund.ledger()
    assert (ledger["reserved"], ledger["available"]) == (0, 100_000_00)
    listed = (await deployment.client().get("/lemgo/api/funding/decisions")).json()["decisions"]
    assert application not in {one["application"] for one in listed}


async def test_two_officers_decide_and_everybody_reads_why(fund, deployment):
    application = await fund.reviewed()
    path, first = f"application/{application}", proposal(27_200_00)
    await done(fund.otto, f"{path}/propose-decision", first)
    await done(fund.olga, f"{path}/confirm-decision", {"proposal_id": first["proposal_id"]})
    ledger = await fund.ledger()
    assert {name: cents for name, cents in ledger.items() if cents} == {
        "available": 72_800_00,
        "committed": 27_200_00,
        "budget": 100_000_00,
    }
    assert await refused(fund.olga, f"{path}/propose-decision", proposal(1_00)) == (409, "decided_already")
    row = (await fund.olga.get("/funding/desk")).text.split(f"/funding/desk/{application}", 1)[1].split("</li>", 1)[0]
    assert "27.200,00" in row
    assert "bewilligt" in row
    visitor = deployment.client()
    listed = (await visitor.get("/lemgo/api/funding/decisions")).json()["decisions"]
    mine = next(one for one in listed if one["application"] == application)
    assert (mine["outcome"], mine["amount_cents"], mine["asked_cents"]) == ("partly", 27_200_00, 34_000_00)
    assert TITLE in (await visitor.get("/lemgo/decisions")).text
    page = (await visitor.get(f"/lemgo/decisions/{first['proposal_id']}")).text
    for words in ("Vier statt fünf Räder im ersten Jahr.", "27.200,00", "34.000,00", "Gemeinwohl", "lückenlos"):
        assert words in page
    history = (await visitor.get(f"/lemgo/funding/applications/{application}/history")).text
    assert "Das Nachrechnen ergibt den heutigen Stand" in history
    assert "Förderstelle, 2. Person" in history
    for officer in ("Otto", "Olga", "Rita"):
        assert officer not in history


async def test_an_application_is_private_until_it_is_decided(fund, deployment):
    project = await fund.project()
    revision = await fund.freeze(project, plan(5_000_00))
    application = await fund.start(project)
    await pin(fund.anna, application, revision, 5_000_00)
    berta = await deployment.citizen("Berta B.", "lemgo")
    for path in (f"/funding/applications/{application}", f"/api/funding/applications/{application}"):
        assert (await fund.anna.get(path)).status_code == 200
        for other in (fund.otto, fund.rita, berta):
            assert (await other.get(path)).status_code == 404
    await done(fund.anna, f"application/{application}/submit-application")
    for path in (f"/funding/applications/{application}", f"/funding/applications/{application}/history"):
        assert (await fund.otto.get(path)).status_code == 200
        assert (await berta.get(path)).status_code == 404
        assert (await deployment.client().get(f"/lemgo{path}")).status_code == 404
    assert (await fund.otto.get(f"/funding/desk/{application}")).status_code == 200
    assert (await berta.get("/funding/desk")).status_code == 404


async def test_an_application_stays_with_the_revision_that_it_pins(fund):
    project = await fund.project()
    first = await fund.freeze(project, plan(10_000_00))
    application = await fund.start(project)
    findings = (await pin(fund.anna, application, first, 10_000_00))["findings"]
    assert [finding["code"] for finding in findings if finding["failing"]] == []
    await done(fund.anna, f"application/{application}/submit-application")
    later = await fund.freeze(project, plan(90_000_00))
    shown = (await fund.anna.get(f"/api/funding/applications/{application}")).json()
    assert (shown["pin"]["revision_id"], shown["pin"]["amount_cents"]) == (first, 10_000_00)
    changed = {"revision_id": later, "amount_cents": 50_000_00}
    refusal = await refused(fund.anna, f"applications/{application}/pin-revision", changed)
    assert refusal == (409, "no_correction_asked")
    page = (await fund.otto.get(f"/funding/desk/{application}")).text
    assert "10.000,00" in page
    assert "90.000,00" not in page


async def test_a_plan_that_breaks_a_rule_is_named_and_not_submitted(fund):
    project = await fund.project()
    revision = await fund.freeze(project, plan(60_000_00, missing=1))
    application = await fund.start(project)
    findings = (await pin(fund.anna, application, revision, 60_000_00))["findings"]
    failing = {finding["code"]: finding for finding in findings if finding["failing"]}
    assert set(failing) == {"cap_exceeded", "income_missing"}
    assert (failing["cap_exceeded"]["rule"], "50.000,00" in failing["cap_exceeded"]["words"]) == ("3.1", True)
    refusal = await refused(fund.anna, f"application/{application}/submit-application")
    assert refusal == (409, "rules_broken")


async def test_nobody_of_the_team_decides_not_even_after_leaving(fund, deployment):
    project = await fund.project()
    await fund.otto.submit(f"/projects/{project}/join")
    await fund.anna.submit(f"/projects/{project}/accept", person=fund.otto.person)
    revision = await fund.freeze(project, plan(5_000_00))
    application = await fund.start(project)
    await fund.otto.submit(f"/projects/{project}/leave")
    await pin(fund.anna, application, revision, 5_000_00)
    await done(fund.anna, f"application/{application}/submit-application")
    refusal = await refused(fund.otto, f"application/{application}/complete-formal-check")
    assert refusal == (409, "on_the_team")


async def test_who_is_biased_is_out_and_reviews_no_more(fund):
    application = await fund.asked()
    await done(fund.otto, f"application/{application}/complete-formal-check")
    await done(fund.rita, f"application/{application}/declare-bias")
    review = {"review_id": new_id(), "scores": SCORES}
    assert await refused(fund.rita, f"application/{application}/record-review", review) == (409, "bias_declared")
    assert (await fund.rita.get(f"/funding/desk/{application}")).status_code == 404


async def test_the_check_answers_while_a_plan_is_typed(fund):
    headers = {"x-csrf-token": fund.anna.csrf}
    body = {
        "pot_id": fund.pot,
        "amount_cents": 60_000_00,
        "finance": {
            "costs": [
                {"id": "a", "label": "Räder", "category": "Sachkosten", "quantity": 1000,
                 "unit_price_cents": 60_000_00, "month": "2027-05"}
            ],
            "incomes": [
                {"id": "b", "label": "Antrag", "kind": "applied", "amount_cents": 60_000_00, "month": "2027-05"}
            ],
        },
    }  # fmt: skip
    answer = await fund.anna.client.post("/lemgo/api/funding/check", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    first = answer.json()["findings"][0]
    assert (first["code"], first["failing"], first["rule"]) == ("cap_exceeded", True, "3.1")
    assert "50.000,00" in first["words"]
    stray = await fund.anna.client.post("/lemgo/api/funding/check", json=body | {"x": 1}, headers=headers)
    assert stray.status_code == 400


async def test_money_is_paid_and_accounted_for(fund):
    application = await fund.reviewed(10_000_00)
    path = f"application/{application}"
    insured = {"condition_id": "insured", "text": "Versicherung nachweisen", "before_instalment": 2}
    first = proposal(10_000_00, "granted", conditions=[insured])
    await done(fund.otto, f"{path}/propose-decision", first)
    await done(fund.olga, f"{path}/confirm-decision", {"proposal_id": first["proposal_id"]})
    pay = {"payment_id": new_id(), "amount_cents": 6_000_00}
    assert await refused(fund.olga, f"{path}/pay-instalment", pay) == (409, "decision_not_accepted")
    await done(fund.anna, f"{path}/accept-decision")
    await done(fund.olga, f"{path}/pay-instalment", pay)
    more = {"payment_id": new_id(), "amount_cents": 4_000_00}
    assert await refused(fund.olga, f"{path}/pay-instalment", more) == (409, "condition_open")
    await done(fund.otto, f"{path}/fulfil-condition", {"condition_id": "insured"})
    await done(fund.olga, f"{path}/pay-instalment", more)
    proof = {"proof_id": new_id(), "spent_cents": 9_000_00, "receipts": 12, "digest": "cd" * 32}
    await done(fund.anna, f"{path}/submit-proof", proof)
    await done(fund.otto, f"{path}/check-proof", {"proof_id": proof["proof_id"], "accepted_cents": 9_000_00})
    assert "1.000,00" in (await fund.olga.get(f"/funding/desk/{application}")).text
    await done(fund.olga, f"{path}/record-repayment", {"return_id": new_id(), "amount_cents": 1_000_00})
    ledger = await fund.ledger()
    assert (ledger["paid"], ledger["returned"], ledger["available"]) == (9_000_00, 1_000_00, 90_000_00)


async def test_the_titles_of_pots_are_in_the_directory_and_its_facts_are_told(fund, deployment):
    titles = deployment.site("realtime").titles
    assert await eventually(lambda: titles.read("lemgo", "pot", fund.pot)) == "Lemgo-Fonds"
    facts = await eventually(lambda: _told(deployment, fund.pot))
    assert [name for name, _ in facts] == ["PotOpened", "PotRulesSet", "CallOpened"]


async def test_an_open_pot_is_on_the_towns_start_page_with_what_is_left(people, deployment):
    fund = Fund(deployment, **people)
    await fund.open(days=1)  # the pots that close first are shown
    application = await fund.reviewed(10_000_00)
    first = proposal(10_000_00, "granted")
    await done(fund.otto, f"application/{application}/propose-decision", first)
    visitor, address = deployment.client(), f"/lemgo/funding/pots/{fund.pot}"
    page = (await fund.otto.get("")).text  # who has just acted sees it at once
    shown = page[page.index(address) : page.index("Anträge bis", page.index(address))]
    assert "Lemgo-Fonds" in shown
    assert "90.000,00" in shown
    await done(fund.otto, f"pot/{fund.pot}/close-call", {"call_id": "first"})
    assert await eventually(lambda: _without(visitor, "/lemgo", address))


async def _without(client, path, text):
    return text not in (await client.get(path)).text


async def _told(deployment, pot):
    facts = await deployment.site("realtime").service.inbox.read("funding", "lemgo", 0, 10_000)
    told = [(type(one.fact).__name__, one.fact) for one in facts if getattr(one.fact, "pot", "") == pot]
    return told if len(told) > 2 else None


async def test_the_desk_takes_scores_reasons_and_conditions_from_its_forms(fund):
    application = await fund.asked(10_000_00)
    desk = f"/funding/desk/{application}"
    assert (await fund.otto.submit(f"{desk}/complete-formal-check")).status_code == 303
    half = {"review_id": new_id(), "points-common_good": "5", "reason-common_good": "Offen für alle."}
    shown = await fund.rita.submit(f"{desk}/record-review", **half)
    assert (shown.status_code, "Offen für alle." in shown.text) == (400, True)
    rest = {"points-feasibility": "3", "reason-feasibility": "Ein Standort fehlt."}
    assert (await fund.rita.submit(f"{desk}/record-review", **half, **rest)).status_code == 303
    reasons = {"reason-common_good": "Kostenlos.", "reason-feasibility": "Vier Räder.", "summary": "Vier Räder."}
    money = {"outcome": "partly", "amount_cents": "8.000,00", "conditions": "Ohne Konto\n2: Versicherung nachweisen"}
    first = {"proposal_id": new_id(), **reasons, **money}
    too_much = await fund.otto.submit(f"{desk}/propose-decision", **first | {"amount_cents": "900.000,00"})
    assert (too_much.status_code, 'value="900.000,00"' in too_much.text) == (409, True)
    assert (await fund.otto.submit(f"{desk}/propose-decision", **first)).status_code == 303
    alone = await fund.otto.submit(f"{desk}/confirm-decision", proposal_id=first["proposal_id"])
    assert alone.status_code == 409
    assert (await fund.olga.submit(f"{desk}/confirm-decision", proposal_id=first["proposal_id"])).status_code == 303
    page = (await fund.anna.get(f"/decisions/{first['proposal_id']}")).text
    assert "Versicherung nachweisen</b>, vor der 2. Rate" in page
    assert "4,2 von 5, Schwelle 3,5" in page


async def test_a_decision_is_followed_by_a_letter_and_a_statement_is_kept_by_its_digest(fund, deployment):
    application = await fund.reviewed(10_000_00)
    path, first = f"application/{application}", proposal(10_000_00, "granted")
    await done(fund.otto, f"{path}/propose-decision", first)
    await done(fund.olga, f"{path}/confirm-decision", {"proposal_id": first["proposal_id"]})
    letter = await eventually(lambda: _letter(fund.anna, application), 20)
    answer = await fund.anna.client.get(letter)
    assert answer.headers["content-type"] == "application/pdf"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"] == 'attachment; filename="bescheid.pdf"'
    said = text(answer.content)
    for words in ("Bewilligt werden 10.000,00", TITLE, "Kostenlos für alle.", "innerhalb eines Monats"):
        assert unbroken(words) in unbroken(said)
    size = int(re.search(r"Einträge\W+(\d+)", said)[1])  # type: ignore[index]
    checkpoint = (await deployment.client().get("/lemgo/audit/funding/checkpoint")).text
    assert unbroken(checkpoint.splitlines()[0]) in unbroken(said)
    assert size <= int(checkpoint.splitlines()[1])
    assert (await deployment.client().get(letter)).status_code == 404
    await done(fund.anna, f"{path}/accept-decision")
    await done(fund.olga, f"{path}/pay-instalment", {"payment_id": new_id(), "amount_cents": 10_000_00})
    fields = {"csrf": fund.anna.csrf, "proof_id": new_id(), "spent_cents": "9.900,00", "receipts": "7"}
    address = f"/lemgo/funding/applications/{application}/submit-proof"
    for file, status in ((b"text", 400), (b"%PDF-1.7 receipts", 303)):
        statement = {"statement": ("nachweis.pdf", file, "application/pdf")}
        assert (await fund.anna.client.post(address, data=fields, files=statement)).status_code == status
    desk = (await fund.otto.get(f"/funding/desk/{application}")).text
    kept = re.search(r'href="(/lemgo/funding/applications/[^"]+/papers/\w{64})"', desk)
    assert kept
    assert (await fund.otto.client.get(kept[1])).content == b"%PDF-1.7 receipts"
    assert "7 Belege über 9.900,00" in desk


async def _letter(who, application):
    page = (await who.get(f"/funding/applications/{application}")).text
    found = re.search(r'href="([^"]+/papers/\w{64})"', page)
    return found[1] if found else None


async def test_every_decision_proves_offline_and_with_one_cent_changed_none_does(fund, deployment):
    application = await fund.reviewed()
    path, first = f"application/{application}", proposal(30_000_00)
    await done(fund.otto, f"{path}/propose-decision", first)
    await done(fund.olga, f"{path}/confirm-decision", {"proposal_id": first["proposal_id"]})
    seal = await deployment.site("funding").signer.seal("lemgo")
    keys = [read_key(key) for key in (await fund.anna.get("/audit/funding/keys")).text.split()]
    entries = (await fund.aldo.get("/audit/funding/entries")).json()["entries"]
    decided = [one["header"]["position"] for one in entries if '"amount_cents":3000000' in one["body"]]
    assert {one["header"]["type"] for one in entries} >= {"DecisionProposed", "DecisionConfirmed", "MoneyCommitted"}
    assert len(decided) >= 4
    for position in decided:
        proof = read_inclusion((await fund.aldo.get(f"/audit/funding/proof/{position}")).text)
        checkpoint = signed_in(proof.checkpoint)
        assert verify(read_note(proof.checkpoint), keys)
        assert (checkpoint.origin, checkpoint.size >= seal.size) == (seal.origin, True)
        entry = json.loads(proof.extra)
        header = convert(entry["header"], Header)
        for body, holds in ((entry["body"], True), (entry["body"].replace("3000000", "3000001"), False)):
            digest = sha256(body.encode()).hexdigest()
            assert proof.holds(leaf_hash(replace(header, body=digest))) is holds


async def attach(who, application: str, body: bytes, **query: str) -> Any:
    address = f"/lemgo/api/funding/applications/{application}/attachments"
    return await who.client.post(address, content=body, params=query, headers={"x-csrf-token": who.csrf})


async def drafted(fund, cents: int = 5_000_00) -> str:
    """A draft that could be submitted."""
    project = await fund.project()
    revision = await fund.freeze(project, plan(cents))
    application = await fund.start(project)
    await pin(fund.anna, application, revision, cents)
    return application


async def test_an_attachment_is_what_its_bytes_say_and_only_for_those_who_read_the_file(fund, deployment):
    application = await drafted(fund)
    body = b"%PDF-1.7 offers of " + application.encode()
    kept = await attach(fund.anna, application, body, document="offers")
    assert kept.status_code == 200, kept.text
    for wrong in (b"<svg onload='alert(1)'/>", b"PK\x03\x04", b""):
        assert (await attach(fund.anna, application, wrong)).status_code == 400
    assert (await attach(fund.otto, application, body)).status_code == 404
    paper = f"/funding/applications/{application}/papers/{kept.json()['digest']}"
    assert (await fund.otto.get(paper)).status_code == 404, "a draft is its team's alone"
    await done(fund.anna, f"application/{application}/submit-application")
    assert (await attach(fund.anna, application, body)).status_code == 409
    answer = await fund.otto.get(paper)
    assert (answer.content, answer.headers["content-type"]) == (body, "application/pdf")
    assert answer.headers["content-disposition"] == 'attachment; filename="anlage-1.pdf"'
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await deployment.client().get(f"/lemgo{paper}")).status_code == 404
    other = await fund.asked()
    assert (await fund.otto.get(paper.replace(application, other))).status_code == 404, "no paper of another file"


async def test_an_office_is_not_told_of_a_draft_by_a_command_either(fund):
    application = await drafted(fund)
    for path in ("complete-formal-check", "declare-bias", "confirm-decision"):
        answer = await fund.otto.give("funding", f"application/{application}/{path}", {"proposal_id": "x"})
        assert answer.status_code in (400, 404), path
    assert await refused(fund.otto, f"application/{application}/complete-formal-check") == (404, "not_found")


def readable(deployment) -> list[str]:
    """Every address of funding that one can read."""
    routes = deployment.app.services["funding"].routes
    return sorted({route.path for route in routes if "GET" in getattr(route, "methods", ())})


async def test_who_is_recused_reads_nothing_of_the_file_by_any_address(fund, deployment):
    application = await drafted(fund)
    kept = (await attach(fund.anna, application, b"%PDF-1.7 secret")).json()["digest"]
    await done(fund.anna, f"application/{application}/submit-application")
    await done(fund.otto, f"application/{application}/complete-formal-check")
    before = await fund.rita.get(f"/funding/desk/{application}")
    assert before.status_code == 200
    await done(fund.rita, f"application/{application}/declare-bias")
    own = "/{municipality:str}/audit/funding/desk/looks"  # says what she herself has seen, and only that she has
    paths = [path for path in readable(deployment) if path != own]
    assert len(paths) > 30
    tried = 0
    for path in paths:
        for id in (application, fund.pot):
            filled = path.replace("{municipality:str}", "lemgo").replace("{digest:str}", kept)
            filled = re.sub(r"\{[^}]*:int\}", "1", filled)
            address = re.sub(r"\{[^}]*\}", id, filled)
            answer = await fund.rita.client.get(address)
            tried += 1
            if application in address:
                assert answer.status_code != 200, address
            elif answer.status_code == 200:
                assert application not in answer.text, address
                assert kept not in answer.text, address
    assert tried > 60


async def test_reviewers_are_asked_by_name_and_points_show_when_all_are_in(fund, deployment, people):
    vera = await deployment.citizen("Vera X.", "lemgo", "reviewer")
    blind = to_builtins(replace(RULES, blind=True))
    await done(fund.otto, f"pot/{fund.pot}/set-rules", {"version": 2, "rules": blind})
    project = await fund.project()
    revision = await fund.freeze(project, plan(5_000_00))
    application = new_id()
    start = {"application_id": application, "project_id": project, "pot_id": fund.pot, "rules_version": 2}
    await done(fund.anna, f"application/{application}/start-application", start | {"applicant": "citizen"})
    await pin(fund.anna, application, revision, 5_000_00)
    await done(fund.anna, f"application/{application}/submit-application")
    await done(fund.otto, f"application/{application}/complete-formal-check")
    desk = f"/funding/desk/{application}"
    stranger = {"reviewer": fund.anna.person}
    assert await refused(fund.otto, f"application/{application}/assign-reviewer", stranger) == (400, "invalid")
    assert (await fund.otto.submit(f"{desk}/assign-reviewer", **stranger)).status_code == 400
    for person in (fund.rita.person, vera.person):
        assert (await fund.otto.submit(f"{desk}/assign-reviewer", reviewer=person)).status_code == 303
    scores = {f"points-{key}": "4" for key in ("common_good", "feasibility")}
    scores |= {f"reason-{key}": "Streng geheim." for key in ("common_good", "feasibility")}
    assert (await fund.rita.submit(f"{desk}/record-review", review_id=new_id(), **scores)).status_code == 303
    for reader in (fund.otto, fund.rita, vera):
        page = (await reader.get(desk)).text
        assert "1 von 2 abgegeben" in page
        assert "Streng geheim." not in page
        ranking = (await reader.get(f"/funding/pots/{fund.pot}/ranking")).text
        assert "noch nicht alle Gutachten" in ranking
    assert "Dein Gutachten fehlt" in (await vera.get("/funding/desk")).text
    assert (await vera.submit(f"{desk}/record-review", review_id=new_id(), **scores)).status_code == 303
    page = (await fund.otto.get(desk)).text
    assert "Streng geheim." in page
    assert "4,0 von 5" in page
    recommended = {"recommendation_id": new_id(), "outcome": "granted", "amount_cents": "5.000,00"}
    assert (await vera.submit(f"{desk}/record-recommendation", **recommended)).status_code == 303
    assert "Empfehlung der Jury" in (await fund.otto.get(desk)).text


async def test_an_objection_is_answered_and_a_decision_revoked_with_its_legal_basis(fund, deployment):
    application = await fund.reviewed(10_000_00)
    path, first = f"application/{application}", proposal(8_000_00)
    await done(fund.otto, f"{path}/propose-decision", first)
    await done(fund.olga, f"{path}/confirm-decision", {"proposal_id": first["proposal_id"]})
    await eventually(lambda: _letter(fund.anna, application), 20)
    address, desk = f"/funding/applications/{application}", f"/funding/desk/{application}"
    day = datetime.now(UTC).date().isoformat()
    objected = await fund.anna.submit(f"{address}/record-objection", objection_id="o-1", received_on=day)
    assert objected.status_code == 303
    answer = {"objection_id": "o-1", "answer": "decision_changed", "reason": "Das fünfte Rad gehört dazu."}
    assert (await fund.otto.submit(f"{desk}/answer-objection", **answer)).status_code == 303
    assert "Das fünfte Rad gehört dazu." in (await fund.anna.get(address)).text
    revoking = {"proposal_id": "r-1", "legal_basis": "§ 48 Abs. 1 VwVfG", "reason": "Abhilfe."}
    assert (await fund.otto.submit(f"{desk}/propose-revocation", **revoking)).status_code == 303
    assert (await fund.olga.submit(f"{desk}/confirm-decision", proposal_id="r-1")).status_code == 303
    page = (await deployment.client().get(f"/lemgo/decisions/{first['proposal_id']}")).text
    assert "§ 48 Abs. 1 VwVfG" in page
    letter = await eventually(lambda: _letter(fund.anna, application), 20)
    answer = await fund.anna.client.get(letter)
    assert answer.headers["content-disposition"] == 'attachment; filename="widerruf.pdf"'
    assert unbroken("§ 48 Abs. 1 VwVfG") in unbroken(text(answer.content))
    again = proposal(10_000_00, "granted")
    await done(fund.otto, f"{path}/propose-decision", again)
    await done(fund.olga, f"{path}/confirm-decision", {"proposal_id": again["proposal_id"]})
    assert (await fund.ledger())["committed"] == 10_000_00


async def test_rules_are_written_in_a_form_and_compared(fund, deployment):
    address = f"/funding/pots/{fund.pot}"
    form = {"title": "Richtlinie Lemgo-Fonds", "cap_cents": "40.000,00", "version": "2", "criteria": "Gemeinwohl: 99"}
    refusal = await fund.otto.submit(f"{address}/set-rules", **form)
    assert (refusal.status_code, "Gemeinwohl: 99" in refusal.text) == (409, True)
    assert (await fund.otto.submit(f"{address}/set-rules", **form | {"cap_cents": "viel"})).status_code == 400
    assert (await fund.anna.submit(f"{address}/set-rules", **form)).status_code == 403
    form["criteria"] = "Gemeinwohl: 100"
    assert (await fund.otto.submit(f"{address}/set-rules", **form)).status_code == 303
    page = (await deployment.client().get(f"/lemgo{address}/rules")).text
    for words in ("Fassung 2", "<del>50.000,00", "<ins>40.000,00", "Umsetzbarkeit: 40 %"):
        assert words in page
    assert "<del>" not in (await deployment.client().get(f"/lemgo{address}/rules?version=1")).text
    assert (await deployment.client().get(f"/lemgo{address}/rules?version=9")).status_code == 404


async def test_the_ledger_is_there_for_everybody_as_page_and_tables(fund, deployment):
    application = await fund.reviewed(10_000_00)
    first = proposal(10_000_00, "granted")
    await done(fund.otto, f"application/{application}/propose-decision", first)
    visitor, address = deployment.client(), f"/lemgo/funding/pots/{fund.pot}"
    page = (await visitor.get(f"{address}/ledger")).text
    assert "90.000,00" in page
    assert application not in page
    await done(fund.olga, f"application/{application}/confirm-decision", {"proposal_id": first["proposal_id"]})
    table = (await visitor.get(f"{address}/ledger.csv")).content.decode("utf-8-sig")
    assert [line.split(";")[6] for line in table.splitlines()] == ["Betrag", "100000,00", "10000,00", "10000,00"]
    book = load_workbook(BytesIO((await visitor.get(f"{address}/ledger.xlsx")).content))
    assert [cell.value for cell in book["Buchungen"]["G"]][1:] == [100_000, 10_000, 10_000]
    early = {"closing_id": "c-1", "year": 2026, "carried_cents": 0}
    if datetime.now(UTC).month < 12:
        assert await refused(fund.olga, f"pot/{fund.pot}/close-year", early) == (409, "year_not_ending")


async def test_a_proof_is_compared_with_the_plan_line_by_line(fund, deployment):
    application = await fund.reviewed(10_000_00)
    path, first = f"application/{application}", proposal(10_000_00, "granted")
    await done(fund.otto, f"{path}/propose-decision", first)
    await done(fund.olga, f"{path}/confirm-decision", {"proposal_id": first["proposal_id"]})
    await done(fund.anna, f"{path}/accept-decision")
    await done(fund.olga, f"{path}/pay-instalment", {"payment_id": new_id(), "amount_cents": 10_000_00})
    fields = {"csrf": fund.anna.csrf, "proof_id": "n-1", "spent-k1": "9.000,00", "receipts-k1": "7"}
    files = [("statement", ("n.pdf", b"%PDF-1.7 report", "application/pdf")), ("scans", ("b.pdf", b"%PDF-1.7 bill"))]
    address = f"/lemgo/funding/applications/{application}/submit-proof"
    wrong = await fund.anna.client.post(address, data=fields | {"spent-k1": "viel"}, files=files)
    assert (wrong.status_code, 'value="viel"' in wrong.text) == (400, True)
    assert (await fund.anna.client.post(address, data=fields, files=files)).status_code == 303
    desk = (await fund.otto.get(f"/funding/desk/{application}")).text
    for words in ("Plan und Ausgaben", "\u22121.000,00", "Beleg 1"):
        assert words in desk
    check = {"proof_id": "n-1", "accepted_cents": "8.500,00"}
    page = await fund.otto.submit(f"/funding/desk/{application}/check-proof", **check)
    assert (page.status_code, "braucht das einen Grund" in page.text) == (409, True)
    reason = {"reason": "Bewirtung wird nicht gefördert."}
    assert (await fund.otto.submit(f"/funding/desk/{application}/check-proof", **check, **reason)).status_code == 303
    own = (await fund.anna.get(f"/funding/applications/{application}")).text
    assert "Bewirtung wird nicht gefördert." in own
    assert "1.500,00" in own
    await done(fund.olga, f"{path}/record-repayment", {"return_id": "b-1", "amount_cents": 1_500_00})
    reallot = {"reallotment_id": "x-1", "amount_cents": "1.500,00"}
    assert (await fund.olga.submit(f"/funding/pots/{fund.pot}/reallot-returns", **reallot)).status_code == 303
    ledger = await fund.ledger()
    assert (ledger["paid"], ledger["returned"], ledger["available"]) == (8_500_00, 0, 91_500_00)


async def test_a_project_asks_a_pot_once_a_call(fund):
    project = await fund.project()
    revision = await fund.freeze(project, plan(5_000_00))
    first, second = [await fund.start(project), await fund.start(project)]
    for application in (first, second):
        await pin(fund.anna, application, revision, 5_000_00)
    await done(fund.anna, f"application/{first}/submit-application")
    assert (await fund.anna.give("funding", f"application/{first}/submit-application")).status_code == 200
    refusal = await refused(fund.anna, f"application/{second}/submit-application")
    assert refusal == (409, "project_has_applied")
    await done(fund.anna, f"application/{first}/withdraw-application")
    await done(fund.anna, f"application/{second}/submit-application")


async def test_two_officers_see_each_other_on_a_case_and_that_it_has_moved_on(fund, deployment):
    application = await fund.reviewed()
    desk = f"/funding/desk/{application}"
    assert f"{desk}/present?version=" in (await fund.otto.get(desk)).text
    assert "gerade auch offen" not in (await fund.otto.get(f"{desk}/present")).text
    page = (await fund.olga.get(f"{desk}/present")).text
    assert "Otto X. hat diese Akte gerade auch offen." in " ".join(page.split())
    version = (await fund.otto.get(f"/api/funding/applications/{application}")).headers["etag"].strip('"')
    assert "etwas dazugekommen" not in (await fund.olga.get(f"{desk}/present?version={version}")).text
    await done(fund.otto, f"application/{application}/propose-decision", proposal(1_000_00))
    assert "etwas dazugekommen" in (await fund.olga.get(f"{desk}/present?version={version}")).text
    late = {"proposal_id": "p-2", "expected": version, "outcome": "rejected", "amount_cents": "0", "summary": "Nein."}
    late |= {"reason-common_good": "Nein.", "reason-feasibility": "Nein."}
    assert (await fund.olga.submit(f"{desk}/propose-decision", **late)).status_code == 412
    for other in (fund.anna, fund.carl):
        assert (await other.get(f"{desk}/present")).status_code == 404
