"""Looks a plan through and names every line that is not sound yet; what a pot asks for is funding's to check."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from shared.contracts.documents import Plan

Part: TypeAlias = Literal["profile", "work", "resources", "schedule", "finance"]


class Finding(Struct, frozen=True, kw_only=True):
    """What is to be said about a plan: `line` is the printed name (K7, A2), `line_id` the row it lives in."""

    code: str
    part: Part
    failing: bool = True
    line: str = ""
    line_id: str = ""
    facts: dict[str, int | str] = {}


def check(plan: Plan) -> list[Finding]:
    """All findings on a plan in the order of its parts, failing ones first in each; nothing stops at the first."""
    found = [*_profile(plan), *_work(plan), *_milestones(plan), *_finance(plan), *_cash(plan)]
    order = {"profile": 0, "work": 1, "resources": 2, "schedule": 3, "finance": 4}
    return sorted(found, key=lambda finding: (order[finding.part], not finding.failing))


def _profile(plan: Plan) -> Iterator[Finding]:
    starts, ends = plan.profile.starts, plan.profile.ends
    if starts and ends and ends < starts:
        yield Finding(code="project_ends_before_it_begins", part="profile", facts={"starts": starts, "ends": ends})


def _work(plan: Plan) -> Iterator[Finding]:
    waits = {row.id: row.after.split() for row in plan.work} | {row.id: row.after.split() for row in plan.milestones}
    numbers = {row.id: f"A{n}" for n, row in enumerate(plan.work, 1)}
    numbers |= {row.id: f"M{n}" for n, row in enumerate(plan.milestones, 1)}
    for row in plan.work:
        name = numbers[row.id]
        if not row.owner.strip() and row.state != "done":
            yield Finding(code="owner_missing", part="work", line=name, line_id=row.id)
        if row.starts and row.ends and row.ends < row.starts:
            facts: dict[str, int | str] = {"starts": row.starts, "ends": row.ends}
            yield Finding(code="ends_before_it_begins", part="schedule", line=name, line_id=row.id, facts=facts)
        yield from _outside(plan, name, row.id, row.starts or row.ends, row.ends or row.starts)
    for id in waits:
        if id in _behind(id, waits):
            yield Finding(code="waits_for_itself", part="schedule", line=numbers[id], line_id=id)


def _milestones(plan: Plan) -> Iterator[Finding]:
    for number, row in enumerate(plan.milestones, 1):
        yield from _outside(plan, f"M{number}", row.id, row.day, row.day)


def _outside(plan: Plan, line: str, id: str, first: str, last: str) -> Iterator[Finding]:
    starts, ends = plan.profile.starts, plan.profile.ends
    if first and starts and first < starts:
        yield Finding(code="before_the_project", part="schedule", line=line, line_id=id, facts={"day": starts})
    if last and ends and last > ends:
        yield Finding(code="after_the_project", part="schedule", line=line, line_id=id, facts={"day": ends})


def _behind(id: str, waits: Mapping[str, Sequence[str]]) -> set[str]:
    """Everything that `id` waits for, directly or not."""
    reached, ahead = set[str](), list(waits[id])
    while ahead:
        each = ahead.pop()
        if each in waits and each not in reached:
            reached.add(each)
            ahead += waits[each]
    return reached


def _finance(plan: Plan) -> Iterator[Finding]:
    first, last = plan.profile.starts[:7], plan.profile.ends[:7]
    lines = [(f"K{n}", row.id, row.month) for n, row in enumerate(plan.costs, 1)]
    lines += [(f"E{n}", row.id, row.month) for n, row in enumerate(plan.incomes, 1)]
    for line, id, month in lines:
        if not month and not first:
            yield Finding(code="month_missing", part="finance", line=line, line_id=id)
        elif month and ((first and month < first) or (last and month > last)):
            yield Finding(code="month_outside_the_project", part="finance", line=line, line_id=id)
    for number, row in enumerate(plan.costs, 1):
        least, most = row.between()
        if not least <= row.total() <= most:
            facts: dict[str, int | str] = {"total_cents": row.total()}
            yield Finding(code="outside_its_range", part="finance", line=f"K{number}", line_id=row.id, facts=facts)
    missing = sum(row.total() for row in plan.costs) - sum(row.amount_cents for row in plan.incomes)
    if missing:
        code = "income_missing" if missing > 0 else "income_beyond_costs"
        yield Finding(code=code, part="finance", facts={"missing_cents": abs(missing)})
    elif lines:
        yield Finding(code="balanced", part="finance", failing=False)


def _cash(plan: Plan) -> Iterator[Finding]:
    """The first month at whose end the cash box is empty although incomes still come, and how deep it falls."""
    first = plan.profile.starts[:7]
    costs = [(row.month or first, -row.total()) for row in plan.costs]
    incomes = [(row.month or first, row.amount_cents) for row in plan.incomes]
    balance, low = 0, list[tuple[str, int]]()
    last_income = max((month for month, cents in incomes if cents), default="")
    for month in sorted({month for month, _ in costs + incomes if month}):
        balance += sum(cents for at, cents in costs + incomes if at == month)
        if balance < 0 and month < last_income:
            low.append((month, balance))
    if low:
        facts: dict[str, int | str] = {"day": f"{low[0][0]}-01", "lowest_cents": min(cents for _, cents in low)}
        yield Finding(code="cash_short", part="finance", facts=facts)
