"""A verdict touches an application and its pot at once: one decision over both states, one append.

The first officer's proposal reserves the money, the second one's confirmation commits it; so what two officers are
about to promise cannot be promised by two others at the same time.
"""

from typing import TypeAlias

from services.funding.domain.application import (
    Application,
    Decided,
    File,
    Proposed,
    Started,
    Submitted,
    Unstarted,
)
from services.funding.domain.applying import APPLICATION, POT, STREAMS, Joint, of_its_pot, released
from services.funding.domain.balance import CommitmentReleased, MoneyCommitted, reserve
from services.funding.domain.grant import Condition, Text
from services.funding.domain.impartiality import deciding
from services.funding.domain.pot import Closed, Open, Pot
from services.funding.domain.readiness import complete, examined
from services.funding.domain.rules import Title
from services.funding.domain.verdict import (
    CriterionReason,
    Decision,
    DecisionConfirmed,
    DecisionProposed,
    DecisionRevoked,
    Outcome,
    ProposalDropped,
    RevocationProposed,
)
from shared.contracts.plan import Cents
from shared.decider import JointDecider, Rejected, nothing_new
from shared.message import Command, Context


class ProposeDecision(Command):
    proposal_id: str
    outcome: Outcome
    amount_cents: Cents
    reasons: tuple[CriterionReason, ...]
    summary: Text
    conditions: tuple[Condition, ...] = ()


class ProposeRevocation(Command):
    proposal_id: str
    legal_basis: Title
    reason: Text


class WithdrawProposal(Command):
    """The first officer thinks again."""

    proposal_id: str


class ContradictDecision(Command):
    """The second officer does not agree: the proposal is dropped and the money free again."""

    proposal_id: str
    reason: Text


class ConfirmDecision(Command):
    proposal_id: str


DecisionCommand: TypeAlias = (
    ProposeDecision | ProposeRevocation | WithdrawProposal | ContradictDecision | ConfirmDecision
)


def decide(command: DecisionCommand, states: tuple[Application, Pot], context: Context) -> Joint:
    """Events as (stream, event) with stream 0 the application and 1 its pot; no events for a retry."""
    state, pot = states
    if isinstance(state, Unstarted) or not isinstance(pot, Open):
        raise nothing_new(command, state)
    of_its_pot(state.file, pot)
    deciding(state.file, context)
    return _decide(command, state, pot, context)


def _decide(command: DecisionCommand, state: Started, pot: Open, context: Context) -> Joint:
    match command, state:
        case ((ProposeDecision(proposal_id=new) | ProposeRevocation(proposal_id=new)), (Proposed() | Decided())) if (
            new == _standing(state)
        ):
            return []
        case ConfirmDecision(proposal_id=named), Decided(decision=decision) if named == decision.decision_id:
            return []
        case ConfirmDecision(proposal_id=named), Submitted(file=file) if named in file.revocations:
            return []
        case WithdrawProposal(proposal_id=named) | ContradictDecision(proposal_id=named), Submitted() | Decided() if (
            named == state.file.dropped
        ):
            return []
        case ProposeDecision(), Submitted(file=file):
            return _propose(command, file, pot, context)
        case ProposeRevocation(proposal_id=new, legal_basis=basis, reason=reason), Decided(decision=decision):
            _nothing_to_reclaim(decision)
            revocation = RevocationProposed(proposal_id=new, legal_basis=basis, reason=reason, by=context.by)
            return [(APPLICATION, revocation)]
        case WithdrawProposal() | ContradictDecision() | ConfirmDecision(), Proposed():
            return _settle(command, state, context)
        case _, Proposed():
            raise Rejected("proposal_open")
        case _, Decided(decision=decision):
            raise Rejected("decided_already", outcome=decision.outcome)
        case WithdrawProposal() | ContradictDecision() | ConfirmDecision(), Submitted():
            raise Rejected("proposal_gone")
    raise nothing_new(command, state)


def _standing(state: Proposed | Decided) -> str:
    return state.proposal.proposal_id if isinstance(state, Proposed) else state.decision.decision_id


def _propose(command: ProposeDecision, file: File, pot: Open, context: Context) -> Joint:
    asked, cents = examined(file).amount, command.amount_cents
    fits = {"granted": cents == asked, "partly": 0 < cents < asked, "rejected": cents == 0}
    if not fits[command.outcome]:
        raise Rejected("amount_does_not_fit", outcome=command.outcome, asked_cents=asked)
    complete(file.criteria, [reason.criterion for reason in command.reasons])
    if len({condition.condition_id for condition in command.conditions}) != len(command.conditions):
        raise Rejected("condition_twice")
    if command.conditions and not cents:
        raise Rejected("condition_on_a_rejection")
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    events: Joint = [(APPLICATION, DecisionProposed(by=context.by, **fields))]
    if not cents:
        return events
    if isinstance(pot, Closed):
        raise Rejected("pot_closed")
    return [*events, (POT, reserve(pot.balance, file.application_id, cents))]


def _settle(
    command: WithdrawProposal | ContradictDecision | ConfirmDecision, state: Proposed, context: Context
) -> Joint:
    own = context.by == state.proposal.by
    if command.proposal_id != state.proposal.proposal_id:
        raise Rejected("proposal_changed")
    if isinstance(command, WithdrawProposal) is not own:
        raise Rejected("same_officer" if own else "not_your_proposal")
    if isinstance(command, ConfirmDecision):
        if state.proposal.by in state.file.team | state.file.biased:
            raise Rejected("proposer_barred")  # became known only after the proposal
        return _revoke(state, state.decision, context) if state.decision else _confirm(state, context)
    reason = command.reason if isinstance(command, ContradictDecision) else ""
    dropped = ProposalDropped(proposal_id=command.proposal_id, reason=reason, by=context.by)
    return [(APPLICATION, dropped), *released(state)]


def _confirm(state: Proposed, context: Context) -> Joint:
    proposal, application = state.proposal, state.file.application_id
    if proposal.outcome is None:
        raise nothing_new(ConfirmDecision(proposal_id=proposal.proposal_id), state)
    confirmed = DecisionConfirmed(
        decision_id=proposal.proposal_id,
        outcome=proposal.outcome,
        amount_cents=proposal.amount,
        proposed_by=proposal.by,
        by=context.by,
    )
    committed = MoneyCommitted(application_id=application, amount_cents=proposal.amount)
    return [(APPLICATION, confirmed), (POT, committed)] if proposal.amount else [(APPLICATION, confirmed)]


def _revoke(state: Proposed, decision: Decision, context: Context) -> Joint:
    proposal, application = state.proposal, state.file.application_id
    revoked = DecisionRevoked(
        decision_id=decision.decision_id,
        proposal_id=proposal.proposal_id,
        legal_basis=proposal.legal_basis,
        proposed_by=proposal.by,
        by=context.by,
    )
    unpaid = decision.grant.unpaid if decision.grant else 0
    freed: Joint = [(POT, CommitmentReleased(application_id=application, amount_cents=unpaid))] if unpaid else []
    return [(APPLICATION, revoked), *freed]


def _nothing_to_reclaim(decision: Decision) -> None:
    """Money that was paid comes back over the proof of use first: a revoked decision has no account to return it to."""
    if decision.grant and (paid := decision.grant.paid - decision.grant.returned):
        raise Rejected("money_to_reclaim", paid_cents=paid)


decision = JointDecider(STREAMS, DecisionCommand, decide)
