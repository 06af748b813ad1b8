import pytest
from msgspec.structs import replace

from services.funding.domain.application import BiasDeclared, RecommendationRecorded
from services.funding.domain.filing import DeclareBias, application
from services.funding.domain.jury import AssignReviewer, RecordRecommendation, RecordReview, ReleaseReviewer
from services.funding.domain.panel import ReviewerAssigned, ReviewerReleased
from tests.funding.files import DECIDED, REVIEWED, SCORES, SUBMITTED, examined, reviewed
from tests.spec import Spec

spec = Spec(application)
rita, vera = ReviewerAssigned(reviewer="rita", by="otto"), ReviewerAssigned(reviewer="vera", by="otto")
ASSIGNED = (*SUBMITTED, examined, rita, vera)
review = RecordReview(review_id="r-1", scores=SCORES)
recommend = RecordRecommendation(recommendation_id="j-1", outcome="partly", amount_cents=27_200)


def test_the_office_asks_somebody_to_review():
    spec.given(*SUBMITTED).when(AssignReviewer(reviewer="rita"), by="otto").then(rita)
    spec.given(*ASSIGNED).when(AssignReviewer(reviewer="rita"), by="otto").then()


@pytest.mark.parametrize(("who", "code"), [("bob", "reviewer_on_the_team"), ("rita", "reviewer_biased")])
def test_nobody_of_the_team_and_nobody_biased_is_asked(who: str, code: str):
    history = (*SUBMITTED, BiasDeclared(by="rita"))
    spec.given(*history).when(AssignReviewer(reviewer=who), by="otto").then_rejected(code)


def test_only_the_impartial_ask():
    spec.given(*SUBMITTED).when(AssignReviewer(reviewer="rita"), by="bob").then_rejected("on_the_team")


def test_only_who_is_asked_reviews():
    spec.given(*ASSIGNED).when(review, by="rita").then(reviewed)
    spec.given(*ASSIGNED).when(review, by="mona").then_rejected("not_assigned")


def test_all_who_are_asked_are_waited_for():
    spec.given(*ASSIGNED, reviewed).when(recommend, by="rita").then_rejected("reviews_missing", needed=2, there=1)
    both = (*ASSIGNED, reviewed, replace(reviewed, review_id="r-2", by="vera"))
    recommended = RecommendationRecorded(recommendation_id="j-1", outcome="partly", amount_cents=27_200, by="rita")
    spec.given(*both).when(recommend, by="rita").then(recommended)


def test_who_declares_bias_is_waited_for_no_longer():
    biased = BiasDeclared(by="vera")
    spec.given(*ASSIGNED).when(DeclareBias(), by="vera").then(biased)
    state = application.replay((*ASSIGNED, reviewed, biased))
    assert (state.file.assigned, state.file.reviews_awaited) == ({"rita"}, 1)


def test_who_has_not_reviewed_is_released():
    spec.given(*ASSIGNED).when(ReleaseReviewer(reviewer="vera"), by="otto").then(
        ReviewerReleased(reviewer="vera", by="otto")
    )
    spec.given(*ASSIGNED, reviewed).when(ReleaseReviewer(reviewer="rita"), by="otto").then_rejected("review_is_there")
    spec.given(*SUBMITTED).when(ReleaseReviewer(reviewer="vera"), by="otto").then()


def test_after_the_decision_nobody_is_asked():
    spec.given(*DECIDED).when(AssignReviewer(reviewer="vera"), by="otto").then_rejected("not_possible_now")
    spec.given(*REVIEWED).when(AssignReviewer(reviewer="vera"), by="otto").then(vera)
