"""What team, office and jury do with an application while no money moves."""

from typing import TypeAlias

from services.funding.domain.application import (
    Application,
    ApplicationCorrected,
    ApplicationEvent,
    BiasDeclared,
    CorrectionAsked,
    Decided,
    Draft,
    File,
    FormalCheckCompleted,
    RevisionPinned,
    Submitted,
    TeamNoted,
    Unstarted,
    Withdrawn,
    evolve,
    pinned,
)
from services.funding.domain.attachment import AddAttachment, AttachmentCommand, RemoveAttachment, decide_attachment
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
from services.funding.domain.jury import (
    AssignReviewer,
    JuryCommand,
    RecordRecommendation,
    RecordReview,
    ReleaseReviewer,
    decide_jury,
)
from services.funding.domain.readiness import ready
from services.funding.domain.verdict import (
    AnswerObjection,
    Decision,
    DeliveryCommand,
    IssueLetter,
    IssueRevocationLetter,
    RecordObjection,
    RevocationLetterIssued,
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


FilingCommand: TypeAlias = (
    NoteTeam | PinRevision | AskForCorrection | Correct | CompleteFormalCheck | DeclareBias | JuryCommand
    | AttachmentCommand
)  # fmt: skip
ApplicationCommand: TypeAlias = FilingCommand | DeliveryCommand | IssueRevocationLetter | GrantCommand
INTERNAL = (
    NoteTeam,
    PinRevision,
    AddAttachment,
    IssueRevocationLetter,
)  # no address in the API: the service fills them in

_ByTeam: TypeAlias = PinRevision | Correct | RecordObjection | AcceptDecision | SubmitProof | AttachmentCommand
_ByOffice: TypeAlias = AskForCorrection | CompleteFormalCheck | JuryCommand | AnswerObjection | FulfilCondition


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
        case IssueRevocationLetter(revocation_id=id, letter_id=letter, digest=digest), _ if (
            id in state.file.revocations
        ):
            issued = RevocationLetterIssued(letter_id=letter, revocation_id=id, digest=digest)
            return [] if letter == state.file.revocations[id] else [issued]
        case _, Withdrawn():
            raise Rejected("application_withdrawn")
        case PinRevision(), Draft() | Submitted():
            return _pin(command, state.file, isinstance(state, Draft))
        case AskForCorrection() | Correct() | CompleteFormalCheck(), Submitted(file=file):
            return _examine(command, file, context)
        case AddAttachment() | RemoveAttachment(), Draft(file=file) | Submitted(file=file):
            changeable = isinstance(state, Draft) or file.formal == "correction"
            return list(decide_attachment(command, file.attachments, changeable, context))
        case AssignReviewer() | ReleaseReviewer() | RecordReview() | RecordRecommendation(), Submitted(file=file):
            return decide_jury(command, file, context)
        case IssueLetter() | RecordObjection() | AnswerObjection(), Decided(decision=decision):
            return decide_delivery(command, decision, context)
        case AcceptDecision() | FulfilCondition() | SubmitProof(), Decided(decision=Decision(grant=Grant() as grant)):
            return decide_grant(command, grant, context)
    raise nothing_new(command, state)


def _entitled(command: ApplicationCommand, file: File, context: Context) -> None:
    if isinstance(command, NoteTeam | IssueRevocationLetter):
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


application: Decider[Application] = Decider(
    "application",
    ApplicationEvent,
    ApplicationCommand,
    Unstarted(),
    decide,
    evolve,
    lambda _id, state: None if isinstance(state, Unstarted) else state.file.project_id,
)
