"""The letter that tells a team what was decided and why: everything is written out here, `letter.typ` places it."""

from datetime import date
from typing import Any

from services.funding.books import Books
from services.funding.domain.application import ApplicationSubmitted
from services.funding.domain.grant import Condition
from services.funding.dossier import Dossier
from shared.audit.signer import Seal
from shared.money import format_euro
from shared.web.render import day

TEMPLATE = "services/funding/letter.typ"
_SAYS = {
    "granted": "Ihrem Antrag wird entsprochen. Bewilligt werden {amount}.",
    "partly": "Ihrem Antrag wird teilweise entsprochen. Bewilligt werden {amount} von beantragten {asked}.",
    "rejected": "Ihr Antrag über {asked} wird abgelehnt.",
}
_OBJECTION = (
    "Gegen diesen Bescheid kann innerhalb eines Monats nach Bekanntgabe Widerspruch erhoben werden (§ 70 VwGO), "
    "schriftlich, zur Niederschrift bei der Förderstelle der Stadt {town} oder in elektronischer Form nach § 3a "
    "Absatz 2 VwVfG. Bekannt gegeben ist der Bescheid an dem Tag, an dem er in der Akte des Antrags bereitsteht."
)


def letter(file: Dossier, pot: Books, town: str, project: str, address: str, seal: Seal | None) -> dict[str, Any]:
    """The data of the template. The decision that it tells of has to stand; `address` is where one recomputes it."""
    decision, pin = file.decision(), file.pin()
    found = file.verdict(decision.decision_id) if decision else None
    assert found
    assert pin
    confirmed, proposal = found
    amount, asked = format_euro(confirmed.amount_cents), format_euro(pin.amount_cents)
    rules = pot.rules(file.started.rules_version)
    titles = {one.key: f"{one.title} (zählt {one.weight}\u00a0%)" for one in file.started.criteria}
    return {
        "title": "Bescheid über Ihren Antrag",
        "pot": pot.title,
        "town": town,
        "note": f"Aktenzeichen {file.id}",
        "head": [
            ["Projekt", project],
            ["Datum", day(file.at(confirmed))],
            ["Aktenzeichen", file.id],
            ["Eingereicht", f"am {day(_submitted(file))}"],
            ["Richtlinie", f"{rules.title}, Fassung {file.started.rules_version}"],
            ["Plan", f"Prüfsumme {_grouped(pin.digest)}"],
        ],
        "ruling": _SAYS[confirmed.outcome].format(amount=amount, asked=asked),
        "summary": proposal.summary,
        "amounts": [["Beantragt", asked], ["Bewilligt", amount]],
        "conditions": [_condition(one) for one in proposal.conditions],
        "weighing": _weighing(file),
        "reasons": [{"title": titles[one.criterion], "text": one.reason} for one in proposal.reasons],
        "next": _next(confirmed.outcome),
        "objection": notice(town),
        "seal": sealed(seal),
        "address": address,
    }


def notice(town: str) -> str:
    """How to object, as every letter that decides something has to say (§ 37 Absatz 6 VwVfG)."""
    return _OBJECTION.format(town=town)


def _submitted(file: Dossier) -> date:
    event = next(one.event for one in reversed(file.recorded) if isinstance(one.event, ApplicationSubmitted))
    return file.day(event)


def _weighing(file: Dossier) -> str:
    found = file.scores()
    if found.weighted_tenths is None:
        return "Über den Antrag wurde nach den Kriterien der Richtlinie entschieden."
    whole, tenth = divmod(found.weighted_tenths, 10)
    return f"{found.reviews} Gutachten ergeben nach Gewicht {whole},{tenth} von {found.top} Punkten."


def _condition(condition: Condition) -> str:
    held = f" (vor der {condition.before_instalment}. Rate)" if condition.before_instalment else ""
    return condition.text + held + (f" (bis {day(condition.until)})" if condition.until else "")


def _next(outcome: str) -> list[str]:
    if outcome == "rejected":
        return []
    return [
        "Nehmen Sie den Bescheid im Antrag an. Danach wird in Raten ausgezahlt.",
        "Heben Sie alle Belege auf. Nach Abschluss legen Sie einen Verwendungsnachweis vor, der Plan und Ausgaben "
        "Zeile für Zeile vergleicht.",
        "Was nicht wie bewilligt ausgegeben wurde, ist zurückzuzahlen.",
    ]


def sealed(seal: Seal | None) -> list[list[str]] | None:
    """The checkpoint as lines of a table; None without one."""
    if seal is None:
        return None
    return [
        ["Protokoll", seal.origin],
        ["Einträge", str(seal.size)],
        ["Prüfsumme", seal.root],
        ["Schlüssel", seal.key],
    ]


def _grouped(digest: str) -> str:
    """Hex in groups of four, which can be compared by eye and break at the end of a line."""
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
