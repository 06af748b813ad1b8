"""What funding tells: pots, applications, decisions."""

from typing import TypeAlias

from shared.message import Fact


class PotOpened(Fact):
    pot: str
    budget_cents: int


class ApplicationSubmitted(Fact):
    application: str
    pot: str
    revision: str
    amount_cents: int


class ApplicationDecided(Fact):
    """`outcome` is granted, partly_granted or rejected."""

    application: str
    pot: str
    outcome: str
    amount_cents: int


FundingFact: TypeAlias = PotOpened | ApplicationSubmitted | ApplicationDecided
