"""How far an application must have come before the next step may be taken."""

from collections.abc import Sequence

from services.funding.domain.application import File, Pin
from services.funding.domain.checks import Finding, missing
from shared.decider import Rejected


def ready(file: File) -> Pin:
    """A revision is pinned and breaks no rule of the pot, and the papers that the rules ask for are attached."""
    if file.pin is None:
        raise Rejected("no_revision_pinned")
    if file.pin.failing:
        raise Rejected("rules_broken", count=len(file.pin.failing), codes=", ".join(file.pin.failing))
    if absent := missing(file.pin.papers, set(file.attachments.values())):
        raise Rejected("papers_missing", papers=", ".join(_named(one) for one in absent))
    return file.pin


def _named(paper: Finding) -> str:
    """As the guideline prints it: title, and the number of the rule."""
    return f"{paper.facts['title']} ({paper.rule})" if paper.rule else str(paper.facts["title"])


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
