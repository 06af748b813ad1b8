"""A cost table from elsewhere: German numbers and dates, faults by line, and files that mean harm."""

import io
import tomllib
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from openpyxl import Workbook

from services.planning.exports import spreadsheet
from services.planning.exports.costtable import MOST, Line, cost_lines
from services.planning.exports.importing import ImportCosts, NewCost, with_costs
from services.planning.exports.sheets import workbook
from services.planning.exports.spreadsheet import Unreadable
from shared.contracts.documents import Cost, Plan
from shared.decider import Rejected
from shared.documents import Replica, read_plan, seed_plan
from shared.documents.writing import restoring
from shared.ids import new_id
from shared.web.render import Renderer
from tests.planning.samples import CONTENT, page, workspace
from tests.planning.test_exports import EDITION

HEAD = "Bezeichnung;Kategorie;Menge;Einheit;Einzelpreis;Wann;Summe\n"


def read(text: str, plan: Plan | None = None) -> list[Line]:
    return cost_lines(text.encode(), plan or Plan())


def line(text: str) -> Line:
    found = read(HEAD + text)
    assert len(found) == 1
    return found[0]


def codes(text: str) -> list[str]:
    return [fault.code for fault in line(text).faults]


def xlsx(*rows: tuple[Any, ...], sheet: str = "Tabelle1", merged: tuple[str, ...] = ()) -> bytes:
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(out)
    return out.getvalue()


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in parts.items():
            archive.writestr(name, inside)
    return out.getvalue()


def test_a_line_is_read_in_german() -> None:
    read_line = line("Regale;Sachkosten;1.024,5;Stück;1.185,00 €;April 2027;1.214.032,50")
    assert read_line == Line(
        number=2, label="Regale", category="Sachkosten", quantity=1_024_500, unit="Stück",
        unit_price_cents=118_500, month="2027-04",
    )  # fmt: skip
    assert read_line.fits


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("2027-04", "2027-04"),
        ("2027-04-30", "2027-04"),
        ("04/2027", "2027-04"),
        ("4.2027", "2027-04"),
        ("1.4.2027", "2027-04"),
        ("01.04.27", "2027-04"),
        ("März 2027", "2027-03"),
        ("Mrz. 2027", "2027-03"),
        ("3. Oktober 2027", "2027-10"),
        ("Oct 2027", "2027-10"),
        ("", ""),
    ],
)
def test_months_are_written_in_many_ways(written: str, month: str) -> None:
    assert line(f"Regale;;1;;1,00;{written};").month == month


def test_a_category_is_spelt_as_in_the_plan() -> None:
    plan = Plan(costs=(Cost(id="k", category="Öffentlichkeit"),))
    found = read(HEAD + "Flyer;oeffentlichkeit;1;;1,00;;\nRegale;sachkosten;1;;1,00;;\n", plan)
    assert [each.category for each in found] == ["Öffentlichkeit", "sachkosten"]


def test_a_unit_may_stand_beside_its_number() -> None:
    assert (line("Regale;;24 Stück;;1,00;;").quantity, line("Regale;;24 Stück;;1,00;;").unit) == (24_000, "Stück")
    assert line("Regale;;;;1,00;;").quantity == 1000


