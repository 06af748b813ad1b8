"""Every page of a plan can be read without scripts, and is sound HTML without inline style or script."""

import re
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from services.planning.critical import course
from services.planning.domain.edits import Changed
from services.planning.exports.costtable import Fault, Line
from services.planning.exports.routes import FILES
from services.planning.gantt import gantt
from services.planning.money import balance_bars, cash_flow
from services.planning.remedies import Clash, clashes
from services.planning.screens import Burst, in_short
from shared.contracts.documents import Comment, Cost, Income, Plan, Profile, Resource, ResourceState
from shared.contracts.plan import ScheduleLine, SchedulePlan
from shared.money import format_euro
from shared.plans import Change, schedule_plan
from shared.remarks import threads
from shared.web.render import Renderer
from tests.planning.samples import CONTENT, NOW, history, page, workspace

PARTS = ("profile", "work", "resources", "schedule", "finance")


def html(template: str, person: str | None = "ann", **context: Any) -> str:
    answer: str = Renderer().render(f"planning/{template}", page("Plan", person), **context).content
    return answer


IMPORT: dict[str, Any] = {
    "plan": workspace(""),
    "refused": None,
    "lines": [
        Line(number=2, label="Regale"),
        Line(number=3, faults=(Fault("label_missing"),)),
        Line(number=4, there=True),
    ],
    "name": "kosten.xlsx",
    "most": 300,
    "taken": "[]",
    "sums": {"fits": 1, "faulty": 1, "there": 1, "cents": 0},
}
READER: dict[str, Any] = {"right": "read", "may_freeze": False, "pot": None, "recent": (), "content": Plan()}
SAMPLES: dict[str, tuple[str, str | None, dict[str, Any]]] = {
    **{part: ("plan.html", "ann", {"plan": workspace(part), "refused": None}) for part in PARTS},
    **{f"no {part}": ("plan.html", None, {"plan": workspace(part, **READER), "refused": None}) for part in PARTS},
    "print": ("print.html", "ann", {"plan": workspace(), "revision": None}),
    "empty print": ("print.html", None, {"plan": workspace(content=Plan()), "revision": history()["revisions"][0]}),
    "history": ("history.html", "ann", history()),
    "exports": ("exports.html", None, {"plan": workspace(""), "files": FILES, "revisions": [], "chosen": None}),
    "exports of a revision": (
        "exports.html",
        "ann",
        {
            "plan": workspace(""),
            "files": FILES,
            "revisions": history()["revisions"],
            "chosen": history()["revisions"][0],
        },
    ),
    "import": ("import.html", "ann", IMPORT | {"lines": None}),
    "preview": ("import.html", "ann", IMPORT),
    "no history": ("history.html", None, history() | {"bursts": [], "revisions": [], "comparison": None}),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_is_sound(name: str):
    template, person, context = SAMPLES[name]
    text = html(template, person, **context)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    pointed = {
        id
        for ids in re.findall(r'\b(?:for|aria-labelledby|aria-describedby|popovertarget)="([^"]+)"', text)
        for id in ids.split()
    }
    assert pointed <= set(ids)
    assert not re.search(r"\sstyle=|<script(?! type=\"module\" src=)|\son\w+=", text)


def test_the_finance_page_says_all_in_plain_html():
    text = html("plan.html", plan=workspace(), refused=None)
    for words in (
        "Schwerlastregale",
        "24 Stück",
        "240,5 Stunden",
        "4.440,00",
        "Mai 2027",
        "beantragt",
        "nicht förderfähig",
    ):
        assert words in text
    assert 'data-grid="costs"' in text
    assert 'href="#zeile-k5"' in text
    assert "Fassung 7 festhalten" in text


def test_a_reader_gets_no_tools():
    text = html("plan.html", None, plan=workspace("profile", right="read", may_freeze=False), refused=None)
    assert "data-freeze" not in text
    assert "data-undo" not in text
    assert "data-field" not in text
    assert re.search(r"<dt>Zeitraum</dt><dd>\d\d\.\d\d\.\d{4} bis ", text)


def test_rich_text_keeps_its_lists_and_links():
    text = re.sub(r"\s+", " ", html("plan.html", plan=workspace("profile"), refused=None))
    assert "<strong>andere wegwerfen</strong>" in text
    assert re.search(r"<ul> ?<li>leihen</li> ?<li class=\"gw-prose__deep\"><a href=\"https://example.org/bauen\"", text)
    assert re.search(r'<table><tbody> ?<tr> ?<th scope="col">Was</th> ?<th scope="col">Wie oft</th> ?</tr>', text)
    assert re.search(r"<td>jeden Samstag<br>und nach Absprache</td> ?</tr> ?<tr> ?<td></td>", text)
    assert re.search(r"<tr> ?<td></td> ?<td></td> ?</tr> ?</tbody></table></div>", text)
    assert re.search(r"<blockquote> ?<p>Zu gut<br>für die Tonne</p> ?</blockquote>", text)


def test_texts_of_teams_are_never_markup():
    evil = "<script>alert(1)</script>"
    costs = (replace(CONTENT.costs[0], label=evil, category=evil, unit=evil),)
    work = (
        replace(CONTENT.work[0], label=evil, owner=evil),
        replace(CONTENT.work[2], after=CONTENT.work[0].id, label=evil),
    )
    plan = replace(CONTENT, costs=costs, work=work)
    for part in PARTS:
        assert "<script>alert" not in html("plan.html", plan=workspace(part, content=plan), refused=None)
    assert "<script>alert" not in html("print.html", plan=workspace(content=plan), revision=None)


def test_the_history_says_what_changed_in_words():
    text = html("history.html", **history())
    for words in (
        "Von Fassung 6 zu jetzt",
        "Fassung 6",
        "<del>Richtfest</del>",
        "und 2 weitere",
        f'<a class="gw-chip" href="{workspace().address}/history?part=work"',
        f'<a class="gw-chip" href="{workspace().address}/history?person=mira"',
    ):
        assert words in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(part="finance", table="costs", kind="changed", line="K1", label="Holz", field="unit_price_cents",
                old=800_00, new=950_00), "hat Holz (K1) von 800,00 € auf 950,00 € erhöht"),
        (Change(part="finance", table="incomes", kind="changed", line="E2", label="Spenden", field="amount_cents",
                old=950_00, new=800_00), "hat Spenden (E2) von 950,00 € auf 800,00 € gesenkt"),
        (Change(part="work", table="work", kind="changed", line="A1", label="Aufbau", field="state",
                old="open", new="done"), "hat bei Aufbau (A1) Stand von offen auf fertig gesetzt"),
        (Change(part="schedule", table="milestones", kind="changed", line="M1", label="Fest", field="day",
                old="2027-05-28", new="2027-06-04"), "hat bei Fest (M1) Tag von 28.05.2027 auf 04.06.2027 verschoben"),
        (Change(part="work", table="work", kind="changed", line="A1", label="Aufbau", field="owner", new="Mira"),
         "hat bei Aufbau (A1) Wer auf „Mira“ gesetzt"),
        (Change(part="work", table="work", kind="changed", line="A1", label="Neu", field="label", old="Alt", new="Neu"),
         "hat „Alt“ in Neu umbenannt"),
        (Change(part="resources", table="resources", kind="changed", line="R1", label="Raum", field="state",
                old="needed", new="secured"), "hat Raum (R1) als gesichert markiert"),
        (Change(part="resources", table="resources", kind="changed", line="R1", label="Raum", field="need", new="n"),
         "hat Raum (R1) als Gesuch auf den Marktplatz gestellt"),
        (Change(part="profile", table="fields", kind="changed", field="place", new="Löbtau"),
         "hat Ort auf „Löbtau“ gesetzt"),
        (Change(part="profile", table="texts", kind="changed", field="goal", new="Mehr"),
         "hat Was wir erreichen wollen geschrieben"),
        (Change(part="finance", table="comments", kind="added", field="mentions", line="K4", label="Lot:in"),
         "hat Lot:in (K4) kommentiert"),
        (Change(part="finance", table="comments", kind="changed", field="state", old="open", new="resolved"),
         "hat Finanzen als erledigt markiert"),
        (Change(part="finance", table="costs", kind="added", line="K9", label="Farbe"), "hat Farbe (K9) ergänzt"),
    ],
)  # fmt: skip
def test_a_change_is_a_sentence_after_the_name(change: Change, words: str):
    burst = Burst(at=NOW, person="bob", name="Bob C.", changes=(change,))
    text = html("history.html", **history() | {"bursts": [burst], "comparison": None})
    [said] = re.findall(r"<b>Bob C\.</b></span><p class=\"gw-small\">(.*?)</p>", text)
    assert re.sub(r"<[^>]+>", "", said).replace("\xa0", " ") == words


