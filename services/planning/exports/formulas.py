"""What formulas of a workbook come to, written beside them: a phone's preview or a script shows only what is stored."""

import io
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

Values: TypeAlias = dict[tuple[str, str], Decimal]  # by sheet and cell

_SHEET = "xl/worksheets/sheet{}.xml"
_CELL = re.compile(rb'(<c r="([A-Z]+\d+)"[^>]*><f>[^<]*</f>)<v ?(?:/>|></v>)')


class Formula(Struct, frozen=True):
    """Our own, never what somebody typed; `{row}` is its line, `value` what it comes to as the plan stands."""

    text: str
    value: Decimal


def with_values(workbook: bytes, sheets: list[str], values: Mapping[tuple[str, str], Decimal]) -> bytes:
    """The workbook with the value of each formula, which openpyxl leaves out; programs that calculate do so anew.

    `sheets` are the names in their order. Raises KeyError for a formula whose value is not among `values`.
    """
    names, out = {_SHEET.format(at): name for at, name in enumerate(sheets, 1)}, io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as told:
        for part in made.infolist():
            body = made.read(part)
            if part.filename in names:
                body = _told(body, names[part.filename], values)
            told.writestr(part, body)
    return out.getvalue()


def _told(body: bytes, sheet: str, values: Mapping[tuple[str, str], Decimal]) -> bytes:
    return _CELL.sub(lambda cell: cell[1] + b"<v>%s</v>" % f"{values[sheet, cell[2].decode()]:f}".encode(), body)
