"""Reads the cells of an uploaded table, XLSX or CSV, and refuses what is neither or wants to be too much."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from openpyxl import load_workbook

LARGEST = 1_000_000  # bytes of a file
_UNPACKED = 5_000_000  # bytes of all that is in an XLSX file
_PARTS = 200
_ROWS, _COLUMNS, _LETTERS = 1_000, 40, 1_000
_NO_XLSX = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_SEPARATORS = ";\t,"

Cells: TypeAlias = Sequence[Any]


class Unreadable(Exception):
    """No table that can be taken; `code` and `facts` say why, in the words of `[table.…]`."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def sheets(body: bytes) -> Iterator[tuple[str, list[Cells]]]:
    """Name and rows of every sheet of a file; a CSV is read once for each separator that it could have.

    Cells hold texts, numbers, dates or None. Raises `Unreadable`.
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
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        found: list[tuple[str, list[Cells]]] = [
            (sheet.title, list[Cells](sheet.iter_rows(max_row=_ROWS + 1, max_col=_COLUMNS, values_only=True)))
            for sheet in book.worksheets[:20]
        ]
        book.close()
    except Exception as error:  # the library raises whatever a damaged file makes it stumble over
        raise Unreadable("no_table") from error
    if any(len(rows) > _ROWS for _, rows in found):
        raise Unreadable("too_long", most=_ROWS)
    for name, rows in found:
        yield name, [[_cut(cell) for cell in row] for row in rows]


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
