"""What funding tells: pots, calls, applications, decisions, payments."""

from typing import TypeAlias

from shared.message import Fact


class PotOpened(Fact):
    """The title is to be had from the directory of titles, under the kind `pot`."""

    pot: str
    budget_cents: int


class PotMoneyMoved(Fact):
    """Money went from one account of a pot to another: budget, available, reserved, committed, paid, returned."""

    pot: str
    leaves: str
    enters: str
    amount_cents: int


class CallOpened(Fact):
    pot: str
    closes: str


class CallClosed(Fact):
    pot: str


class PotClosed(Fact):
    pot: str


class ApplicationSubmitted(Fact):
    application: str


class ApplicationDecided(Fact):
    """`outcome` is granted, partly or rejected."""

    application: str
    decision: str
    outcome: str
    amount_cents: int


class DecisionRevoked(Fact):
    application: str
    decision: str


class InstalmentPaid(Fact):
    application: str
    number: int
    amount_cents: int


FundingFact: TypeAlias = (
    PotOpened
    | PotMoneyMoved
    | CallOpened
    | CallClosed
    | PotClosed
    | ApplicationSubmitted
    | ApplicationDecided
    | DecisionRevoked
    | InstalmentPaid
)
