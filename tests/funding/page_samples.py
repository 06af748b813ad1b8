"""What the pages of the funding service are given: the town, pots and one application at several stages."""

from datetime import date
from types import SimpleNamespace as Row
from typing import Any

from msgspec.structs import replace

from services.funding.domain.checks import check, with_papers
from services.funding.domain.grant import ProofSubmitted, SpentLine
from services.funding.domain.known_pots import stadtbezirk, zukunftsstadt_fonds
from services.funding.domain.score import standing
from services.funding.dossier import Review
from services.funding.drawings import pot_bar
from services.funding.ledger import balances, ledger
from services.funding.shown.accounts import compared, plan_and_actual
from services.funding.shown.ledger import booked
from services.funding.shown.ranking import Ranked, placed
from services.funding.shown.rules import differences, rows_of
from services.funding.views.jury import Progress
from services.funding.written import APPLICANTS, NUMBERS, typed_of
from services.funding.years import years_of
from shared.municipalities import Municipality
from shared.web.render import Me, Page, Renderer
from tests.funding.desk_samples import DESK
from tests.funding.files import COMMITTED, CRITERIA, SCORES
from tests.funding.test_rules import PLAN, SCHEDULE
from tests.funding.test_years import LIFE, books

NAMES = {
    "available": "verfügbar", "reserved": "vorgemerkt", "committed": "gebunden", "paid": "gezahlt",
    "returned": "zurückgezahlt", "project": "dieses Projekt",
}  # fmt: skip
TOWN = Municipality(id="dresden", name="Dresden", land="SN", town="dresden", districts=())
PEOPLE = {
    "ann": "Anna B.",
    "bob": "Bernd K.",
    "otto": "Otto F.",
    "olga": "Olga M.",
    "rita": "Rita S.",
    "aldo": "Aldo A.",
}
BOOKS = {"available": 111_700_00, "reserved": 0, "committed": 41_500_00, "paid": 96_800_00, "returned": 0}
RULES = zukunftsstadt_fonds()
FINDINGS = with_papers(check(RULES, PLAN, SCHEDULE, 24_800_00, date(2026, 11, 22), "association"), {"offers"})
CALL = Row(call_id="c", opens="2026-10-01", closes="2027-01-31")


def page(title: str, nav: str, person: str | None = "ann", **more: Any) -> Page:
    me = Me(person, PEOPLE[person]) if person else None
    return Page(title=title, path="/dresden/funding", town=TOWN, me=me, nav=nav, csrf="token", **more)


def pot_row(**more: Any) -> Row:
    row = {
        "pot_id": "fund",
        "title": "Zukunftsstadt-Fonds",
        "purpose": "Für Projekte von Einwohner:innen, die Dresden nachhaltiger machen.",
        "source": "Haushalt 2026, Produkt 10.100.51",
        "year": 2026,
        "returned_cents": 500_00,
        "available_cents": 111_700_00,
        "closed": False,
    }
    return Row(**row | more)


def funding() -> dict[str, Any]:
    bar = pot_bar("Zukunftsstadt-Fonds 2026", BOOKS, NAMES, headed=False)  # type: ignore[arg-type]
    district = pot_bar("Stadtbezirk Cotta 2026", BOOKS | {"paid": 0}, NAMES, headed=False)  # type: ignore[arg-type]
    pots = [
        pot_row(rules=RULES, call=CALL, bar=bar),
        pot_row(pot_id="b", title="Stadtbezirk Cotta", rules=stadtbezirk(2026), call=None, bar=district),
    ]
    mine = [Row(application_id="app", title="Materialwerk Löbtau", pot_title="Zukunftsstadt-Fonds", stage="review")]
    return {"pots": pots, "mine": mine, "office": True, "may_open": True, "new": "n-1", "refused": None}


def nothing_open() -> dict[str, Any]:
    return funding() | {"pots": [], "mine": [], "office": False, "may_open": False}


