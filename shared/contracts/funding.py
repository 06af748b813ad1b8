"""What funding tells: pots, calls, applications, decisions, payments."""

from typing import TypeAlias

from shared.message import Fact


class PotOpened(Fact):
    """The title is to be had from the directory of titles, under the kind `pot`."""

    pot: str
    budget_cents: int


class PotRulesSet(Fact):
    """A new version of a pot's rules, as far as numbers tell of it; None: no such rule."""

    pot: str
    version: int
    minimum_cents: int | None = None
    cap_cents: int | None = None
    share_percent: int | None = None
    own_contribution_percent: int | None = None
    reviews_needed: int = 0


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
    | PotRulesSet
    | PotMoneyMoved
    | CallOpened
    | CallClosed
    | PotClosed
    | ApplicationSubmitted
    | ApplicationDecided
    | DecisionRevoked
    | InstalmentPaid
)
