"""Cost lines from a table that somebody has brought: each line is checked, and each fault is named at its line."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from services.planning.exports.spreadsheet import Cells, Unreadable, sheets
from shared.contracts.documents import Cost, Plan
from shared.money import parse_euro
from shared.text import folded

MOST = 300  # lines of a table
_HEAD_WITHIN = 20  # rows
_LABEL, _WORD, _SHORT = 300, 120, 60  # letters
_QUANTITY, _CENTS = 10**9, 10**12

_COLUMNS = {
    "label": ("bezeichnung", "position", "kostenposition", "posten", "beschreibung", "was"),
    "category": ("kategorie", "kostenart", "art"),
    "quantity": ("menge", "anzahl", "stueckzahl"),
    "unit": ("einheit",),
    "price": ("einzelpreis", "preis", "preis pro einheit", "stueckpreis"),
    "total": ("summe", "betrag", "gesamt", "gesamtpreis", "kosten"),
    "month": ("wann", "monat", "datum", "zeitpunkt", "faellig"),
}
_NAMES = {name: field for field, names in _COLUMNS.items() for name in names}
_SUMS = ("summe", "gesamt", "zwischensumme", "total")
_NUMBER = re.compile(r"(?P<number>[-\u2212]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?)\s*(?P<unit>[^\d\s.,].*)?")
_MONTHS = ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


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
    for _, rows in sorted(sheets(body), key=lambda sheet: folded(sheet[0]) != "kosten"):
        for at, row in enumerate(rows[:_HEAD_WITHIN]):
            if columns := _columns(row):
                return _marked(list(_lines(rows, at, columns)), plan)
    raise Unreadable("no_head")


def _columns(row: Cells) -> dict[str, int]:
    """Field → place, if the row is a head."""
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        name = folded(re.sub(r"\(.*?\)|€|EUR", "", cell[:_SHORT])) if isinstance(cell, str) else ""
        if field := _NAMES.get(name):
            found.setdefault(field, at)
    return found if "label" in found and found.keys() & {"price", "total"} else {}


def _lines(rows: list[Cells], head: int, columns: Mapping[str, int]) -> Iterator[Line]:
    taken = 0
    for number, row in enumerate(rows[head + 1 :], head + 2):
        cells = {field: row[at] if at < len(row) else None for field, at in columns.items()}
        if all(cell in (None, "") for cell in cells.values()) or _is_sum(row, cells):
            continue
        taken += 1
        if taken > MOST:
            raise Unreadable("too_long", most=MOST)
        yield _line(number, cells)


def _is_sum(row: Cells, cells: Mapping[str, Any]) -> bool:
    first = next((cell for cell in row if isinstance(cell, str) and cell.strip()), "")
    alone = cells.get("quantity") in (None, "") and cells.get("price") in (None, "")
    return alone and any(folded(words[:_SHORT]).startswith(_SUMS) for words in (first, str(cells["label"] or "")))


def _line(number: int, cells: Mapping[str, Any]) -> Line:
    faults: list[Fault] = []
    label = _text(cells["label"], _LABEL, "label", faults)
    if not label:
        faults.append(Fault("label_missing"))
    quantity, counted = _quantity(cells.get("quantity"), faults)
    unit = _text(cells.get("unit"), _WORD, "unit", faults) or _text(counted, _WORD, "unit", faults)
    price = _money(cells.get("price"), "price", faults)
    total = _money(cells.get("total"), "total", faults)
    if not any(fault.code in ("no_amount", "negative", "too_fine", "too_much") for fault in faults):
        price = _price(quantity, price, total, faults)
    return Line(
        number=number,
        label=label,
        category=_text(cells.get("category"), _WORD, "category", faults),
        quantity=quantity,
        unit=unit,
        unit_price_cents=price or 0,
        month=_month(cells.get("month"), faults),
        faults=tuple(faults),
    )


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
        faults.append(Fault("too_long_text", {"column": _COLUMNS[column][0].capitalize(), "most": most}))
        return text[:most]
    return text


def _quantity(cell: Any, faults: list[Fault]) -> tuple[int, str]:
    """Thousandths, and the unit if it stands in the same cell: `24 Stück`. Nothing means one."""
    if cell in (None, ""):
        return 1000, ""
    found, unit = _decimal(cell)
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


def _decimal(cell: Any) -> tuple[Decimal | None, str]:
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        exact = Decimal(str(cell))
        return (exact if exact.is_finite() else None), ""
    match = _NUMBER.fullmatch(str(cell).replace("\u00a0", " ").strip()) if isinstance(cell, str) else None
    if match is None:
        return None, ""
    plain = match["number"].replace(".", "").replace(",", ".").replace("\u2212", "-")
    try:
        return Decimal(plain), match["unit"] or ""
    except InvalidOperation:
        return None, ""


def _money(cell: Any, column: str, faults: list[Fault]) -> int | None:
    """Cents; numbers of a spreadsheet may be a breath beside the cent, as binary fractions are."""
    if cell in (None, ""):
        return None
    try:
        if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
            exact = Decimal(str(cell)) * 100
            cents = round(exact)
            if abs(exact - cents) > Decimal("0.0001"):
                faults.append(Fault("too_fine", {"places": 2}))
                return None
        else:
            cents = parse_euro(str(cell))
    except (ValueError, ArithmeticError):
        faults.append(Fault("no_amount", {"column": _COLUMNS[column][0].capitalize(), "text": str(cell)[:40]}))
        return None
    if cents < 0 or cents > _CENTS:
        faults.append(Fault("negative" if cents < 0 else "too_much"))
        return None
    return cents


def _month(cell: Any, faults: list[Fault]) -> str:
    """`YYYY-MM` from a date, or from 2027-04, 04/2027, 1.4.2027, 1.4.27, April 2027."""
    if cell in (None, ""):
        return ""
    found = cell if isinstance(cell, date) else _written(str(cell)[:_SHORT])
    if found is None or not 2000 <= found.year < 2100:
        faults.append(Fault("no_month", {"text": str(cell)[:40]}))
        return ""
    return f"{found.year}-{found.month:02d}"


def _written(words: str) -> date | None:
    text = folded(words).replace("maerz", "mar").replace("mrz", "mar")
    year = month = day = "1"
    if match := re.fullmatch(r"(\d{4}) (\d{1,2})(?: (\d{1,2}))?", text):
        year, month, day = match[1], match[2], match[3] or day
    elif match := re.fullmatch(r"(?:(\d{1,2}) )?(\d{1,2}) (\d{4}|\d\d)", text):
        year, month, day = match[3], match[2], match[1] or day
    elif (match := re.fullmatch(r"(?:(\d{1,2}) )?([a-z]{3})[a-z]* (\d{4}|\d\d)", text)) and match[2] in _MONTHS:
        year, month, day = match[3], str(_MONTHS.index(match[2]) + 1), match[1] or day
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _marked(lines: list[Line], plan: Plan) -> list[Line]:
    if not lines:
        raise Unreadable("no_lines")
    known = {_key(cost) for cost in plan.costs}
    spelt = {folded(cost.category): cost.category for cost in plan.costs if cost.category}
    lines = [replace(line, category=spelt.get(folded(line.category), line.category)) for line in lines]
    return [replace(line, there=_key(line) in known) for line in lines]


def _key(line: Cost | Line) -> tuple[Any, ...]:
    return line.label.strip(), line.category, line.quantity, line.unit, line.unit_price_cents, line.month
