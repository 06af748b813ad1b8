"""Tables as files: what is a number is one, and no text is ever calculated."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.funding.adapters.tables import Euro, Table, csv_of, xlsx_of

AT = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
TABLE = Table(
    "Entscheidungen: 2026/1",
    ["Projekt", "Betrag", "Tag", "Augenblick", "Tage", "leer"],
    [["Lastenräder; „Neustadt“", Euro(27_200_05), date(2026, 3, 4), AT, 12, None]],
)
EVIL = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "=cmd|' /C calc'!A0"]


def lines(body: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_german_spreadsheet_reads_the_csv():
    body = csv_of(TABLE)
    assert body.startswith(b"\xef\xbb\xbf")
    row = ["Lastenräder; „Neustadt“", "27200,05", "2026-03-04", "2026-03-05 00:30:00", "12", ""]
    assert lines(body) == [list(TABLE.heads), row]


def test_the_workbook_holds_numbers_and_dates():
    sheet = load_workbook(BytesIO(xlsx_of(TABLE))).active
    assert sheet.title == "Entscheidungen  2026 1"
    title, amount, day, moment, days, empty = next(sheet.iter_rows(min_row=2))
    assert (title.data_type, title.value) == ("s", TABLE.rows[0][0])
    assert amount.data_type == "n"
    assert Decimal(str(amount.value)) == Decimal("27200.05")
    assert "€" in amount.number_format
    assert day.is_date
    assert moment.value.isoformat() == "2026-03-05T00:30:00"
    assert (days.value, empty.value) == (12, None)


@pytest.mark.parametrize("text", EVIL)
def test_no_text_is_a_formula(text):
    table = Table("x", ["a"], [[text]])
    assert lines(csv_of(table))[1][0].startswith("'")
    cell = load_workbook(BytesIO(xlsx_of(table))).active["A2"]
    assert cell.data_type == "s"


def test_negative_amounts_stay_amounts():
    table = Table("x", ["a"], [[Euro(-5)], [Euro(-1_234_05)]])
    assert [row[0] for row in lines(csv_of(table))[1:]] == ["-0,05", "-1234,05"]


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(-(10**12), 10**12)), max_size=4))
def test_any_text_and_any_amount_survive(rows):
    table = Table("x", ["Text", "Betrag"], [[text, Euro(cents)] for text, cents in rows])
    sheet = load_workbook(BytesIO(xlsx_of(table))).active
    assert [round(row[1].value * 100) for row in sheet.iter_rows(min_row=2)] == [cents for _, cents in rows]
    assert all(row[0].data_type in ("s", "n", "inlineStr") for row in sheet.iter_rows(min_row=2))
