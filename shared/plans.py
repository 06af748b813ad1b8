"""What follows from a plan: the part that others calculate with, and what changed between two states of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from shared.contracts.documents import FIELDS, PLAN_TABLES, SECTIONS, Block, Plan, Prose, Row, Span
from shared.contracts.plan import CostLine, FinancePlan, IncomeLine, ScheduleLine, SchedulePlan

Part: TypeAlias = Literal["profile", "work", "resources", "schedule", "finance"]
PARTS: dict[str, Part] = {
    "work": "work",
    "resources": "resources",
    "milestones": "schedule",
    "costs": "finance",
    "incomes": "finance",
}
LETTERS = {"work": "A", "resources": "R", "milestones": "M", "costs": "K", "incomes": "E"}


class Change(Struct, frozen=True, kw_only=True):
    """One thing that is different. `table`: attribute of `Plan`, or `texts`, `fields`; `line`: the printed name (K7).

    `field` with its `old` and `new` value where one field of a row, a field or a section of the profile changed; the
    values are as they are stored (cents, thousandths, ISO dates), of sections the text.
    """

    part: Part
    table: str
    kind: Literal["added", "removed", "changed", "moved"]
    row: str = ""
    line: str = ""
    label: str = ""
    field: str = ""
    old: str | int | bool = ""
    new: str | int | bool = ""


def finance_plan(plan: Plan) -> tuple[FinancePlan, list[str]]:
    """The finance table as funding checks it, and the printed names of lines left out for want of a month.

    A line without month counts in the project's first month, if that is known.
    """
    first, nowhere = plan.profile.starts[:7], list[str]()
    nowhere += [f"K{n}" for n, cost in enumerate(plan.costs, 1) if not (cost.month or first)]
    nowhere += [f"E{n}" for n, income in enumerate(plan.incomes, 1) if not (income.month or first)]
    costs = [
        CostLine(
            id=line.id,
            label=line.label,
            category=line.category,
            quantity=line.quantity,
            unit_price_cents=line.unit_price_cents,
            month=line.month or first,
        )
        for line in plan.costs
        if line.month or first
    ]
    incomes = [
        IncomeLine(
            id=line.id,
            label=line.label,
            kind=line.kind,
            amount_cents=line.amount_cents,
            month=line.month or first,
            hours=line.hours or None,
        )
        for line in plan.incomes
        if line.month or first
    ]
    return FinancePlan(costs=costs, incomes=incomes), nowhere


def schedule_plan(plan: Plan) -> SchedulePlan | None:
    """Dated packages and milestones between the project's first and last day; None while nothing has a date.

    Where the profile does not name these days, they are the earliest and the latest of the lines.
    """
    lines = [
        ScheduleLine(id=work.id, label=work.label, starts=work.starts, ends=work.ends, after=work.after.split())
        for work in plan.work
        if work.starts and work.ends
    ] + [
        ScheduleLine(id=mile.id, label=mile.label, starts=mile.day, ends=mile.day, after=mile.after.split())
        for mile in plan.milestones
        if mile.day
    ]
    starts = plan.profile.starts or min((line.starts for line in lines), default="")
    ends = plan.profile.ends or max((line.ends for line in lines), default="")
    return SchedulePlan(starts=starts, ends=ends, lines=lines) if starts and ends else None


def changes(before: Plan, after: Plan) -> list[Change]:
    """What is different in `after`, in the order of the plan: profile, then table by table, row by row."""
    found = list(_profile(before, after))
    for table in PLAN_TABLES:
        found += _table(table, getattr(before, table), getattr(after, table))
    return found


def joined(changes: Iterable[Change]) -> list[Change]:
    """Changes that one person made one after the other, without the steps between: a word typed letter by letter is
    one change, a row that came and went again is none."""
    found: list[Change] = []
    for change in changes:
        _join(found, change)
    return found


def _join(found: list[Change], new: Change) -> None:
    same = [at for at, each in enumerate(found) if (each.table, each.row) == (new.table, new.row) and new.row]
    added = next((at for at in same if found[at].kind == "added"), None)
    if new.kind == "removed":
        gone = [found[at] for at in same if found[at].kind == "removed"]
        for at in reversed(same):
            del found[at]
        found += gone or ([new] if added is None else [])
    elif added is not None:
        found[added] = replace(found[added], line=new.line, label=new.label)
    elif new.kind == "moved":
        if not any(found[at].kind == "moved" for at in same):
            found.append(new)
    else:
        _join_field(found, new)


def _join_field(found: list[Change], new: Change) -> None:
    place = (new.kind, new.table, new.row, new.field)
    at = next((at for at, each in enumerate(found) if (each.kind, each.table, each.row, each.field) == place), None)
    if new.kind != "changed" or at is None or found[at].new != new.old:  # somebody else was there between
        found.append(new)
    elif found[at].old == new.new:
        del found[at]
    else:
        found[at] = replace(new, old=found[at].old)


def _profile(before: Plan, after: Plan) -> Iterator[Change]:
    for section in SECTIONS:
        old, new = plain(before.profile.texts.get(section, ())), plain(after.profile.texts.get(section, ()))
        if old != new:
            yield Change(part="profile", table="texts", kind="changed", field=section, old=old, new=new)
    for field in FIELDS:
        old, new = getattr(before.profile, field), getattr(after.profile, field)
        if old != new:
            yield Change(part="profile", table="fields", kind="changed", field=field, old=old, new=new)


def plain(prose: Prose) -> str:
    """A rich text without its style, a line for each block and for each row of a table."""
    return "\n".join(block.text for block in without_tables(prose))


def without_tables(prose: Prose) -> Prose:
    """The same words, with each row of a table as a paragraph, its cells between bars."""
    found: list[Block] = []
    for block in prose:
        if block.kind in ("head", "cell"):
            words = block.text.replace("\n", " ")
            row = f"{found.pop().text} | {words}" if block.depth > 1 and found else words
            found.append(Block(kind="paragraph", spans=(Span(text=row),)))
        elif block.kind != "table":
            found.append(block)
    return tuple(found)


def _table(table: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    old, new = {row.id: row for row in before}, {row.id: row for row in after}
    common = [row.id for row in after if row.id in old]
    steady = {id for id in common if old[id].order == new[id].order}
    stayed = _longest_run([row.id for row in before if row.id in new], common, steady)
    for number, row in enumerate(before, 1):
        if row.id not in new:
            yield _of(table, "removed", row, number)
    for number, row in enumerate(after, 1):
        if row.id not in old:
            yield _of(table, "added", row, number)
            continue
        if row.id not in stayed:
            yield _of(table, "moved", row, number)
        if row == old[row.id]:
            continue
        for field in row.__struct_fields__:
            was, now = getattr(old[row.id], field), getattr(row, field)
            if was != now and field not in ("id", "order"):
                yield _of(table, "changed", row, number, field, was, now)


def _of(table: str, kind: Any, row: Row, number: int, field: str = "", old: Any = "", new: Any = "") -> Change:
    return Change(
        part=PARTS[table],
        table=table,
        kind=kind,
        row=row.id,
        line=f"{LETTERS[table]}{number}",
        label=getattr(row, "label", ""),
        field=field,
        old=old,
        new=new,
    )


def _longest_run(before: list[str], after: list[str], steady: set[str]) -> set[str]:
    """The most ids that keep their order, rather those in `steady`; the others have been moved."""
    if before == after:
        return set(after)
    place = {id: number for number, id in enumerate(before, 1)}
    best: list[tuple[int, int]] = []  # (weight of the heaviest run that ends here, its former member)
    heaviest = [(0, -1)] * (len(before) + 1)  # of those that end at places up to here, as a binary indexed tree
    for at, id in enumerate(after):
        weight, former = max(heaviest[each] for each in _downwards(place[id] - 1))
        best.append((weight + 2 + (id in steady), former))
        each = place[id]
        while each <= len(before):
            heaviest[each] = max(heaviest[each], (best[at][0], at))
            each += each & -each
    kept, at = set[str](), max(range(len(best)), key=lambda k: best[k][0], default=-1)
    while at >= 0:
        kept.add(after[at])
        at = best[at][1]
    return kept


def _downwards(place: int) -> Iterator[int]:
    """Where a binary indexed tree holds what is known of all places up to this one."""
    yield 0
    while place:
        yield place
        place -= place & -place
