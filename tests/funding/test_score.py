from services.funding.domain.application import CriterionScore
from services.funding.domain.rules import Criterion
from services.funding.domain.score import standing

CRITERIA = (Criterion(key="a", title="A", weight=70), Criterion(key="b", title="B", weight=30))


def scores(a: int, b: int) -> tuple[CriterionScore, ...]:
    return (CriterionScore(criterion="a", points=a, reason="r"), CriterionScore(criterion="b", points=b, reason="r"))


def test_means_are_exact_tenths_rounded_half_up():
    result = standing(CRITERIA, [scores(5, 0), scores(4, 1), scores(4, 0), scores(4, 0)])
    assert [mean.tenths for mean in result.means] == [43, 3]  # 4.25 → 4.3, 0.25 → 0.3


def test_the_result_is_weighted_from_the_points_not_from_rounded_means():
    halves = (Criterion(key="a", title="A", weight=50), Criterion(key="b", title="B", weight=50))
    result = standing(halves, [scores(1, 0), scores(0, 0), scores(0, 0), scores(0, 0)])
    assert result.means[0].tenths == 3  # 0.25
    assert result.weighted_tenths == 1  # half of 0.25, and not half of 0.3


def test_without_reviews_there_is_no_result():
    assert standing(CRITERIA, []).weighted_tenths is None
