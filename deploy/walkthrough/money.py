"""Steps 5, 7 and 10: an application with rules, a decision of two, and an auditor who recomputes everything."""

from base64 import b64decode
from hashlib import sha256
from typing import Any

from msgspec import convert

from deploy.paper import page
from deploy.walkthrough.checks import Report, eventually
from deploy.walkthrough.editor import Editor
from deploy.walkthrough.people import Person
from deploy.walkthrough.plan import ASKED, COSTS, cost, income, without
from deploy.walkthrough.steps import Cast
from shared.audit.leaf import Header, leaf_hash
from shared.audit.merkle import root_of
from shared.ids import new_id

GRANTED = 15_000_00
_ABSENT = {"document_missing"}


async def an_application_is_pinned(cast: Cast, project: str, report: Report) -> str:
    report.step("5  The team applies; the application is pinned to a revision")
    pot, application = await _pot(cast), new_id()
    start = {"application_id": application, "project_id": project, "pot_id": pot, "applicant": "citizen"}
    rules = (await cast.mira.json(f"/api/funding/pots/{pot}"))["rules_version"]
    await eventually(
        lambda: _accepted(cast.mira, f"application/{application}/start-application", start | {"rules_version": rules})
    )
    first = await _freeze(cast, project, "mit Bewirtung")
    findings = (await _pin(cast, application, first))["findings"]
    broken = [finding for finding in findings if finding["failing"] and finding["line"]]
    report.check("a broken rule is named with its line: K4", [one["line"] for one in broken] == ["K4"])
    report.check("with the number of the rule: 4.2", broken[0]["rule"] == "4.2")
    papers = [one["facts"]["document"] for one in findings if one["code"] == "document_missing"]
    report.check("and both papers that the rules ask for", papers == ["profile", "offers"])
    refused = await cast.mira.give("funding", f"application/{application}/submit-application")
    report.check("so it cannot be handed in", refused.json()["code"] == "rules_broken")
    own = sum(quantity * price for _, _, quantity, price, _ in COSTS) - ASKED
    await _edit(cast.selin, project, without("k4"), income("e2", "Vereinskasse", "own", own))
    second = await _freeze(cast, project, "Antrag")
    findings = (await _pin(cast, application, second))["findings"]
    report.check("mended, only the papers are missing", {one["code"] for one in findings if one["failing"]} == _ABSENT)
    refused = await cast.mira.give("funding", f"application/{application}/submit-application")
    report.check("which keeps it back as well", refused.json()["code"] == "papers_missing")
    await _hand_in_papers(cast, project, application, second)
    findings = (await _pin(cast, application, second))["findings"]
    report.check("with them every rule is kept", not [one for one in findings if one["failing"]])
    await cast.mira.must("funding", f"application/{application}/submit-application")
    again = await cast.mira.give("funding", f"application/{application}/submit-application")
    report.check("handed in once, a second time is the same", again.status_code == 200)
    before = await cast.mira.json(f"/api/funding/applications/{application}")
    await _edit(cast.duc, project, cost("k9", ("Nachträglich", "Sachkosten", 1, 99_00, "2027-06")))
    after = await cast.mira.json(f"/api/funding/applications/{application}")
    report.check("later edits of the plan do not change it", before == after)
    stranger = await cast.stranger.get(f"/funding/applications/{application}")
    report.check("a stranger does not see the file", stranger.status_code in (303, 404))
    return application


async def _hand_in_papers(cast: Cast, project: str, application: str, revision: str) -> None:
    """The plan's own folder as the profile, and what the offers come to."""
    folder = await cast.mira.get(f"/plans/{project}/exports/projektmappe.pdf?revision={revision}")
    offers = page(
        "Drei Vergleichsangebote",
        (f"{label}: {quantity} x {cents // 100} Euro" for label, _, quantity, cents, _ in COSTS),
    )
    for document, body in (("profile", folder.content), ("offers", offers)):
        await cast.mira.attach(application, document, body)


