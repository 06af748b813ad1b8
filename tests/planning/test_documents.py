"""What stands in a document is what is read from it, whatever else stands there too."""

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pycrdt import Doc, Map, Text, XmlElement, XmlFragment, XmlText

from services.realtime.sync.shapes import SHAPES
from shared.contracts.documents import (
    MEETING_SCHEMA,
    MEETING_TABLES,
    PLAN_SCHEMA,
    PLAN_TABLES,
    SECTIONS,
    Block,
    Cost,
    Income,
    Milestone,
    Plan,
    Profile,
    Span,
    Work,
)
from shared.contracts.plan import CostLine
from shared.documents import read_meeting, read_plan, seed_plan
from shared.documents.writing import restoring
from shared.plans import Change, _longest_run, changes, finance_plan, plain, schedule_plan
from shared.store.codec import encode
from tests.planning.test_writing import document


def written(*writers: Callable[[Doc[Any]], None], seed: bytes | None = None) -> bytes:
    doc: Doc[Any] = Doc()
    if seed:
        doc.apply_update(seed)
    for write in writers:
        write(doc)
    return doc.get_update()


def row(root: str, id: str, **fields: Any) -> Callable[[Doc[Any]], None]:
    live = {"label", "text"}

    def write(doc: Doc[Any]) -> None:
        values = {k: Text(v) if k in live and isinstance(v, str) else v for k, v in fields.items()}
        doc.get(root, type=Map)[id] = Map(values)

    return write


def test_a_row_is_read_as_it_was_written():
    plan, left_out = read_plan(
        written(
            row("finance.costs", "b", order="a1", label="Regale 😀", category="Sachkosten", quantity=24000.0),
            row("finance.costs", "a", order="a0", label="Miete", unit_price_cents=780_00, month="2027-05"),
            row("work", "w", order="a0", label="Raum finden", state="doing", after="x y"),
        )
    )
    assert left_out == []
    assert [cost.label for cost in plan.costs] == ["Miete", "Regale 😀"]
    assert plan.costs[1] == Cost(id="b", order="a1", label="Regale 😀", category="Sachkosten", quantity=24_000)
    assert plan.work[0].state == "doing"


def test_rows_with_the_same_key_stand_in_the_order_of_their_ids():
    plan, _ = read_plan(written(*(row("work", id, order="a0", label=id) for id in "cab")))
    assert [work.id for work in plan.work] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"quantity": -1}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
        ({"quantity": "viele"}, "quantity"),
        ({"quantity": float("nan")}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"month": "2027-13"}, "month"),
        ({"month": "0000-01"}, "month"),
        ({"month": "9999-12"}, "month"),
        ({"category": {"a": 1}}, "category"),
        ({"category": Map({"a": 1})}, "category"),
        ({"unit_price_cents": 2.0**60}, "unit_price_cents"),
        ({"colour": "rot"}, "colour"),
        ({"order": "ä"}, "order"),
        ({"order": "ä" * 500}, "order"),
    ],
)
def test_what_does_not_fit_is_named_and_the_rest_is_read(fields: dict[str, Any], left: str):
    plan, left_out = read_plan(written(row("finance.costs", "k", label="Regale", **fields)))
    assert left_out == [f"finance.costs/k/{left}"]
    assert plan.costs == (Cost(id="k", label="Regale"),)


@pytest.mark.parametrize("day", ["2027-02-31", "2027-99-99", "0000-00-00", "0001-01-01", "9999-12-31"])
def test_a_day_that_no_calendar_has_is_named(day: str):
    plan, left_out = read_plan(written(row("work", "w", starts=day, ends="2027-02-28"), row("schedule", "m", day=day)))
    assert left_out == ["work/w/starts", "schedule/m/day"]
    assert (plan.work[0].starts, plan.work[0].ends, plan.milestones[0].day) == ("", "2027-02-28", "")


def test_rows_that_are_none_and_roots_that_nobody_knows_are_named():
    def strange(doc: Doc[Any]) -> None:
        doc.get("work", type=Map)["n"] = 7
        doc.get("finance.secret", type=Map)["a"] = 1

    plan, left_out = read_plan(written(strange, row("work", "größer", label="x"), row("work", "ok", label="y")))
    assert left_out == ["finance.secret", "work/größer", "work/n"]
    assert [work.id for work in plan.work] == ["ok"]


