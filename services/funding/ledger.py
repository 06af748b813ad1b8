"""The double-entry ledger of a pot, folded from its events: every cent leaves one account and enters another."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from msgspec import Struct

from services.funding.domain.balance import (
    CommitmentReleased,
    MoneyAdded,
    MoneyCommitted,
    MoneyLapsed,
    MoneyPaid,
    MoneyReserved,
    MoneyReturned,
    ReservationReleased,
    ReturnsReallotted,
)
from services.funding.domain.pot import PotEvent, PotOpened

Account: TypeAlias = Literal["budget", "available", "reserved", "committed", "paid", "returned"]
ACCOUNTS: tuple[Account, ...] = ("available", "reserved", "committed", "paid", "returned")

_ROUTES: dict[type, tuple[Account, Account]] = {  # event → (leaves, enters)
    PotOpened: ("budget", "available"),
    MoneyAdded: ("budget", "available"),
    MoneyReserved: ("available", "reserved"),
    ReservationReleased: ("reserved", "available"),
    MoneyCommitted: ("reserved", "committed"),
    CommitmentReleased: ("committed", "available"),
    MoneyPaid: ("committed", "paid"),
    MoneyReturned: ("paid", "returned"),
    ReturnsReallotted: ("returned", "available"),
    MoneyLapsed: ("available", "budget"),
}


class Posting(Struct, frozen=True, kw_only=True):
    """`leaves` is credited and `enters` debited with the same amount, in cents."""

    leaves: Account
    enters: Account
    amount_cents: int
    application_id: str | None = None


class Ledger(Struct, frozen=True, kw_only=True):
    """`balances` in cents; "budget" is the counter account, so that all accounts together are zero."""

    balances: dict[Account, int]
    postings: tuple[Posting, ...]

    @property
    def budget_cents(self) -> int:
        return -self.balances["budget"]


def posting(event: PotEvent) -> Posting | None:
    """The posting an event makes; None for events that move no money."""
    if (route := _ROUTES.get(type(event))) is None:
        return None
    cents = event.budget_cents if isinstance(event, PotOpened) else getattr(event, "amount_cents", 0)
    application = getattr(event, "application_id", None)
    return Posting(leaves=route[0], enters=route[1], amount_cents=cents, application_id=application)


def ledger(events: Iterable[PotEvent]) -> Ledger:
    """All postings in order and what they come to."""
    postings = tuple(made for event in events if (made := posting(event)))
    return Ledger(balances=balances(postings), postings=postings)


def balances(postings: Iterable[Posting], application_id: str | None = None) -> dict[Account, int]:
    """The accounts after these postings: of the whole pot, or the part that moved for one application.

    For one application "available" is negative by what it holds.
    """
    accounts: dict[Account, int] = {"budget": 0, **dict.fromkeys(ACCOUNTS, 0)}
    for one in postings:
        if application_id in (None, one.application_id):
            accounts[one.leaves] -= one.amount_cents
            accounts[one.enters] += one.amount_cents
    return accounts
