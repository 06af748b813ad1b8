"""The desk: what waits, and one case with everything that is needed to decide it."""

from datetime import datetime

from msgspec import Struct

from services.funding.books import books
from services.funding.domain.checks import Finding
from services.funding.domain.rules import Criterion
from services.funding.domain.score import Standing
from services.funding.domain.verdict import Decision, DecisionProposed, RevocationProposed
from services.funding.dossier import Dossier, Promise
from services.funding.shown.applications import Money, finance_asked, money_of
from services.funding.shown.words import project_titles
from services.funding.views import applications
from services.funding.views.pots import all_pots
from shared.contracts.plan import FinancePlan
from shared.web.visit import Visit


class Waiting(Struct, frozen=True):
    application_id: str
    title: str
    pot_title: str
    stage: str
    amount_cents: int
    since: datetime


class Proposal(Struct, frozen=True, kw_only=True):
    """`outcome` is None for a proposal to revoke; `summary` then says why."""

    proposal_id: str
    by: str
    at: datetime
    outcome: str | None = None
    amount_cents: int = 0
    summary: str
    reasons: dict[str, str] = {}
    conditions: list[Promise] = []
    legal_basis: str = ""


class Recommendation(Struct, frozen=True):
    outcome: str
    amount_cents: int


class Case(Struct, frozen=True, kw_only=True):
    application_id: str
    project_id: str
    title: str
    pot_title: str
    stage: str
    closed: bool
    amount_cents: int
    available_cents: int
    finance: FinancePlan | None
    findings: tuple[Finding, ...]
    criteria: tuple[Criterion, ...]
    threshold_tenths: int | None
    standing: Standing
    reviews: int
    reviews_needed: int
    reviewed: bool
    biased: bool
    proposal: Proposal | None
    grant: Money | None
    decision: Decision | None
    recommendation: Recommendation | None


async def queue_of(visit: Visit) -> list[Waiting]:
    """What waits, the longest first."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        rows = await applications.queue(connection, visit.town.id)
        pots = {row.id: row.title for row in await all_pots(connection, visit.town.id)}
    titles = await project_titles(visit, *(row.project for row in rows))
    return [Waiting(row.id, titles[row.project], pots[row.pot], row.stage, row.amount, row.since) for row in rows]


async def case_of(visit: Visit, file: Dossier) -> Case:
    assert visit.town
    pot = await books(visit.site.service, visit.town.id, file.started.pot_id)
    rules, pin = pot.rules(file.started.rules_version), file.pin()
    titles = await project_titles(visit, file.started.project_id)
    money, recommended = money_of(visit, file), file.recommendation()
    reviewed = visit.person in file.file.reviews
    roles = (await visit.standing()).roles
    hidden = rules.blind and file.stage == "review" and "reviewer" in roles and not reviewed
    return Case(
        application_id=file.id,
        project_id=file.started.project_id,
        title=titles[file.started.project_id],
        pot_title=pot.opened.title,
        stage=file.stage,
        closed=bool(money and money.closed),
        amount_cents=pin.amount_cents if pin else 0,
        available_cents=pot.state.balance.available,
        finance=await finance_asked(visit, file),
        findings=pin.findings if pin else (),
        criteria=file.started.criteria,
        threshold_tenths=rules.threshold_tenths,
        standing=Standing(means=(), weighted_tenths=None, reviews=0) if hidden else file.scores(),
        reviews=len(file.file.reviews),
        reviews_needed=file.file.reviews_needed,
        reviewed=reviewed,
        biased=visit.person in file.file.biased,
        proposal=_proposal(file),
        grant=money,
        decision=file.decision(),
        recommendation=Recommendation(recommended.outcome, recommended.amount_cents) if recommended else None,
    )


def _proposal(file: Dossier) -> Proposal | None:
    match file.proposal():
        case DecisionProposed() as made:
            return Proposal(
                proposal_id=made.proposal_id,
                by=made.by,
                at=file.at(made),
                outcome=made.outcome,
                amount_cents=made.amount_cents,
                summary=made.summary,
                reasons={reason.criterion: reason.reason for reason in made.reasons},
                conditions=file.promises(made.conditions),
            )
        case RevocationProposed() as made:
            return Proposal(
                proposal_id=made.proposal_id,
                by=made.by,
                at=file.at(made),
                summary=made.reason,
                legal_basis=made.legal_basis,
            )
    return None