def test_a_text_too_long_is_cut_and_named():
    plan, left_out = read_plan(written(row("work", "w", label="x" * 400)))
    assert (plan.work[0].label, left_out) == ("x" * 300, ["work/w/label"])


def test_what_is_read_can_be_stored():
    decomposed = "Lo\u0308btau\x00\x1b"
    plan, _ = read_plan(written(row("work", "w", label=decomposed, owner=decomposed), paragraph(decomposed)))
    assert plan.work[0].label == plan.work[0].owner == "L\u00f6btau"
    assert msgspec.json.decode(encode(plan), type=Plan) == plan


def paragraph(text: str, root: str = "profile.goal") -> Callable[[Doc[Any]], None]:
    def write(doc: Doc[Any]) -> None:
        block = XmlElement("paragraph")
        doc.get(root, type=XmlFragment).children.append(block)
        block.children.append(XmlText(text))

    return write


def rich(doc: Doc[Any]) -> None:
    """As Tiptap writes it: a heading, a list in a list, a bold and a linked word."""
    fragment = doc.get("profile.goal", type=XmlFragment)
    heading = XmlElement("heading", {"level": "3"})
    fragment.children.append(heading)
    heading.children.append(XmlText("Ziel"))
    outer = fragment.children.append(XmlElement("bulletList"))
    item = outer.children.append(XmlElement("listItem"))
    block = item.children.append(XmlElement("paragraph"))
    text = block.children.append(XmlText("alle "))
    text.insert(5, "zusammen", {"bold": True})
    text.insert(13, " hier", {"link--x1": {"href": "https://example.org/"}})
    text.insert(18, " dort", {"link": {"href": "javascript:alert(1)"}})
    inner = item.children.append(XmlElement("orderedList"))
    numbered = inner.children.append(XmlElement("listItem"))
    numbered.children.append(XmlElement("paragraph")).children.append(XmlText("erstens"))


def test_rich_text_is_read_as_blocks_and_spans():
    plan, left_out = read_plan(written(rich))
    assert left_out == []
    assert plan.profile.texts["goal"] == (
        Block(kind="heading", depth=3, spans=(Span(text="Ziel"),)),
        Block(
            kind="item",
            depth=1,
            spans=(
                Span(text="alle "),
                Span(text="zusammen", bold=True),
                Span(text=" hier", link="https://example.org/"),
                Span(text=" dort"),
            ),
        ),
        Block(kind="numbered", depth=2, spans=(Span(text="erstens"),)),
    )
    assert plain(plan.profile.texts["goal"]) == "Ziel\nalle zusammen hier dort\nerstens"


def table(*rows: list[tuple[str, str]], **attributes: Any) -> Callable[[Doc[Any]], None]:
    """As the editor writes it: rows of cells (kind, words) with a paragraph for each line."""

    def write(doc: Doc[Any]) -> None:
        made = doc.get("profile.goal", type=XmlFragment).children.append(XmlElement("table"))
        for row in rows:
            line = made.children.append(XmlElement("tableRow"))
            for tag, words in row:
                cell = line.children.append(XmlElement(tag, {"colspan": 1, "rowspan": 1} | attributes))
                for part in words.split("\n"):
                    cell.children.append(XmlElement("paragraph")).children.append(XmlText(part))

    return write


def cell(kind: Any, column: int, words: str = "") -> Block:
    return Block(kind=kind, depth=column, spans=(Span(text=words),) if words else ())


HEAD = [("tableHeader", "Was"), ("tableHeader", "Wer")]


def test_a_table_is_read_cell_by_cell():
    plan, left_out = read_plan(written(table(HEAD, [("tableCell", "Holz\nund Leim"), ("tableCell", "Anna")])))
    assert left_out == []
    goal = plan.profile.texts["goal"]
    assert goal == (
        cell("table", 2), cell("head", 1, "Was"), cell("head", 2, "Wer"),
        cell("cell", 1, "Holz\nund Leim"), cell("cell", 2, "Anna"),
    )  # fmt: skip
    assert plain(goal) == "Was | Wer\nHolz und Leim | Anna"


