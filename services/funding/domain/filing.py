"""What team, office and jury do with an application while no money moves."""

from typing import TypeAlias

from services.funding.domain.application import (
    Application,
    ApplicationCorrected,
    ApplicationEvent,
    BiasDeclared,
    CorrectionAsked,
    CriterionScore,
    Decided,
    Draft,
    File,
    FormalCheckCompleted,
    RecommendationRecorded,
    ReviewRecorded,
    RevisionPinned,
    Submitted,
    TeamNoted,
    Unstarted,
    Withdrawn,
    evolve,
    pinned,
)
from services.funding.domain.balance import positive
from services.funding.domain.checks import Finding
from services.funding.domain.grant import (
    AcceptDecision,
    FulfilCondition,
    Grant,
    GrantCommand,
    SubmitProof,
    Text,
    decide_grant,
)
from services.funding.domain.impartiality import SERVICE, by_the_service, by_the_team, impartial
from services.funding.domain.readiness import complete, examined, ready
from services.funding.domain.rules import TOP_POINTS
from services.funding.domain.verdict import (
    AnswerObjection,
    Decision,
    DeliveryCommand,
    IssueLetter,
    Outcome,
    RecordObjection,
    decide_delivery,
)
from shared.contracts.plan import Cents, Day
from shared.decider import Decider, Rejected, nothing_new
from shared.message import Command, Context, Event


# Commands of the service itself, never taken from a client: it knows the team and the frozen revision from facts.
class NoteTeam(Command):
    members: tuple[str, ...]


class PinRevision(Command):
    """`findings` and `until` are what `check` and `deadline_for` say of the frozen revision."""

    revision_id: str
    digest: str
    finance_digest: str
    amount_cents: Cents
    findings: tuple[Finding, ...]
    until: Day | None = None


# Commands of people.
class AskForCorrection(Command):
    correction_id: str
    items: tuple[Text, ...]


class Correct(Command):
    correction_id: str


class CompleteFormalCheck(Command): ...


class DeclareBias(Command): ...


class RecordReview(Command):
    review_id: str
    scores: tuple[CriterionScore, ...]


class RecordRecommendation(Command):
    recommendation_id: str
    outcome: Outcome
    amount_cents: Cents


FilingCommand: TypeAlias = (
    NoteTeam | PinRevision | AskForCorrection | Correct | CompleteFormalCheck | DeclareBias | RecordReview
    | RecordRecommendation
)  # fmt: skip
ApplicationCommand: TypeAlias = FilingCommand | DeliveryCommand | GrantCommand
INTERNAL = (NoteTeam, PinRevision)  # no address in the API: the service fills them in

_ByTeam: TypeAlias = PinRevision | Correct | RecordObjection | AcceptDecision | SubmitProof
_ByOffice: TypeAlias = (
    AskForCorrection | CompleteFormalCheck | RecordReview | RecordRecommendation | AnswerObjection | FulfilCondition
)


def decide(command: ApplicationCommand, state: Application, context: Context) -> list[Event]:
    if isinstance(state, Unstarted):
        raise nothing_new(command, state)
    _entitled(command, state.file, context)
    match command, state:
        case NoteTeam(members=members), _:
            new = tuple(member for member in dict.fromkeys(members) if member not in state.file.team)
            return [TeamNoted(members=new)] if new else []
        case DeclareBias(), _:
            return [] if context.by in state.file.biased else [BiasDeclared(by=context.by)]
        case _, Withdrawn():
            raise Rejected("application_withdrawn")
        case PinRevision(), Draft() | Submitted():
            return _pin(command, state.file, isinstance(state, Draft))
        case AskForCorrection() | Correct() | CompleteFormalCheck(), Submitted(file=file):
            return _examine(command, file, context)
        case RecordReview() | RecordRecommendation(), Submitted(file=file):
            return _judge(command, file, context)
        case IssueLetter() | RecordObjection() | AnswerObjection(), Decided(decision=decision):
            return decide_delivery(command, decision, context)
        case AcceptDecision() | FulfilCondition() | SubmitProof(), Decided(decision=Decision(grant=Grant() as grant)):
            return decide_grant(command, grant, context)
    raise nothing_new(command, state)


def _entitled(command: ApplicationCommand, file: File, context: Context) -> None:
    if isinstance(command, NoteTeam):
        by_the_service(context)
    if isinstance(command, PinRevision) and context.by == SERVICE:
        return
    if isinstance(command, _ByTeam):
        by_the_team(file, context)
    if isinstance(command, _ByOffice):
        impartial(file, context)


def _pin(command: PinRevision, file: File, drafting: bool) -> list[Event]:
    event = RevisionPinned(**{name: getattr(command, name) for name in command.__struct_fields__})
    if file.pin == pinned(event):
        return []
    if not drafting and file.formal != "correction":
        raise Rejected("no_correction_asked")
    positive(command.amount_cents)
    return [event]


def _examine(command: AskForCorrection | Correct | CompleteFormalCheck, file: File, context: Context) -> list[Event]:
    match command, file.formal:
        case AskForCorrection(correction_id=correction), "correction" if correction == file.correction_id:
            return []
        case Correct(correction_id=correction), "open" if correction == file.correction_id:
            return []
        case CompleteFormalCheck(), "complete":
            return []
        case AskForCorrection(correction_id=correction, items=items), "open":
            if not items:
                raise Rejected("correction_without_items")
            return [CorrectionAsked(correction_id=correction, items=items, by=context.by)]
        case Correct(correction_id=correction), "correction" if correction == file.correction_id:
            ready(file)
            return [ApplicationCorrected(correction_id=correction, by=context.by)]
        case CompleteFormalCheck(), "open":
            return [FormalCheckCompleted(by=context.by)]
        case _, "correction":
            raise Rejected("correction_open")
    raise Rejected("no_correction_asked")


def _judge(command: RecordReview | RecordRecommendation, file: File, context: Context) -> list[Event]:
    if isinstance(command, RecordRecommendation):
        if command.recommendation_id == file.recommendation_id:
            return []
        examined(file)
        fields = {name: getattr(command, name) for name in command.__struct_fields__}
        return [RecommendationRecorded(by=context.by, **fields)]
    if file.reviews.get(context.by) == command.review_id:
        return []
    if file.formal != "complete":
        raise Rejected("formal_check_open")
    if context.by in file.reviews:
        raise Rejected("reviewed_already")
    complete(file.criteria, [score.criterion for score in command.scores])
    if any(not 0 <= score.points <= TOP_POINTS for score in command.scores):
        raise Rejected("points_out_of_range", most=TOP_POINTS)
    return [ReviewRecorded(review_id=command.review_id, scores=command.scores, by=context.by)]


application: Decider[Application] = Decider(
    "application",
    ApplicationEvent,
    ApplicationCommand,
    Unstarted(),
    decide,
    evolve,
    lambda _id, state: None if isinstance(state, Unstarted) else state.file.project_id,
)
