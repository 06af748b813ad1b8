"""Which column of a table holds what, by what its head says."""

import re

from services.planning.exports.spreadsheet import ABOVE, Cells
from shared.text import folded

_LONGEST, _MOST = 60, 120  # letters

# The names of the columns; of several that a table has, the one that stands first here.
_COLUMNS = {
    "label": (
        *("bezeichnung", "kostenposition", "beschreibung", "posten", "artikel", "leistung", "gegenstand", "was"),
        *("description", "item", "name", "position", "pos"),
    ),
    "category": ("kategorie", "kostenart", "art", "category"),
    "quantity": ("menge", "anzahl", "stueckzahl", "quantity", "qty"),
    "unit": ("einheit", "unit"),
    "price": (
        *("einzelpreis", "preis", "preis pro einheit", "preis je einheit", "stueckpreis", "preis stueck", "ep"),
        *("einzelkosten", "unit price", "price"),
    ),
    "total": (
        *("summe", "betrag", "gesamt", "gesamtpreis", "gesamtkosten", "gesamtbetrag", "gesamtsumme", "kosten", "gp"),
        *("total", "amount", "cost", "costs"),
    ),
    "least": ("mindestens", "minimum", "min", "least"),
    "most": ("hoechstens", "maximum", "max", "most"),
    "month": ("wann", "monat", "datum", "zeitpunkt", "faellig", "month", "date", "when"),
}
_NAMES = {name: (field, place) for field, names in _COLUMNS.items() for place, name in enumerate(names)}
_BESIDE = re.compile(r"\(.*?\)|€|\b(?:in )?EUR(?:O)?\b|\b(?:netto|brutto)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_MONEY = {"price", "total"}


def words_of(rows: list[Cells]) -> str:
    """What the first row says that says anything, for whoever has to find out what is wrong with it."""
    words = next(([str(cell).strip() for cell in row if cell not in (None, "", ABOVE)] for row in rows if any(row)), [])
    return ", ".join(_CONTROL.sub(" ", word[:_LONGEST]) for word in words)[:_MOST]


def columns_of(row: Cells) -> dict[str, int]:
    """Field → place, if the row is a head."""
    found: dict[str, tuple[int, int]] = {}
    for at, cell in enumerate(row):
        name = folded(_BESIDE.sub(" ", cell[:_LONGEST])).removesuffix(" in") if isinstance(cell, str) else ""
        if name in _NAMES:
            field, place = _NAMES[name]
            found[field] = min(found.get(field, (place, at)), (place, at))
    return {field: at for field, (_, at) in found.items()} if "label" in found and found.keys() & _MONEY else {}


def title(field: str) -> str:
    """The German name of a column."""
    return {"most": "Höchstens"}.get(field, _COLUMNS[field][0].capitalize())
