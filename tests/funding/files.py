"""One pot and one application as they stand after each step; ann and bob apply, otto and olga decide."""

from services.funding.domain.application import (
    ApplicationStarted,
    ApplicationSubmitted,
    CriterionScore,
    FormalCheckCompleted,
    ReviewRecorded,
    RevisionPinned,
    TeamNoted,
)
from services.funding.domain.balance import MoneyCommitted, MoneyReserved
from services.funding.domain.checks import Finding
from services.funding.domain.grant import Condition, DecisionAccepted
from services.funding.domain.pot import CallOpened, PotOpened, RulesSet
from services.funding.domain.rules import Criterion, PotRules
from services.funding.domain.verdict import CriterionReason, DecisionConfirmed, DecisionProposed

CRITERIA = (
    Criterion(key="common_good", title="Gemeinwohl", weight=60),
    Criterion(key="feasibility", title="Umsetzbarkeit", weight=40),
)
RULES = PotRules(
    title="Richtlinie", applicants=("association", "citizen"), cap_cents=50_000_00, criteria=CRITERIA, reviews_needed=1
)

opened = PotOpened(pot_id="fund", title="Fonds", purpose="Projekte", source="Haushalt", year=2026, budget_cents=100_000)
ruled = RulesSet(version=1, rules=RULES)
called = CallOpened(call_id="spring", opens="2026-01-01", closes="2026-03-31")
POT = (opened, ruled, called)

started = ApplicationStarted(
    application_id="app",
    project_id="bikes",
    pot_id="fund",
    applicant="association",
    rules_version=1,
    criteria=CRITERIA,
    reviews_needed=1,
    by="ann",
)
team = TeamNoted(members=("bob",))
fine = Finding(code="cap_kept", failing=False, rule="3.1", facts={"cap_cents": 50_000_00})
broken = Finding(code="category_ineligible", failing=True, rule="4.2", line_id="r7", line="K7", facts={"category": "X"})
pinned = RevisionPinned(revision_id="rev-9", digest="d1", finance_digest="d2", amount_cents=34_000, findings=(fine,))
submitted = ApplicationSubmitted(call_id="spring", by="ann")
examined = FormalCheckCompleted(by="otto")
SCORES = (
    CriterionScore(criterion="common_good", points=5, reason="Kostenlos für alle."),
    CriterionScore(criterion="feasibility", points=3, reason="Die Erlaubnis fehlt noch."),
)
reviewed = ReviewRecorded(review_id="r-1", scores=SCORES, by="rita")

DRAFT = (started, team)
SUBMITTED = (*DRAFT, pinned, submitted)
REVIEWED = (*SUBMITTED, examined, reviewed)

REASONS = (
    CriterionReason(criterion="common_good", reason="Offen für alle."),
    CriterionReason(criterion="feasibility", reason="Vier statt fünf Räder."),
)
INSURANCE = Condition(condition_id="insurance", text="Versicherung nachweisen", before_instalment=2)
proposal = DecisionProposed(
    proposal_id="p-1",
    outcome="partly",
    amount_cents=27_200,
    conditions=(INSURANCE,),
    reasons=REASONS,
    summary="Vier Räder im ersten Jahr.",
    by="otto",
)
reserved = MoneyReserved(application_id="app", amount_cents=27_200)
confirmed = DecisionConfirmed(decision_id="p-1", outcome="partly", amount_cents=27_200, proposed_by="otto", by="olga")
committed = MoneyCommitted(application_id="app", amount_cents=27_200)

PROPOSED = (*REVIEWED, proposal)
RESERVED = (*POT, reserved)
DECIDED = (*PROPOSED, confirmed)
COMMITTED = (*RESERVED, committed)
ACCEPTED = (*DECIDED, DecisionAccepted(by="ann"))
