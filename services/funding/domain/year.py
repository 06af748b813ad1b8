"""A pot's year ends: what is promised stays promised, the rest is carried over or goes back."""

from typing import Annotated

from msgspec import Meta

from services.funding.domain.balance import Balance, MoneyLapsed
from services.funding.domain.rules import day_of
from shared.contracts.plan import Cents
from shared.decider import Rejected
from shared.message import Command, Context, Event


# Events: stored for ever in the stream of the pot. Add optional fields; never rename, retype or remove.
class YearClosed(Event):
    """The accounts as they stand when the books of `year` close, in cents; `carried_cents` stays available."""

    closing_id: str
    year: int
    carried_cents: int
    lapsed_cents: int
    committed_cents: int
    paid_cents: int
    returned_cents: int


class CloseYear(Command):
    """Closes the books of a year; of what is available `carried_cents` goes on into the next year (§ 45 LHO)."""

    closing_id: str
    year: Annotated[int, Meta(ge=2000, le=2200)]
    carried_cents: Cents


def close_year(command: CloseYear, year: int, balance: Balance, context: Context) -> list[Event]:
    if command.year != year:
        raise Rejected("other_year", year=year)
    if day_of(context.at) < f"{year}-12-01":  # treasuries stop booking in the last weeks of the year
        raise Rejected("year_not_ending", year=year)
    if balance.reserved:
        raise Rejected("money_still_reserved", reserved_cents=balance.reserved)
    if command.carried_cents > balance.available:
        raise Rejected("beyond_available", available_cents=balance.available)
    lapsed = balance.available - command.carried_cents
    closed = YearClosed(
        closing_id=command.closing_id,
        year=year,
        carried_cents=command.carried_cents,
        lapsed_cents=lapsed,
        committed_cents=balance.committed,
        paid_cents=balance.paid,
        returned_cents=balance.returned,
    )
    return [MoneyLapsed(closing_id=command.closing_id, amount_cents=lapsed), closed] if lapsed else [closed]
