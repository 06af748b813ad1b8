"""The published language: the facts that each service tells. Flat and additive; a changed fact gets a new name."""

from typing import get_args

from msgspec.json import decode

from shared.contracts import events, funding, marketplace, planning
from shared.message import Fact

FACTS: dict[tuple[str, str], type[Fact]] = {
    (source, kind.__name__): kind
    for source, union in (
        ("marketplace", marketplace.MarketplaceFact),
        ("planning", planning.PlanningFact),
        ("funding", funding.FundingFact),
        ("events", events.EventsFact),
    )
    for kind in get_args(union)
}


def fact_of(source: str, name: str, body: bytes) -> Fact | None:
    """The fact of a message; None for a name that came into the language after this reader was built."""
    kind = FACTS.get((source, name))
    return None if kind is None else decode(body, type=kind)
