"""What is carried away from a plan: documents, motion, tables, dates and data say what the plan says."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from openpyxl import load_workbook
from pypdf import PdfReader

from services.planning.exports import labels, motion, planfile, printing
from services.planning.exports.dates import milestones
from services.planning.exports.edition import Edition
from services.planning.exports.figures import figures
from services.planning.exports.plots import schedule
from services.planning.exports.sheets import workbook
from services.planning.screens import Frozen
from shared.contracts.documents import Block, Cost, Plan, Profile, Span
from shared.money import format_euro
from shared.print import Press
from shared.web.render import Renderer
from tests.paper import instead, standards, tags, text
from tests.planning.samples import CONTENT, NOW, prose

GOLDEN = Path(__file__).parent / "golden"
EDITION = Edition(
    municipality="dresden",
    project="p-1",
    title="Materialwerk Löbtau",
    town="Dresden",
    address="https://gemeinwerk.example/dresden/plans/p-1",
    plan=CONTENT,
    at=NOW,
)
FROZEN = replace(EDITION, revision=Frozen(id="r-6", number=6, name="vor der Beratung", at=NOW, by="Anna B."))
EVIL = "=HYPERLINK(1)"


def data(kind: str, edition: Edition) -> tuple[str, dict[str, Any]]:
    if kind == "folder":
        return printing.FOLDER, printing.folder(edition, Renderer())
    if kind == "business":
        return printing.BUSINESS, printing.business(edition)
    return printing.MOTION, motion.data(motion.motion(edition))


KINDS = ("folder", "business", "motion")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_document_is_for_everybody_and_for_the_archive(kind: str) -> None:
    template, said = data(kind, EDITION)
    made = await Press().pdf(template, said, NOW)
    assert standards(made) == (True, True)
    assert {"/H1", "/Table", "/TH", "/TD", "/P"} <= tags(made)
    read = text(made)
    for words in ("Materialwerk Löbtau", "Arbeitsstand vom 22. November 2026, 14:32 Uhr", "andere wegwerfen"):
        assert words in read


@pytest.mark.parametrize("kind", KINDS)
async def test_an_empty_plan_makes_a_document_too(kind: str) -> None:
    template, said = data(kind, replace(EDITION, plan=Plan()))
    assert standards(await Press().pdf(template, said, NOW)) == (True, True)


async def test_the_folder_holds_every_line_and_describes_its_plot() -> None:
    made = await Press().pdf(*data("folder", FROZEN), NOW)
    read = text(made)
    for words in (
        "Fassung 6 „vor der Beratung“",
        "K6 Ehrenamtliche Stunden Eigenleistung 240,5 Stunden 15,00 Okt 2027 3.607,50",
        "Summe Kosten 34.107,50 €",
        "E1 Zukunftsstadt-Fonds beantragt Apr 2027 24.800,00",
        "R1 Lagerraum, 200 m² Raum 1 gesichert Verein Holz+Stoff",
        "nach A1, beginnt 14 Tage zu früh",
        "Es fehlen noch 3.450,00 €.",
        "A4 hat noch niemanden, der sich kümmert.",
    ):
        assert words in read
    assert instead(made) == [
        "Geldfluss von April 2027 bis Oktober 2027. Der Kassenstand ist im Juni am niedrigsten: −5.700,00\u00a0€."
    ]


@pytest.mark.parametrize("paragraphs", [8, 27, 29])
async def test_a_short_table_stays_on_one_page_with_its_sum(paragraphs: int) -> None:
    texts = {"summary": tuple(Block(kind="paragraph", spans=(Span(text="Holz " * 30),)) for _ in range(paragraphs))}
    costs = tuple(Cost(id=f"k{at}", label=f"Regal {at}", unit_price_cents=100) for at in range(12))
    template, said = data("folder", replace(EDITION, plan=Plan(profile=Profile(texts=texts), costs=costs)))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(await Press().pdf(template, said, NOW))).pages]
    (whole,) = [page for page in pages if "Regal 0" in page]
    assert "Regal 11" in whole
    assert "Summe Kosten" in whole


async def test_what_costs_come_to_at_least_and_at_most_is_in_every_document() -> None:
    first, *others = CONTENT.costs
    bounded = replace(first, least_cents=first.total() - 100_00, most_cents=first.total() + 250_00)
    edition = replace(EDITION, plan=replace(CONTENT, costs=(bounded, *others)))
    total = sum(row.total() for row in CONTENT.costs)
    words = f"zwischen {format_euro(total - 100_00)} und {format_euro(total + 250_00)}".replace("\u00a0", " ")
    for kind in KINDS:
        template, said = data(kind, edition)
        assert words in text(await Press().pdf(template, said, NOW)).replace("\u00a0", " ")
    sheet = load_workbook(io.BytesIO(workbook(edition)), data_only=True)["Kosten"]
    head, row = ([cell.value for cell in cells] for cells in sheet.iter_rows(max_row=2))
    assert dict(zip(head, row, strict=True))["Höchstens"] == (first.total() + 250_00) / 100


async def test_the_business_plan_adds_up_by_category_kind_and_year() -> None:
    made = await Press().pdf(*data("business", EDITION), NOW)
    read = text(made)
    for words in ("Raum 9.360,00 27 %", "beantragt 24.800,00 81 %", "2027 30.657,50 34.107,50 −3.450,00"):
        assert words in read
    assert len(instead(made)) == 2


def test_the_motion_asks_for_what_was_applied_for_and_reports() -> None:
    said = motion.text(motion.motion(FROZEN))
    assert "Der Rat der Stadt Dresden beschließt:" in said
    assert "nach Fassung 6 des" in said
    assert "Für das Projekt werden 24.800,00\u00a0€ bei Gesamtkosten von 34.107,50\u00a0€" in " ".join(said.split(" "))
    assert "29.05.2027  Eröffnungsfest" in said
    assert all(len(line) <= 78 for line in said.split("\n") if "https://" not in line)
    assert "\nWas | Wie oft\nAusleihe | jeden Samstag und nach Absprache\n" in said
    assert "vorgesehen" not in motion.text(motion.motion(replace(EDITION, plan=Plan())))


def test_figures_count_a_line_without_month_in_the_first_one() -> None:
    costs = (Cost(id="a", unit_price_cents=100), Cost(id="b", unit_price_cents=200, month="2028-01"))
    plan = Plan(profile=Profile(starts="2027-05-01"), costs=costs)
    assert [(year.year, year.costs_cents) for year in figures(plan).years] == [("2027", 100), ("2028", 200)]
    assert [year.year for year in figures(replace(plan, profile=Profile())).years] == ["2028", ""]


def test_bars_lie_within_the_schedule() -> None:
    drawn = schedule(CONTENT)
    assert drawn
    assert [row["number"] for row in drawn["rows"]] == ["A1", "A2", "A3", "M1", "A4"]
    assert all(0 <= row["left"] < row["left"] + row["width"] <= 1 for row in drawn["rows"])


def test_labels_are_those_of_the_pages() -> None:
    pages: Any = Renderer()._environment.get_template("planning/parts.html").module
    assert pages.section_names == labels.SECTIONS
    assert pages.income_names == labels.INCOMES
    assert pages.work_names == labels.WORK
    assert pages.resource_names == labels.RESOURCES
    assert pages.supply_names == labels.SUPPLY


def test_tables_hold_numbers_dates_and_formulas() -> None:
    book = load_workbook(io.BytesIO(workbook(EDITION)))
    assert book.sheetnames == ["Überblick", "Kosten", "Einnahmen", "Arbeit", "Ressourcen", "Meilensteine"]
    costs = book["Kosten"]
    line = [cell.value for cell in costs[2]]
    assert line[:6] == ["K1", "Schwerlastregale, gebraucht", "Sachkosten", 24, "Stück", 185]
    assert line[6].date() == date(2027, 4, 1)
    assert line[7] == "=ROUND(D2*F2,2)"
    assert costs["D7"].value == 240.5
    assert costs["H8"].value == "=SUM(H2:H7)"
    assert book["Einnahmen"]["F5"].value == "=SUM(F2:F4)"
    assert book["Überblick"]["B5"].value == "=Kosten!H8"
    assert book["Arbeit"]["F2"].value.date() == date(2026, 11, 9)
    assert book["Meilensteine"]["C2"].value.date() == date(2027, 5, 29)
    assert book["Arbeit"]["H4"].value == "A1"


def test_what_a_formula_comes_to_is_there_for_those_who_do_not_calculate() -> None:
    plan = replace(CONTENT, costs=(*CONTENT.costs, Cost(id="half", quantity=1_500, unit_price_cents=1)))
    made = workbook(replace(EDITION, plan=plan))
    formulas, values = load_workbook(io.BytesIO(made)), load_workbook(io.BytesIO(made), data_only=True)
    found = {
        (sheet.title, cell.coordinate): values[sheet.title][cell.coordinate].value
        for sheet in formulas
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    costs, incomes = sum(row.total() for row in plan.costs), sum(row.amount_cents for row in plan.incomes)
    foot, last = len(plan.costs) + 2, len(plan.incomes) + 2
    assert None not in found.values()
    assert [found["Kosten", f"H{at}"] for at in range(2, foot)] == [row.total() / 100 for row in plan.costs]
    assert found["Kosten", f"H{foot}"] == found["Überblick", "B5"] == costs / 100
    assert found["Einnahmen", f"F{last}"] == found["Überblick", "B6"] == incomes / 100
    assert round(found["Überblick", "B7"] * 100) == incomes - costs
    assert found["Arbeit", f"E{len(plan.work) + 2}"] == sum(row.effort for row in plan.work) / 1000
    assert workbook(replace(EDITION, plan=Plan()))  # no line, no formula but the difference


async def test_a_task_stands_under_its_package() -> None:
    tasks = (CONTENT.work[0], replace(CONTENT.work[1], parent="w1"))
    edition = replace(EDITION, plan=replace(CONTENT, work=tasks))
    assert load_workbook(io.BytesIO(workbook(edition)))["Arbeit"]["I3"].value == "A1"
    assert printing.folder(edition, Renderer())["work"][1][1] == "– Katalog und Ausleihe online"


@pytest.mark.parametrize("evil", [EVIL, "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_a_text_is_never_a_formula(evil: str) -> None:
    costs = (Cost(id="a", label=evil, category=evil, unit=evil),)
    work = (replace(CONTENT.work[0], label=evil, owner=evil),)
    plan = replace(CONTENT, costs=costs, work=work)
    book = load_workbook(io.BytesIO(workbook(replace(EDITION, title=evil, plan=plan))))
    ours = {"=ROUND(D2*F2,2)", "=SUM(H2:H2)", "=SUM(F2:F4)", "=SUM(E2:E2)", "=Kosten!H3", "=Einnahmen!F5", "=B6-B5"}
    formulas = {str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"}
    assert formulas == ours
    assert book["Kosten"]["B2"].value == evil
    assert book["Kosten"]["B2"].quotePrefix


def test_letters_that_no_table_can_hold_are_left_out() -> None:
    costs = (Cost(id="a", label="Holz\x00\x1b\ufffe\uffff 🪵"),)
    book = load_workbook(io.BytesIO(workbook(replace(EDITION, plan=Plan(costs=costs)))))
    assert book["Kosten"]["B2"].value == "Holz 🪵"


def test_milestones_are_days_in_any_calendar() -> None:
    written = milestones(EDITION).decode()
    assert "DTSTART;VALUE=DATE:20270529" in written
    assert "UID:milestone-m1@p-1.dresden.gemeinwerk" in written
    assert "SUMMARY:Eröffnungsfest (Materialwerk Löbtau)" in written
    assert "BEGIN:VEVENT" not in milestones(replace(EDITION, plan=Plan())).decode()


def kept(golden: Any, made: Any) -> bool:
    """Whether everything of `golden` is still there; other programs rely on it, so it may only grow."""
    if isinstance(golden, dict):
        return isinstance(made, dict) and all(name in made and kept(golden[name], made[name]) for name in golden)
    if isinstance(golden, list):
        return all(any(kept(one, each) for each in made) for one in golden)
    return bool(golden == made)


def test_the_file_for_other_programs_stays_as_it_is() -> None:
    plan = replace(CONTENT, profile=replace(CONTENT.profile, texts={"summary": prose("Eine Werkstatt.")}))
    made = planfile.plan_file(replace(FROZEN, plan=plan), "https://gemeinwerk.example/dresden")
    golden = (GOLDEN / "plan.json").read_bytes()
    assert kept(json.loads(golden), json.loads(made))
    for body in (golden, made):
        read = msgspec.json.decode(body, type=planfile.PlanFile)
        assert read.content == plan
        assert read.sums.missing_cents == 345_000


def test_the_file_is_described_by_its_schema() -> None:
    said = planfile.plan_file_schema()
    assert kept(json.loads((GOLDEN / "plan-file.schema.json").read_bytes()), json.loads(json.dumps(said)))
    file = json.loads(planfile.plan_file(EDITION, "https://gemeinwerk.example/dresden"))
    described = said["$defs"]
    assert set(described["PlanFile"]["required"]) <= set(file) == set(described["PlanFile"]["properties"])
    assert set(file["content"]) == set(described["Plan"]["properties"])
    assert all(set(row) == set(described["Cost"]["properties"]) for row in file["content"]["costs"])