@pytest.mark.parametrize(
    ("made", "more", "words"),
    [
        ([("work", "changed", "w1", "A1", "starts"), ("work", "changed", "w1", "A1", "ends")], 0, "hat A1 verschoben"),
        ([("work", "changed", "w1", "A1", "label"), ("work", "changed", "w1", "A1", "owner")], 0, "hat A1 geändert"),
        ([("costs", "added", "k1", "K1", "")], 1, "hat K1 ergänzt und 1 weitere Stelle"),
        (
            [
                ("texts", "changed", "", "", "goal"),
                ("texts", "changed", "", "", "risks"),
                ("work", "added", "w1", "A1", ""),
            ],
            0,
            "hat einen Text geändert und 2 weitere Stellen",
        ),
        ([], 0, "hat etwas geändert"),
    ],
)
def test_the_newest_changes_are_told_in_a_few_words(made: list[tuple[str, ...]], more: int, words: str):
    changed = [
        Changed(part="work", table=table, kind=kind, row=row, line=line, field=field)
        for table, kind, row, line, field in made
    ]
    assert in_short(changed, more) == words


def test_the_cash_box_is_followed_month_by_month():
    flow = cash_flow(CONTENT)
    assert flow
    assert [month.month for month in flow.months] == [f"2027-{n:02d}" for n in range(4, 11)]
    assert flow.months[0].balance_cents == 24_800_00 - 4_440_00 - 6_900_00
    assert flow.months[-1].balance_cents == -workspace().sums.missing_cents
    assert cash_flow(Plan()) is None


