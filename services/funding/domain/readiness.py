"""How far an application must have come before the next step may be taken."""

from collections.abc import Sequence

from services.funding.domain.application import File, Pin
from shared.decider import Rejected


def ready(file: File) -> Pin:
    """A revision is pinned and breaks no rule of the pot."""
    if file.pin is None:
        raise Rejected("no_revision_pinned")
    if file.pin.failing:
        raise Rejected("rules_broken", count=len(file.pin.failing), codes=", ".join(file.pin.failing))
    return file.pin


def examined(file: File) -> Pin:
    """Formally complete, and reviewed by all who are assigned and as many as the rules ask for; what is asked for."""
    if file.formal != "complete" or file.pin is None:
        raise Rejected("formal_check_open")
    if len(file.reviews) < file.reviews_awaited or not file.assigned <= file.reviews.keys():
        raise Rejected("reviews_missing", needed=file.reviews_awaited, there=len(file.reviews))
    return file.pin


def complete(criteria: frozenset[str], named: Sequence[str]) -> None:
    """Every criterion exactly once."""
    if len(named) != len(criteria) or set(named) != criteria:
        raise Rejected("criteria_incomplete", missing=", ".join(sorted(criteria - set(named))))
