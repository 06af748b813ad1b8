import re
from xml.etree import ElementTree

from services.funding.drawings import pot_bar
from services.funding.ledger import balances, ledger
from tests.funding.files import COMMITTED

NAMES = {
    "available": "verfügbar", "reserved": "vorgemerkt", "committed": "gebunden", "paid": "gezahlt",
    "returned": "zurückgezahlt", "project": "dieses Projekt",
}  # fmt: skip


def widths(svg: str) -> list[float]:
    return [float(rect.attrib["width"]) for rect in ElementTree.fromstring(svg) if rect.tag == "rect"]


def test_the_bar_shows_every_account_that_holds_money():
    books = {"budget": -250_000_00, "available": 111_700_00, "reserved": 0, "committed": 41_500_00, "paid": 96_800_00}
    bar = pot_bar("Zukunftsstadt-Fonds 2026", books | {"returned": 0}, NAMES)  # type: ignore[arg-type]
    assert [(part.key, part.cents) for part in bar.parts] == [
        ("paid", 96_800_00), ("committed", 41_500_00), ("available", 111_700_00)
    ]  # fmt: skip
    assert bar.total_cents == 250_000_00
    assert bar.label.startswith(
        "Zukunftsstadt-Fonds 2026, 250.000\u00a0€: 96.800\u00a0€ gezahlt, 41.500\u00a0€ gebunden"
    )
    drawn = widths(bar.svg)
    assert abs(sum(drawn) + 2 * 2 - 300) < 0.2
    assert drawn[1] < drawn[0] < drawn[2]


def test_what_one_project_holds_is_told_apart_and_the_sum_stays():
    books = ledger(COMMITTED)  # type: ignore[arg-type]
    bar = pot_bar("Fonds", books.balances, NAMES, balances(books.postings, "app"))
    assert [(part.key, part.cents) for part in bar.parts] == [("project", 27_200), ("available", 72_800)]


def test_a_small_part_is_still_seen():
    books = {"available": 99_999_99, "reserved": 0, "committed": 0, "paid": 1, "returned": 0}
    assert min(widths(pot_bar("F", books, NAMES).svg)) >= 3  # type: ignore[arg-type]


def test_a_title_cannot_leave_its_place():
    books = {"available": 1, "reserved": 0, "committed": 0, "paid": 0, "returned": 0}
    bar = pot_bar('"><script>', books, NAMES)  # type: ignore[arg-type]
    assert not re.search(r"<script", bar.svg)
    ElementTree.fromstring(bar.svg)