@pytest.mark.parametrize("amount", [0, 1, 10**12])
def test_any_amount_can_be_drawn(amount: int):
    plan = Plan(incomes=(Income(id="e", amount_cents=amount, month="2027-01"),))
    flow = cash_flow(plan)
    assert flow
    assert "nan" not in flow.svg
    assert "nan" not in balance_bars(plan)


def line(id: str, starts: str, ends: str, *after: str) -> ScheduleLine:
    return ScheduleLine(id=id, label=id, starts=f"2027-{starts}", ends=f"2027-{ends}", after=list(after))


def test_the_longest_chain_is_critical():
    way = course(
        [
            line("a", "01-01", "01-10"),
            line("b", "01-01", "01-05"),
            line("c", "01-11", "01-20", "a", "b"),
            line("m", "01-20", "01-20", "c"),
        ]
    )
    assert way.critical == {"a", "c", "m"}
    assert way.slack == {"a": 0, "b": 5, "c": 0, "m": 0}
    assert way.conflicts == ()


def test_who_begins_too_early_is_named_with_days():
    schedule = schedule_plan(CONTENT)
    assert schedule
    chart = gantt(schedule, {"w1": "A1", "w3": "A3"})
    (clash,) = chart.conflicts
    assert clash.title == "A3 beginnt 14 Tage zu früh"
    assert clash.words == (
        "„Werkstatt einrichten“ beginnt am 15.03.2027, braucht aber „Raum finden und herrichten“ (bis 28.03.2027). "
        "Wird A3 verschoben, bleibt ein Tag Puffer bis „Eröffnungsfest“."
    )
    assert [(each.line, each.what, each.to, each.words) for each in clash.remedies] == [
        ("w3", "begin", "2027-03-29", "A3 auf 29.03. verschieben"),
        ("w1", "end", "2027-03-14", "A1 bis 14.03. kürzen"),
    ]
    assert "14 Tage zu früh</text>" in chart.svg
    assert chart.title == "November 2026 bis Januar 2028"


