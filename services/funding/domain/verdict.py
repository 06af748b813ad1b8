"""A verdict is proposed by one officer, confirmed by another, delivered by letter and open to objection."""

from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from services.funding.domain.grant import Condition, Grant, Text, granted
from shared.contracts.plan import Day
from shared.decider import Rejected, nothing_new
from shared.message import Command, Context, Event

Outcome: TypeAlias = Literal["granted", "partly", "rejected"]
Answer: TypeAlias = Literal["decision_upheld", "decision_changed"]


class CriterionReason(Struct, frozen=True, kw_only=True):
    criterion: str
    reason: Text


# Events: stored for ever in the stream of the application. Add optional fields; never rename, retype or remove.
class DecisionProposed(Event):
    proposal_id: str
    outcome: Outcome
    amount_cents: int
    conditions: tuple[Condition, ...]
    reasons: tuple[CriterionReason, ...]
    summary: str
    by: str


class RevocationProposed(Event):
    proposal_id: str
    legal_basis: str
    reason: str
    by: str


class ProposalDropped(Event):
    """Withdrawn by who made it, or contradicted by the second officer."""

    proposal_id: str
    reason: str
    by: str


class DecisionConfirmed(Event):
    """The decision, made by two people; its id is that of the proposal, where reasons and conditions stand."""

    decision_id: str
    outcome: Outcome
    amount_cents: int
    proposed_by: str
    by: str


class DecisionRevoked(Event):
    """Never an edit: the revoked decision stays in the log, and a new one may follow."""

    decision_id: str
    proposal_id: str
    legal_basis: str
    proposed_by: str
    by: str


class LetterIssued(Event):
    letter_id: str
    digest: str


class RevocationLetterIssued(Event):
    """`revocation_id` is the proposal that revoked."""

    letter_id: str
    revocation_id: str
    digest: str


class ObjectionRecorded(Event):
    objection_id: str
    received_on: str
    by: str


class ObjectionAnswered(Event):
    """`decision_changed` is followed by a revocation and a new decision, both with four eyes."""

    objection_id: str
    answer: Answer
    reason: str
    by: str


DeliveryEvent: TypeAlias = LetterIssued | ObjectionRecorded | ObjectionAnswered
VerdictEvent: TypeAlias = (
    DecisionProposed | RevocationProposed | ProposalDropped | DecisionConfirmed | DecisionRevoked | DeliveryEvent
    | RevocationLetterIssued
)  # fmt: skip


# State: only what the next decision needs.
class Proposal(Struct, frozen=True):
    """`legal_basis` marks a proposal to revoke; it has no outcome."""

    proposal_id: str
    by: str
    outcome: Outcome | None = None
    amount: int = 0
    conditions: tuple[Condition, ...] = ()
    legal_basis: str = ""


class Decision(Struct, frozen=True):
    decision_id: str
    outcome: Outcome
    amount: int
    grant: Grant | None = None
    letter_id: str = ""
    objection_id: str = ""
    answer: Answer | None = None


def proposed(event: DecisionProposed | RevocationProposed) -> Proposal:
    if isinstance(event, RevocationProposed):
        return Proposal(event.proposal_id, event.by, legal_basis=event.legal_basis)
    return Proposal(event.proposal_id, event.by, event.outcome, event.amount_cents, event.conditions)


def confirmed(event: DecisionConfirmed, proposal: Proposal) -> Decision:
    grant = None if event.outcome == "rejected" else granted(event.amount_cents, proposal.conditions)
    return Decision(event.decision_id, event.outcome, event.amount_cents, grant)


def evolve_decision(decision: Decision, event: DeliveryEvent) -> Decision:
    match event:
        case LetterIssued(letter_id=letter):
            return replace(decision, letter_id=letter)
        case ObjectionRecorded(objection_id=objection):
            return replace(decision, objection_id=objection, answer=None)
        case ObjectionAnswered(answer=answer):
            return replace(decision, answer=answer)


# Decisions after the verdict; the verdict itself moves money and is made in decision.py.
class IssueLetter(Command):
    letter_id: str
    digest: str


class IssueRevocationLetter(Command):
    letter_id: str
    revocation_id: str
    digest: str


class RecordObjection(Command):
    objection_id: str
    received_on: Day


class AnswerObjection(Command):
    objection_id: str
    answer: Answer
    reason: Text


DeliveryCommand: TypeAlias = IssueLetter | RecordObjection | AnswerObjection


def decide_delivery(command: DeliveryCommand, decision: Decision, context: Context) -> list[Event]:
    match command:
        case IssueLetter(letter_id=letter, digest=digest):
            return [] if letter == decision.letter_id else [LetterIssued(letter_id=letter, digest=digest)]
        case RecordObjection(objection_id=objection, received_on=day):
            if objection == decision.objection_id:
                return []
            if not decision.letter_id:
                raise Rejected("letter_not_issued")
            if decision.objection_id and decision.answer is None:
                raise Rejected("objection_open")
            return [ObjectionRecorded(objection_id=objection, received_on=day, by=context.by)]
        case AnswerObjection(objection_id=objection, answer=answer, reason=reason) if (
            objection == decision.objection_id
        ):
            if decision.answer:
                return _answered(decision, answer)
            return [ObjectionAnswered(objection_id=objection, answer=answer, reason=reason, by=context.by)]
    raise nothing_new(command, decision)


def _answered(decision: Decision, answer: Answer) -> list[Event]:
    if answer != decision.answer:
        raise Rejected("objection_answered_already")
    return []
