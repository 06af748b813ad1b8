"""What the jury does: it is asked, it reviews, it recommends."""

from typing import TypeAlias

from services.funding.domain.application import (
    CriterionScore,
    File,
    RecommendationRecorded,
    ReviewRecorded,
)
from services.funding.domain.panel import ReviewerAssigned, ReviewerReleased
from services.funding.domain.readiness import complete, examined
from services.funding.domain.rules import TOP_POINTS
from services.funding.domain.verdict import Outcome
from shared.contracts.plan import Cents
from shared.decider import Rejected
from shared.message import Command, Context, Event


class AssignReviewer(Command):
    """From the first assignment on only those who are assigned review, and all of them are waited for."""

    reviewer: str


class ReleaseReviewer(Command):
    reviewer: str


class RecordReview(Command):
    review_id: str
    scores: tuple[CriterionScore, ...]


class RecordRecommendation(Command):
    recommendation_id: str
    outcome: Outcome
    amount_cents: Cents


JuryCommand: TypeAlias = AssignReviewer | ReleaseReviewer | RecordReview | RecordRecommendation


def decide_jury(command: JuryCommand, file: File, context: Context) -> list[Event]:
    match command:
        case AssignReviewer(reviewer=reviewer):
            return _assign(reviewer, file, context)
        case ReleaseReviewer(reviewer=reviewer):
            if reviewer in file.assigned and reviewer in file.reviews:
                raise Rejected("review_is_there")
            return [ReviewerReleased(reviewer=reviewer, by=context.by)] if reviewer in file.assigned else []
        case RecordReview():
            return _review(command, file, context)
        case RecordRecommendation(recommendation_id=recommendation):
            if recommendation == file.recommendation_id:
                return []
            examined(file)
            fields = {name: getattr(command, name) for name in command.__struct_fields__}
            return [RecommendationRecorded(by=context.by, **fields)]


def _assign(reviewer: str, file: File, context: Context) -> list[Event]:
    if reviewer in file.team:
        raise Rejected("reviewer_on_the_team")
    if reviewer in file.biased:
        raise Rejected("reviewer_biased")
    return [] if reviewer in file.assigned else [ReviewerAssigned(reviewer=reviewer, by=context.by)]


def _review(command: RecordReview, file: File, context: Context) -> list[Event]:
    if file.reviews.get(context.by) == command.review_id:
        return []
    if file.formal != "complete":
        raise Rejected("formal_check_open")
    if context.by in file.reviews:
        raise Rejected("reviewed_already")
    if file.assigned and context.by not in file.assigned:
        raise Rejected("not_assigned")
    complete(file.criteria, [score.criterion for score in command.scores])
    if any(not 0 <= score.points <= TOP_POINTS for score in command.scores):
        raise Rejected("points_out_of_range", most=TOP_POINTS)
    return [ReviewRecorded(review_id=command.review_id, scores=command.scores, by=context.by)]
