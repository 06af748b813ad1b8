"""A plan at work, as the pages of planning are given it: Materialwerk Löbtau in November 2026."""

from datetime import UTC, datetime
from typing import Any

from services.planning.screens import Burst, Comparison, Found, Frozen, Pot, Recent, Workspace
from shared.contracts.documents import Block, Cost, Income, Milestone, Plan, Profile, Prose, Resource, Span, Work
from shared.municipalities import Municipality
from shared.plans import PARTS, Change, changes
from shared.web.render import Me, Page

NOW = datetime(2026, 11, 22, 13, 32, tzinfo=UTC)
TOWN = Municipality(id="dresden", name="Dresden", land="SN", town="dresden", districts=())


def prose(*lines: str) -> Prose:
    return tuple(Block(kind="paragraph", spans=(Span(text=line),)) for line in lines)


GOAL = (
    Block(
        kind="paragraph", spans=(Span(text="Material, das "), Span(text="andere wegwerfen", bold=True), Span(text="."))
    ),
    Block(kind="item", depth=1, spans=(Span(text="leihen"),)),
    Block(kind="item", depth=2, spans=(Span(text="bauen", link="https://example.org/bauen"),)),
    Block(kind="quote", depth=1, spans=(Span(text="Zu gut\nfür die Tonne"),)),
    Block(kind="heading", depth=3, spans=(Span(text="Danach"),)),
    Block(kind="table", depth=2),
    Block(kind="head", depth=1, spans=(Span(text="Was"),)),
    Block(kind="head", depth=2, spans=(Span(text="Wie oft"),)),
    Block(kind="cell", depth=1, spans=(Span(text="Ausleihe", bold=True),)),
    Block(kind="cell", depth=2, spans=(Span(text="jeden Samstag\nund nach Absprache"),)),
    Block(kind="cell", depth=1),
    Block(kind="cell", depth=2),
)
COSTS = [
    ("Schwerlastregale, gebraucht", "Sachkosten", 24_000, "Stück", 185_00, "2027-04"),
    ("Werkbänke und Absaugung", "Investition", 1_000, "Satz", 6900_00, "2027-04"),
    ("Miete Lager, warm", "Raum", 12_000, "Monate", 780_00, "2027-05"),
    ("Materiallots:in, Honorar", "Honorar", 320_000, "Stunden", 28_00, "2027-06"),
    ("Bewirtung beim Eröffnungsfest", "Bewirtung", 120_000, "Gäste", 7_00, "2027-05"),
    ("Ehrenamtliche Stunden", "Eigenleistung", 240_500, "Stunden", 15_00, "2027-10"),
]
INCOMES: list[tuple[str, Any, int, str, int]] = [
    ("Zukunftsstadt-Fonds", "applied", 24_800_00, "2027-04", 0),
    ("Vereinskasse", "own", 2_250_00, "2027-08", 0),
    ("Ehrenamtliche Stunden zu 15,00 €", "volunteer", 3_607_50, "2027-10", 240_500),
]
WORK = [
    ("w1", "Raum finden und herrichten", "Jana T.", "doing", 80_000, "2026-11-09", "2027-03-28", ""),
    ("w2", "Katalog und Ausleihe online", "Duc N.", "open", 0, "2027-01-11", "2027-04-30", ""),
    ("w3", "Werkstatt einrichten", "Paul W.", "open", 120_500, "2027-03-15", "2027-05-14", "w1"),
    ("w4", "Auswerten und verstetigen", "", "open", 0, "2027-11-02", "2028-01-21", "m1"),
]
CONTENT = Plan(
    profile=Profile(
        texts={"summary": prose("Eine offene Werkstatt mit Material, das übrig ist."), "goal": GOAL},
        place="Löbtau, Tharandter Straße",
        reaches="drei Schulen",
        starts="2026-11-01",
        ends="2028-01-31",
    ),
    work=tuple(
        Work(id=id, label=label, owner=owner, state=state, effort=effort, starts=starts, ends=ends, after=after)  # type: ignore[arg-type]
        for id, label, owner, state, effort, starts, ends, after in WORK
    ),
    resources=(
        Resource(id="r1", label="Lagerraum, 200 m²", kind="room", state="secured", source="Verein Holz+Stoff"),
        Resource(id="r2", label="Menschen, die bauen können", kind="people", quantity=6_000),
    ),
    milestones=(Milestone(id="m1", label="Eröffnungsfest", day="2027-05-29", after="w3"),),
    costs=tuple(
        Cost(id=f"k{n}", label=a, category=b, quantity=c, unit=d, unit_price_cents=e, month=f)
        for n, (a, b, c, d, e, f) in enumerate(COSTS, 1)
    ),
    incomes=tuple(
        Income(id=f"e{n}", label=a, kind=b, amount_cents=c, month=d, hours=e)
        for n, (a, b, c, d, e) in enumerate(INCOMES, 1)
    ),
)
WHY = "Beim Zukunftsstadt-Fonds nicht förderfähig (Richtlinie Nr. 4.2, Bewirtung). Bitte anders finanzieren."
POT = Pot(id="pot-1", title="Zukunftsstadt-Fonds", version=3)


def page(title: str, person: str | None = "ann") -> Page:
    me = Me(person, "Anna B.") if person else None
    path = "/dresden/plans/p-1"
    return Page(title=title, path=path, town=TOWN, me=me, nav="projects", csrf="token", command_id="c-1")


def workspace(part: str = "finance", **more: Any) -> Workspace:
    values: dict[str, Any] = {
        "project": "p-1",
        "title": "Materialwerk Löbtau",
        "address": "/dresden/plans/p-1",
        "content": CONTENT,
        "at": NOW,
        "part": part,
        "right": "write",
        "may_freeze": True,
        "next_number": 7,
        "pot": POT,
        "pots": (POT, Pot(id="pot-2", title="Stadtbezirk Cotta")),
        "findings": (
            Found(failing=True, words=WHY, line="K5", line_id="k5"),
            Found(failing=False, words="Höchstbetrag 50.000 € eingehalten"),
        ),
        "recent": (Recent(at=NOW, name="Mira K.", words="hat E3 Spenden geändert."),),
    }
    return Workspace(**values | more)


def history() -> dict[str, Any]:
    before = Plan(costs=CONTENT.costs[1:], milestones=(Milestone(id="m0", label="Richtfest"),))
    found = changes(before, CONTENT)
    parts = {part: tuple(each for each in found if each.part == part) for part in dict.fromkeys(PARTS.values())}
    price = Change(
        part="finance", table="costs", kind="changed", row="k1", line="K1", label="Regale", field="unit_price_cents",
        old=180_00, new=185_00,
    )  # fmt: skip
    return {
        "plan": workspace(),
        "bursts": [Burst(at=NOW, person="mira", name="Mira K.", changes=(price, *found[:3]), more=2)],
        "revisions": [Frozen(id="r-6", number=6, name="vor der Beratung", at=NOW, by="Anna B.")],
        "comparison": Comparison(
            before="Fassung 6",
            after="jetzt",
            parts=tuple(parts.items()),
            chosen=("r-6", "now"),
            sums=(("Summe Kosten", 100_00, 250_00),),
            amounts={row.id: row.total() for row in CONTENT.costs},
        ),
        "chosen": "",
        "who": "",
        "authors": {"ann": "Anna B.", "mira": "Mira K."},
        "may_restore": True,
        "may_declare": True,
        "refused": None,
    }
