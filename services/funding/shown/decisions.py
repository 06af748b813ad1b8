"""Decisions: all of them with their sums, and one with its reasons, its money and its proof."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from services.funding.books import Books, books
from services.funding.domain.application import ApplicationSubmitted, RecommendationRecorded
from services.funding.domain.grant import InstalmentPaid, ProofChecked
from services.funding.domain.verdict import DecisionConfirmed, DecisionProposed, DecisionRevoked
from services.funding.dossier import Dossier
from services.funding.filing import dossier
from services.funding.ledger import balances
from services.funding.shown.applications import Decided, month_later, revision_name
from services.funding.shown.evidence import evidence
from services.funding.shown.grants import conditions_of
from services.funding.shown.pots import bar_of, pot_shown, verdict
from services.funding.shown.words import project_titles, said
from services.funding.views.applications import decided
from services.funding.views.pots import all_pots
from shared.category import NotFound
from shared.money import format_euro
from shared.store import Recorded
from shared.web.visit import Visit


class Figures(Struct, frozen=True):
    count: int
    granted: int
    amount_cents: int


class Choice(Struct, frozen=True):
    pot_id: str
    title: str


class Happened(Struct, frozen=True):
    at: str
    title: str
    note: str = ""


class Revoked(Struct, frozen=True):
    at: datetime
    legal_basis: str


class Paid(Struct, frozen=True):
    paid_cents: int
    accounted_cents: int


class Basis(Struct, frozen=True):
    rules_title: str
    rules_version: int
    revision_name: str
    letter_url: str | None


class Objection(Struct, frozen=True):
    until: str | None
    over: bool
    made: bool
    answer: str | None


async def decisions_page(visit: Visit, pot: str, outcome: str) -> dict[str, Any]:
    """`pot` and `outcome` filter; "" is no filter. Sums leave out what was revoked."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        rows = await decided(connection, visit.town.id, pot=pot, outcome=outcome)
        pots = {row.id: row.title for row in await all_pots(connection, visit.town.id)}
    titles = await project_titles(visit, *(row.project for row in rows))
    standing = [row for row in rows if not row.revoked and row.amount]
    return {
        "decisions": [verdict(row, titles[row.project], pots[row.pot]) for row in rows],
        "figures": Figures(len(rows), len(standing), sum(row.amount for row in standing)),
        "pots": [Choice(id, title) for id, title in pots.items()],
    }


async def decision_page(visit: Visit, id: str) -> dict[str, Any]:
    """One decision, standing or revoked. Raises `NotFound`."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        row = next(iter(await decided(connection, visit.town.id, id=id)), None)
    if row is None:
        raise NotFound(id)
    file = await dossier(visit.site.service, visit.town.id, row.application)
    pot = await books(visit.site.service, visit.town.id, row.pot)
    found = file.verdict(id)
    if found is None:
        raise NotFound(id)
    confirmed, proposal = found
    titles = await project_titles(visit, row.project)
    rules = pot.rules(file.started.rules_version)
    revoked = file.revoked(id)
    return {
        "decision": _decided(file, titles[row.project], pot, confirmed, proposal),
        "revoked": Revoked(file.at(revoked), revoked.legal_basis) if revoked else None,
        "standing": file.scores(),
        "reasons": {reason.criterion: reason.reason for reason in proposal.reasons},
        "criteria": file.started.criteria,
        "threshold_tenths": rules.threshold_tenths,
        "conditions": file.promises(conditions_of(file, id)),
        "money": _paid(file),
        "pot": pot_shown(visit, pot),
        "bar": bar_of(visit, pot, balances(pot.ledger().postings, file.id)),
        "events": [shown for one in file.recorded if (shown := _happened(visit, one))],
        "count": len(file.recorded),
        "basis": Basis(rules.title, file.started.rules_version, await revision_name(visit, file), None),
        "objection": _objection(visit, file),
        "proof": await evidence(visit, file),
    }


def _decided(
    file: Dossier, title: str, pot: Books, confirmed: DecisionConfirmed, proposal: DecisionProposed
) -> "PublicDecision":
    pin = file.pin()
    return PublicDecision(
        confirmed.decision_id,
        title,
        pot.opened.title,
        confirmed.outcome,
        confirmed.amount_cents,
        pin.amount_cents if pin else 0,
        file.at(confirmed),
        file.revoked(confirmed.decision_id) is not None,
        proposal.summary,
        file.id,
        file.started.project_id,
    )


class PublicDecision(Decided, frozen=True):
    application_id: str
    project_id: str


def _paid(file: Dossier) -> Paid:
    grant, proof = file.grant(), file.proof()
    checked = proof[1] if proof else None
    return Paid(grant.paid - grant.returned if grant else 0, checked.accepted_cents if checked else 0)


def _happened(visit: Visit, one: Recorded) -> Happened | None:
    """What everybody should know of an application's way, in few words."""
    at, event = one.entry.recorded_at.isoformat(), one.event
    name = said(visit, f"event.{type(event).__name__}")
    match event:
        case ApplicationSubmitted():
            return Happened(at, name)
        case RecommendationRecorded(outcome=outcome):
            return Happened(at, name, said(visit, f"outcome.{outcome}"))
        case DecisionConfirmed(outcome=outcome):
            note = "zwei Personen der Förderstelle, keine davon im Team"
            return Happened(at, said(visit, f"outcome.{outcome}"), note)
        case DecisionRevoked(legal_basis=basis):
            return Happened(at, name, basis)
        case InstalmentPaid(number=number, amount_cents=cents):
            return Happened(at, f"{number}. Rate ausgezahlt", format_euro(cents))
        case ProofChecked(accepted_cents=cents):
            return Happened(at, name, f"{format_euro(cents)} anerkannt")
    return None


def _objection(visit: Visit, file: Dossier) -> Objection:
    """One month from the letter's issue (§ 70 VwGO)."""
    letter, objection = file.letter(), file.objection()
    until = month_later(file.day(letter)) if letter else None
    over = until is not None and visit.today > until
    answered = objection[1] if objection else None
    answer = answered.answer if answered else None
    return Objection(until.isoformat() if until else None, over, objection is not None, answer)