def audit() -> dict[str, Any]:
    logs = [Row(name="funding", title="Förderung", words="Töpfe und Anträge.")]
    return {"services": logs, "reads": False, "decisions": [decision_row()], "pots": [Row(id="fund", title="Fonds")]}


def pot() -> dict[str, Any]:
    return {
        "pot": pot_row(),
        "rules": RULES,
        "rules_version": 3,
        "versions": [Row(version=n, at=f"2026-0{n}-01T08:00:00Z") for n in (1, 2, 3)],
        "call": CALL,
        "open_now": True,
        "bar": pot_bar("Zukunftsstadt-Fonds 2026", BOOKS, NAMES),  # type: ignore[arg-type]
        "decisions": [decision_row()],
        "mine": [Row(project_id="material", title="Materialwerk Löbtau", application_id=None, new_id="a-9")],
        "may": {"OpenCall", "CloseCall", "AddMoney", "ClosePot", "SetRules", "ReallotReturns", "CloseYear"},
        "office": True,
        "new": "n-1",
        "refused": None,
    }


def decision_row() -> Row:
    return Row(
        decision_id="p-1",
        application_id="app",
        project_id="bikes",
        title="Lastenrad-Ring Neustadt",
        pot_title="Zukunftsstadt-Fonds",
        outcome="partly",
        amount_cents=27_200_00,
        asked_cents=34_000_00,
        at="2026-03-04T10:20:00Z",
        summary="Vier Räder statt fünf im ersten Jahr. Das fünfte kann nachbeantragt werden.",
        revoked=False,
    )


CONDITIONS = [
    Row(condition_id="i", text="Versicherung der Räder nachweisen", until=None, before_instalment=2, fulfilled_on=None),
    Row(condition_id="v", text="Ausleihe ohne Konto", until=None, before_instalment=None, fulfilled_on="2026-05-02"),
]


def application(stage: str = "draft", **more: Any) -> dict[str, Any]:
    context: dict[str, Any] = {
        "application_id": "app",
        "project": Row(project_id="material", title="Materialwerk Löbtau"),
        "pot": pot_row(),
        "rules": RULES,
        "rules_version": 3,
        "stage": stage,
        "closed": False,
        "pin": Row(revision_id="r6", name="vor der Beratung", at="2026-11-21T10:00:00Z", amount_cents=24_800_00),
        "finance": PLAN,
        "findings": FINDINGS,
        "revisions": [Row(revision_id="r6", name="vor der Beratung", at="2026-11-21T10:00:00Z")],
        "until": None,
        "call": CALL,
        "correction": None,
        "attachments": [ATTACHMENT],
        "objection": None,
        "revocation": None,
        "today": "2026-04-01",
        "reviews": 2,
        "decision": None,
        "letter": None,
        "grant": None,
        "may": {
            "PinRevision",
            "SubmitApplication",
            "WithdrawApplication",
            "AcceptDecision",
            "SubmitProof",
            "Correct",
            "AddAttachment",
        },
        "new": "n-1",
        "refused": None,
    }
    return context | more


OBJECTION = Row(until="2026-04-07", open=True, made=None, answer=None, reason="")
REVOCATION = Row(at="2026-05-02T10:00:00Z", legal_basis="§ 49 Abs. 3 VwVfG", url="/widerruf.pdf")
ATTACHMENT = Row(attachment_id="a", title="Drei Vergleichsangebote", kind="PDF", kilobytes=120, url="/anlage.pdf")


def proof_row(**more: Any) -> Row:
    lines = tuple(SpentLine(line_id=line.id, spent_cents=line.total() + 5_00, receipts=2) for line in PLAN.costs[:3])
    told = ProofSubmitted(proof_id="n", spent_cents=15_000_00, receipts=12, digest="d", by="ann", lines=lines)
    rows = compared(PLAN, told)
    row = {
        "proof_id": "n", "spent_cents": 15_000_00, "receipts": 12, "url": "/proof.pdf", "checked": False, "lines": rows,
        "plot": plan_and_actual(rows), "papers": ["/beleg.pdf"], "accepted_cents": None, "reason": "",
    }  # fmt: skip
    return Row(**row | more)


