"""A plan in sums: by category, kind and year, and the lowest stand of its cash box."""

from collections.abc import Iterable

from msgspec import Struct

from services.planning.exports.labels import INCOMES
from services.planning.money import Month, cash_flow, costs_between
from shared.contracts.documents import Plan

NO_CATEGORY = "ohne Kategorie"
NO_YEAR = "ohne Monat"


class Year(Struct, frozen=True, kw_only=True):
    """`year` is "" for lines that have no month."""

    year: str
    costs_cents: int
    incomes_cents: int


class Figures(Struct, frozen=True, kw_only=True):
    """Cents; categories and kinds with the largest first. `lowest`: the month at whose end the cash box is lowest."""

    costs_cents: int
    incomes_cents: int
    categories: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]
    years: tuple[Year, ...]
    lowest: Month | None
    volunteer_hours: int  # thousandths
    volunteer_cents: int
    applied_cents: int
    between: tuple[int, int]  # what the costs come to at least and at most

    @property
    def missing_cents(self) -> int:
        return self.costs_cents - self.incomes_cents


def figures(plan: Plan) -> Figures:
    """Works out what a plan comes to; a line without month counts in the project's first one, where that is known."""
    first = plan.profile.starts[:4]
    costs = [(line.month[:4] or first, line.total()) for line in plan.costs]
    incomes = [(line.month[:4] or first, line.amount_cents) for line in plan.incomes]
    flow = cash_flow(plan)
    volunteers = [line for line in plan.incomes if line.kind == "volunteer"]
    return Figures(
        costs_cents=sum(cents for _, cents in costs),
        incomes_cents=sum(cents for _, cents in incomes),
        categories=_sums((line.category or NO_CATEGORY, line.total()) for line in plan.costs),
        kinds=_sums((INCOMES[line.kind], line.amount_cents) for line in plan.incomes),
        years=tuple(
            Year(
                year=year,
                costs_cents=sum(cents for at, cents in costs if at == year),
                incomes_cents=sum(cents for at, cents in incomes if at == year),
            )
            for year in sorted({at for at, _ in costs + incomes}, key=lambda year: (not year, year))
        ),
        lowest=min(flow.months, key=lambda month: month.balance_cents) if flow else None,
        volunteer_hours=sum(line.hours for line in volunteers),
        volunteer_cents=sum(line.amount_cents for line in volunteers),
        between=costs_between(plan),
        applied_cents=sum(line.amount_cents for line in plan.incomes if line.kind == "applied"),
    )


def _sums(lines: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for name, cents in lines:
        found[name] = found.get(name, 0) + cents
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