def test_two_tables_stay_two_and_short_rows_are_filled_up():
    """One may be short where somebody added a row while somebody added a column."""
    plan, left_out = read_plan(written(table(HEAD, [("tableCell", "Holz")], []), table([("tableCell", "allein")])))
    assert left_out == []
    assert plan.profile.texts["goal"][3:] == (
        cell("cell", 1, "Holz"), cell("cell", 2), cell("table", 1), cell("cell", 1, "allein")
    )  # fmt: skip
    assert restoring(document(plan), plan, 99) is None
    assert read_plan(document(plan)) == (plan, [])


def test_what_a_table_cannot_hold_is_named():
    def strange(doc: Doc[Any]) -> None:
        made = doc.get("profile.goal", type=XmlFragment).children[0]
        made.children.append(XmlElement("caption"))
        made.children.append(XmlText("lose"))
        row = made.children.append(XmlElement("tableRow"))
        row.children.append(XmlElement("paragraph"))
        inside = row.children.append(XmlElement("tableCell"))
        inside.children.append(XmlElement("table"))
        inside.children.append(XmlElement("paragraph")).children.append(XmlText("gut"))

    plan, left_out = read_plan(written(table(HEAD, colspan=2), strange))
    at = "profile.goal"
    assert left_out == [
        f"{at}/tableHeader/colspan", f"{at}/tableHeader/colspan", f"{at}/caption", f"{at}/text", f"{at}/paragraph",
        f"{at}/table",
    ]  # fmt: skip
    assert plain(plan.profile.texts["goal"]) == "Was | Wer\ngut | "
    wide, cut = read_plan(written(table([("tableCell", "x")] * 21)))
    assert (len(wide.profile.texts["goal"]), cut) == (21, [f"{at}/tableCell"])


def test_an_empty_table_is_no_text():
    assert read_plan(written(table([("tableCell", "")]), table([]), table()))[0] == Plan()


def test_a_changed_cell_is_told_in_its_row():
    before, after = (read_plan(written(table(HEAD, [("tableCell", words)])))[0] for words in ("Holz", "Leim"))
    [change] = changes(before, after)
    assert (change.field, change.old, change.new) == ("goal", "Was | Wer\nHolz | ", "Was | Wer\nLeim | ")


def test_unknown_elements_are_named_and_deep_ones_end():
    def deep(doc: Doc[Any]) -> None:
        at: Any = doc.get("profile.risks", type=XmlFragment)
        for _ in range(60):
            at = at.children.append(XmlElement("blockquote"))
        doc.get("profile.goal", type=XmlFragment).children.append(XmlElement("script"))

    plan, left_out = read_plan(written(deep, paragraph("gut")))
    assert left_out == ["profile.goal/script", "profile.risks/…"]
    assert plain(plan.profile.texts["goal"]) == "gut"


def test_every_plan_begins_with_the_same_bytes():
    assert seed_plan() == seed_plan()
    assert read_plan(seed_plan()) == (Plan(), [])
    assert seed_plan().hex()[:12] == "010701000701"


def test_writing_into_the_seed_keeps_one_paragraph():
    def first_word(doc: Doc[Any]) -> None:
        doc.get("profile.goal", type=XmlFragment).children[0].children.append(XmlText("Wir wollen"))

    plan, _ = read_plan(written(first_word, seed=seed_plan()))
    assert plan.profile.texts == {"goal": (Block(kind="paragraph", spans=(Span(text="Wir wollen"),)),)}


def test_the_gateway_lets_exactly_these_roots_in():
    plan = {f"profile.{section}" for section in SECTIONS} | {"profile"} | {root for root, _ in PLAN_TABLES.values()}
    meeting = {"minutes.item-1"} | {root for root, _ in MEETING_TABLES.values()}
    assert all(SHAPES["plan"].allows(root) for root in plan)
    assert all(SHAPES["meeting"].allows(root) for root in meeting)
    assert (SHAPES["plan"].schema, SHAPES["meeting"].schema) == (PLAN_SCHEMA, MEETING_SCHEMA)


def test_a_meeting_is_read():
    meeting, left_out = read_meeting(
        written(
            row("boards", "c1", order="a0", label="Auffangen", colour=3),
            row("cards", "k1", order="a1", text="Zisternen", author="p1", name="Gerd", site=True, column="c1"),
            paragraph("Begrüßung", "minutes.item-1"),
        )
    )
    assert left_out == []
    assert meeting.columns[0].label == "Auffangen"
    assert (meeting.cards[0].text, meeting.cards[0].site) == ("Zisternen", True)
    assert plain(meeting.minutes["item-1"]) == "Begrüßung"


