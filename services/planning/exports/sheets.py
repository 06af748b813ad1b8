"""The tables of a plan as an Excel workbook: real numbers and dates, sums that calculate, texts that stay texts."""

import io
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from services.planning.exports import labels
from services.planning.exports.edition import Edition
from services.planning.exports.figures import figures
from services.planning.exports.formulas import Formula, Values, with_values
from services.planning.exports.printing import balance_words
from shared.contracts.documents import Plan

MONEY, NUMBER, DAY, MONTH = '#,##0.00\\ "€"', "#,##0.###", "DD.MM.YYYY", "MMM\\ YYYY"
_HEAD = PatternFill("solid", fgColor="F7F3EC")
_NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_FORMULA = re.compile(r"[=+\-@\t\r]")


class Column(Struct, frozen=True):
    """`form`: the number format, "" for text; `summed`: the foot adds up what stands above."""

    name: str
    width: int
    form: str = ""
    summed: bool = False


Row = Sequence[Any]

_COSTS = (
    Column("Nr.", 6),
    Column("Bezeichnung", 44),
    Column("Kategorie", 18),
    Column("Menge", 10, NUMBER),
    Column("Einheit", 12),
    Column("Einzelpreis", 14, MONEY),
    Column("Wann", 12, MONTH),
    Column("Summe", 15, MONEY, True),
    Column("Mindestens", 15, MONEY),
    Column("Höchstens", 15, MONEY),
)
_INCOMES = (
    Column("Nr.", 6),
    Column("Bezeichnung", 44),
    Column("Art", 16),
    Column("Stunden", 10, NUMBER),
    Column("Wann", 12, MONTH),
    Column("Betrag", 15, MONEY, True),
)
_WORK = (
    Column("Nr.", 6),
    Column("Bezeichnung", 44),
    Column("Wer", 20),
    Column("Stand", 12),
    Column("Stunden", 10, NUMBER, True),
    Column("Beginn", 12, DAY),
    Column("Ende", 12, DAY),
    Column("Nach", 14),
    Column("Gehört zu", 12),
)
_RESOURCES = (
    Column("Nr.", 6),
    Column("Bezeichnung", 44),
    Column("Art", 14),
    Column("Menge", 10, NUMBER),
    Column("Einheit", 12),
    Column("Stand", 14),
    Column("Woher", 30),
)
_MILESTONES = (Column("Nr.", 6), Column("Bezeichnung", 44), Column("Tag", 12, DAY), Column("Nach", 14))


def workbook(edition: Edition) -> bytes:
    """An XLSX file with a sheet for each table and one that says what it is."""
    plan, book, values = edition.plan, Workbook(), Values()
    assert book.active is not None
    book.remove(book.active)
    _overview(book.create_sheet("Überblick"), edition, values)
    _table(book.create_sheet("Kosten"), _COSTS, _costs(plan), values)
    _table(book.create_sheet("Einnahmen"), _INCOMES, _incomes(plan), values)
    _table(book.create_sheet("Arbeit"), _WORK, _work(plan), values)
    _table(book.create_sheet("Ressourcen"), _RESOURCES, _resources(plan), values)
    _table(book.create_sheet("Meilensteine"), _MILESTONES, _milestones(plan), values)
    book.properties.title, book.properties.creator = edition.title, edition.town
    book.properties.created = book.properties.modified = edition.at.replace(tzinfo=None)
    book.properties.language = "de-DE"
    out = io.BytesIO()
    book.save(out)
    return with_values(out.getvalue(), book.sheetnames, values)


def _overview(sheet: Worksheet, edition: Edition, values: Values) -> None:
    found, plan = figures(edition.plan), edition.plan
    paid, got = _euros(found.costs_cents), _euros(found.incomes_cents)
    costs, incomes = _foot("Kosten", _COSTS, plan.costs, paid), _foot("Einnahmen", _INCOMES, plan.incomes, got)
    rows: list[tuple[str, Any, str]] = [
        ("Projekt", edition.title, ""),
        ("Kommune", edition.town, ""),
        ("Stand", edition.state, ""),
        ("Im Netz", edition.address, ""),
        ("Kosten", costs, MONEY),
        ("Einnahmen", incomes, MONEY),
        ("Einnahmen weniger Kosten", Formula("=B6-B5", got - paid), MONEY),
        ("Zur Finanzierung", balance_words(found), ""),
    ]
    for at, (name, value, form) in enumerate(rows, 1):
        _write(sheet.cell(at, 1), name).font = Font(bold=True)
        _write(sheet.cell(at, 2), value, form, values)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 26, 70


