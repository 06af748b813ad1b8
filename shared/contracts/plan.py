"""The part of a frozen plan that others calculate with: finance and schedule, exact to the cent."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

Cents: TypeAlias = Annotated[int, Meta(ge=0, le=10**12)]
Thousandths: TypeAlias = Annotated[int, Meta(ge=0, le=10**9)]
Day: TypeAlias = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Month: TypeAlias = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}$")]
Label: TypeAlias = Annotated[str, Meta(max_length=300)]

IncomeKind: TypeAlias = Literal["own", "donation", "in_kind", "volunteer", "applied", "granted", "other"]


class CostLine(Struct, frozen=True, kw_only=True):
    """`quantity` counts thousandths (1.5 days = 1500); the label is the team's free text."""

    id: str
    label: Label
    category: Label
    quantity: Thousandths
    unit_price_cents: Cents
    month: Month

    def total(self) -> int:
        """Cents, rounded half up once per line, so that a printed column adds up."""
        return (2 * self.quantity * self.unit_price_cents + 1000) // 2000


class IncomeLine(Struct, frozen=True, kw_only=True):
    """`hours` (thousandths) says how much work a line of kind `volunteer` values."""

    id: str
    label: Label
    kind: IncomeKind
    amount_cents: Cents
    month: Month
    hours: Thousandths | None = None


class Totals(Struct, frozen=True, kw_only=True):
    """Sums in cents; `missing_cents` is what the incomes lack (negative: they are beyond the costs)."""

    costs_cents: int
    incomes_cents: int
    missing_cents: int
    by_kind: dict[str, int]


class FinancePlan(Struct, frozen=True, kw_only=True):
    """Cost lines are called K1, K2, …, income lines E1, E2, … in their order here."""

    costs: list[CostLine] = []
    incomes: list[IncomeLine] = []

    def totals(self) -> Totals:
        costs = sum(line.total() for line in self.costs)
        by_kind: dict[str, int] = {}
        for line in self.incomes:
            by_kind[line.kind] = by_kind.get(line.kind, 0) + line.amount_cents
        incomes = sum(by_kind.values())
        return Totals(costs_cents=costs, incomes_cents=incomes, missing_cents=costs - incomes, by_kind=by_kind)


class ScheduleLine(Struct, frozen=True, kw_only=True):
    """A work package or a milestone (`starts` = `ends`); `after` names the lines it waits for."""

    id: str
    label: Label
    starts: Day
    ends: Day
    after: list[str] = []


class SchedulePlan(Struct, frozen=True, kw_only=True):
    """The project's own first and last day, and what happens between them."""

    starts: Day
    ends: Day
    lines: list[ScheduleLine] = []
