"""Step 3: three people write one plan at the same time."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from pycrdt import Doc, Map, Text, XmlElement, XmlFragment, XmlText

from deploy.walkthrough.checks import Report, eventually
from deploy.walkthrough.editor import Editor
from deploy.walkthrough.steps import Cast

Change = Callable[[Doc[Any]], None]

COSTS = (
    ("Schwerlastregale", "Sachkosten", 24, 185_00, "2027-04"),
    ("Werkbänke", "Investition", 1, 6_900_00, "2027-04"),
    ("Miete", "Raum", 12, 780_00, "2027-05"),
)
CATERING = ("Bewirtung beim Fest", "Bewirtung", 120, 7_00, "2027-05")
ASKED = 17_000_00


def cost(id: str, line: tuple[str, str, int, int, str]) -> Change:
    label, category, quantity, price, month = line

    def change(doc: Doc[Any]) -> None:
        fields = {
            "order": id,
            "category": category,
            "quantity": 1000 * quantity,
            "unit_price_cents": price,
            "month": month,
        }
        doc.get("finance.costs", type=Map)[id] = Map({**fields, "label": Text(label)})

    return change


def income(id: str, label: str, kind: str, cents: int) -> Change:
    def change(doc: Doc[Any]) -> None:
        fields = {"order": id, "kind": kind, "amount_cents": cents, "month": "2027-04"}
        doc.get("finance.incomes", type=Map)[id] = Map({**fields, "label": Text(label)})

    return change


def prose(section: str, text: str) -> Change:
    def change(doc: Doc[Any]) -> None:
        written = XmlElement("paragraph")
        doc.get(f"profile.{section}", type=XmlFragment).children.append(written)
        written.children.append(XmlText(text))

    return change


def field(name: str, value: str) -> Change:
    def change(doc: Doc[Any]) -> None:
        doc.get("profile", type=Map)[name] = value

    return change


def without(id: str) -> Change:
    def change(doc: Doc[Any]) -> None:
        del doc.get("finance.costs", type=Map)[id]

    return change


async def three_write_at_once(cast: Cast, project: str, report: Report) -> None:
    report.step("3  Three people write the plan at the same time")
    document = f"plan-{project}"
    mira, selin, duc = (Editor(person, "planning", document) for person in (cast.mira, cast.selin, cast.duc))
    own = sum(quantity * price for _, _, quantity, price, _ in (*COSTS, CATERING)) - ASKED
    async with AsyncExitStack() as stack:
        for editor in (mira, selin, duc):
            await stack.enter_async_context(editor.online())
        report.check("the plan opened at once for those who joined", True)
        mira.change(prose("goal", "40 Tonnen Material im ersten Jahr weitergeben."))
        selin.change(cost("k1", COSTS[0]))
        duc.change(cost("k2", COSTS[1]))
        mira.change(cost("k3", COSTS[2]))
        selin.change(income("e1", "Zukunftsstadt-Fonds", "applied", ASKED))
        duc.change(income("e2", "Vereinskasse", "own", own))
        selin.change(cost("k4", CATERING))
        duc.change(prose("summary", "Werkstatt für alle, die reparieren wollen."))
        mira.change(field("starts", "2027-04-01"))
        mira.change(field("ends", "2027-12-31"))
        for editor in (mira, selin, duc):
            report.check(f"{editor.person.name} saw that everything is saved", await editor.all_saved())
        same = await eventually(lambda: _same(mira, selin, duc))
        report.check("the three screens end equal", same)
    plan = await cast.mira.json(f"/api/planning/plans/{project}")
    costs = sum(quantity * price for _, _, quantity, price, _ in (*COSTS, CATERING))
    report.check(f"the costs are right to the cent: {costs} cents", plan["totals"]["costs_cents"] == costs)
    report.check("costs and incomes balance", plan["totals"]["missing_cents"] == 0)
    report.check("nothing was left out", plan["left_out"] == [] and plan["without_month"] == [])
    bursts = (await cast.mira.json(f"/api/planning/plans/{project}/history"))["bursts"]
    who = {change["label"]: burst["name"] for burst in bursts for change in burst["changes"] if change["label"]}
    report.check(
        "history names who wrote which line", who.get("Werkbänke") == "Duc N." and who.get("Miete") == "Mira K."
    )
    report.check("the page shows it, too", "Schwerlastregale" in await cast.stranger.page(f"/plans/{project}/finance"))


async def _same(*editors: Editor) -> bool:
    first, *others = [_content(editor) for editor in editors]
    return all(other == first for other in others) and len(first[0]) == 4


def _content(editor: Editor) -> tuple[Any, ...]:
    tables = [editor.doc.get(name, type=Map).to_py() or {} for name in ("finance.costs", "finance.incomes", "profile")]
    texts = [str(editor.doc.get(f"profile.{name}", type=XmlFragment)) for name in ("goal", "summary")]
    return (*tables, *texts)
