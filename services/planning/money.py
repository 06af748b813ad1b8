"""Draws what a project costs and where the money comes from, and how the cash box stands month by month."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup
from msgspec import Struct

from shared.contracts.documents import Plan
from shared.money import MINUS, format_euro
from shared.web.render import day
from shared.web.svg import drawing, path, rect, text

_LETTER = 7.2  # units that a letter takes
_GROUPS = 4  # pieces of a bar: more cannot be told apart


class Month(Struct, frozen=True, kw_only=True):
    """One month of the cash flow in cents; `balance_cents` is what is left at its end."""

    month: str
    in_cents: int
    out_cents: int
    balance_cents: int


class Flow(Struct, frozen=True, kw_only=True):
    svg: Markup
    months: tuple[Month, ...]


class Cut(Struct, frozen=True, kw_only=True):
    css: str
    width: float
    left: float
    height: float
    every: int  # months between two labels


_WIDE = Cut(css="gw-desk", width=860, left=64, height=300, every=1)
_PHONE = Cut(css="gw-phone", width=330, left=30, height=268, every=2)


def costs_between(plan: Plan) -> tuple[int, int]:
    """Cents that all costs come to at least and at most; lines that say nothing count as they are."""
    bounds = [line.between() for line in plan.costs]
    return sum(least for least, _ in bounds), sum(most for _, most in bounds)


def cash_flow(plan: Plan) -> Flow | None:
    """Money in and out by month, from the first to the last one named; None while no line has a month.

    A line without month counts in the project's first one, where that is known; hours and things given count on both
    sides, in the month of their lines.
    """
    first = plan.profile.starts[:7]
    costs = [(line.month or first, line.total()) for line in plan.costs]
    incomes = [(line.month or first, line.amount_cents) for line in plan.incomes]
    months = _months({month for month, _ in costs + incomes if month})
    if not months:
        return None
    rows, balance = [], 0
    for month in months:
        came = sum(cents for at, cents in incomes if at == month)
        went = sum(cents for at, cents in costs if at == month)
        balance += came - went
        rows.append(Month(month=month, in_cents=came, out_cents=went, balance_cents=balance))
    lowest = min(rows, key=lambda row: row.balance_cents)
    label = (
        f"Geldfluss von {day(months[0] + '-01', 'LLLL y')} bis {day(months[-1] + '-01', 'LLLL y')}. Der Kassenstand "
        f"ist im {day(lowest.month + '-01', 'LLLL')} am niedrigsten: {format_euro(lowest.balance_cents)}."
    )
    svg = Markup("").join(_flow(rows, lowest, label, cut) for cut in (_WIDE, _PHONE))
    return Flow(svg=svg, months=tuple(rows))


def _months(some: set[str]) -> list[str]:
    named = sorted(some)
    if not named:
        return []
    year, number = map(int, named[0].split("-"))
    found: list[str] = []
    while (month := f"{year:04d}-{number:02d}") <= named[-1] and len(found) < 60:
        found.append(month)
        year, number = (year, number + 1) if number < 12 else (year + 1, 1)
    return found


def _flow(rows: Sequence[Month], lowest: Month, label: str, cut: Cut) -> Markup:
    top = max([row.in_cents for row in rows] + [row.balance_cents for row in rows] + [1])
    bottom = min([-row.out_cents for row in rows] + [row.balance_cents for row in rows] + [0])
    unit = (cut.height - 60) / (top - bottom)
    zero = 20 + top * unit
    slot = (cut.width - cut.left) / len(rows)
    parts = list(_lines(top, bottom, zero, unit, cut))
    points = []
    for at, row in enumerate(rows):
        x, wide = cut.left + at * slot, slot * 0.32
        parts.append(rect("d-in", x + slot * 0.14, zero - row.in_cents * unit, wide, row.in_cents * unit, 2))
        parts.append(rect("d-out", x + slot * 0.5, zero, wide, row.out_cents * unit, 2))
        points.append((x + slot * 0.48, zero - row.balance_cents * unit, row))
        if at % max(cut.every, -(-len(rows) // 13)) == 0:
            parts.append(text("t-soft t-mid", x + slot / 2, cut.height + 4, day(row.month + "-01", "LLL")))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    parts.append(Markup('<polyline class="d-run" points="{}"/>').format(line))
    for x, y, row in points:
        bad = row.balance_cents < 0
        parts.append(
            Markup('<circle class="d-dot{}" cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(
                " d-dot--bad" if bad else "", x, y, 5 if bad else 3.5
            )
        )
        if bad and row is lowest:
            words = f"{day(row.month + '-01', 'LLLL')}: {_whole(row.balance_cents)}"
            inside = min(max(x, cut.left + 60), cut.width - 60)
            parts.append(text("t-bad t-mid", inside, cut.height - 18, words))
    return drawing(cut.css, cut.width, cut.height + 10, label, parts)


def _lines(top: int, bottom: int, zero: float, unit: float, cut: Cut) -> Iterator[Markup]:
    """Four or five grid lines at round amounts."""
    step = _round_step(top - bottom)
    at = -(-bottom // step) * step
    while at <= top:
        y = zero - at * unit
        yield path("d-axis" if at == 0 else "d-line", f"M{cut.left:g} {y:.1f}H{cut.width:g}")
        words = _whole(at, unit=False) if cut is _WIDE else f"{at / 100_000:g}".replace("-", MINUS).replace(".", ",")
        yield text("t-soft t-end", cut.left - 8, y + 5, words)
        at += step
    if cut is _PHONE:
        yield text("t-soft", 0, 12, "Tausend Euro")


def _round_step(span: int) -> int:
    step = 100_00
    while span / step > 5:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def _whole(cents: int, *, unit: bool = True) -> str:
    return format_euro(round(cents / 100) * 100, unit=unit).replace(",00", "")


def balance_bars(plan: Plan) -> Markup:
    """Costs by category above incomes by kind, both to one measure, and the gap between them."""
    costs = _grouped([(line.category or "Sonstiges", line.total()) for line in plan.costs])
    incomes = _grouped([(_KINDS[line.kind], line.amount_cents) for line in plan.incomes])
    paid, got = sum(cents for _, cents in costs), sum(cents for _, cents in incomes)
    if not paid and not got:
        return Markup("")
    gap = paid - got
    said = f", es fehlen {format_euro(gap)}" if gap > 0 else f", {format_euro(-gap)} zu viel" if gap < 0 else ""
    label = f"Kosten {format_euro(paid)}, Einnahmen {format_euro(got)}{said}"
    return Markup("").join(
        _bars(cut, costs, incomes, gap, max(paid, got), label) for cut in (("gw-desk", 860), ("gw-phone", 330))
    )


_KINDS = {
    "own": "Eigenmittel",
    "donation": "Spenden",
    "in_kind": "Sachleistung",
    "volunteer": "Ehrenamt",
    "applied": "Fonds",
    "granted": "bewilligt",
    "other": "Sonstiges",
}


def _grouped(lines: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The largest first; what is beyond three is put together."""
    sums: dict[str, int] = {}
    for name, cents in lines:
        sums[name] = sums.get(name, 0) + cents
    ordered = sorted(((name, cents) for name, cents in sums.items() if cents), key=lambda pair: -pair[1])
    if len(ordered) <= _GROUPS:
        return ordered
    return [*ordered[: _GROUPS - 1], ("Weiteres", sum(cents for _, cents in ordered[_GROUPS - 1 :]))]


def _bars(
    cut: tuple[str, float],
    costs: Sequence[tuple[str, int]],
    incomes: Sequence[tuple[str, int]],
    gap: int,
    most: int,
    label: str,
) -> Markup:
    css, width = cut
    parts = [*_bar(costs, 20, width, most), *_bar(incomes, 84, width, most)]
    parts += [text("t-soft", 0, 13, "Kosten"), text("t-soft", 0, 77, "Einnahmen")]
    if gap > 0:
        wide = max(width * gap / most, 6)
        parts.append(rect("d-gap", width - wide + 1, 85, wide - 2, 28, 3))
        parts.append(text("t-warn t-end", width, 77, f"es fehlen {format_euro(gap)}"))
    return drawing(css, width, 116, label, parts)


def _bar(pieces: Sequence[tuple[str, int]], y: float, width: float, most: int) -> Iterator[Markup]:
    x = 0.0
    for number, (name, cents) in enumerate(pieces, 1):
        wide = width * cents / most
        yield rect(f"d-c{number}", x, y, max(wide - 2, 1), 30, 4)
        if wide > len(name) * _LETTER + 20:
            yield text("t-inv" if number < 3 else "", x + 10, y + 20, name)
        x += wide
