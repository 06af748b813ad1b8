"""Every page of a plan can be read without scripts, and is sound HTML without inline style or script."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from services.planning.critical import course
from services.planning.exports.costtable import Fault, Line
from services.planning.exports.routes import FILES
from services.planning.gantt import gantt
from services.planning.money import balance_bars, cash_flow
from services.planning.screens import Burst
from shared.contracts.documents import Income, Plan
from shared.contracts.plan import ScheduleLine, SchedulePlan
from shared.plans import Change, schedule_plan
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
    chart = gantt(schedule, {"w1": "A1"})
    assert chart.conflicts == (
        "„Werkstatt einrichten“ beginnt 14 Tage zu früh: „Raum finden und herrichten“ ist dann noch nicht fertig.",
    )
    assert chart.title == "November 2026 bis Januar 2028"


def test_rings_are_named_and_drawn():
    lines = [line("a", "01-01", "01-10", "b"), line("b", "01-11", "01-12", "a"), line("c", "02-01", "02-01")]
    chart = gantt(SchedulePlan(starts="2027-01-01", ends="2027-02-01", lines=lines), {"a": "A1", "b": "A2"})
    assert chart.conflicts[-1] == "A1, A2 warten aufeinander im Kreis."


def test_an_empty_plan_says_what_to_do_first():
    text = html("plan.html", plan=workspace("finance", content=Plan(), findings=()), refused=None)
    assert "Was kostet am meisten?" in text
    assert "noch leer" in text