def granted(proof: Row | None = None, **more: Any) -> dict[str, Any]:
    grant = Row(
        accepted=True, paid_cents=16_320_00, closed=False, due_cents=0, returned_cents=0, conditions=CONDITIONS,
        proof=proof,
        payments=[Row(number=1, amount_cents=16_320_00, at="2026-03-20T08:00:00Z")],
    )  # fmt: skip
    return application(
        "decided", decision=decision_row(), letter=Row(url="/letter.pdf", at="2026-03-06"), grant=grant, **more
    )


def correcting() -> dict[str, Any]:
    items = ["Versicherungsangebot fehlt", "Unterschrift des Vereins"]
    return application("correction", correction=Row(correction_id="c", items=items, at="2026-01-14"))


def desk_list() -> dict[str, Any]:
    row = Row(
        application_id="app", title="Materialwerk Löbtau", pot_title="Zukunftsstadt-Fonds", stage="proposed",
        amount_cents=24_800_00, granted_cents=None, since="2026-11-23T08:00:00Z", step="proposed",
        progress=Progress(given=2, awaited=4, mine=False),
    )  # fmt: skip
    return {"queue": [row], "case": None, "names": PEOPLE, "may": set(), "new": "n", "refused": None}


def case(stage: str, **more: Any) -> dict[str, Any]:
    base = Row(
        application_id="app", project_id="material", title="Materialwerk Löbtau", pot_title="Zukunftsstadt-Fonds",
        stage=stage, closed=False, amount_cents=24_800_00, available_cents=111_700_00, finance=PLAN, findings=FINDINGS,
        criteria=CRITERIA, threshold_tenths=35, attachments=[ATTACHMENT],
        standing=standing(CRITERIA, []), reviews=0, reviews_awaited=1,
        pot_id="fund", blind=True, singly=[], panel=[], askable=["rita"], version=9, objection=None, to_reclaim_cents=0,
        reviewed=False, biased=False, proposal=None, grant=None, decision=None, recommendation=None,
    )  # fmt: skip
    may = {
        "CompleteFormalCheck", "AskForCorrection", "RecordReview", "ProposeDecision", "ConfirmDecision",
        "ContradictDecision", "WithdrawProposal", "AssignReviewer", "ReleaseReviewer", "RecordRecommendation",
        "AnswerObjection", "ProposeRevocation", "PayInstalment", "CheckProof", "RecordRepayment", "FulfilCondition",
    }  # fmt: skip
    return desk_list() | {"case": Row(**vars(base) | more), "may": may}


def proposed() -> dict[str, Any]:
    proposal = Row(
        proposal_id="p-1", by="otto", at="2026-03-03T15:00:00Z", outcome="partly", amount_cents=20_000_00,
        summary="Der Ausbau in zwei Schritten.", conditions=CONDITIONS[:1], legal_basis="",
        reasons={"common_good": "Offen für alle.", "feasibility": "Das Lager fehlt noch."},
    )  # fmt: skip
    scored = standing(CRITERIA, [SCORES])
    return case("proposed", proposal=proposal, standing=scored, reviews=1)


def paying() -> dict[str, Any]:
    proof = proof_row()
    grant = Row(
        amount_cents=27_200_00, paid_cents=16_320_00, left_cents=10_880_00, next_number=2, due_cents=0,
        conditions=CONDITIONS, proof=proof,
    )  # fmt: skip
    return case("decided", grant=grant, decision=decision_row(), standing=standing(CRITERIA, [SCORES]), reviews=1)


def reclaiming() -> dict[str, Any]:
    grant = Row(
        amount_cents=27_200_00, paid_cents=16_320_00, left_cents=0, next_number=2, due_cents=1_320_00,
        conditions=[],
        proof=proof_row(checked=True, accepted_cents=15_000_00, reason="Bewirtung", lines=[]),
    )  # fmt: skip
    return case("decided", grant=grant, decision=decision_row())


