"""Cost lines from a table that somebody has brought: each line is checked, and each fault is named at its line."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from services.planning.exports import written
from services.planning.exports.heads import columns_of, title, words_of
from services.planning.exports.spreadsheet import ABOVE, Cells, Unreadable, Unreckoned, sheets
from services.planning.exports.written import in_german, is_english
from shared.contracts.documents import Cost, Plan
from shared.text import folded

MOST = 500  # lines of a table
_HEAD_WITHIN = 20  # rows
_LABEL, _WORD, _SHORT = 300, 120, 60  # letters
_QUANTITY, _CENTS = 10**9, 10**12

_SUM = re.compile(
    r"(?:(?:zwischen|gesamt|end)?summe|gesamt(?:kosten|betrag|ausgaben)?|insgesamt|kosten gesamt"
    r"|(?:sub|grand )?total|sum)\b"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_NUMBERS = ("quantity", "price", "total", "least", "most")


class Fault(Struct, frozen=True):
    """Why a line cannot be taken, in the words of `[table.…]`."""

    code: str
    facts: dict[str, Any] = {}


class Line(Struct, frozen=True, kw_only=True):
    """A line of the table; `number` is its row in the file, `there` says that the plan has just this line already."""

    number: int
    label: str = ""
    category: str = ""
    quantity: int = 1000
    unit: str = ""
    unit_price_cents: int = 0
    month: str = ""
    least_cents: int = 0
    most_cents: int = 0
    faults: tuple[Fault, ...] = ()
    there: bool = False

    @property
    def fits(self) -> bool:
        return not self.faults and not self.there

    def total(self) -> int:
        return Cost(id="", quantity=self.quantity, unit_price_cents=self.unit_price_cents).total()


def cost_lines(body: bytes, plan: Plan) -> list[Line]:
    """The lines of an uploaded table, in its order. Raises `Unreadable`.

    The table is the first sheet with a column for what and one for how much; rows above its head, empty rows and sums
    are left aside. A category that the plan has already is spelt as there.
    """
    named = ""
    for _, rows in sorted(sheets(body), key=lambda sheet: folded(sheet[0]) != "kosten"):
        for at, row in enumerate(rows[:_HEAD_WITHIN]):
            if columns := columns_of(row):
                return _marked(list(_lines(rows, at, columns)), plan)
        named = max(named, words_of(rows), key=len)  # of a CSV, with the separator that makes most of it
    raise Unreadable("no_head", found=named) if named else Unreadable("no_lines")


def _lines(rows: list[Cells], head: int, columns: Mapping[str, int]) -> Iterator[Line]:
    taken, category, below = 0, None, rows[head + 1 :]
    english = is_english(
        row[columns[name]] for row in below for name in _NUMBERS if columns.get(name, len(row)) < len(row)
    )
    for number, row in enumerate(below, head + 2):
        cells = {field: row[at] if at < len(row) else None for field, at in columns.items()}
        category = cells["category"] = category if cells.get("category") is ABOVE else cells.get("category")
        cells = {field: None if cell is ABOVE else cell for field, cell in cells.items()}
        if _is_empty(cells) or _is_sum(row, cells):
            continue
        if english:
            cells |= {name: in_german(cells[name]) for name in _NUMBERS if name in cells}
        taken += 1
        if taken > MOST:
            raise Unreadable("too_long", most=MOST)
        yield _line(number, cells)


def _is_empty(cells: Mapping[str, Any]) -> bool:
    """Also with a sum of nothing, or a category that reaches down to here: forms have such rows to be filled."""
    typed = [cell for field, cell in cells.items() if field not in ("category", "total")]
    total = cells.get("total")
    return all(cell in (None, "") for cell in typed) and (not total or isinstance(total, Unreckoned))


def _is_sum(row: Cells, cells: Mapping[str, Any]) -> bool:
    """Whether a row adds up others; it counts nothing itself."""
    first = next((cell for cell in row if isinstance(cell, str) and cell.strip()), "")
    said = [folded(words[:_SHORT]) for words in (first, str(cells["label"] or ""))]
    return cells.get("quantity") in (None, "") and any(_SUM.match(words) for words in said)


def _line(number: int, cells: Mapping[str, Any]) -> Line:
    faults: list[Fault] = []
    known = _reckoned(cells, faults)
    label = _text(known["label"], _LABEL, "label", faults)
    if not label and known["label"] is cells["label"]:
        faults.append(Fault("label_missing"))
    quantity, counted = _quantity(known.get("quantity"), faults)
    unit = _text(known.get("unit"), _WORD, "unit", faults) or _text(counted, _WORD, "unit", faults)
    price = _money(known.get("price"), "price", faults)
    total = _money(known.get("total"), "total", faults)
    if not any(fault.code in ("not_reckoned", "no_amount", "negative", "too_fine", "too_much") for fault in faults):
        price = _price(quantity, price, total, faults)
    return Line(
        number=number,
        label=label,
        category=_text(known.get("category"), _WORD, "category", faults),
        quantity=quantity,
        unit=unit,
        unit_price_cents=price or 0,
        month=_month(known.get("month"), faults),
        least_cents=_money(known.get("least"), "least", faults) or 0,
        most_cents=_money(known.get("most"), "most", faults) or 0,
        faults=tuple(faults),
    )


def _reckoned(cells: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The cells without formulas that have no result; a sum is not missed where it follows from its price."""
    known = {field: None if isinstance(cell, Unreckoned) else cell for field, cell in cells.items()}
    for field in cells:
        needed = field != "total" or known.get("price") in (None, "")
        if known[field] is not cells[field] and needed:
            faults.append(Fault("not_reckoned", {"column": title(field), "text": cells[field][:40]}))
    return known


