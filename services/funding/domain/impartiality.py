"""Who may act on an application at all: its team asks, and nobody who asks, reviews or is biased decides."""

from services.funding.domain.application import File
from shared.decider import Rejected
from shared.message import Context

SERVICE = "funding"  # who speaks when the service itself acts on a fact


def by_the_service(context: Context) -> None:
    if context.by != SERVICE:
        raise Rejected("only_by_the_service")


def by_the_team(file: File, context: Context) -> None:
    """A coordinator may act on behalf of a member who has no e-mail; the log says so."""
    if context.by not in file.team and context.on_behalf_of not in file.team:
        raise Rejected("not_on_the_team")


def impartial(file: File, context: Context) -> None:
    """For office and jury; § 20 VwVfG bars whoever is a party, § 21 who may be thought biased."""
    if context.by in file.team:
        raise Rejected("on_the_team")
    if context.by in file.biased:
        raise Rejected("bias_declared")


def deciding(file: File, context: Context) -> None:
    """For the two officers: in person, impartial, and not among those whose reviews they weigh."""
    if context.on_behalf_of is not None:
        raise Rejected("decide_in_person")
    impartial(file, context)
    if context.by in file.reviews:
        raise Rejected("reviewed_it_yourself")
