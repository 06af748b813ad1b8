"""From a plan to the data of its documents: everything is written out here, the templates only place it."""

from typing import Any

from msgspec import to_builtins

from services.planning.domain.checks import check
from services.planning.exports import labels
from services.planning.exports.edition import Edition
from services.planning.exports.figures import NO_YEAR, Figures, figures
from services.planning.exports.plots import picture, schedule
from services.planning.money import balance_bars, cash_flow
from shared.contracts.documents import Cost, Plan
from shared.money import format_euro
from shared.web.render import Renderer, day

FOLDER = "services/planning/exports/folder.typ"
BUSINESS = "services/planning/exports/business.typ"
MOTION = "services/planning/exports/motion.typ"


def folder(edition: Edition, renderer: Renderer) -> dict[str, Any]:
    """The project folder: all five parts, line by line, and what is still open."""
    plan = edition.plan
    return (
        _head(edition)
        | {
            "facts": facts(plan),
            "texts": texts(plan),
            "work": _work(plan),
            "resources": _resources(plan),
            "schedule": schedule(plan),
            "undated": [row.label for row in plan.work if not (row.starts and row.ends)],
            "costs": _costs(plan),
            "incomes": _incomes(plan),
            "flow": _flow(plan),
            "open": _open(plan, renderer),
        }
        | sums(figures(plan))
    )


def business(edition: Edition) -> dict[str, Any]:
    """The business plan: what the project comes to, in sums by category, kind and year."""
    plan, found = edition.plan, figures(edition.plan)
    by_year = [
        [each.year or NO_YEAR, *_euros(each.incomes_cents, each.costs_cents, each.incomes_cents - each.costs_cents)]
        for each in found.years
    ]
    return (
        _head(edition)
        | {
            "facts": facts(plan),
            "texts": {text["section"]: text["blocks"] for text in texts(plan)},
            "titles": labels.SECTIONS,
            "work": [[row["number"], row["label"], row["when"]] for row in (schedule(plan) or {"rows": []})["rows"]],
            "resources": _resources(plan),
            "volunteers": volunteers(found),
            "categories": [[name, *_euros(cents), share(cents, found.costs_cents)] for name, cents in found.categories],
            "kinds": [[name, *_euros(cents), share(cents, found.incomes_cents)] for name, cents in found.kinds],
            "years": by_year,
            "bars": picture(balance_bars(plan)),
            "flow": _flow(plan),
            "lowest": lowest(found),
        }
        | sums(found)
    )


def sums(found: Figures) -> dict[str, str]:
    balance = -found.missing_cents
    return {
        "cost_sum": format_euro(found.costs_cents),
        "income_sum": format_euro(found.incomes_cents),
        "balance_sum": format_euro(balance),
        "between": between(found),
        "applied_sum": format_euro(found.applied_cents) if found.applied_cents else "",
        "balance": balance_words(found),
    }


def balance_words(found: Figures) -> str:
    if found.missing_cents > 0:
        return f"Es fehlen noch {format_euro(found.missing_cents)}."
    if found.missing_cents:
        return f"Die Einnahmen liegen {format_euro(-found.missing_cents)} über den Kosten."
    return "Kosten und Einnahmen sind ausgeglichen." if found.costs_cents else "Noch steht kein Betrag im Plan."


def between(found: Figures) -> str:
    least, most = found.between
    return "" if least == most else f"Die Kosten liegen zwischen {format_euro(least)} und {format_euro(most)}."


def volunteers(found: Figures) -> str:
    if not found.volunteer_cents:
        return ""
    hours = f"{labels.number(found.volunteer_hours)} ehrenamtliche" if found.volunteer_hours else "ehrenamtliche"
    return f"In den Einnahmen stehen {hours} Stunden im Wert von {format_euro(found.volunteer_cents)}."


