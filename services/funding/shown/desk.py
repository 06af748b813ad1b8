"""The desk: what waits, and one case with everything that is needed to decide it."""

from datetime import datetime

from msgspec import Struct

from services.funding.books import books
from services.funding.domain.application import File
from services.funding.domain.checks import Finding
from services.funding.domain.rules import Criterion
from services.funding.domain.score import Standing
from services.funding.domain.verdict import Decision, DecisionProposed, RevocationProposed
from services.funding.dossier import Dossier, Promise, Review
from services.funding.shown.applications import finance_asked
from services.funding.shown.grants import Attachment, Money, attachments_of, findings_of, money_of
from services.funding.shown.words import project_titles
from services.funding.views import applications, jury
from services.funding.views.pots import all_pots
from shared.contracts.plan import FinancePlan
from shared.web.visit import Visit


class Waiting(Struct, frozen=True):
    """`amount_cents` was asked for; `granted_cents` is None until it is decided."""

    application_id: str
    title: str
    pot_title: str
    stage: str
    amount_cents: int
    granted_cents: int | None
    since: datetime
    progress: jury.Progress

    @property
    def step(self) -> str:
        """Whose turn it is: the reader's own review, or what the office, jury or treasury has to do next."""
        if self.stage != "review":
            return self.stage
        if self.progress.mine:
            return "mine"
        return "ready" if self.progress.given >= self.progress.awaited else "review"


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


class Juror(Struct, frozen=True):
    """Somebody who is asked to review, or has reviewed unasked."""

    person: str
    asked: bool
    given: bool


class Objection(Struct, frozen=True):
    objection_id: str
    received_on: str
    answer: str | None
    reason: str


class Recommendation(Struct, frozen=True):
    outcome: str
    amount_cents: int


class Case(Struct, frozen=True, kw_only=True):
    application_id: str
    project_id: str
    title: str
    pot_id: str
    pot_title: str
    stage: str
    closed: bool
    amount_cents: int
    available_cents: int
    finance: FinancePlan | None
    attachments: list[Attachment]
    findings: list[Finding]
    criteria: tuple[Criterion, ...]
    threshold_tenths: int | None
    standing: Standing
    reviews: int
    reviews_awaited: int
    blind: bool
    reviewed: bool
    singly: list[Review]
    panel: list[Juror]
    askable: list[str]
    version: int
    objection: Objection | None
    to_reclaim_cents: int
    biased: bool
    proposal: Proposal | None
    grant: Money | None
    decision: Decision | None
    recommendation: Recommendation | None


async def queue_of(visit: Visit) -> list[Waiting]:
    """What waits, the longest first."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        out = await jury.barred(connection, visit.town.id, visit.person)
        rows = [row for row in await applications.queue(connection, visit.town.id) if row.id not in out]
        done = await jury.progress(connection, visit.town.id, [row.id for row in rows], visit.person)
        pots = {row.id: row.title for row in await all_pots(connection, visit.town.id)}
    titles = await project_titles(visit, *(row.project for row in rows))
    return [
        Waiting(row.id, titles[row.project], pots[row.pot], row.stage, row.amount, row.granted, row.since, done[row.id])
        for row in rows
    ]


async def case_of(visit: Visit, file: Dossier) -> Case:
    assert visit.town
    pot = await books(visit.site.service, visit.town.id, file.started.pot_id)
    rules, pin = pot.rules(file.started.rules_version), file.pin()
    titles = await project_titles(visit, file.started.project_id)
    finance = await finance_asked(visit, file)
    money, recommended, state = money_of(visit, file, finance), file.recommendation(), file.file
    reviewed = visit.person in file.file.reviews
    hidden = rules.blind and file.stage == "review" and not file.all_reviewed
    return Case(
        application_id=file.id,
        project_id=file.started.project_id,
        title=titles[file.started.project_id],
        pot_id=file.started.pot_id,
        pot_title=pot.opened.title,
        stage=file.stage,
        closed=bool(money and money.closed),
        amount_cents=pin.amount_cents if pin else 0,
        available_cents=pot.state.balance.available,
        finance=finance,
        attachments=attachments_of(visit, file, rules),
        findings=findings_of(file),
        criteria=file.started.criteria,
        threshold_tenths=rules.threshold_tenths,
        standing=Standing(means=(), weighted_tenths=None, reviews=0) if hidden else file.scores(),
        reviews=len(file.file.reviews),
        reviews_awaited=state.reviews_awaited,
        blind=rules.blind,
        reviewed=reviewed,
        singly=[] if hidden else file.reviews(),
        panel=[Juror(person, person in state.assigned, person in state.reviews) for person in _panel(state)],
        askable=await _askable(visit, file),
        version=file.version,
        objection=_objection(file),
        to_reclaim_cents=grant.paid - grant.returned if (grant := file.grant()) else 0,
        biased=visit.person in file.file.biased,
        proposal=_proposal(file),
        grant=money,
        decision=file.decision(),
        recommendation=Recommendation(recommended.outcome, recommended.amount_cents) if recommended else None,
    )


def _panel(file: File) -> list[str]:
    return sorted(file.assigned | file.reviews.keys())


async def _askable(visit: Visit, file: Dossier) -> list[str]:
    """Who of the jury may still be asked."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        there = await jury.reviewers(connection, visit.town.id, visit.today)
    state = file.file
    out = state.team | state.biased | state.assigned | state.reviews.keys()
    return [person for person in there if person not in out]


def _objection(file: Dossier) -> Objection | None:
    found = file.objection()
    if found is None:
        return None
    made, answered = found
    answer, reason = (answered.answer, answered.reason) if answered else (None, "")
    return Objection(made.objection_id, made.received_on, answer, reason)


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
