"""Whatever officers, teams and treasurers try: no account is ever negative, and the accounts add up to the budget."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from services.funding.domain import applying, decision, payment
from services.funding.domain.applying import STREAMS, WithdrawApplication
from services.funding.domain.balance import Balance, MoneyPaid, MoneyReserved
from services.funding.domain.decision import ConfirmDecision, ContradictDecision, ProposeDecision, ProposeRevocation
from services.funding.domain.grant import AcceptDecision, SubmitProof
from services.funding.domain.payment import CheckProof, PayInstalment, RecordRepayment
from services.funding.domain.pot import AddMoney, ClosePot, Open, PotEvent, ReallotReturns
from services.funding.domain.year import CloseYear
from services.funding.ledger import ACCOUNTS, Posting, balances, ledger, posting
from shared.decider import Rejected
from shared.message import Command, Event
from tests.funding.files import COMMITTED, REASONS, REVIEWED, called, opened, ruled, started
from tests.spec import context

APPLICATIONS = ("a1", "a2", "a3")
BUDGET = 60_000
DECEMBER = datetime(2026, 12, 20, 9, 0, tzinfo=UTC)
Step = tuple[str, Command, str]


class Town(Struct):
    """One pot and three applications, with all their events."""

    applications: dict[str, list[Event]]
    pot: list[Any]

    def try_to(self, name: str, command: Command, by: str) -> None:
        """Runs one command as the service would; a refusal changes nothing."""
        file, purse = self.applications[name], self.pot
        try:
            self._do(command, name, file, purse, by)
        except Rejected:
            return

    def _do(self, command: Command, name: str, file: list[Event], purse: list[Any], by: str) -> None:
        states = (STREAMS[0].replay(file), STREAMS[1].replay(purse))
        modules = (applying, decision, payment)
        kinds = (applying.ApplyingCommand, decision.DecisionCommand, payment.PaymentCommand)
        for module, kind in zip(modules, kinds, strict=True):
            if isinstance(command, kind):
                for stream, event in module.decide(command, states, context(by, DECEMBER)):  # type: ignore[attr-defined]
                    (file, purse)[stream].append(event)
                return
        if isinstance(command, AcceptDecision | SubmitProof):
            file.extend(STREAMS[0].decide(command, states[0], context(by, DECEMBER)))
        else:
            purse.extend(STREAMS[1].decide(command, states[1], context(by, DECEMBER)))


def town() -> Town:
    reviewed = {name: [replace(started, application_id=name), *REVIEWED[1:]] for name in APPLICATIONS}
    return Town(reviewed, [replace(opened, budget_cents=BUDGET), ruled, called])


cents = st.integers(0, 40_000)
number = st.integers(0, 2).map(str)


def propose(amount: int, id: str) -> ProposeDecision:
    outcome = "rejected" if amount == 0 else "granted" if amount == 34_000 else "partly"
    return ProposeDecision(proposal_id=id, outcome=outcome, amount_cents=amount, reasons=REASONS, summary="s")  # type: ignore[arg-type]


proposals = st.builds(propose, st.sampled_from([0, 1, 20_000, 33_999, 34_000]), number)
payments = st.builds(PayInstalment, payment_id=number, amount_cents=st.one_of(cents, st.just(10_000)))
repayments = st.builds(RecordRepayment, return_id=number, amount_cents=cents)
proof = SubmitProof(proof_id="n", spent_cents=1, receipts=1, digest="d")
checks = st.builds(CheckProof, proof_id=st.just("n"), accepted_cents=st.one_of(st.just(0), cents), reason=st.just("r"))
revocation = ProposeRevocation(proposal_id="r", legal_basis="§", reason="r")
commands: st.SearchStrategy[Command] = st.one_of(
    proposals, payments, repayments, checks, st.just(revocation), st.just(WithdrawApplication()), st.just(ClosePot()),
    st.builds(ConfirmDecision, proposal_id=number),
    st.builds(ContradictDecision, proposal_id=number, reason=st.just("r")),
    st.builds(AddMoney, addition_id=number, amount_cents=cents, source=st.just("s")),
    st.builds(ReallotReturns, reallotment_id=number, amount_cents=cents),
    st.builds(CloseYear, closing_id=number, year=st.just(2026), carried_cents=cents),
)  # fmt: skip
noise = st.tuples(st.sampled_from(APPLICATIONS), commands, st.sampled_from(["ann", "otto", "olga"])).map(lambda s: [s])


@st.composite
def lives(draw: st.DrawFn) -> list[Step]:
    """The life of one application as it should be, up to any point: so that money really moves."""
    proposal = draw(proposals)
    yes = ConfirmDecision(proposal_id=proposal.proposal_id)
    life: list[tuple[Command, str]] = [(proposal, "otto"), (yes, "olga"), (AcceptDecision(), "ann")]
    life += [(draw(payments), "tina"), (draw(payments), "tina"), (proof, "ann"), (draw(checks), "otto")]
    life += [(draw(repayments), "tina"), (revocation, "otto"), (ConfirmDecision(proposal_id="r"), "olga")]
    name, until = draw(st.sampled_from(APPLICATIONS)), draw(st.integers(1, len(life)))
    return [(name, command, by) for command, by in life[:until]]


def flat(parts: list[list[Step]]) -> list[Step]:
    return [step for part in parts for step in part]


steps = st.lists(st.one_of(lives(), lives(), noise), max_size=12).map(flat)


def as_accounts(balance: Balance) -> dict[str, int]:
    return {account: getattr(balance, account) for account in ACCOUNTS}


@settings(max_examples=150, deadline=None)
@given(steps)
def test_the_ledger_is_never_negative_adds_up_and_equals_the_state(tried: list[Step]):
    story = town()
    for name, command, by in tried:
        story.try_to(name, command, by)
        pot = STREAMS[1].replay(story.pot)
        assert isinstance(pot, Open)
        books = ledger(story.pot)
        assert min(as_accounts(pot.balance).values()) >= 0
        assert {account: books.balances[account] for account in ACCOUNTS} == as_accounts(pot.balance)
        assert sum(books.balances.values()) == 0
        assert sum(books.balances[account] for account in ACCOUNTS) == books.budget_cents == pot.balance.budget


@settings(max_examples=100, deadline=None)
@given(steps)
def test_every_application_holds_in_the_pot_what_it_believes_to_hold(tried: list[Step]):
    story = town()
    for name, command, by in tried:
        story.try_to(name, command, by)
    postings = ledger(story.pot).postings
    for name, events in story.applications.items():
        held, state = balances(postings, name), STREAMS[0].replay(events)
        assert min(held[account] for account in ACCOUNTS if account != "available") >= 0
        decision_ = getattr(state, "decision", None)
        grant = getattr(decision_, "grant", None)
        proposal = getattr(state, "proposal", None)
        assert held["reserved"] == (proposal.amount if proposal else 0)
        assert held["committed"] == (grant.unpaid if grant else 0)
        if grant:
            assert held["paid"] == grant.paid - grant.returned


def test_every_cent_leaves_one_account_and_enters_another():
    paid = MoneyPaid(application_id="app", payment_id="one", amount_cents=200)
    events: list[PotEvent] = [*COMMITTED, paid]  # type: ignore[list-item]
    books = ledger(events)
    assert [(one.leaves, one.enters, one.amount_cents) for one in books.postings] == [
        ("budget", "available", 100_000),
        ("available", "reserved", 27_200),
        ("reserved", "committed", 27_200),
        ("committed", "paid", 200),
    ]
    assert books.balances["committed"] == 27_000
    assert books.budget_cents == 100_000


def test_what_moves_no_money_makes_no_posting():
    assert posting(ruled) is None
    reserve = MoneyReserved(application_id="a", amount_cents=1)
    assert posting(reserve) == Posting(leaves="available", enters="reserved", amount_cents=1, application_id="a")


def test_the_part_of_one_application_is_told_apart():
    postings = ledger(
        [opened, MoneyReserved(application_id="a", amount_cents=5), MoneyReserved(application_id="b", amount_cents=7)]
    ).postings
    assert balances(postings, "b")["reserved"] == 7