def lowest(found: Figures) -> str:
    if found.lowest is None:
        return ""
    cents, at = found.lowest.balance_cents, day(f"{found.lowest.month}-01", "LLLL y")
    words = f"Am niedrigsten steht die Kasse Ende {at}: {format_euro(cents)}."
    return words + (" Dafür braucht es eine Zwischenfinanzierung." if cents < 0 else "")


def share(cents: int, whole: int) -> str:
    """Per cent, rounded half up, with a no-break space."""
    return f"{(200 * cents + whole) // (2 * whole)}\u00a0%" if whole else ""


def facts(plan: Plan) -> list[list[str]]:
    profile = plan.profile
    listed = [
        ["Ort", profile.place],
        ["Wen es erreicht", profile.reaches],
        ["Zeitraum", labels.period(profile.starts, profile.ends)],
    ]
    return [pair for pair in listed if pair[1]]


def texts(plan: Plan) -> list[dict[str, Any]]:
    return [
        {"section": section, "title": title, "blocks": to_builtins(plan.profile.texts[section])}
        for section, title in labels.SECTIONS.items()
        if plan.profile.texts.get(section)
    ]


def _head(edition: Edition) -> dict[str, Any]:
    return {
        "title": edition.title,
        "town": edition.town,
        "state": edition.state,
        "digest": edition.revision.digest if edition.revision else "",
        "address": edition.address + (f"/history/{edition.revision.id}" if edition.revision else ""),
    }


def _work(plan: Plan) -> list[list[str]]:
    """Packages and their tasks, which begin with a dash."""
    packages = {row.id for row in plan.work}
    return [
        [
            f"A{at}",
            f"– {row.label}" if row.parent in packages else row.label,
            row.owner,
            labels.WORK[row.state],
            labels.number(row.effort) if row.effort else "",
            labels.dates(row.starts, row.ends),
            labels.after(plan, row.after),
        ]
        for at, row in enumerate(plan.work, 1)
    ]


def _resources(plan: Plan) -> list[list[str]]:
    return [
        [
            f"R{at}",
            row.label,
            labels.RESOURCES[row.kind],
            labels.amount(row.quantity, row.unit),
            labels.SUPPLY[row.state],
            row.source,
        ]
        for at, row in enumerate(plan.resources, 1)
    ]


def _costs(plan: Plan) -> list[list[str]]:
    return [
        [
            f"K{at}",
            row.label + _range(row),
            row.category,
            labels.amount(row.quantity, row.unit),
            format_euro(row.unit_price_cents, unit=False),
            labels.month(row.month),
            format_euro(row.total(), unit=False),
        ]
        for at, row in enumerate(plan.costs, 1)
    ]


def _range(row: Cost) -> str:
    """What a line comes to at least and at most, behind its name."""
    said = [("mindestens", row.least_cents), ("höchstens", row.most_cents)]
    words = ", ".join(f"{name} {format_euro(cents)}" for name, cents in said if cents)
    return f" ({words})" if words else ""


def _incomes(plan: Plan) -> list[list[str]]:
    return [
        [
            f"E{at}",
            row.label,
            labels.INCOMES[row.kind],
            labels.number(row.hours) if row.kind == "volunteer" and row.hours else "",
            labels.month(row.month),
            format_euro(row.amount_cents, unit=False),
        ]
        for at, row in enumerate(plan.incomes, 1)
    ]


def _flow(plan: Plan) -> dict[str, Any] | None:
    flow = cash_flow(plan)
    if flow is None:
        return None
    rows = [
        [labels.month(each.month), *_euros(each.in_cents, each.out_cents, each.balance_cents)] for each in flow.months
    ]
    return {"rows": rows, "picture": picture(flow.svg)}


def _open(plan: Plan, renderer: Renderer) -> list[str]:
    found = [finding for finding in check(plan) if finding.failing]
    return [f"{each.line} {renderer.say(f'check.{each.code}', each.facts)}".strip() for each in found]


def _euros(*cents: int) -> list[str]:
    return [format_euro(each, unit=False) for each in cents]