def test_a_sum_alone_makes_the_price() -> None:
    assert line("Regale;;4;;;;10,00").unit_price_cents == 250
    assert line("Regale;;;;;;10,00").unit_price_cents == 1000
    assert codes("Regale;;3;;;;10,00") == ["not_divisible"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (";;1;;1,00;;", "label_missing"),
        ("Regale;;1;;;;", "price_missing"),
        ("Regale;;viele;;1,00;;", "no_number"),
        ("Regale;;1.5;;1,00;;", "no_number"),
        ("Regale;;-1;;1,00;;", "negative"),
        ("Regale;;0,0001;;1,00;;", "too_fine"),
        ("Regale;;9.999.999;;1,00;;", "too_much"),
        ("Regale;;1;;umsonst;;", "no_amount"),
        ("Regale;;1;;1,005;;", "no_amount"),
        ("Regale;;1;;-1,00;;", "negative"),
        ("Regale;;1;;99.999.999.999,00;;", "too_much"),
        ("Regale;;2;;1,00;;3,00", "sum_differs"),
        ("Regale;;1;;1,00;31.02.2027;", "no_month"),
        ("Regale;;1;;1,00;2027-13-01;", "no_month"),
        ("Regale;;1;;1,00;bald;", "no_month"),
        ("Regale;;1;;1,00;04/1927;", "no_month"),
        (f"{'x' * 301};;1;;1,00;;", "too_long_text"),
    ],
)
def test_a_fault_is_named_at_its_line(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_every_fault_has_words() -> None:
    words = tomllib.loads(
        (Path(spreadsheet.__file__).parents[3] / "shared/web/words/planning.toml").read_text("utf-8")
    )["table"]
    used = {name for name in words if any(f'"{name}"' in text for text in _sources())}
    assert used == set(words)
    shown = Renderer().say("table.no_month", {"text": "2027-13-01"})
    assert shown.startswith("„2027-13-01“ ist kein Monat")


def _sources() -> list[str]:
    folder = Path(spreadsheet.__file__).parent
    return [(folder / name).read_text("utf-8") for name in ("costtable.py", "spreadsheet.py", "importing.py")]


def test_heads_are_found_below_titles_and_sums_are_left_aside() -> None:
    body = xlsx(
        ("Kostenplan", None, None),
        (),
        ("Nr.", "Kostenposition", "Preis (€)", "Monat"),
        (1, "Regale", 185.1, date(2027, 4, 1)),
        (),
        (2, "Miete", 780, "05/2027"),
        (None, "Summe", None, None),
    )
    found = cost_lines(body, Plan())
    assert [(each.number, each.label, each.unit_price_cents, each.month) for each in found] == [
        (4, "Regale", 18_510, "2027-04"),
        (6, "Miete", 78_000, "2027-05"),
    ]


@pytest.mark.parametrize(
    ("said", "left_aside"),
    [
        ("Summe", True),
        ("Gesamtkosten", True),
        ("Zwischensumme Technik", True),
        ("Total", True),
        ("Gesamtkonzept", False),
        ("Summertöne", False),
    ],
)
def test_a_sum_is_no_line_whatever_column_it_stands_in(said: str, left_aside: bool) -> None:
    for amounts in ("1500,50;", ";1500,50"):
        found = read(f"Bezeichnung;Menge;Einzelpreis;Summe\nZelt;2;150;\n{said};;{amounts}\n")
        assert [each.label for each in found] == (["Zelt"] if left_aside else ["Zelt", said])


def test_rows_of_a_form_that_nobody_has_filled_are_empty() -> None:
    body = xlsx(("Bezeichnung", "Menge", "Einzelpreis", "Summe"), ("Zelt", 2, 150, 300), (None, None, None, 0))
    assert len(cost_lines(body, Plan())) == 1


@pytest.mark.parametrize(
    "head", ["Bezeichnung,Menge,Einzelpreis,Summe", "Item,Qty,Unit price,Total", "Position,Anzahl,EP,GP (EUR)"]
)
def test_numbers_may_be_written_in_english_throughout(head: str) -> None:
    found = read(f'{head}\nShelves,2,"1,234.50","2,469.00"\nBooks,1.5,10,15.00\nChairs,"1,200 pcs","1,000",\n')
    assert [(each.quantity, each.unit_price_cents) for each in found] == [
        (2_000, 123_450),
        (1_500, 1_000),
        (1_200_000, 100_000),
    ]
    assert not any(each.faults for each in found)


def test_a_number_is_german_unless_all_are_english() -> None:
    assert line("Regale;;1.200;;10,50;;").quantity == 1_200_000
    found = read(HEAD + "Regale;;2;;1.234,50;;\nBücher;;1.5;;10.00;;\n")
    assert [fault.code for fault in found[1].faults] == ["no_number", "no_amount"]
    assert found[0].unit_price_cents == 123_450


@pytest.mark.parametrize("written", ["€ 12,00", "EUR 12", "12,-", "12,– €", "12 Euro", "12,00\u00a0€"])
def test_an_amount_may_name_its_currency(written: str) -> None:
    assert line(f"Regale;;1;;{written};;").unit_price_cents == 1_200


def test_of_several_columns_the_one_that_names_things_is_taken() -> None:
    body = xlsx(
        ("Position", "Beschreibung", "Anzahl", "Preis/Stück", "Kosten in €"),
        (1, "Zelt", 2, 150, 300),
        (2, "Bühne", 1, 1200, 1200),
    )
    assert [(each.label, each.quantity, each.total()) for each in cost_lines(body, Plan())] == [
        ("Zelt", 2_000, 30_000),
        ("Bühne", 1_000, 120_000),
    ]


def test_what_stands_instead_of_the_columns_is_named() -> None:
    with pytest.raises(Unreadable) as refused:
        read("Name;Telefon\nAnna;123\n")
    assert refused.value.facts == {"found": "Name, Telefon"}


def test_a_category_reaches_as_far_as_its_cell_and_an_amount_counts_once() -> None:
    head, tent = ("Kategorie", "Bezeichnung", "Betrag"), ("Sachkosten", "Zelt", 150)
    body = xlsx(head, tent, (None, "Bühne", 600), (None, "Band", None), merged=("A2:A3", "C3:C4"))
    found = cost_lines(body, Plan())
    assert [(each.category, each.total()) for each in found] == [
        ("Sachkosten", 15_000),
        ("Sachkosten", 60_000),
        ("", 0),
    ]
    assert [fault.code for fault in found[2].faults] == ["price_missing"]


def test_a_formula_without_result_is_named_where_it_is_needed() -> None:
    found = cost_lines(
        xlsx(
            ("Bezeichnung", "Menge", "Einzelpreis", "Summe"),
            ("Zelt", 2, 150, "=B2*C2"),
            ("Band", "=1+1", 300, None),
            ("=A2", 1, 1, None),
            (None, None, None, "=B5*C5"),
            ("Summe", None, None, "=SUM(D2:D4)"),
        ),
        Plan(),
    )
    assert [(each.number, [fault.code for fault in each.faults]) for each in found] == [
        (2, []),
        (3, ["not_reckoned"]),
        (4, ["not_reckoned"]),
    ]
    assert found[0].unit_price_cents == 15_000
    assert found[1].faults[0].facts == {"column": "Menge", "text": "=1+1"}


def test_our_own_tables_come_back_as_they_went() -> None:
    plan = replace(CONTENT, costs=tuple(replace(row, least_cents=100, most_cents=10**9) for row in CONTENT.costs))
    assert all(each.there and not each.faults for each in cost_lines(workbook(EDITION), CONTENT))
    fresh = cost_lines(workbook(replace(EDITION, plan=plan)), Plan())
    assert len(fresh) == len(plan.costs)
    for each, cost in zip(fresh, plan.costs, strict=True):
        assert all(getattr(each, name) == getattr(cost, name) for name in NewCost.__struct_fields__)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_any_csv_is_read(separator: str, encoding: str) -> None:
    text = 'Bezeichnung;Preis\n"Bänke; groß, schön";12\n'.replace(";", separator, 1)
    rest = text.partition("\n")
    body = rest[0] + "\n" + rest[2].replace('";12', f'"{separator}12')
    assert cost_lines(body.encode(encoding), Plan())[0].label == "Bänke; groß, schön"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b"x" * 1_000_001, "too_big"),
        (b"%PDF-1.7 \0\0", "no_table"),
        (b"PK\x03\x04 nothing", "no_table"),
        (b"Name;Wert\na;b\n", "no_head"),
        (HEAD.encode(), "no_lines"),
        ((HEAD + "Regale;;1;;1,00;;\n" * (MOST + 1)).encode(), "too_long"),
        ((HEAD + "\n" * 2000).encode(), "too_long"),
        (zipped(a=b"no workbook"), "no_table"),
        (zipped(**{f"p{n}": b"" for n in range(201)}), "bomb"),
        (zipped(**{"xl/workbook.xml": b"\0" * 20_000_000}), "bomb"),
        (zipped(**{"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "bomb"),
    ],
)
def test_what_is_no_table_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        cost_lines(body, Plan())
    assert refused.value.code == code


def test_a_damaged_workbook_is_refused() -> None:
    good = xlsx(("Bezeichnung", "Preis"), ("Regale", 1))
    for cut in range(0, len(good), 97):
        try:
            cost_lines(good[:cut] + b"\xff" + good[cut + 1 :], Plan())
        except Unreadable:
            continue


@pytest.mark.parametrize("long", ["(" * 40_000, "a" * 40_000, "1" * 40_000, "1." * 20_000, "x" + " " * 40_000 + "x"])
def test_endless_cells_take_no_time(long: str) -> None:
    with pytest.raises(Unreadable):
        read(f"{long};{long}\n{long}\n")
    found = line(f"{long};{long};1;;1,00;{long};")
    assert found.faults
    assert codes(f"Regale;;{long};;{long};;")


def test_a_row_far_below_takes_no_time() -> None:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet += b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    body = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(("Bezeichnung", "Preis")))) as old, zipfile.ZipFile(body, "w") as new:
        for part in old.namelist():
            new.writestr(part, sheet if part.endswith("sheet1.xml") else old.read(part))
    with pytest.raises(Unreadable):
        cost_lines(body.getvalue(), Plan())