async def two_officers_decide(cast: Cast, application: str, report: Report) -> None:
    report.step("7  The jury reviews, two officers decide")
    pot = await _pot(cast)
    path, before = f"application/{application}", await _ledger(cast, pot)
    await cast.frank.must("funding", f"{path}/complete-formal-check")
    criteria = await criteria_of(cast, pot)
    early = await cast.frank.give("funding", f"{path}/propose-decision", _proposal(criteria, GRANTED))
    report.check("without reviews nothing is decided", early.json()["code"] == "reviews_missing")
    await the_jury_reviews(cast, application, criteria)
    proposal = _proposal(criteria, GRANTED)
    await cast.frank.must("funding", f"{path}/propose-decision", proposal)
    ledger = await _ledger(cast, pot)
    report.check("the proposal reserves the money", ledger["reserved"] - before["reserved"] == GRANTED)
    named = {"proposal_id": proposal["proposal_id"]}
    alone = await cast.frank.give("funding", f"{path}/confirm-decision", named)
    report.check("one officer alone cannot decide", alone.json()["code"] == "same_officer")
    contrary = await cast.greta.give("funding", f"{path}/propose-decision", _proposal(criteria, 1_000_00))
    report.check("a contrary second decision is refused", contrary.json()["code"] == "proposal_open")
    await cast.greta.must("funding", f"{path}/confirm-decision", named)
    ledger = await _ledger(cast, pot)
    moved = (ledger["reserved"] - before["reserved"], ledger["committed"] - before["committed"])
    report.check("confirmed, it is committed", moved == (0, GRANTED))
    late = await cast.greta.give("funding", f"{path}/propose-decision", _proposal(criteria, 1_00))
    report.check("after that nobody decides otherwise", late.json()["code"] == "decided_already")
    page = await cast.stranger.page(f"/decisions/{proposal['proposal_id']}")
    reasons = [one["reason"] for one in proposal["reasons"]]
    report.check("the public page names the reason of every criterion", all(reason in page for reason in reasons))
    report.check("and the condition", "Versicherung nachweisen" in page)


async def criteria_of(cast: Cast, pot: str) -> list[str]:
    rules = (await cast.mira.json(f"/api/funding/pots/{pot}"))["rules"]
    return [one["key"] for one in rules["criteria"]]


async def the_jury_reviews(cast: Cast, application: str, criteria: list[str]) -> None:
    scores = [{"criterion": key, "points": 4, "reason": "Gut begründet."} for key in criteria]
    for person in (cast.jutta, cast.rosa, cast.kofi):
        await person.must(
            "funding", f"application/{application}/record-review", {"review_id": new_id(), "scores": scores}
        )


async def an_auditor_recomputes(cast: Cast, application: str, report: Report) -> None:
    report.step("10 An auditor replays the decision and recomputes the log")
    history = await cast.albert.page(f"/funding/applications/{application}/history")
    report.check("the replay ends in the present state", "Das Nachrechnen ergibt den heutigen Stand" in history)
    for service in ("marketplace", "planning", "funding"):
        checkpoint = (await cast.stranger.page(f"/audit/{service}/checkpoint")).split("\n")
        entries = await _entries(cast.albert, service, int(checkpoint[1]))
        headers = [convert(entry["header"], Header) for entry in entries]
        bodies = all(sha256(e["body"].encode()).hexdigest() == h.body for e, h in zip(entries, headers, strict=True))
        report.check(f"{service}: every body has its digest ({len(entries)} entries)", bodies)
        root = root_of(leaf_hash(header) for header in headers)
        report.check(f"{service}: the recomputed root is the one served", root == b64decode(checkpoint[2]))


async def _entries(auditor: Person, service: str, size: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None and len(found) < size:
        page = await auditor.json(f"/audit/{service}/entries?after={after}&limit=500")
        found += page["entries"]
        after = page["next"]
    return found[:size]


async def _pot(cast: Cast) -> str:
    page = await cast.mira.page("/funding")
    return page.split("/dresden/funding/pots/")[1].split('"')[0]


async def _ledger(cast: Cast, pot: str) -> dict[str, int]:
    ledger: dict[str, int] = (await cast.mira.json(f"/api/funding/pots/{pot}"))["ledger"]
    return ledger


async def _freeze(cast: Cast, project: str, name: str) -> str:
    revision = new_id()
    await cast.mira.must("planning", f"plan/{project}/freeze-revision", {"revision_id": revision, "name": name})
    return revision


async def _pin(cast: Cast, application: str, revision: str) -> Any:
    """Pins, as soon as funding has heard of the revision."""
    body = {"revision_id": revision, "amount_cents": ASKED}
    path = f"applications/{application}/pin-revision"
    await eventually(lambda: _accepted(cast.mira, path, body))
    return await cast.mira.must("funding", path, body)


async def _accepted(person: Person, path: str, body: Any) -> bool:
    return (await person.give("funding", path, body)).status_code == 200


async def _edit(person: Person, project: str, *changes: Any) -> None:
    editor = Editor(person, "planning", f"plan-{project}")
    async with editor.online():
        for change in changes:
            editor.change(change)
        await editor.all_saved()


def _proposal(criteria: list[str], cents: int) -> dict[str, Any]:
    id = new_id()
    return {
        "proposal_id": id,
        "outcome": "partly",
        "amount_cents": cents,
        "reasons": [{"criterion": key, "reason": f"Grund zu {number}."} for number, key in enumerate(criteria, 1)],
        "summary": "Der Ausbau in zwei Schritten.",
        "conditions": [{"condition_id": new_id(), "text": "Versicherung nachweisen", "before_instalment": 2}],
    }
