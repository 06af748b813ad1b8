"""The letter that tells a team of a revocation, its legal basis and how to object; `revocation.typ` places it."""

from typing import Any

from services.funding.books import Books
from services.funding.domain.verdict import DecisionConfirmed
from services.funding.dossier import Dossier
from services.funding.letter import notice, sealed
from shared.audit.signer import Seal
from shared.money import format_euro
from shared.web.render import day

TEMPLATE = "services/funding/revocation.typ"


def revocation(
    file: Dossier, pot: Books, town: str, project: str, address: str, seal: Seal | None, id: str
) -> dict[str, Any]:
    """The data of the template for the revocation `id`, which has to be in the file."""
    found = file.revocation(id)
    assert found
    revoked, proposal = found
    verdict = file.verdict(revoked.decision_id)
    assert verdict
    was = verdict[0]
    return {
        "title": "Widerruf eines Bescheids",
        "pot": pot.title,
        "town": town,
        "note": f"Aktenzeichen {file.id}",
        "head": [
            ["Projekt", project],
            ["Datum", day(file.at(revoked))],
            ["Aktenzeichen", file.id],
            ["Bescheid vom", day(file.at(was))],
        ],
        "ruling": _ruling(file, was),
        "basis": revoked.legal_basis,
        "reason": proposal.reason,
        "next": [
            "Aus dem widerrufenen Bescheid wird nichts mehr ausgezahlt.",
            "Ihr Antrag bleibt eingereicht. Über ihn kann neu entschieden werden, mit einem neuen Bescheid.",
        ],
        "objection": notice(town),
        "seal": sealed(seal),
        "address": address,
    }


def _ruling(file: Dossier, was: DecisionConfirmed) -> str:
    decided = day(file.at(was))
    if was.outcome == "rejected":
        return f"Der Bescheid vom {decided}, der Ihren Antrag abgelehnt hat, wird widerrufen."
    return f"Der Bescheid vom {decided} über {format_euro(was.amount_cents)} wird widerrufen."