def asked(number: int, id: str = "") -> ImportCosts:
    lines = tuple(NewCost(label=f"Zeile {at}", unit_price_cents=at) for at in range(1, number + 1))
    return ImportCosts(import_id=id or new_id(), lines=lines)


def test_lines_come_after_the_last_one_and_only_once() -> None:
    plan, wanted = replace(CONTENT, costs=(Cost(id="k", order="a5", label="Alt"),)), asked(MOST - 3)
    grown = with_costs(plan, wanted)
    assert [row.label for row in grown.costs] == ["Alt", *(f"Zeile {at}" for at in range(1, MOST - 2))]
    orders = [row.order for row in grown.costs]
    assert orders == sorted(set(orders))
    assert not any(order.endswith("0") for order in orders)
    assert with_costs(grown, wanted) == grown
    more = [row.order for row in with_costs(grown, asked(2)).costs]
    assert more == sorted(set(more))
    assert max(map(len, more)) <= 4


def test_a_plan_has_so_many_lines_and_no_more() -> None:
    grown = with_costs(Plan(), asked(MOST))
    with pytest.raises(Rejected) as refused:
        with_costs(grown, asked(MOST))
    assert refused.value.code == "too_many_cost_lines"


def test_the_document_says_what_was_brought() -> None:
    update = restoring(seed_plan(), with_costs(Plan(), asked(3)), 5000)
    assert update
    state = Replica(seed_plan(), update).state()
    assert [row.label for row in read_plan(state)[0].costs] == ["Zeile 1", "Zeile 2", "Zeile 3"]


