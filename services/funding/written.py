"""A pot's rules as somebody writes them into a form: one line a criterion, category, paper or deadline; and back."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, TypeVar

from msgspec import ValidationError, convert, to_builtins

from services.funding.domain.rules import (
    Applicant,
    Category,
    Criterion,
    Deadline,
    Document,
    Months,
    Percent,
    PotRules,
    Title,
)
from shared.money import format_euro, parse_euro
from shared.text import folded
from shared.web.forms import Fault, Invalid

T = TypeVar("T")

APPLICANTS: Final[tuple[Applicant, ...]] = ("citizen", "association", "company", "administration", "science")
NUMBERS: Final = {
    "applicants": "Wer sich bewerben kann",
    "minimum": "Mindestbetrag",
    "cap": "Höchstbetrag",
    "share": "Anteil an den Kosten",
    "own_contribution": "Eigenanteil",
    "hour_rate": "Ehrenamtliche Stunde",
    "balance": "Ausgeglichener Finanzplan",
    "eligible": "Förderfähige Kosten",
    "start": "Noch nicht begonnen",
    "duration": "Laufzeit",
    "documents": "Unterlagen",
    "deadline": "Fristen nach Betrag",
}
_WEEKS = re.compile(r"(\d+)\s*Wochen")
_DAY = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
_WITH_NUMBER = re.compile(r"(.+?)\s*\(([^()]*)\)")


def typed_of(rules: PotRules | None) -> dict[str, str]:
    """The fields of the form that these rules fill in; empty for the first version."""
    if rules is None:
        return {"title": "Richtlinie", "reviews_needed": "0"}
    return {
        "title": rules.title,
        **{f"applicant-{kind}": "on" for kind in rules.applicants},
        "cap_cents": _euro(rules.cap_cents),
        "minimum_cents": _euro(rules.minimum_cents),
        "hour_rate_cents": _euro(rules.hour_rate_cents),
        "share_percent": _whole(rules.share_percent),
        "own_contribution_percent": _whole(rules.own_contribution_percent),
        "longest_months": _whole(rules.longest_months),
        "reviews_needed": str(rules.reviews_needed),
        "threshold": "" if (one := rules.threshold_tenths) is None else f"{one // 10},{one % 10}",
        "blind": "on" if rules.blind else "",
        "criteria": "\n".join(f"{one.title}: {one.weight}" for one in rules.criteria),
        "eligible": "\n".join(_category(one) for one in rules.eligible),
        "ineligible": "\n".join(_category(one) for one in rules.ineligible),
        "documents": "\n".join(_document(one) for one in rules.documents),
        "deadlines": "\n".join(_deadline(one) for one in rules.deadlines),
        **{f"number-{key}": number for key, number in rules.numbers.items()},
    }


def rules_of(typed: Mapping[str, str], before: PotRules | None) -> dict[str, Any]:
    """The rules that a form says, as a map for `SetRules`; what keeps its title keeps its key. Raises `Invalid`."""
    keys = {one.title: one.key for one in _named(before)}
    read: dict[str, Callable[[str], Any]] = {
        "title": lambda text: convert(text, Title),
        **dict.fromkeys(("cap_cents", "minimum_cents", "hour_rate_cents"), parse_euro),
        **{name: _checked(Percent) for name in ("share_percent", "own_contribution_percent", "reviews_needed")},
        "longest_months": _checked(Months),
        "criteria": _lines(lambda line: _read_criterion(line, keys)),
        "eligible": _lines(lambda line: _read_category(line, keys)),
        "ineligible": _lines(lambda line: _read_category(line, keys)),
        "documents": _lines(lambda line: _read_document(line, keys)),
        "deadlines": _lines(_read_deadline),
    }
    rules: dict[str, Any] = {"blind": typed.get("blind") == "on"}
    rules["applicants"] = [kind for kind in APPLICANTS if typed.get(f"applicant-{kind}") == "on"]
    rules["numbers"] = {key: text for key in NUMBERS if (text := typed.get(f"number-{key}", "").strip())}
    faults: dict[str, Fault] = {}
    for name, reading in (read | {"threshold": _tenths}).items():
        if text := typed.get(name, "").strip():
            try:
                rules["threshold_tenths" if name == "threshold" else name] = reading(text)
            except (ValueError, ValidationError):
                faults[name] = Fault("not_an_amount" if name.endswith("_cents") else "wrong_form")
    if not typed.get("title", "").strip():
        faults["title"] = Fault("missing")
    if faults:
        raise Invalid(faults)
    return rules


def _named(rules: PotRules | None) -> list[Category | Criterion | Document]:
    return [] if rules is None else [*rules.criteria, *rules.eligible, *rules.ineligible, *rules.documents]


def _lines(read: Callable[[str], T]) -> Callable[[str], list[Any]]:
    return lambda text: [to_builtins(read(line.strip())) for line in text.splitlines() if line.strip()]


def _checked(kind: Any) -> Callable[[str], Any]:
    return lambda text: convert(int(text.removesuffix("%").strip()), kind)


def _key(title: str, keys: Mapping[str, str]) -> str:
    return keys.get(title) or re.sub(r"[^a-z0-9]+", "_", folded(title)).strip("_") or "x"


def _read_criterion(line: str, keys: Mapping[str, str]) -> Criterion:
    title, _, weight = line.rpartition(":")
    title = convert(title.strip(), Title)
    return Criterion(key=_key(title, keys), title=title, weight=_checked(Percent)(weight))


def _read_category(line: str, keys: Mapping[str, str]) -> Category:
    match = _WITH_NUMBER.fullmatch(line)
    title, number = (match[1], match[2].strip()) if match else (line, "")
    return Category(key=_key(title, keys), title=convert(title, Title), rule=number)


def _read_document(line: str, keys: Mapping[str, str]) -> Document:
    title, found, above = line.rpartition(":")
    title = convert((title if found else line).strip(), Title)
    return Document(key=_key(title, keys), title=title, above_cents=parse_euro(above) if found else 0)


def _read_deadline(line: str) -> Deadline:
    above, _, last = line.partition(":")
    cents, last = parse_euro(above), last.strip()
    if match := _WEEKS.fullmatch(last):
        return Deadline(above_cents=cents, weeks_before_start=int(match[1]))
    if match := _DAY.fullmatch(last):
        return Deadline(above_cents=cents, until=date(int(match[3]), int(match[2]), int(match[1])).isoformat())
    return Deadline(above_cents=cents, until=date.fromisoformat(last).isoformat())


def _tenths(text: str) -> int:
    whole, _, rest = text.replace(".", ",").partition(",")
    tenths = int(whole) * 10 + int(rest or "0")
    if len(rest) > 1 or not 0 <= tenths <= 50:
        raise ValueError(text)
    return tenths


def _euro(cents: int | None) -> str:
    return "" if cents is None else format_euro(cents, unit=False)


def _whole(number: int | None) -> str:
    return "" if number is None else str(number)


def _category(one: Category) -> str:
    return f"{one.title} ({one.rule})" if one.rule else one.title


def _document(one: Document) -> str:
    return f"{one.title}: {_euro(one.above_cents)}" if one.above_cents else one.title


def _deadline(one: Deadline) -> str:
    if one.until is None:
        return f"{_euro(one.above_cents)}: {one.weeks_before_start} Wochen"
    day = date.fromisoformat(one.until)
    return f"{_euro(one.above_cents)}: {day.day}.{day.month}.{day.year}"
