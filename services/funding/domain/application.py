"""An application asks a pot for money with one frozen revision of a plan; this is its file until the verdict."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.funding.domain.attachment import AttachmentAdded, AttachmentEvent, AttachmentRemoved, evolve_attachments
from services.funding.domain.checks import Finding, needed
from services.funding.domain.grant import Grant, GrantEvent, Text, evolve_grant
from services.funding.domain.panel import PanelEvent, ReviewerAssigned, ReviewerReleased, evolve_panel
from services.funding.domain.rules import TOP_POINTS, Applicant, Criterion
from services.funding.domain.verdict import (
    Decision,
    DecisionConfirmed,
    DecisionProposed,
    DecisionRevoked,
    DeliveryEvent,
    Outcome,
    Proposal,
    ProposalDropped,
    RevocationLetterIssued,
    RevocationProposed,
    VerdictEvent,
    confirmed,
    evolve_decision,
    proposed,
)
from shared.message import Event


class CriterionScore(Struct, frozen=True, kw_only=True):
    criterion: str
    points: Annotated[int, Meta(ge=0, le=TOP_POINTS)]
    reason: Text


# Events: stored for ever. Add optional fields; never rename, retype or remove. Reasons and corrections are official
# texts: they stand here and in no fact.
class ApplicationStarted(Event):
    application_id: str
    project_id: str
    pot_id: str
    applicant: Applicant
    rules_version: int
    criteria: tuple[Criterion, ...]
    reviews_needed: int
    by: str


class TeamNoted(Event):
    """These people are on the team: they stay barred from deciding, also after they have left it."""

    members: tuple[str, ...]


class RevisionPinned(Event):
    """`until` is the last day to submit this amount under the rules version of the application."""

    revision_id: str
    digest: str
    finance_digest: str
    amount_cents: int
    findings: tuple[Finding, ...]
    until: str | None = None


class ApplicationSubmitted(Event):
    call_id: str
    by: str


class ApplicationWithdrawn(Event):
    by: str


class CorrectionAsked(Event):
    correction_id: str
    items: tuple[str, ...]
    by: str


class ApplicationCorrected(Event):
    correction_id: str
    by: str


class FormalCheckCompleted(Event):
    by: str


class BiasDeclared(Event):
    by: str


class ReviewRecorded(Event):
    review_id: str
    scores: tuple[CriterionScore, ...]
    by: str


class RecommendationRecorded(Event):
    recommendation_id: str
    outcome: Outcome
    amount_cents: int
    by: str


FileEvent: TypeAlias = (
    TeamNoted | RevisionPinned | ApplicationSubmitted | CorrectionAsked | ApplicationCorrected | FormalCheckCompleted
    | BiasDeclared | ReviewRecorded | RecommendationRecorded | PanelEvent | AttachmentEvent
)  # fmt: skip
ApplicationEvent: TypeAlias = ApplicationStarted | ApplicationWithdrawn | FileEvent | VerdictEvent | GrantEvent


# State: only what the next decision needs. No text, no points: those are read from the events.
class Pin(Struct, frozen=True):
    revision_id: str
    amount: int
    failing: tuple[str, ...]
    until: str | None
    papers: tuple[Finding, ...] = ()  # those to hand in


class File(Struct, frozen=True):
    application_id: str
    project_id: str
    pot_id: str
    rules_version: int
    criteria: frozenset[str]
    reviews_needed: int
    team: frozenset[str]
    pin: Pin | None = None
    formal: Literal["open", "correction", "complete"] = "open"
    correction_id: str = ""
    reviews: dict[str, str] = {}  # reviewer → review
    biased: frozenset[str] = frozenset()
    assigned: frozenset[str] = frozenset()
    attachments: dict[str, str] = {}  # attachment → the paper of the rules that it is, or ""
    recommendation_id: str = ""
    dropped: str = ""  # the proposal dropped last
    revocations: dict[str, str] = {}  # the proposal that revoked → its letter, "" until that is written

    @property
    def reviews_awaited(self) -> int:
        """How many reviews there have to be before anybody weighs them."""
        return max(self.reviews_needed, len(self.assigned))


class Unstarted(Struct, frozen=True): ...


class Draft(Struct, frozen=True):
    file: File


class Submitted(Struct, frozen=True):
    file: File


class Proposed(Struct, frozen=True):
    """`decision` stands until a proposed revocation is confirmed."""

    file: File
    proposal: Proposal
    decision: Decision | None = None


class Decided(Struct, frozen=True):
    file: File
    decision: Decision


class Withdrawn(Struct, frozen=True):
    file: File


Started: TypeAlias = Draft | Submitted | Proposed | Decided | Withdrawn
Application: TypeAlias = Unstarted | Started


def evolve(state: Application, event: ApplicationEvent) -> Application:
    match state, event:
        case Unstarted(), ApplicationStarted():
            return Draft(_opened(event))
        case Draft(file=file), ApplicationSubmitted():
            return Submitted(file)
        case Draft(file=file) | Submitted(file=file) | Proposed(file=file), ApplicationWithdrawn():
            return Withdrawn(file)
        case Submitted(file=file), DecisionProposed():
            return Proposed(file, proposed(event))
        case Decided(file=file, decision=decision), RevocationProposed():
            return Proposed(file, proposed(event), decision)
        case Proposed(), ProposalDropped() | DecisionConfirmed() | DecisionRevoked():
            return _settled(state, event)
        case Decided(decision=decision), _ if isinstance(event, DeliveryEvent):
            return replace(state, decision=evolve_decision(decision, event))
        case Decided(decision=Decision(grant=Grant() as grant) as decision), _ if isinstance(event, GrantEvent):
            return replace(state, decision=replace(decision, grant=evolve_grant(grant, event)))
    return state if isinstance(state, Unstarted) else replace(state, file=_filed(state.file, event))


def _opened(event: ApplicationStarted) -> File:
    return File(
        application_id=event.application_id,
        project_id=event.project_id,
        pot_id=event.pot_id,
        rules_version=event.rules_version,
        criteria=frozenset(criterion.key for criterion in event.criteria),
        reviews_needed=event.reviews_needed,
        team=frozenset({event.by}),
    )


def pinned(event: RevisionPinned) -> Pin:
    failing = tuple(finding.code for finding in event.findings if finding.failing)
    return Pin(event.revision_id, event.amount_cents, failing, event.until, needed(event.findings))


def _filed(file: File, event: ApplicationEvent) -> File:
    match event:
        case TeamNoted(members=members):
            return replace(file, team=file.team | set(members))
        case RevisionPinned():
            return replace(file, pin=pinned(event))
        case CorrectionAsked(correction_id=correction):
            return replace(file, formal="correction", correction_id=correction)
        case ApplicationCorrected():
            return replace(file, formal="open")
        case FormalCheckCompleted():
            return replace(file, formal="complete")
        case BiasDeclared(by=person):
            # A review that was written before bias was declared no longer counts.
            counting = {reviewer: review for reviewer, review in file.reviews.items() if reviewer != person}
            return replace(file, biased=file.biased | {person}, reviews=counting, assigned=file.assigned - {person})
        case ReviewRecorded(review_id=review, by=reviewer):
            return replace(file, reviews=file.reviews | {reviewer: review})
        case ReviewerAssigned() | ReviewerReleased():
            return replace(file, assigned=evolve_panel(file.assigned, event))
        case AttachmentAdded() | AttachmentRemoved():
            return replace(file, attachments=evolve_attachments(file.attachments, event))
        case RevocationLetterIssued(revocation_id=revocation, letter_id=letter):
            return replace(file, revocations=file.revocations | {revocation: letter})
        case RecommendationRecorded(recommendation_id=recommendation):
            return replace(file, recommendation_id=recommendation)
    return file


def _settled(state: Proposed, event: ProposalDropped | DecisionConfirmed | DecisionRevoked) -> Application:
    match event:
        case ProposalDropped(proposal_id=proposal):
            file = replace(state.file, dropped=proposal)
            return Decided(file, state.decision) if state.decision else Submitted(file)
        case DecisionConfirmed():
            return Decided(state.file, confirmed(event, state.proposal))
        case DecisionRevoked(proposal_id=proposal):
            return Submitted(replace(state.file, revocations=state.file.revocations | {proposal: ""}))
