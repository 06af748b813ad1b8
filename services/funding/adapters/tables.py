"""Tables as files: CSV for German spreadsheets, and XLSX with real numbers and dates. No text becomes a formula."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import TypeAlias

from msgspec import Struct
from openpyxl import Workbook
from openpyxl.cell import Cell as Place
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from shared.web.render import BERLIN

_CONTROL = {code: None for code in range(32) if code not in (9, 10, 13)}  # no file of this kind can hold them
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDEST = 60  # letters

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


class Euro(Struct, frozen=True):
    """An amount, in cents."""

    cents: int


Cell: TypeAlias = str | int | Euro | date | datetime | None


class Table(Struct, frozen=True):
    """A sheet with its heads; every row has a cell for each of them."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv_of(table: Table) -> bytes:
    """Semicolons, decimal commas, and the mark by which Excel knows UTF-8; moments in German time."""
    written = StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([_as_text(head) for head in table.heads])
    writer.writerows([_as_text(cell) for cell in row] for row in table.rows)
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def _as_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Euro(cents=cents):
            return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02}"
        case datetime():
            return f"{cell.astimezone(BERLIN):%Y-%m-%d %H:%M:%S}"
        case date():
            return cell.isoformat()
        case int():
            return str(cell)
    text = cell.translate(_CONTROL)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def xlsx_of(*tables: Table) -> bytes:
    """A workbook with a sheet for each table."""
    book = Workbook()
    for empty in book.worksheets:
        book.remove(empty)
    for table in tables:
        sheet = book.create_sheet(table.title.translate({ord(sign): " " for sign in "[]:*?/\\"})[:31])
        for number, cells in enumerate([table.heads, *table.rows], 1):
            for column, cell in enumerate(cells, 1):
                _put(sheet.cell(number, column), cell, head=number == 1)
        sheet.freeze_panes = "A2"
        for column in range(1, len(table.heads) + 1):
            longest = max(len(_as_text(row[column - 1])) for row in [table.heads, *table.rows])
            sheet.column_dimensions[get_column_letter(column)].width = min(longest + 3, _WIDEST)
    stored = BytesIO()
    book.save(stored)
    return stored.getvalue()


def _put(place: Place, cell: Cell, *, head: bool) -> None:
    match cell:
        case None:
            return
        case Euro(cents=cents):
            place.value = Decimal(cents) / 100
            place.number_format = '#,##0.00 "€"'
        case datetime():  # a spreadsheet knows no zones
            place.value = cell.astimezone(BERLIN).replace(tzinfo=None, microsecond=0)
            place.number_format = "DD.MM.YYYY HH:MM:SS"
        case date():
            place.value = cell
            place.number_format = "DD.MM.YYYY"
        case int():
            place.value = cell
        case str():
            place.value = cell.translate(_CONTROL)[:32_000]
            place.data_type = "s"  # whatever it begins with
            place.quotePrefix = cell.startswith(_FORMULA)
    if head:
        place.font = Font(bold=True)
        place.alignment = Alignment(wrap_text=True, vertical="top")