def jury() -> dict[str, Any]:
    reviews = [Review("rita", {score.criterion: score for score in SCORES})]
    panel = [Row(person="rita", asked=True, given=True), Row(person="aldo", asked=True, given=False)]
    scored = {"standing": standing(CRITERIA, [SCORES]), "singly": reviews}
    recommended = Row(outcome="partly", amount_cents=20_000_00)
    return case("review", panel=panel, reviews=1, reviews_awaited=2, recommendation=recommended, **scored)


def objected(answer: str | None = None) -> dict[str, Any]:
    reason = "Die Gründe tragen." if answer else ""
    objection = Row(objection_id="o", received_on="2026-04-02", answer=answer, reason=reason)
    return case("decided", objection=objection, decision=decision_row(), to_reclaim_cents=5_00 if answer else 0)


def rules() -> dict[str, Any]:
    visit: Any = Row(site=Row(renderer=Renderer()), session=None)
    before = rows_of(visit, stadtbezirk(2026))
    rows = rows_of(visit, RULES)
    return {
        "pot": pot_row(), "rows": rows, "version": 2, "against": 1, "changes": differences(before, rows),
        "versions": [Row(version=n, at=f"2026-0{n}-01T08:00:00Z") for n in (1, 2)], "may_write": True,
    }  # fmt: skip


def rules_new() -> dict[str, Any]:
    return {
        "pot": pot_row(), "version": 3, "typed": typed_of(RULES), "applicants": APPLICANTS, "numbers": NUMBERS,
        "refused": None,
    }  # fmt: skip


def ranking() -> dict[str, Any]:
    one = Ranked(
        application_id="a", title="Materialwerk Löbtau", stage="review", place=0, tenths=41, top=5, given=3, awaited=3,
        asked_cents=24_800_00, wanted_cents=20_000_00, outcome=None,
    )  # fmt: skip
    rows = [one, replace(one, tenths=30), replace(one, tenths=None), replace(one, tenths=48, outcome="granted")]
    return {"pot": pot_row(rules=RULES), "ranking": placed(rows, 30_000_00), "available_cents": 30_000_00}


def bookings() -> dict[str, Any]:
    pot = books(LIFE)
    lines = booked(pot, {"app": "Lastenrad-Ring"})
    return {"pot": pot_row(), "years": list(reversed(years_of(pot))), "lines": list(reversed(lines))}


def decisions() -> dict[str, Any]:
    rows = [decision_row(), Row(**vars(decision_row()) | {"outcome": "rejected", "amount_cents": 0, "revoked": True})]
    return {
        "decisions": rows,
        "figures": Row(count=2, granted=1, amount_cents=27_200_00),
        "pots": [pot_row()],
        "chosen": Row(pot="", outcome=""),
    }


def decision() -> dict[str, Any]:
    books = ledger(COMMITTED)  # type: ignore[arg-type]
    events = [
        ("2026-01-09T10:00:00Z", "Antrag eingereicht", "Plan Fassung 9, Regeln Fassung 2"),
        ("2026-02-20T10:00:00Z", "Empfehlung der Jury", "teilweise bewilligen"),
        ("2026-03-04T10:00:00Z", "Teilweise bewilligt", "zwei Personen der Förderstelle, keine davon im Team"),
    ]
    return {
        "decision": decision_row(),
        "revoked": None,
        "standing": standing(CRITERIA, [SCORES]),
        "reasons": {"common_good": "Kostenlos für alle.", "feasibility": "Für einen Standort fehlt die Erlaubnis."},
        "criteria": CRITERIA,
        "threshold_tenths": 35,
        "conditions": CONDITIONS,
        "money": Row(paid_cents=16_320_00, accounted_cents=0),
        "pot": pot_row(),
        "bar": pot_bar("Zukunftsstadt-Fonds 2026", books.balances, NAMES, balances(books.postings, "app")),
        "events": [Row(at=at, title=title, note=note) for at, title, note in events],
        "count": 17,
        "basis": Row(rules_title=RULES.title, rules_version=2, revision_name="Fassung 9", letter_url="/letter.pdf"),
        "objection": Row(until="2026-04-07", over=True, made=False, answer=None),
        "proof": Row(
            entries=17, intact=True, digest="7f3a91c40be25d18", position=48_213, confirmed_at="2026-10-02T07:14:00Z",
            bundle_url="/bundle.zip",
        ),
    }  # fmt: skip


