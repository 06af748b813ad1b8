"""What the pages of planning show: plain values, with everything already worked out."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from markupsafe import Markup
from msgspec import Struct

from services.planning.domain.edits import Changed
from services.planning.gantt import Gantt, gantt
from services.planning.money import Flow, balance_bars, cash_flow, costs_between
from shared.contracts.documents import PLAN_SCHEMA, PLAN_TABLES, SECTIONS, Plan
from shared.contracts.plan import Totals
from shared.money import format_euro
from shared.plans import LETTERS, Change, Part, schedule_plan
from shared.remarks import TALK, Thread

_BETWEEN = re.compile(r"\s*[,;/&+]\s*|\s+und\s+")  # several people who take care of one thing


class Tab(Struct, frozen=True, kw_only=True):
    """`state`: done, open or warn; `words` say why."""

    part: Part
    state: str
    words: str


class Pot(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    version: int = 0


class Found(Struct, frozen=True, kw_only=True):
    """A finding of the check, in words."""

    failing: bool
    words: str
    line: str = ""
    line_id: str = ""


class Recent(Struct, frozen=True, kw_only=True):
    """`words` go on after the name: „hat K6 ergänzt“."""

    at: datetime
    name: str
    words: str


_DAYS = ("starts", "ends", "day")


def in_short(made: Sequence[Changed], more: int) -> str:
    """`hat K6 ergänzt`: the first of several changes, and how many other places there are; `more` are not in `made`."""
    if not made:
        return "hat etwas geändert"
    first = made[0]
    did = {"added": "ergänzt", "removed": "gestrichen", "moved": "verschoben"}.get(first.kind, "geändert")
    what = first.line or {"texts": "einen Text", "fields": "das Profil"}.get(first.table, "eine Zeile")
    if first.table == TALK:
        what = first.line or "den Teil"
        did = {"added": "beantwortet" if first.old else "kommentiert"}.get(first.kind, "besprochen")
    elif all(each.row == first.row and each.field in _DAYS for each in made):
        did = "verschoben"
    others = len({(each.table, each.row, each.field if each.table == "texts" else "") for each in made}) - 1 + more
    return f"hat {what} {did}" + (f" und {others} weitere Stelle{'' if others == 1 else 'n'}" if others else "")


class Burst(Struct, frozen=True, kw_only=True):
    """What one person changed in one go; `more` changes are not listed."""

    at: datetime
    person: str
    name: str
    changes: tuple[Change, ...]
    more: int = 0


class Frozen(Struct, frozen=True, kw_only=True):
    """A frozen revision; `digest` is the SHA-256 of its content, hex."""

    id: str
    number: int
    name: str
    at: datetime
    by: str
    ready: bool = False
    digest: str = ""


class Comparison(Struct, frozen=True, kw_only=True):
    """`before` and `after` name the two states; `parts` holds the changes by part, in the plan's order.

    `chosen` are the ids that were asked for; `sums` the totals that differ, and `amounts` what lines come to that are
    in one of the two only, in cents.
    """

    before: str
    after: str
    parts: tuple[tuple[Part, tuple[Change, ...]], ...]
    chosen: tuple[str, str] = ("", "now")
    sums: tuple[tuple[str, int, int], ...] = ()
    amounts: dict[str, int] = {}


class Person(Struct, frozen=True, kw_only=True):
    """`team`: she is a member now."""

    person: str
    name: str
    hue: int
    team: bool


class Workspace(Struct, frozen=True, kw_only=True, dict=True):
    """A plan on one of its pages. `right`: read, comment or write; `address`: where its pages are; `talk` is what is
    said about the part, its people in `names`; `hues` are the colours of the team by name."""

    project: str
    title: str
    address: str
    content: Plan
    at: datetime
    part: str = "profile"
    right: str = "read"
    may_freeze: bool = False
    next_number: int = 1
    pot: Pot | None = None
    pots: tuple[Pot, ...] = ()
    findings: tuple[Found, ...] = ()
    to_mend: tuple[Found, ...] = ()  # what the plan's own check says of this part, but for the balance
    recent: tuple[Recent, ...] = ()
    talk: tuple[Thread, ...] = ()
    names: dict[str, str] = {}
    hues: dict[str, int] = {}
    schema: int = PLAN_SCHEMA

    @cached_property
    def sums(self) -> Totals:
        """Also of lines that have no month yet."""
        costs = sum(line.total() for line in self.content.costs)
        incomes = sum(line.amount_cents for line in self.content.incomes)
        return Totals(costs_cents=costs, incomes_cents=incomes, missing_cents=costs - incomes, by_kind={})

    @cached_property
    def costs_between(self) -> tuple[int, int]:
        return costs_between(self.content)

    @cached_property
    def tabs(self) -> tuple[Tab, ...]:
        return tabs(self.content, self.sums.missing_cents, self.gantt)

    @cached_property
    def bars(self) -> Markup:
        return balance_bars(self.content)

    @cached_property
    def flow(self) -> Flow | None:
        return cash_flow(self.content)

    @cached_property
    def gantt(self) -> Gantt | None:
        schedule = schedule_plan(self.content)
        if not schedule or not schedule.lines:
            return None
        return gantt(schedule, _numbers(self.content), self.at.date(), self.owners)

    @property
    def owners(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """Who takes care of each package, with their colours; what is done no longer needs anybody."""
        found = {row.id: [name for name in _BETWEEN.split(row.owner.strip()) if name] for row in self.content.work}
        done = {row.id for row in self.content.work if row.state == "done"}
        return {
            id: tuple((name, self.hues.get(name, 1)) for name in names)
            for id, names in found.items()
            if names or id not in done
        }

    def reason(self, row: str) -> str:
        """Why a line is marked, or ""."""
        return " ".join(found.words for found in self.findings if found.failing and found.line_id == row)

    def numbers(self, ids: str) -> str:
        """Printed names of rows: `A1, A3`."""
        known = _numbers(self.content)
        return ", ".join(known[id] for id in ids.split() if id in known)


def tabs(plan: Plan, missing_cents: int, chart: Gantt | None) -> tuple[Tab, ...]:
    """What each part still needs, in a few words."""
    written = sum(1 for section in SECTIONS if plan.profile.texts.get(section))
    owned = sum(1 for row in plan.work if row.owner)
    secured = sum(1 for row in plan.resources if row.state == "secured")
    conflicts = len(chart.conflicts) if chart else 0
    balance = (
        f"es fehlen {format_euro(missing_cents)}"
        if missing_cents > 0
        else f"{format_euro(-missing_cents)} zu viel"
        if missing_cents
        else "ausgeglichen"
    )
    return (
        _tab("profile", written, len(SECTIONS), f"{written} von {len(SECTIONS)} Texten"),
        _tab("work", owned, len(plan.work), f"{owned} von {len(plan.work)} mit Verantwortlichen"),
        _tab("resources", secured, len(plan.resources), f"{secured} von {len(plan.resources)} gesichert"),
        Tab(
            part="schedule",
            state="warn" if conflicts else "done" if chart else "open",
            words=("1 Konflikt" if conflicts == 1 else f"{conflicts} Konflikte")
            if conflicts
            else ("ohne Konflikt" if chart else "noch leer"),
        ),
        Tab(
            part="finance",
            state="open" if not (plan.costs or plan.incomes) else "warn" if missing_cents else "done",
            words=balance if plan.costs or plan.incomes else "noch leer",
        ),
    )


def _tab(part: Part, done: int, total: int, words: str) -> Tab:
    if not total or (part == "profile" and not done):
        return Tab(part=part, state="open", words="noch leer")
    return Tab(part=part, state="done" if done == total else "open", words="fertig" if done == total else words)


def _numbers(plan: Plan) -> dict[str, str]:
    return {row.id: f"{LETTERS[table]}{n}" for table in PLAN_TABLES for n, row in enumerate(getattr(plan, table), 1)}
