"""The letter that tells a team what was decided and why, written from the log alone."""

from datetime import date

from babel.dates import format_date

from services.funding.books import Books
from services.funding.domain.application import ApplicationSubmitted
from services.funding.domain.grant import Condition
from services.funding.dossier import Dossier
from shared.money import format_euro

_SAYS = {
    "granted": "Ihrem Antrag wird entsprochen. Bewilligt werden {amount}.",
    "partly": "Ihrem Antrag wird teilweise entsprochen. Bewilligt werden {amount} von beantragten {asked}.",
    "rejected": "Ihr Antrag über {asked} wird abgelehnt.",
}
_OBJECTION = (
    "Rechtsbehelfsbelehrung",
    "Gegen diesen Bescheid kann innerhalb eines Monats nach Bekanntgabe Widerspruch bei der Förderstelle eingelegt "
    "werden (§ 70 VwGO).",
)


def letter(file: Dossier, pot: Books, town: str) -> str:
    """The whole text, paragraphs parted by empty lines. The decision that it tells of has to stand."""
    decision, pin = file.decision(), file.pin()
    found = file.verdict(decision.decision_id) if decision else None
    assert found
    assert pin
    confirmed, proposal = found
    amount, asked = format_euro(confirmed.amount_cents), format_euro(pin.amount_cents)
    titles = {criterion.key: criterion.title for criterion in file.started.criteria}
    paragraphs = [
        f"{town}, {_day(file.day(confirmed))}",
        f"Bescheid über Ihren Antrag an: {pot.title}",
        f"Aktenzeichen {file.id}, eingereicht am {_submitted(file)}, Plan mit der Prüfsumme {pin.digest}, "
        f"{pot.rules(file.started.rules_version).title}, Fassung {file.started.rules_version}",
        _SAYS[confirmed.outcome].format(amount=amount, asked=asked),
        proposal.summary,
        *(["Bedingungen", *(_condition(one) for one in proposal.conditions)] if proposal.conditions else []),
        "Gründe",
        *(f"{titles[one.criterion]}: {one.reason}" for one in proposal.reasons),
        "Entschieden haben zwei Personen der Förderstelle, von denen keine am Projekt beteiligt ist.",
        *_OBJECTION,
    ]
    return "\n\n".join(paragraphs) + "\n"


def _submitted(file: Dossier) -> str:
    event = next(one.event for one in reversed(file.recorded) if isinstance(one.event, ApplicationSubmitted))
    return _day(file.day(event))


def _condition(condition: Condition) -> str:
    held = f" (vor der {condition.before_instalment}. Rate)" if condition.before_instalment else ""
    until = (
        f" (bis {format_date(date.fromisoformat(condition.until), 'd. MMMM y', locale='de')})"
        if condition.until
        else ""
    )
    return f"– {condition.text}{held}{until}"


def _day(day: date) -> str:
    return format_date(day, "d. MMMM y", locale="de")