SAMPLES: dict[str, tuple[str, str, dict[str, Any], str | None]] = {
    "funding": ("funding.html", "funding", funding(), "otto"),
    "funding-empty": (
        "funding.html",
        "funding",
        nothing_open(),
        None,
    ),
    "pot": ("pot.html", "funding", pot(), "otto"),
    "pot-visitor": ("pot.html", "funding", pot() | {"mine": [], "may": set(), "decisions": []}, None),
    "pot-new": ("pot.html", "funding", pot() | {"rules": None, "call": None, "open_now": False}, "otto"),
    "application-draft": ("application.html", "funding", application(), "ann"),
    "application-revoked": ("application.html", "funding", application("review", revocation=REVOCATION), "ann"),
    "application-new": ("application.html", "funding", application(pin=None, finance=None, findings=[]), "ann"),
    "application-review": ("application.html", "funding", application("review", may=set()), "ann"),
    "application-correction": ("application.html", "funding", correcting(), "ann"),
    "application-granted": ("application.html", "funding", granted(), "ann"),
    "application-proven": ("application.html", "funding", granted(proof_row()), "ann"),
    "application-reduced": (
        "application.html",
        "funding",
        granted(proof_row(checked=True, accepted_cents=14_000_00, reason="Bewirtung wird nicht gefördert.")),
        "ann",
    ),
    "application-objecting": (
        "application.html",
        "funding",
        granted(objection=OBJECTION, may={"RecordObjection"}),
        "ann",
    ),
    "application-withdrawn": ("application.html", "funding", application("withdrawn", may=set()), "ann"),
    "desk": ("desk.html", "funding", desk_list(), "otto"),
    "desk-empty": ("desk.html", "funding", desk_list() | {"queue": []}, "otto"),
    "desk-formal": ("desk.html", "funding", case("submitted"), "otto"),
    "desk-review": ("desk.html", "funding", case("review"), "rita"),
    "present": (
        "present.html",
        "funding",
        {"others": ["olga"], "names": PEOPLE, "moved": True, "then": "/dresden/funding/desk/app"},
        "otto",
    ),
    "desk-jury": ("desk.html", "funding", jury(), "rita"),
    "desk-objection": ("desk.html", "funding", objected(), "otto"),
    "desk-objection-answered": ("desk.html", "funding", objected("decision_upheld"), "otto"),
    "rules": ("rules.html", "funding", rules(), "otto"),
    "rules-first": ("rules.html", "funding", rules() | {"against": None, "changes": [], "version": 1}, None),
    "rules-new": ("rules_new.html", "funding", rules_new(), "otto"),
    "ledger": ("ledger.html", "funding", bookings(), None),
    "ranking": ("ranking.html", "funding", ranking(), "otto"),
    "ranking-empty": ("ranking.html", "funding", ranking() | {"ranking": []}, "otto"),
    "desk-propose": ("desk.html", "funding", case("review", reviews=1, reviewed=True), "otto"),
    "desk-first": ("desk.html", "funding", proposed(), "otto"),
    "desk-second": ("desk.html", "funding", proposed(), "olga"),
    "desk-paying": ("desk.html", "funding", paying(), "otto"),
    "desk-reclaiming": ("desk.html", "funding", reclaiming(), "otto"),
    "decisions": ("decisions.html", "decisions", decisions(), None),
    "decision": ("decision.html", "decisions", decision(), None),
    "decision-without-jury": ("decision.html", "decisions", decision() | {"standing": standing(CRITERIA, [])}, None),
    "audit": ("audit.html", "decisions", audit(), None),
    "audit-empty": ("audit.html", "decisions", audit() | {"decisions": [], "reads": True}, "aldo"),
    **DESK,
}