def test_what_others_type_meanwhile_stays() -> None:
    before = seed_plan()
    brought = restoring(before, with_costs(Plan(), asked(2)), 5000)
    typed = restoring(before, Plan(costs=(Cost(id="k", order="a", label="getippt"),)), 6000)
    assert brought
    assert typed
    for order in ((brought, typed), (typed, brought)):
        labels = {row.label for row in read_plan(Replica(before, *order).state())[0].costs}
        assert labels == {"Zeile 1", "Zeile 2", "getippt"}


def test_the_preview_names_each_fault_and_keeps_texts_texts() -> None:
    found = read(HEAD + "<script>alert(1)</script>;;1;;1,00;;\nBank;;viele;;1,00;;\n")
    sums = {"fits": 1, "faulty": 1, "there": 0, "cents": 100}
    shown: str = (
        Renderer()
        .render(
            "planning/import.html",
            page("Einlesen"),
            plan=workspace(""),
            refused=None,
            lines=found,
            name="<b>kosten.csv",
            most=MOST,
            taken='[{"label":"<script>"}]',
            sums=sums,
        )
        .content
    )
    assert "Zeile 3: Menge „viele“ ist keine Zahl." in shown
    assert "Nur die 1 Zeile übernehmen" in shown
    assert "<script>alert" not in shown
    assert "<b>kosten" not in shown
