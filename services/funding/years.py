"""A pot's books year by year: what each account held, what came and went, and what the closing did."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from services.funding.books import Books
from services.funding.domain.year import YearClosed
from services.funding.ledger import ACCOUNTS, Account, Posting, balances, posting


class AccountYear(Struct, frozen=True):
    """One account in one year, in cents: opening + enters − leaves = closing."""

    account: Account
    opening: int
    enters: int
    leaves: int
    closing: int


class Year(Struct, frozen=True):
    """The books of a year; `closed` and `closed_at` are None while it runs."""

    year: int
    accounts: tuple[AccountYear, ...]
    postings: tuple[Posting, ...]
    closed: YearClosed | None = None
    closed_at: datetime | None = None


def years_of(books: Books) -> list[Year]:
    """Every year of the pot in order, the running one last; a year ends with its closing and not with December."""
    found: list[Year] = []
    before: list[Posting] = []
    inside: list[Posting] = []
    year = books.opened.year
    for one in books.recorded:
        if isinstance(one.event, YearClosed):
            found.append(_year(year, before, inside, one.event, one.entry.recorded_at))
            before, inside, year = [*before, *inside], [], one.event.year + 1
        elif one.event and (made := posting(one.event)):  # type: ignore[arg-type]
            inside.append(made)
    return [*found, _year(year, before, inside)]


def _year(
    year: int,
    before: Sequence[Posting],
    inside: Sequence[Posting],
    closed: YearClosed | None = None,
    at: datetime | None = None,
) -> Year:
    opening, closing = balances(before), balances([*before, *inside])
    rows = tuple(
        AccountYear(
            account,
            opening[account],
            sum(one.amount_cents for one in inside if one.enters == account),
            sum(one.amount_cents for one in inside if one.leaves == account),
            closing[account],
        )
        for account in ACCOUNTS
    )
    return Year(year, rows, tuple(inside), closed, at)
