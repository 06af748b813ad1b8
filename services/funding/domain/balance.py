"""Where a pot's money stands: available, reserved, committed, paid or returned."""

from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from shared.decider import Rejected
from shared.message import Event


# Events: stored for ever in the stream of the pot. Add optional fields; never rename, retype or remove.
class MoneyAdded(Event):
    addition_id: str
    amount_cents: int
    source: str


class MoneyReserved(Event):
    application_id: str
    amount_cents: int


class ReservationReleased(Event):
    application_id: str
    amount_cents: int


class MoneyCommitted(Event):
    """What was reserved for an application is now promised to it."""

    application_id: str
    amount_cents: int


class CommitmentReleased(Event):
    application_id: str
    amount_cents: int


class MoneyPaid(Event):
    application_id: str
    payment_id: str
    amount_cents: int


class MoneyReturned(Event):
    application_id: str
    return_id: str
    amount_cents: int


class ReturnsReallotted(Event):
    """Returned money may be given again: an act of the treasury, never automatic."""

    reallotment_id: str
    amount_cents: int


class MoneyLapsed(Event):
    """What nobody was promised by the end of the year goes back to where the budget came from."""

    closing_id: str
    amount_cents: int


MoneyEvent: TypeAlias = (
    MoneyAdded | MoneyReserved | ReservationReleased | MoneyCommitted | CommitmentReleased
    | MoneyPaid | MoneyReturned | ReturnsReallotted | MoneyLapsed
)  # fmt: skip


# State: totals only; who holds which part is known to the applications.
class Balance(Struct, frozen=True):
    available: int
    reserved: int = 0
    committed: int = 0
    paid: int = 0
    returned: int = 0
    fillings: frozenset[str] = frozenset()  # additions and reallotments: a handful a year

    @property
    def budget(self) -> int:
        """All that was put in and has not lapsed: the sum of the accounts."""
        return self.available + self.reserved + self.committed + self.paid + self.returned


def moved(of: Balance, event: MoneyEvent) -> Balance:
    """The balance after `event`; only what is added or lapses changes the sum of the accounts."""
    cents = event.amount_cents
    match event:
        case MoneyAdded(addition_id=filling):
            return replace(of, available=of.available + cents, fillings=of.fillings | {filling})
        case MoneyReserved():
            return replace(of, available=of.available - cents, reserved=of.reserved + cents)
        case ReservationReleased():
            return replace(of, reserved=of.reserved - cents, available=of.available + cents)
        case MoneyCommitted():
            return replace(of, reserved=of.reserved - cents, committed=of.committed + cents)
        case CommitmentReleased():
            return replace(of, committed=of.committed - cents, available=of.available + cents)
        case MoneyPaid():
            return replace(of, committed=of.committed - cents, paid=of.paid + cents)
        case MoneyReturned():
            return replace(of, paid=of.paid - cents, returned=of.returned + cents)
        case ReturnsReallotted(reallotment_id=filling):
            filled = of.fillings | {filling}
            return replace(of, returned=of.returned - cents, available=of.available + cents, fillings=filled)
        case MoneyLapsed():
            return replace(of, available=of.available - cents)


# What decisions on applications ask of the pot (see decision.py and payment.py).
def positive(cents: int) -> int:
    if cents <= 0:
        raise Rejected("amount_not_positive")
    return cents


def reserve(balance: Balance, application_id: str, cents: int) -> MoneyReserved:
    """Raises `Rejected("pot_overdrawn")`: here, in the state that is appended to, and never from a view."""
    if cents > balance.available:
        raise Rejected("pot_overdrawn", wanted_cents=cents, available_cents=balance.available)
    return MoneyReserved(application_id=application_id, amount_cents=cents)
