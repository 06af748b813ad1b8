"""What follows a favourable decision, and the papers of an application, as its team and the office see them."""

from markupsafe import Markup
from msgspec import Struct

from services.funding.domain.checks import Finding, with_papers
from services.funding.domain.grant import Condition
from services.funding.domain.rules import PotRules
from services.funding.dossier import Dossier, Payment, Promise
from services.funding.shown.accounts import Compared, compared, plan_and_actual
from shared.contracts.plan import FinancePlan
from shared.web.visit import Visit


class Attachment(Struct, frozen=True):
    """A paper of the application; `title` is that of the pot's rules, or "Anlage"."""

    attachment_id: str
    title: str
    kind: str
    kilobytes: int
    url: str


class Proof(Struct, frozen=True):
    proof_id: str
    spent_cents: int
    receipts: int
    url: str
    checked: bool
    lines: list[Compared]
    plot: Markup | None
    papers: list[str]
    accepted_cents: int | None
    reason: str


class Money(Struct, frozen=True, kw_only=True):
    """A grant on its way: what was promised, paid and is still to come, in cents."""

    accepted: bool
    closed: bool
    amount_cents: int
    paid_cents: int
    left_cents: int
    due_cents: int
    next_number: int
    conditions: list[Promise]
    payments: list[Payment]
    returned_cents: int
    proof: Proof | None


def money_of(visit: Visit, file: Dossier, finance: FinancePlan | None) -> Money | None:
    """What follows from a favourable decision; None without one."""
    decision, grant = file.decision(), file.grant()
    if decision is None or grant is None:
        return None
    return Money(
        accepted=grant.accepted,
        closed=grant.closed,
        amount_cents=grant.amount,
        paid_cents=grant.paid,
        left_cents=grant.unpaid,
        due_cents=grant.due,
        next_number=len(grant.payments) + 1,
        conditions=file.promises(conditions_of(file, decision.decision_id)),
        payments=file.payments(),
        returned_cents=grant.returned,
        proof=_proof(visit, file, finance),
    )


def conditions_of(file: Dossier, decision: str) -> tuple[Condition, ...]:
    found = file.verdict(decision)
    return found[1].conditions if found else ()


def _proof(visit: Visit, file: Dossier, finance: FinancePlan | None) -> Proof | None:
    found = file.proof()
    if found is None:
        return None
    submitted, checked = found
    lines = compared(finance, submitted) if finance else []
    return Proof(
        submitted.proof_id,
        submitted.spent_cents,
        submitted.receipts,
        paper_url(visit, file, submitted.digest),
        checked is not None,
        lines,
        plan_and_actual(lines) if lines else None,
        [paper_url(visit, file, paper.digest) for paper in submitted.papers],
        checked.accepted_cents if checked else None,
        checked.reason if checked else "",
    )


def findings_of(file: Dossier) -> list[Finding]:
    """What the rules say of the pinned revision, and whether the papers are there."""
    pin = file.pin()
    return with_papers(pin.findings if pin else (), set(file.file.attachments.values()))


def attachments_of(visit: Visit, file: Dossier, rules: PotRules) -> list[Attachment]:
    titles = {one.key: one.title for one in rules.documents}
    return [
        Attachment(
            one.attachment_id,
            titles.get(one.document, "Anlage"),
            one.kind.upper(),
            -(-one.size // 1000),
            paper_url(visit, file, one.digest),
        )
        for one in file.attachments()
    ]


def paper_url(visit: Visit, file: Dossier, digest: str) -> str:
    assert visit.town
    return f"/{visit.town.id}/funding/applications/{file.id}/papers/{digest}"
