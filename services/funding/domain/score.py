"""What the jury's points come to: exact means in tenths of a point, never a float."""

from collections.abc import Sequence

from msgspec import Struct

from services.funding.domain.application import CriterionScore
from services.funding.domain.rules import TOP_POINTS, Criterion


class Mean(Struct, frozen=True, kw_only=True):
    criterion: Criterion
    tenths: int


class Standing(Struct, frozen=True, kw_only=True):
    """Means per criterion and the weighted result, in tenths of `top` points; empty without reviews."""

    means: tuple[Mean, ...]
    weighted_tenths: int | None
    reviews: int
    top: int = TOP_POINTS


def standing(criteria: Sequence[Criterion], reviews: Sequence[Sequence[CriterionScore]]) -> Standing:
    """Adds up the counting reviews; each names every criterion once.

    The weighted result is rounded once, half up, from the points themselves and not from the rounded means.
    """
    if not reviews:
        return Standing(means=(), weighted_tenths=None, reviews=0)
    count = len(reviews)
    sums = {one.key: 0 for one in criteria}
    for review in reviews:
        for score in review:
            sums[score.criterion] += score.points
    means = tuple(Mean(criterion=one, tenths=_half_up(10 * sums[one.key], count)) for one in criteria)
    weighted = sum(one.weight * sums[one.key] for one in criteria)
    return Standing(means=means, weighted_tenths=_half_up(10 * weighted, 100 * count), reviews=count)


def _half_up(over: int, under: int) -> int:
    return (2 * over + under) // (2 * under)
