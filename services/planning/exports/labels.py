"""What the stored choices of a plan are called in German, and how its values are written on paper."""

from typing import Final

from shared.contracts.documents import PLAN_TABLES, Plan
from shared.plans import LETTERS
from shared.web.render import day

SECTIONS: Final = {
    "summary": "Kurz gesagt",
    "goal": "Was wir erreichen wollen",
    "benefit": "Wem es nützt",
    "place": "Wo es geschieht",
    "common_good": "Was es zum Gemeinwohl beiträgt",
    "risks": "Was schiefgehen kann",
    "success": "Woran wir Erfolg erkennen",
}
INCOMES: Final = {
    "own": "Eigenmittel",
    "donation": "Spenden",
    "in_kind": "Sachleistung",
    "volunteer": "Eigenleistung",
    "applied": "beantragt",
    "granted": "bewilligt",
    "other": "Sonstiges",
}
WORK: Final = {"open": "offen", "doing": "in Arbeit", "done": "fertig"}
RESOURCES: Final = {"people": "Menschen", "room": "Raum", "thing": "Dinge", "know_how": "Wissen", "hours": "Zeit"}
SUPPLY: Final = {"needed": "gesucht", "offered": "angeboten", "secured": "gesichert"}


def number(thousandths: int) -> str:
    """German notation without needless zeros: 1500 → `1,5`."""
    whole, rest = divmod(thousandths, 1000)
    text = f"{whole:,}".replace(",", ".")
    return text + (f",{rest:03d}".rstrip("0") if rest else "")


def amount(thousandths: int, unit: str) -> str:
    return f"{number(thousandths)} {unit}".strip()


def date(iso: str) -> str:
    return day(iso, "dd.MM.y") if iso else ""


def month(iso: str) -> str:
    return day(f"{iso}-01", "LLL y") if iso else ""


def period(starts: str, ends: str) -> str:
    """`01.11.2026 bis 31.01.2028`; with one end only, `ab …` or `bis …`."""
    if starts and ends:
        return date(starts) if starts == ends else f"{date(starts)} bis {date(ends)}"
    return f"ab {date(starts)}" if starts else f"bis {date(ends)}" if ends else ""


def dates(starts: str, ends: str) -> str:
    """The same for a table's cell: `01.11.2026 – 31.01.2028`."""
    return period(starts, ends).replace(" bis ", "\u00a0–\u00a0")


def numbers(plan: Plan) -> dict[str, str]:
    """Printed names of all rows (A1, K7) by their ids."""
    return {row.id: f"{LETTERS[table]}{at}" for table in PLAN_TABLES for at, row in enumerate(getattr(plan, table), 1)}


def after(plan: Plan, ids: str) -> str:
    known = numbers(plan)
    return ", ".join(known[id] for id in ids.split() if id in known)