COST = Cost(id="k1", order="a0", label="Regale", category="Sachkosten", quantity=1500, unit_price_cents=10_01)


def test_finance_is_handed_on_line_by_line():
    plan = Plan(
        profile=Profile(starts="2027-04-01"),
        costs=(COST, replace(COST, id="k2", month="2027-05")),
        incomes=(Income(id="e1", kind="volunteer", amount_cents=3600_00, month="2027-04", hours=240_000),),
    )
    finance, nowhere = finance_plan(plan)
    assert nowhere == []
    assert finance.costs[0] == CostLine(
        id="k1", label="Regale", category="Sachkosten", quantity=1500, unit_price_cents=1001, month="2027-04"
    )
    assert [line.total() for line in finance.costs] == [COST.total()] * 2 == [15_02] * 2
    assert (finance.incomes[0].hours, finance.totals().missing_cents) == (240_000, 30_04 - 3600_00)


def test_lines_without_any_month_are_named():
    assert finance_plan(Plan(costs=(COST,), incomes=(Income(id="e"),)))[1] == ["K1", "E1"]


def test_the_schedule_spans_the_project_or_its_lines():
    plan = Plan(
        work=(Work(id="w1", label="Raum", starts="2027-01-05", ends="2027-02-01"), Work(id="w2", label="ohne")),
        milestones=(Milestone(id="m1", label="Fest", day="2027-05-29", after="w1"),),
    )
    schedule = schedule_plan(plan)
    assert schedule
    assert (schedule.starts, schedule.ends, len(schedule.lines)) == ("2027-01-05", "2027-05-29", 2)
    assert schedule.lines[1].after == ["w1"]
    longer = schedule_plan(replace(plan, profile=Profile(starts="2026-12-01", ends="2027-12-31")))
    assert longer
    assert (longer.starts, longer.ends) == ("2026-12-01", "2027-12-31")
    assert schedule_plan(Plan()) is None


def test_changes_name_line_field_and_both_values():
    before = Plan(costs=(COST, replace(COST, id="k2", label="Miete"), replace(COST, id="k3", label="Rad")))
    after = Plan(
        profile=Profile(texts={"goal": (Block(kind="paragraph", spans=(Span(text="Neu"),)),)}, ends="2027-12-31"),
        costs=(replace(before.costs[2], order="A"), replace(COST, unit_price_cents=9_99), Cost(id="k4", label="Bus")),
    )
    found = changes(before, after)
    assert [(change.kind, change.line, change.label, change.field) for change in found] == [
        ("changed", "", "", "goal"),
        ("changed", "", "", "ends"),
        ("removed", "K2", "Miete", ""),
        ("moved", "K1", "Rad", ""),
        ("changed", "K2", "Regale", "unit_price_cents"),
        ("added", "K3", "Bus", ""),
    ]
    assert found[4] == Change(
        part="finance",
        table="costs",
        kind="changed",
        row="k1",
        line="K2",
        label="Regale",
        field="unit_price_cents",
        old=10_01,
        new=9_99,
    )


def test_nothing_changed_is_nothing_said():
    plan, _ = read_plan(written(rich, row("work", "w", label="x")))
    assert changes(plan, plan) == []


def test_only_the_row_that_moved_has_moved():
    rows = tuple(Work(id=id, order=id) for id in "abcde")
    after = (rows[1], rows[2], rows[3], rows[0], rows[4])
    assert [(change.kind, change.row) for change in changes(Plan(work=rows), Plan(work=after))] == [("moved", "a")]


@given(st.permutations(range(9)), st.sets(st.integers(0, 8)))
def test_as_few_rows_as_possible_count_as_moved(order: list[int], steady: set[int]):
    before, after = [str(number) for number in range(9)], [str(number) for number in order]
    kept = _longest_run(before, after, {str(number) for number in steady})
    assert [id for id in after if id in kept] == sorted(kept)
    runs = (run for size in range(10) for run in combinations(order, size) if list(run) == sorted(run))
    assert _weight(map(int, kept), steady) == max(_weight(run, steady) for run in runs)


def _weight(run: Iterable[int], steady: set[int]) -> int:
    return sum(2 + (number in steady) for number in run)
