"""Numbers, amounts and months as people write them into tables, in German or in English."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from shared.money import NBSP, parse_euro
from shared.text import folded

_NUMBER = re.compile(r"(?P<number>[-\u2212]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?)\s*(?P<unit>[^\d\s.,].*)?")
_ENGLISH = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+|\d+\.\d{1,2}")
_GERMAN = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}|\d{1,3}(?:\.\d{3}){2,}")
_FIGURES = re.compile(r"\d[\d.,]*")
_CURRENCY = re.compile(r"€|\beuro?\b", re.IGNORECASE)
_EVEN = re.compile(r",\s?[-\u2013\u2014]{1,2}$")  # 12,–
_MONTHS = ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez")
_OTHERWISE = {"mrz": "mar", "mae": "mar", "may": "mai", "oct": "okt", "dec": "dez"}
_LONGEST = 60  # letters that are looked through


def is_english(cells: Iterable[Any]) -> bool:
    """Whether texts are numbers with points before their fractions: some must be so, and none the other way round.

    One cell alone cannot tell: 1.234 is a thousand to one and a fraction to the other.
    """
    texts = [found[0] for cell in cells if isinstance(cell, str) if (found := _FIGURES.search(cell[:_LONGEST]))]
    return any(_ENGLISH.fullmatch(text) for text in texts) and not any(_GERMAN.fullmatch(text) for text in texts)


def in_german(cell: Any) -> Any:
    """A number written in English, written in German; other cells stay as they are."""
    if not isinstance(cell, str):
        return cell
    return _FIGURES.sub(lambda found: found[0].translate(str.maketrans(".,", ",.")), cell[:_LONGEST], count=1)


def quantity(cell: Any) -> tuple[Decimal | None, str]:
    """The number in a cell, and the unit if it stands there too: `24 Stück`. None for what is no number."""
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        exact = Decimal(str(cell))
        return (exact if exact.is_finite() else None), ""
    match = _NUMBER.fullmatch(str(cell).replace(NBSP, " ").strip()) if isinstance(cell, str) else None
    if match is None:
        return None, ""
    return Decimal(match["number"].replace(".", "").replace(",", ".").replace("\u2212", "-")), match["unit"] or ""


def euros(cell: Any) -> Decimal:
    """Cents, not rounded; texts as in `1.234,50 €`, `EUR 12`, `12,–`. Raises ValueError and ArithmeticError."""
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return Decimal(str(cell)) * 100
    plain = _CURRENCY.sub(" ", str(cell)[:_LONGEST].replace(NBSP, " ")).strip()
    return Decimal(parse_euro(_EVEN.sub("", plain)))


def month(words: str) -> date | None:
    """A day in the month of 2027-04, 04/2027, 1.4.2027, 1.4.27, April 2027; None for what is no month."""
    text = folded(words[:_LONGEST]).replace("maerz", "mar")
    year = number = day = "1"
    if match := re.fullmatch(r"(\d{4}) (\d{1,2})(?: (\d{1,2}))?", text):
        year, number, day = match[1], match[2], match[3] or day
    elif match := re.fullmatch(r"(?:(\d{1,2}) )?(\d{1,2}) (\d{4}|\d\d)", text):
        year, number, day = match[3], match[2], match[1] or day
    elif match := re.fullmatch(r"(?:(\d{1,2}) )?([a-z]{3})[a-z]* (\d{4}|\d\d)", text):
        name = _OTHERWISE.get(match[2], match[2])
        if name not in _MONTHS:
            return None
        year, number, day = match[3], str(_MONTHS.index(name) + 1), match[1] or day
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(number), int(day))
    except ValueError:
        return None