def _foot(sheet: str, columns: Sequence[Column], lines: Sequence[Any], value: Decimal) -> Any:
    if not lines:
        return Decimal(0)
    at = next(place for place, column in enumerate(columns, 1) if column.summed)
    return Formula(f"={sheet}!{get_column_letter(at)}{len(lines) + 2}", value)


def _table(sheet: Worksheet, columns: Sequence[Column], rows: Sequence[Row], values: Values) -> None:
    for at, column in enumerate(columns, 1):
        head = _write(sheet.cell(1, at), column.name)
        head.font, head.fill = Font(bold=True), _HEAD
        sheet.column_dimensions[get_column_letter(at)].width = column.width
    for number, row in enumerate(rows, 2):
        for at, (column, value) in enumerate(zip(columns, row, strict=True), 1):
            _write(sheet.cell(number, at), value, column.form, values)
    sheet.freeze_panes = "A2"
    if rows:
        _sums(sheet, columns, rows, values)


def _sums(sheet: Worksheet, columns: Sequence[Column], rows: Sequence[Row], values: Values) -> None:
    foot = len(rows) + 2
    for at, column in enumerate(columns, 1):
        if column.summed:
            letter, cells = get_column_letter(at), [row[at - 1] for row in rows]
            value = sum((each.value if isinstance(each, Formula) else each or Decimal() for each in cells), Decimal())
            total = Formula(f"=SUM({letter}2:{letter}{foot - 1})", value)
            _write(sheet.cell(foot, at), total, column.form, values).font = Font(bold=True)
            _write(sheet.cell(foot, 2), "Summe").font = Font(bold=True)


def _write(cell: Any, value: Any, form: str = "", values: Values | None = None) -> Cell:
    """Puts a value into a cell; a text is never taken for a formula, neither now nor when somebody edits it later."""
    if isinstance(value, Formula):
        cell.value = value.text.format(row=cell.row)
        assert values is not None
        values[cell.parent.title, cell.coordinate] = value.value
    elif isinstance(value, str):
        cell.value = _NO_XML.sub("", value)
        cell.data_type = "s"
        cell.quotePrefix = bool(_FORMULA.match(value))
    else:
        cell.value = value
    if form and value not in (None, ""):
        cell.number_format = form
    written: Cell = cell
    return written


def _number(thousandths: int) -> Decimal:
    return Decimal(thousandths) / 1000


def _euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _day(iso: str) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _month(iso: str) -> date | None:
    return date.fromisoformat(f"{iso}-01") if iso else None


def _costs(plan: Plan) -> list[Row]:
    return [
        (f"K{n}", r.label, r.category, _number(r.quantity), r.unit, _euros(r.unit_price_cents), _month(r.month),
         Formula("=ROUND(D{row}*F{row},2)", _euros(r.total())),
         *(_euros(bound) if bound else None for bound in (r.least_cents, r.most_cents)))
        for n, r in enumerate(plan.costs, 1)
    ]  # fmt: skip


def _incomes(plan: Plan) -> list[Row]:
    return [
        (f"E{n}", r.label, labels.INCOMES[r.kind], _number(r.hours) if r.hours else None, _month(r.month),
         _euros(r.amount_cents))
        for n, r in enumerate(plan.incomes, 1)
    ]  # fmt: skip


def _work(plan: Plan) -> list[Row]:
    return [
        (f"A{n}", r.label, r.owner, labels.WORK[r.state], _number(r.effort) if r.effort else None, _day(r.starts),
         _day(r.ends), labels.after(plan, r.after), labels.after(plan, r.parent))
        for n, r in enumerate(plan.work, 1)
    ]  # fmt: skip


def _resources(plan: Plan) -> list[Row]:
    return [
        (f"R{n}", r.label, labels.RESOURCES[r.kind], _number(r.quantity), r.unit, labels.SUPPLY[r.state], r.source)
        for n, r in enumerate(plan.resources, 1)
    ]


def _milestones(plan: Plan) -> list[Row]:
    return [(f"M{n}", r.label, _day(r.day), labels.after(plan, r.after)) for n, r in enumerate(plan.milestones, 1)]
