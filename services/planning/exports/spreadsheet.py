"""Reads the cells of an uploaded table, XLSX or CSV, and refuses what is neither or wants to be too much."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from openpyxl import load_workbook

LARGEST = 1_000_000  # bytes of a file
_UNPACKED = 5_000_000  # bytes of all that is in an XLSX file
_PARTS = 200
_ROWS, _COLUMNS, _LETTERS = 1_000, 40, 1_000
_NO_XLSX = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_SHEET = "worksheets/"
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_SEPARATORS = ";\t,"

Cells: TypeAlias = Sequence[Any]
ABOVE: Final = object()
"""In a cell that is one with the cell above it."""


class Unreckoned(str):
    """A formula whose result the file does not hold: written by a program, and never opened in one that calculates."""


class Unreadable(Exception):
    """No table that can be taken; `code` and `facts` say why, in the words of `[table.…]`."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def sheets(body: bytes) -> Iterator[tuple[str, list[Cells]]]:
    """Name and rows of every sheet of a file; a CSV is read once for each separator that it could have.

    Cells hold texts, numbers, dates, `Unreckoned` formulas, `ABOVE` or None. Raises `Unreadable`.
    """
    if not body:
        raise Unreadable("empty")
    if len(body) > LARGEST:
        raise Unreadable("too_big", megabytes=LARGEST // 1_000_000)
    if body.startswith(b"PK"):
        yield from _xlsx(body)
    else:
        yield from _csv(body)


def _xlsx(body: bytes) -> Iterator[tuple[str, list[Cells]]]:
    """Only the values as they were saved last: formulas, macros and links to elsewhere are not followed."""
    _harmless(body)
    try:
        found = _values(body, reckoned=True)
        merged = _merged(body)
        formulas = _values(body, reckoned=False) if _has_formulas(body) else found
    except Exception as error:  # the library raises whatever a damaged file makes it stumble over
        raise Unreadable("no_table") from error
    if any(len(rows) > _ROWS for _, _, rows in found):
        raise Unreadable("too_long", most=_ROWS)
    for (name, path, rows), (_, _, typed) in zip(found, formulas, strict=True):
        told: list[Any] = [[_told(*pair) for pair in zip(*row, strict=True)] for row in zip(rows, typed, strict=True)]
        for at, place in merged.get(path, ()):
            if at < len(told) and place < len(told[at]) and told[at][place] is None:
                told[at][place] = ABOVE
        yield name, told


def _values(body: bytes, *, reckoned: bool) -> list[tuple[str, str, list[Cells]]]:
    """Name, part of the archive and cells of each sheet; formulas themselves if they are not to be `reckoned`."""
    book = load_workbook(io.BytesIO(body), read_only=True, data_only=reckoned, keep_links=False)
    found = [
        (
            sheet.title,
            str(getattr(sheet, "_worksheet_path", "")),
            list[Cells](sheet.iter_rows(max_row=_ROWS + 1, max_col=_COLUMNS, values_only=True)),
        )
        for sheet in book.worksheets[:20]
    ]
    book.close()
    return found


def _told(value: Any, typed: Any) -> Any:
    if value is None and typed is not None:
        return Unreckoned(_cut(str(typed)))
    return _cut(value)


def _has_formulas(body: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return any(_FORMULA.search(archive.read(part)) for part in archive.namelist() if _SHEET in part)


def _merged(body: bytes) -> dict[str, list[tuple[int, int]]]:
    """Row and column, from 0, of the cells that are one with the cell above, by part of the archive."""
    found: dict[str, list[tuple[int, int]]] = {}
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for part in archive.namelist():
            if _SHEET in part:
                cells = found[part] = []
                for column, first, other, last in _MERGED.findall(archive.read(part))[:_ROWS]:
                    if column == other and len(column) == 1:
                        ends = min(int(last), _ROWS)
                        cells += [(at, column[0] - ord("A")) for at in range(int(first), ends)]
    return found


def _cut(cell: Any) -> Any:
    """No column takes as much as this; what looks through words may take its time with long ones."""
    return cell[:_LETTERS] if isinstance(cell, str) else cell


def _harmless(body: bytes) -> None:
    """Before anything is unpacked: how much it would be; and no part defines entities (OPC forbids DTDs)."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS or sum(part.file_size for part in parts) > _UNPACKED:
                raise Unreadable("bomb")
            for part in parts:
                inside = archive.read(part)
                if any(sign in inside for sign in _NO_XLSX):
                    raise Unreadable("bomb")
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Unreadable("no_table") from error


def _csv(body: bytes) -> Iterator[tuple[str, list[Cells]]]:
    text = _decoded(body)
    for separator in _SEPARATORS:
        try:
            rows: list[Cells] = []
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
                rows.append([_cut(cell.strip()) or None for cell in row[:_COLUMNS]])
                if len(rows) > _ROWS:
                    raise Unreadable("too_long", most=_ROWS)
        except csv.Error as error:
            raise Unreadable("no_table") from error
        yield "", rows


def _decoded(body: bytes) -> str:
    """UTF-8, UTF-16 with a mark, or what German Windows programs write."""
    try:
        text = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    if "\0" in text:
        raise Unreadable("no_table")
    return text
