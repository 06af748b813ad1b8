from collections.abc import Sequence
from csv import reader
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from types import SimpleNamespace as Row
from typing import Any

import openpyxl

from services.funding.adapters.tables import csv_of, xlsx_of
from services.funding.books import Books
from services.funding.domain.balance import MoneyAdded, MoneyLapsed, MoneyPaid
from services.funding.domain.year import YearClosed
from services.funding.shown.ledger import booked, ledger_table, years_table
from services.funding.years import years_of
from shared.message import Event
from shared.web.render import Renderer
from tests.funding.files import COMMITTED

lapsed = MoneyLapsed(closing_id="c", amount_cents=12_800)
closed = YearClosed(
    closing_id="c", year=2026, carried_cents=60_000, lapsed_cents=12_800, committed_cents=20_000, paid_cents=7_200,
    returned_cents=0,
)  # fmt: skip
LIFE = (
    *COMMITTED,
    MoneyPaid(application_id="app", payment_id="one", amount_cents=7_200),
    lapsed,
    closed,
    MoneyAdded(addition_id="new", amount_cents=50_000, source='=HYPERLINK("http://evil.example")'),
)
VISIT: Any = Row(site=Row(renderer=Renderer()), session=None)


def books(events: Sequence[Event]) -> Books:
    """The books of a stream with these events, an hour apart."""
    start = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    entries = [
        Row(event=event, id="fund", entry=Row(position=number, recorded_at=start + timedelta(hours=number)))
        for number, event in enumerate(events, 1)
    ]
    return Books(entries)  # type: ignore[arg-type]


def test_a_year_ends_with_its_closing_and_the_next_begins_with_what_is_left():
    first, second = years_of(books(LIFE))
    assert (first.year, second.year, first.closed, second.closed) == (2026, 2027, closed, None)
    closing = {row.account: row.closing for row in first.accounts}
    assert closing == {"available": 60_000, "reserved": 0, "committed": 20_000, "paid": 7_200, "returned": 0}
    assert {row.account: row.opening for row in second.accounts} == closing
    for year in (first, second):
        assert all(row.opening + row.enters - row.leaves == row.closing for row in year.accounts)


def test_every_booking_tells_what_is_free_after_it():
    lines = booked(books(LIFE), {})
    assert [line.free_cents for line in lines] == [100_000, 72_800, 72_800, 72_800, 60_000, 110_000]
    assert {line.title for line in lines if line.posting.application_id} == {"Ein Antrag"}
    assert {line.application_id for line in lines} == {""}, "who asks is not told before there is a decision"
    assert {line.application_id for line in booked(books(LIFE), {"app": "Räder"})} == {"", "app"}


def test_the_tables_hold_numbers_and_no_formula():
    pot = books(LIFE)
    lines = booked(pot, {"app": "=1+1"})
    book = openpyxl.load_workbook(BytesIO(xlsx_of(ledger_table(VISIT, pot, lines), years_table(VISIT, pot))))
    sheet = book["Buchungen"]
    assert [cell.value for cell in sheet["G"]][1:] == [line.posting.amount_cents / 100 for line in lines]
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    rows = list(reader(StringIO(csv_of(ledger_table(VISIT, pot, lines)).decode("utf-8-sig")), delimiter=";"))
    assert rows[1][6] == "1000,00"
    assert {row[3] for row in rows[1:]} == {"Topf", "'=1+1"}
    assert len(list(book["Jahre"].iter_rows())) == 1 + 2 * 5


def test_a_pot_that_was_just_opened_has_one_year():
    (only,) = years_of(books(COMMITTED[:1]))
    assert (only.year, only.accounts[0].closing) == (2026, 100_000)
