"""Every event of an application beside the state it led to; officers and jury appear by their role."""

from typing import Any

from msgspec import Struct

from services.funding.domain.application import (
    ApplicationEvent,
    BiasDeclared,
    CorrectionAsked,
    RecommendationRecorded,
    ReviewRecorded,
    RevisionPinned,
)
from services.funding.domain.grant import InstalmentPaid, ProofChecked, ProofSubmitted, RepaymentReceived
from services.funding.domain.impartiality import SERVICE
from services.funding.domain.verdict import DecisionConfirmed, DecisionProposed, DecisionRevoked, ObjectionAnswered
from services.funding.dossier import Dossier
from services.funding.replay import Moment
from services.funding.shown.words import project_titles, said
from shared.audit.intact import intact
from shared.money import format_euro
from shared.store import Recorded
from shared.web.visit import Visit


class Shown(Struct, frozen=True, kw_only=True):
    """`by` is the name of a member of the team, or what office somebody held."""

    number: int
    at: str
    by: str
    on_behalf_of: str
    position: int
    leaf: str
    type: str
    notes: list[tuple[str, str]]
    moment: Moment


async def history_page(visit: Visit, file: Dossier, step: int | None) -> dict[str, Any]:
    """`step` counts from 1; one that there is not shows all."""
    assert visit.town
    team = sorted(file.file.team)
    actors = _Actors(await visit.names(*team))
    moments = [
        _shown(visit, number, one, moment, actors)
        for number, (one, moment) in enumerate(zip(file.recorded, file.moments, strict=True), 1)
    ]
    deciding = (await visit.site.service.categories["application"].state(file.id, visit.town.id))[0]
    confirmed = [one.event.decision_id for one in file.recorded if isinstance(one.event, DecisionConfirmed)]
    titles = await project_titles(visit, file.started.project_id)
    return {
        "application_id": file.id,
        "project_title": titles[file.started.project_id],
        "decision_id": confirmed[-1] if confirmed else None,
        "moments": moments,
        "names": {},
        "step": step if step and 1 <= step <= len(moments) else None,
        "checked": file.state == deciding and intact(one.entry for one in file.recorded),
    }


def _shown(visit: Visit, number: int, one: Recorded, moment: Moment, actors: "_Actors") -> Shown:
    entry = one.entry
    return Shown(
        number=number,
        at=entry.recorded_at.isoformat(),
        by=actors.label(entry.actor, moment.event),
        on_behalf_of=actors.names.get(entry.on_behalf_of, "jemandem") if entry.on_behalf_of else "",
        position=entry.position,
        leaf=entry.leaf.hex(),
        type=type(moment.event).__name__,
        notes=_notes(visit, moment.event),
        moment=moment,
    )


class _Actors:
    """Gives officers and jury a number each, in the order in which they act: four eyes can be counted."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        self._numbers: dict[str, dict[str, int]] = {}

    def label(self, person: str, event: ApplicationEvent) -> str:
        if person in self.names:
            return self.names[person]
        if person == SERVICE:
            return "Gemeinwerk, von selbst"
        office = _office(event)
        known = self._numbers.setdefault(office, {})
        return f"{office}, {known.setdefault(person, len(known) + 1)}. Person"


def _office(event: ApplicationEvent) -> str:
    match event:
        case ReviewRecorded() | RecommendationRecorded():
            return "Jury"
        case BiasDeclared():
            return "Amt oder Jury"
        case InstalmentPaid() | RepaymentReceived():
            return "Kasse"
    return "Förderstelle"


def _notes(visit: Visit, event: ApplicationEvent) -> list[tuple[str, str]]:
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
        case InstalmentPaid(number=number, amount_cents=cents):
            return [(f"{number}. Rate", format_euro(cents))]
        case ProofSubmitted(spent_cents=cents, receipts=receipts):
            return [("Ausgegeben", format_euro(cents)), ("Belege", str(receipts))]
        case ProofChecked(accepted_cents=accepted, due_cents=due):
            return [("Anerkannt", format_euro(accepted)), ("Zurückzuzahlen", format_euro(due))]
        case RepaymentReceived(amount_cents=cents):
            return [("Betrag", format_euro(cents))]
        case ObjectionAnswered(answer=answer):
            return [("Antwort", said(visit, f"objection.{answer}"))]
    return []
