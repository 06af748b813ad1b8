"""A grant is what follows a favourable decision: acceptance, conditions, instalments, proof of use."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.funding.domain.attachment import Paper
from services.funding.domain.rules import Title
from shared.contracts.plan import Cents, Day
from shared.decider import Rejected, nothing_new
from shared.message import Command, Context, Event

Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=4000)]
Remark: TypeAlias = Annotated[str, Meta(max_length=4000)]


class Condition(Struct, frozen=True, kw_only=True):
    """`before_instalment` n: instalment n is not paid while the condition is open."""

    condition_id: str
    text: Title
    before_instalment: int | None = None
    until: Day | None = None


class SpentLine(Struct, frozen=True, kw_only=True):
    """What was spent on a cost line of the pinned plan, by so many receipts."""

    line_id: Annotated[str, Meta(min_length=1, max_length=100)]
    spent_cents: Cents
    receipts: Annotated[int, Meta(ge=0, le=10_000)] = 0


# Events: stored for ever in the stream of the application. Add optional fields; never rename, retype or remove.
class DecisionAccepted(Event):
    by: str


class ConditionFulfilled(Event):
    condition_id: str
    by: str


class InstalmentPaid(Event):
    payment_id: str
    number: int
    amount_cents: int


class ProofSubmitted(Event):
    """`digest` is that of the statement, `papers` are scanned receipts; they lie beside the log."""

    proof_id: str
    spent_cents: int
    receipts: int
    digest: str
    by: str
    lines: tuple[SpentLine, ...] = ()
    papers: tuple[Paper, ...] = ()


class ProofChecked(Event):
    """`accepted_cents` stays with the project; `due_cents` is to be paid back. `reason`: of a reduction."""

    proof_id: str
    accepted_cents: int
    due_cents: int
    by: str
    reason: str = ""


class RepaymentReceived(Event):
    return_id: str
    amount_cents: int


class GrantClosed(Event): ...


GrantEvent: TypeAlias = (
    DecisionAccepted | ConditionFulfilled | InstalmentPaid | ProofSubmitted | ProofChecked | RepaymentReceived
    | GrantClosed
)  # fmt: skip


# State: only what the next decision needs.
class Grant(Struct, frozen=True):
    amount: int
    open_conditions: dict[str, int | None]  # condition → the instalment it holds back
    fulfilled: frozenset[str] = frozenset()
    accepted: bool = False
    paid: int = 0
    payments: tuple[str, ...] = ()
    proof_id: str = ""
    spent: int = 0
    checked: bool = False
    due: int = 0
    returned: int = 0
    returns: frozenset[str] = frozenset()
    closed: bool = False

    @property
    def unpaid(self) -> int:
        """What the pot still holds committed for this grant."""
        return 0 if self.checked else self.amount - self.paid


def granted(amount: int, conditions: tuple[Condition, ...]) -> Grant:
    return Grant(amount, {condition.condition_id: condition.before_instalment for condition in conditions})


def evolve_grant(grant: Grant, event: GrantEvent) -> Grant:
    match event:
        case DecisionAccepted():
            return replace(grant, accepted=True)
        case ConditionFulfilled(condition_id=done):
            still = {condition: number for condition, number in grant.open_conditions.items() if condition != done}
            return replace(grant, open_conditions=still, fulfilled=grant.fulfilled | {done})
        case InstalmentPaid(payment_id=payment, amount_cents=cents):
            return replace(grant, paid=grant.paid + cents, payments=(*grant.payments, payment))
        case ProofSubmitted(proof_id=proof, spent_cents=spent):
            return replace(grant, proof_id=proof, spent=spent)
        case ProofChecked(due_cents=due):
            return replace(grant, checked=True, due=due)
        case RepaymentReceived(return_id=returned, amount_cents=cents):
            back = grant.returned + cents
            return replace(grant, due=grant.due - cents, returned=back, returns=grant.returns | {returned})
        case GrantClosed():
            return replace(grant, closed=True)


# Decisions of the team and the funding office that move no money; the others are in payment.py.
class AcceptDecision(Command): ...


class FulfilCondition(Command):
    condition_id: str


class SubmitProof(Command):
    proof_id: str
    spent_cents: Cents
    receipts: int
    digest: str
    lines: tuple[SpentLine, ...] = ()
    papers: tuple[Paper, ...] = ()


GrantCommand: TypeAlias = AcceptDecision | FulfilCondition | SubmitProof


def decide_grant(command: GrantCommand, grant: Grant, context: Context) -> list[Event]:
    match command:
        case AcceptDecision():
            return [] if grant.accepted else [DecisionAccepted(by=context.by)]
        case FulfilCondition(condition_id=condition):
            if condition in grant.fulfilled:
                return []
            if condition not in grant.open_conditions:
                raise Rejected("unknown_condition")
            return [ConditionFulfilled(condition_id=condition, by=context.by)]
        case SubmitProof(proof_id=proof) if proof == grant.proof_id:
            return []
        case SubmitProof() if not grant.checked:
            return [_submitted(command, grant, context)]
    raise nothing_new(command, grant)


def _submitted(command: SubmitProof, grant: Grant, context: Context) -> ProofSubmitted:
    if not grant.accepted:
        raise Rejected("decision_not_accepted")
    if len({line.line_id for line in command.lines}) != len(command.lines):
        raise Rejected("line_twice")
    if command.lines and (sum_ := sum(line.spent_cents for line in command.lines)) != command.spent_cents:
        raise Rejected("lines_do_not_add_up", spent_cents=command.spent_cents, lines_cents=sum_)
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    return ProofSubmitted(by=context.by, **fields)
