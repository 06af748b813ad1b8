"""Money that leaves a pot for a grant and comes back from it: one decision over application and pot, one append."""

from typing import TypeAlias

from services.funding.domain.application import Application, Decided, File
from services.funding.domain.applying import APPLICATION, POT, STREAMS, Joint, of_its_pot
from services.funding.domain.balance import CommitmentReleased, MoneyPaid, MoneyReturned, positive
from services.funding.domain.grant import Grant, GrantClosed, InstalmentPaid, ProofChecked, Remark, RepaymentReceived
from services.funding.domain.impartiality import impartial
from services.funding.domain.pot import Open, Pot
from services.funding.domain.verdict import Decision
from shared.contracts.plan import Cents
from shared.decider import JointDecider, Rejected, nothing_new
from shared.message import Command, Context


class PayInstalment(Command):
    payment_id: str
    amount_cents: Cents


class CheckProof(Command):
    """What of the money paid was spent as granted; the rest is due back, the unpaid rest returns to the pot."""

    proof_id: str
    accepted_cents: Cents
    reason: Remark = ""


class RecordRepayment(Command):
    return_id: str
    amount_cents: Cents


PaymentCommand: TypeAlias = PayInstalment | CheckProof | RecordRepayment


def decide(command: PaymentCommand, states: tuple[Application, Pot], context: Context) -> Joint:
    """Events as (stream, event) with stream 0 the application and 1 its pot; no events for a retry."""
    match states:
        case Decided(file=file, decision=Decision(grant=Grant() as grant)), Open() as pot:
            of_its_pot(file, pot)
            impartial(file, context)
            return _move(command, file, grant, context)
    raise nothing_new(command, states[APPLICATION])


def _move(command: PaymentCommand, file: File, grant: Grant, context: Context) -> Joint:
    match command:
        case PayInstalment(payment_id=payment) if payment in grant.payments:
            return []
        case CheckProof(proof_id=proof) if proof == grant.proof_id and grant.checked:
            return []
        case RecordRepayment(return_id=returned) if returned in grant.returns:
            return []
        case PayInstalment():
            return _pay(command, file, grant)
        case CheckProof():
            return _check(command, file, grant, context)
        case RecordRepayment():
            return _repay(command, file, grant)


def _pay(command: PayInstalment, file: File, grant: Grant) -> Joint:
    number, cents = len(grant.payments) + 1, positive(command.amount_cents)
    if not grant.accepted:
        raise Rejected("decision_not_accepted")
    if any(before is not None and before <= number for before in grant.open_conditions.values()):
        raise Rejected("condition_open", instalment=number)
    if cents > grant.unpaid:
        raise Rejected("beyond_the_grant", wanted_cents=cents, left_cents=grant.unpaid)
    paid = MoneyPaid(application_id=file.application_id, payment_id=command.payment_id, amount_cents=cents)
    instalment = InstalmentPaid(payment_id=command.payment_id, number=number, amount_cents=cents)
    return [(APPLICATION, instalment), (POT, paid)]


def _check(command: CheckProof, file: File, grant: Grant, context: Context) -> Joint:
    if not grant.proof_id or command.proof_id != grant.proof_id:
        raise Rejected("no_such_proof")
    if command.accepted_cents > grant.paid:
        raise Rejected("beyond_what_was_paid", paid_cents=grant.paid)
    if command.accepted_cents < min(grant.paid, grant.spent) and not command.reason:
        raise Rejected("reduction_without_reason", spent_cents=min(grant.paid, grant.spent))
    due = grant.paid - command.accepted_cents
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    checked = ProofChecked(due_cents=due, by=context.by, **fields)
    events: Joint = [(APPLICATION, checked)] if due else [(APPLICATION, checked), (APPLICATION, GrantClosed())]
    if grant.unpaid:
        events.append((POT, CommitmentReleased(application_id=file.application_id, amount_cents=grant.unpaid)))
    return events


def _repay(command: RecordRepayment, file: File, grant: Grant) -> Joint:
    cents = positive(command.amount_cents)
    if cents > grant.due:
        raise Rejected("beyond_what_is_due", due_cents=grant.due)
    received = RepaymentReceived(return_id=command.return_id, amount_cents=cents)
    returned = MoneyReturned(application_id=file.application_id, return_id=command.return_id, amount_cents=cents)
    closed: Joint = [(APPLICATION, GrantClosed())] if cents == grant.due else []
    return [(APPLICATION, received), *closed, (POT, returned)]


payment = JointDecider(STREAMS, PaymentCommand, decide)