def test_rings_are_named_and_drawn():
    lines = [line("a", "01-01", "01-10", "b"), line("b", "01-11", "01-12", "a"), line("c", "02-01", "02-01")]
    chart = gantt(SchedulePlan(starts="2027-01-01", ends="2027-02-01", lines=lines), {"a": "A1", "b": "A2"})
    assert chart.conflicts[-1].title == "A1, A2 warten aufeinander im Kreis"
    assert chart.conflicts[-1].remedies == ()


def clash_of(*lines: ScheduleLine) -> Clash:
    (found,) = clashes(lines, course(list(lines)), {each.id: each.id.upper() for each in lines})
    return found


def test_each_way_out_of_a_conflict_ends_it():
    lines = [line("a", "01-01", "01-20"), line("b", "01-10", "01-15", "a"), line("c", "01-12", "01-14", "a")]
    for clash in clashes(lines, course(lines), {}):
        for remedy in clash.remedies:
            days = date.fromisoformat(remedy.to) - date.fromisoformat(
                next(x for x in lines if x.id == remedy.line).starts
            )
            mended = [
                each
                if each.id != remedy.line
                else replace(each, ends=remedy.to)
                if remedy.what == "end"
                else replace(each, starts=remedy.to, ends=(date.fromisoformat(each.ends) + days).isoformat())
                for each in lines
            ]
            assert clash.line not in {each.line for each in course(mended).conflicts}


def test_what_is_over_too_early_to_be_cut_can_only_be_waited_for():
    clash = clash_of(line("a", "01-10", "01-20"), line("b", "01-05", "01-08", "a"))
    assert [remedy.what for remedy in clash.remedies] == ["begin"]
    mile = clash_of(line("m", "01-20", "01-20"), line("b", "01-05", "01-08", "m"))
    assert [remedy.words for remedy in mile.remedies] == ["B auf 20.01. verschieben"]


def test_a_way_out_says_what_comes_too_early_then():
    clash = clash_of(line("a", "01-01", "01-20"), line("b", "01-10", "01-15", "a"), line("m", "01-16", "01-16", "b"))
    assert clash.words.endswith("Wird B verschoben, kommt danach „m“ zu früh.")


def test_one_line_that_waits_for_two_has_one_conflict_by_the_later():
    clash = clash_of(line("a", "01-01", "01-20"), line("b", "01-01", "01-25"), line("c", "01-10", "01-15", "a", "b"))
    assert clash.title == "C beginnt 16 Tage zu früh"


def test_only_who_writes_is_offered_a_way_out_of_a_conflict():
    team = html("plan.html", plan=workspace("schedule"), refused=None)
    assert 'data-mend="w3" data-begin="2027-03-29"' in team
    for right in ("read", "comment"):
        text = html("plan.html", plan=workspace("schedule", right=right), refused=None)
        assert "A3 beginnt 14 Tage zu früh" in text
        assert "data-mend" not in text


def test_the_chart_shows_who_takes_care_and_what_has_passed():
    chart = workspace("schedule", hues={"Paul W.": 6}).gantt
    assert chart
    assert (chart.past, chart.now) == (True, True)
    assert re.search(r'gw-who--6" aria-hidden="true" data-end="w3"><circle[^>]*/><text[^>]*>PW</text>', chart.svg)
    assert "wer übernimmt?" in chart.svg
    assert 'class="d-done"' in chart.svg


