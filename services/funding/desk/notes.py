"""What an event says, in labelled lines: what everybody may read, and what only the file's readers may."""

from collections.abc import Mapping

from services.funding.domain.application import (
    ApplicationEvent,
    CorrectionAsked,
    RecommendationRecorded,
    ReviewRecorded,
    RevisionPinned,
)
from services.funding.domain.grant import InstalmentPaid, ProofChecked, ProofSubmitted, RepaymentReceived
from services.funding.domain.rules import TOP_POINTS
from services.funding.domain.verdict import (
    DecisionConfirmed,
    DecisionProposed,
    DecisionRevoked,
    ObjectionAnswered,
    ObjectionRecorded,
    ProposalDropped,
    RevocationProposed,
)
from services.funding.shown.words import said
from shared.money import format_euro
from shared.web.render import day
from shared.web.visit import Visit

Notes = list[tuple[str, str]]


def notes(visit: Visit, event: ApplicationEvent) -> Notes:
    """What may be read by everybody; the jury's single points and reasons are not among it."""
    match event:
        case RevisionPinned(amount_cents=cents, findings=findings):
            open_points = sum(finding.failing for finding in findings)
            return [("Beantragt", format_euro(cents)), ("Offene Regeln", str(open_points))]
        case CorrectionAsked(items=items):
            return [("Es fehlt noch", item) for item in items]
        case (
            RecommendationRecorded(outcome=outcome, amount_cents=cents)
            | DecisionProposed(outcome=outcome, amount_cents=cents)
            | DecisionConfirmed(outcome=outcome, amount_cents=cents)
        ):
            return [("Ergebnis", said(visit, f"outcome.{outcome}")), ("Betrag", format_euro(cents))]
        case DecisionRevoked(legal_basis=basis):
            return [("Rechtsgrundlage", basis)]
        case ObjectionRecorded(received_on=received):
            return [("Eingegangen", day(received))]
        case ObjectionAnswered(answer=answer):
            return [("Antwort", said(visit, f"objection.{answer}"))]
    return _paid(event)


def _paid(event: ApplicationEvent) -> Notes:
    match event:
        case InstalmentPaid(number=number, amount_cents=cents):
            return [(f"{number}. Rate", format_euro(cents))]
        case ProofSubmitted(spent_cents=cents, receipts=receipts):
            return [("Ausgegeben", format_euro(cents)), ("Belege", str(receipts))]
        case ProofChecked(accepted_cents=accepted, due_cents=due):
            return [("Anerkannt", format_euro(accepted)), ("Zurückzuzahlen", format_euro(due))]
        case RepaymentReceived(amount_cents=cents):
            return [("Betrag", format_euro(cents))]
    return []


def inner_notes(event: ApplicationEvent, criteria: Mapping[str, str]) -> Notes:
    """What stands in the file besides: points and reasons. `criteria`: titles by key."""
    match event:
        case ReviewRecorded(scores=scores):
            return [
                (f"{criteria.get(one.criterion, one.criterion)}: {one.points} von {TOP_POINTS}", one.reason)
                for one in scores
            ]
        case DecisionProposed(summary=summary, reasons=reasons, conditions=conditions):
            said_why = [(criteria.get(one.criterion, one.criterion), one.reason) for one in reasons]
            return [("Zusammengefasst", summary), *said_why, *(("Bedingung", one.text) for one in conditions)]
        case RevocationProposed(legal_basis=basis, reason=reason):
            return [("Rechtsgrundlage", basis), ("Begründung", reason)]
        case ProposalDropped(reason=reason) if reason:
            return [("Begründung", reason)]
        case ObjectionAnswered(reason=reason):
            return [("Begründung", reason)]
        case RevisionPinned(findings=findings, digest=digest):
            broken = [(f"Zeile {one.line}" if one.line else "Regel", one.code) for one in findings if one.failing]
            return [*broken, ("Prüfsumme der Fassung", digest[:16])]
    return []
