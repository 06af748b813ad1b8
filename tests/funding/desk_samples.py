"""What the pages of the auditor's desk are given."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace as Row
from typing import Any

from services.funding.books import Books
from services.funding.desk.period import Figures, Filter
from services.funding.desk.strip import strip
from services.funding.dossier import Dossier
from services.funding.drawings import pot_bar
from services.funding.ledger import posting
from services.funding.replay import replay
from shared.contracts.plan import CostLine
from shared.message import Event
from shared.store import Recorded
from tests.funding.files import ACCEPTED, COMMITTED, fine


def recorded(events: Sequence[Event], id: str) -> list[Recorded]:
    return [
        Recorded(Row(recorded_at=AT, stream=f"x-{id}", version=n, position=100 + n), event)  # type: ignore[arg-type]
        for n, event in enumerate(events, 1)
    ]


def books(events: Sequence[Event]) -> Books:
    return Books(recorded(events, "fund"))


def dossier(events: Sequence[Event]) -> Dossier:
    return Dossier(recorded(events, "app"))


def history(step: int | None = None, **more: Any) -> dict[str, Any]:
    moments = replay(ACCEPTED)  # type: ignore[arg-type]
    steps = [
        Row(
            number=number, when="04.03.26, 10:00", at=datetime(2026, 3, 4, 10, number, tzinfo=UTC),
            title="Antrag eingereicht", by="Jury, 1. Person", moment=moment,
        )
        for number, moment in enumerate(moments, 1)
    ]  # fmt: skip
    number = step or len(steps)
    stages = {stage: stage.title() for stage in ("draft", "submitted", "review", "proposed", "decided")}
    focus = Row(
        step=steps[number - 1], on_behalf_of="", position=107, leaf="ab" * 32, proof="/proof",
        notes=[("Betrag", "340,00 €")],
        lines=[
            Row(label="Stand", value="Entschieden", was="In der Jury"), Row(label="Team", value="2 Personen", was=None),
        ],
        force=Row(rules_version=1, pot_version=2, pot_id="fund", revision="Fassung 6", revision_url="/plan"),
        seen=[Row(by="Revision, 1. Person", how="look.file", at=datetime(2026, 3, 5, tzinfo=UTC))],
    )  # fmt: skip
    context = {
        "application_id": "app", "project_id": "bikes", "project_title": "Lastenrad-Ring", "decision_id": "p-1",
        "steps": steps, "focus": focus, "strip": strip(moments, number, stages, "Schritt"), "audits": False,
        "checked": True,
    }  # fmt: skip
    return context | more


AT = datetime(2026, 3, 4, 10, 20, tzinfo=UTC)


def pot_then(**more: Any) -> dict[str, Any]:
    file = books(COMMITTED)
    turns = [
        Row(position=100 + n, at=AT, title="Geld gebunden", posting=posting(event), about="Lastenrad-Ring", proof="/p")
        for n, event in enumerate(COMMITTED)
    ]  # fmt: skip
    bar = pot_bar("Fonds 2026", file.ledger().balances, defaultdict(lambda: "verfügbar"))
    context = {
        "pot_id": "fund", "pot_title": "Fonds 2026", "then": file, "call": file.call, "bar": bar,
        "accounts": [Row(name="gebunden", then=0, now=27_200), Row(name="gezahlt", then=5, now=5)],
        "held": [Row(application_id="app", title="Lastenrad-Ring", reserved=0, committed=27_200, paid=0)],
        "turns": turns, "here": turns[-1], "earlier": 103, "later": 105, "field": "2026-03-04T10:20", "picked": 104,
    }  # fmt: skip
    return context | more


def project_then(**more: Any) -> dict[str, Any]:
    asking = Row(
        application_id="app", pot_title="Fonds", pot_id="fund", stage="review", asked_cents=34_000, reserved=0,
        committed=0, paid=0, step=5,
    )  # fmt: skip
    then = Row(
        phase="development", team=[Row(name="Anna B.", person="ann", role="lead", since="2026-01-01T08:00:00Z")],
        revision="Fassung 2", revision_url="/plan", revision_at="2026-01-01T08:00:00Z", meetings=1,
        applications=[asking],
    )  # fmt: skip
    lines = [
        Row(at="2026-01-01T08:00:00Z", service=service, title="Etwas", note="Anna B.", url="/u", proof="/p")
        for service in ("marketplace", "planning", "funding", "events")
    ]
    context = {
        "project_id": "bikes", "project_title": "Lastenrad-Ring", "then": then, "lines": lines, "later": 2,
        "only": "", "at": "2026-03-04", "field": "2026-03-04T23:59", "moment": AT,
    }  # fmt: skip
    return context | more


def nothing_then() -> dict[str, Any]:
    then = Row(phase="", team=[], revision="", revision_url="", revision_at="", meetings=0, applications=[])
    return project_then(then=then, lines=[], later=0, only="events")


def why(**more: Any) -> dict[str, Any]:
    entry = Row(title="Entscheidung bestätigt", at=AT, by="Otto F.", notes=[("Betrag", "272 €")], url="/u", proof="/p")
    line = CostLine(id="r1", label="", category="Sachkosten", quantity=1000, unit_price_cents=5, month="2026-03")
    plan = Row(name="Fassung 9", url="/plan", digest="ab" * 32, costs=[Row(name="K1", line=line, url="/line")])
    context = {
        "position": 104, "posting": posting(COMMITTED[-1]), "at": AT, "happened": "Geld gebunden", "proof": "/p",
        "pot": books(COMMITTED), "pot_id": "fund", "project_title": "Lastenrad-Ring", "file": dossier(ACCEPTED),
        "act": entry, "decided": [entry, entry], "decision_id": "p-1", "reviews": [entry], "pin": entry,
        "findings": (fine,), "plan": plan,
    }  # fmt: skip
    return context | more


def period(**more: Any) -> dict[str, Any]:
    made = [
        Row(
            decision_id="p-1", application_id="app", project_id="bikes", title="Lastenrad-Ring", pot_title="Fonds",
            at=AT, days=days, reviews=4, position=107, outcome="partly", amount_cents=27_200, asked_cents=34_000,
            revoked=AT if days == 1 else None,
        )
        for days in (1, 12)
    ]  # fmt: skip
    sums = Figures(
        count=2, granted=0, partly=2, rejected=0, revoked=1, asked_cents=34_000, amount_cents=27_200, days=6
    )  # fmt: skip
    chosen = Filter(since="2026-01-01", pot="fund", outcome="partly")
    context = {"rulings": made, "figures": sums, "pots": [Row(id="fund", title="Fonds")], "chosen": chosen}
    return context | more


def looks(**more: Any) -> dict[str, Any]:
    seen = [
        Row(at=AT, by="Aldo A.", office="Revision", how="hat die Akte gelesen", about="Ring", url=url, proof="/p")
        for url in ("/u", "")
    ]
    return {"looks": seen, "next": 12, "everybody": True} | more


NO_FIGURES = Figures(
    count=0, granted=0, partly=0, rejected=0, revoked=0, asked_cents=0, amount_cents=0, days=None
)  # fmt: skip

DESK: dict[str, tuple[str, str, dict[str, Any], str | None]] = {
    "history": ("history.html", "decisions", history(), None),
    "history-step": ("history.html", "decisions", history(3), None),
    "history-audited": ("history.html", "decisions", history(1, audits=True, decision_id=None), "aldo"),
    "pot-then": ("pot_then.html", "funding", pot_then(), "aldo"),
    "pot-before": (
        "pot_then.html", "funding",
        pot_then(then=None, call=None, bar=None, here=None, held=[], earlier=None, picked=None), "aldo",
    ),
    "project-then": ("project_then.html", "funding", project_then(), "aldo"),
    "project-before": ("project_then.html", "funding", nothing_then(), "aldo"),
    "why": ("why.html", "funding", why(), "aldo"),
    "why-budget": ("why.html", "funding", why(file=None, project_title=""), "aldo"),
    "period": ("period.html", "decisions", period(), "aldo"),
    "period-empty": ("period.html", "decisions", period(rulings=[], figures=NO_FIGURES), "aldo"),
    "looks": ("looks.html", "funding", looks(), "aldo"),
    "looks-own": ("looks.html", "funding", looks(looks=[], next=None, everybody=False), "rita"),
}  # fmt: skip