def _price(quantity: int, price: int | None, total: int | None, faults: list[Fault]) -> int:
    """The price of one, from what stands there; where a sum stands too, both have to agree to the cent."""
    if price is None and total is None:
        faults.append(Fault("price_missing"))
        return 0
    if price is None:
        assert total is not None
        if quantity and total * 1000 % quantity == 0:
            return total * 1000 // quantity
        faults.append(Fault("not_divisible", {"total_cents": total}))
        return 0
    reckoned = Cost(id="", quantity=quantity, unit_price_cents=price).total()
    if total is not None and total != reckoned:
        faults.append(Fault("sum_differs", {"total_cents": total, "reckoned_cents": reckoned}))
    return price


def _text(cell: Any, most: int, column: str, faults: list[Fault]) -> str:
    if cell is None:
        return ""
    text = unicodedata.normalize("NFC", _CONTROL.sub(" ", str(cell))).strip()
    if len(text) > most:
        faults.append(Fault("too_long_text", {"column": title(column), "most": most}))
        return text[:most]
    return text


def _quantity(cell: Any, faults: list[Fault]) -> tuple[int, str]:
    """Thousandths, and the unit if it stands in the same cell: `24 Stück`. Nothing means one."""
    if cell in (None, ""):
        return 1000, ""
    found, unit = written.quantity(cell)
    if found is None:
        faults.append(Fault("no_number", {"text": str(cell)[:40]}))
        return 1000, ""
    if found < 0:
        faults.append(Fault("negative"))
    elif found * 1000 != int(found * 1000):
        faults.append(Fault("too_fine", {"places": 3}))
    elif found * 1000 > _QUANTITY:
        faults.append(Fault("too_much"))
    else:
        return int(found * 1000), unit
    return 1000, ""


def _money(cell: Any, column: str, faults: list[Fault]) -> int | None:
    """Cents; numbers of a spreadsheet may be a breath beside the cent, as binary fractions are."""
    if cell in (None, ""):
        return None
    try:
        exact = written.euros(cell)
        cents = round(exact)
        if abs(exact - cents) > Decimal("0.0001"):
            faults.append(Fault("too_fine", {"places": 2}))
            return None
    except (ValueError, ArithmeticError):
        faults.append(Fault("no_amount", {"column": title(column), "text": str(cell)[:40]}))
        return None
    if cents < 0 or cents > _CENTS:
        faults.append(Fault("negative" if cents < 0 else "too_much"))
        return None
    return cents


def _month(cell: Any, faults: list[Fault]) -> str:
    """`YYYY-MM` from a date or from what `written.month` reads."""
    if cell in (None, ""):
        return ""
    found = cell if isinstance(cell, date) else written.month(str(cell))
    if found is None or not 2000 <= found.year < 2100:
        faults.append(Fault("no_month", {"text": str(cell)[:40]}))
        return ""
    return f"{found.year}-{found.month:02d}"


def _marked(lines: list[Line], plan: Plan) -> list[Line]:
    if not lines:
        raise Unreadable("no_lines")
    known = {_key(cost) for cost in plan.costs}
    spelt = {folded(cost.category): cost.category for cost in plan.costs if cost.category}
    lines = [replace(line, category=spelt.get(folded(line.category), line.category)) for line in lines]
    return [replace(line, there=_key(line) in known) for line in lines]


def _key(line: Cost | Line) -> tuple[Any, ...]:
    return line.label.strip(), line.category, line.quantity, line.unit, line.unit_price_cents, line.month