def test_the_years_of_a_narrow_chart_never_overlap():
    lines = [line("a", "02-01", "02-02")]
    chart = gantt(SchedulePlan(starts="2026-12-05", ends="2028-01-31", lines=lines), {})
    narrow = chart.svg.partition("gw-phone")[2]
    assert ">2026<" not in narrow
    assert ">2027<" in narrow


def test_what_was_said_about_a_deleted_row_stays_with_the_part():
    said = [
        Comment(id="c1", about="work/gone", text="Und jetzt?", author="mira"),
        Comment(id="c2", about="work/w1", text="Ja", author="mira"),
    ]
    talk = tuple(threads(said, CONTENT, "work"))
    text = html("plan.html", plan=workspace("work", talk=talk, names={"mira": "Mira K."}), refused=None)
    assert "</b> zu einer gelöschten Zeile" in text
    assert "</b> zu A1" in text


def test_an_empty_plan_says_what_to_do_first():
    text = html("plan.html", plan=workspace("finance", content=Plan(), findings=()), refused=None)
    assert "Was kostet am meisten?" in text
    assert "noch leer" in text


@pytest.mark.parametrize(("right", "found"), [("write", 1), ("read", 0)])
def test_who_writes_costs_finds_beside_them_the_way_for_a_table(right: str, found: int) -> None:
    text = html("plan.html", plan=workspace("finance", right=right), refused=None)
    assert text.count(">Tabelle einlesen</a>") == found


@pytest.mark.parametrize(("state", "words"), [("needed", "offen"), ("offered", "Angebot da"), ("secured", "gefunden")])
def test_what_became_of_a_need_stands_beside_it(state: ResourceState, words: str) -> None:
    plan = Plan(resources=(Resource(id="r", label="Lagerraum", state=state, need="n"),))
    text = html("plan.html", plan=workspace("resources", content=plan), refused=None)
    assert f">{words}</span>" in text


def test_a_range_stands_below_its_line_and_in_the_sums() -> None:
    plan = Plan(costs=(Cost(id="k", label="Miete", unit_price_cents=500_00, least_cents=400_00, most_cents=600_00),))
    text = html("plan.html", plan=workspace("finance", content=plan), refused=None)
    assert "mindestens 400,00\u00a0€, höchstens 600,00\u00a0€" in text
    assert "<dd data-range>400,00 – 600,00\u00a0€</dd>" in text
    changed = Change(
        part="finance", table="costs", kind="changed", row="k", line="K1", label="Miete", field="most_cents",
        old=0, new=600_00,
    )  # fmt: skip
    burst = Burst(at=NOW, person="mira", name="Mira K.", changes=(changed,))
    assert "mit höchstens 600,00\u00a0€" in html("history.html", **history() | {"bursts": [burst], "comparison": None})


def test_a_comparison_begins_with_the_sums_and_says_what_new_lines_come_to() -> None:
    text = html("history.html", **history())
    assert text.index("Summe Kosten") < text.index(CONTENT.costs[0].label)
    assert "<del>100,00\u00a0€</del>" in text
    assert "<ins>250,00\u00a0€</ins>" in text
    first = CONTENT.costs[0]
    assert f"<ins>{first.label}, {format_euro(first.total())}</ins>" in text
    assert '<option value="r-6" selected>' in text


def test_a_line_without_month_flows_in_the_projects_first_one() -> None:
    costs = (Cost(id="a", unit_price_cents=100), Cost(id="b", unit_price_cents=50, month="2027-03"))
    flow = cash_flow(Plan(profile=Profile(starts="2027-02-14"), costs=costs))
    assert flow
    assert [(each.month, each.balance_cents) for each in flow.months] == [("2027-02", -100), ("2027-03", -150)]
    assert cash_flow(Plan(costs=costs[:1])) is None
