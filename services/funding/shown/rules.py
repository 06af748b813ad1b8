"""A version of a pot's rules line by line, and what is different between two of them."""

from collections.abc import Sequence

from msgspec import Struct

from services.funding.domain.rules import Category, PotRules
from services.funding.shown.words import said
from services.funding.written import NUMBERS
from shared.money import format_euro
from shared.web.render import day
from shared.web.visit import Visit


class Row(Struct, frozen=True):
    """A rule with what it says, a text a line; `number` is that of the printed guideline."""

    name: str
    number: str
    says: tuple[str, ...]


class Difference(Struct, frozen=True):
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def rows_of(visit: Visit, rules: PotRules) -> list[Row]:
    """Every rule that there is, in the order of the form."""
    said_ = {
        "applicants": tuple(said(visit, f"applicant.{kind}") for kind in rules.applicants),
        "minimum": _euro(rules.minimum_cents),
        "cap": _euro(rules.cap_cents),
        "share": _percent("höchstens", rules.share_percent),
        "own_contribution": _percent("mindestens", rules.own_contribution_percent),
        "hour_rate": _euro(rules.hour_rate_cents),
        "balance": ("Einnahmen und Ausgaben gleichen sich aus",) if "balance" in rules.numbers else (),
        "eligible": _categories(rules.eligible),
        "start": ("Das Vorhaben hat noch nicht begonnen",) if "start" in rules.numbers else (),
        "duration": (f"höchstens {rules.longest_months} Monate",) if rules.longest_months is not None else (),
        "documents": tuple(
            one.title + (f" (über {format_euro(one.above_cents)})" if one.above_cents else "")
            for one in rules.documents
        ),
        "deadline": tuple(_deadline(one.above_cents, one.until, one.weeks_before_start) for one in rules.deadlines),
    }
    rows = [Row(NUMBERS[key], rules.numbers.get(key, ""), says) for key, says in said_.items() if says]
    rows += [Row("Nicht gefördert", "", _categories(rules.ineligible))] if rules.ineligible else []
    return [Row("Name", "", (rules.title,)), *rows, *_jury(rules)]


def differences(before: Sequence[Row], after: Sequence[Row]) -> list[Difference]:
    """What is new, gone or says something else, a printed number included."""
    old, new = ({row.name: (row.number, row.says) for row in rows} for rows in (before, after))
    names = list(dict.fromkeys([*old, *new]))
    empty: tuple[str, tuple[str, ...]] = ("", ())
    return [
        Difference(name, _told(*old.get(name, empty)), _told(*new.get(name, empty)))
        for name in names
        if old.get(name) != new.get(name)
    ]


def _told(number: str, says: tuple[str, ...]) -> tuple[str, ...]:
    return (*says, f"Nr. {number}") if number else says


def _jury(rules: PotRules) -> list[Row]:
    criteria = tuple(f"{one.title}: {one.weight} %" for one in rules.criteria)
    threshold = rules.threshold_tenths
    jury: tuple[str, ...] = (f"{rules.reviews_needed} Gutachten",) if rules.reviews_needed else ()
    jury += ("jedes ohne Kenntnis der anderen",) if rules.blind else ()
    jury += (f"Schwelle {threshold // 10},{threshold % 10} von 5",) if threshold is not None else ()
    rows = [Row("Kriterien", "", criteria)] if criteria else []
    return [*rows, Row("Jury", "", jury)] if jury else rows


def _euro(cents: int | None) -> tuple[str, ...]:
    return () if cents is None else (format_euro(cents),)


def _percent(words: str, percent: int | None) -> tuple[str, ...]:
    return () if percent is None else (f"{words} {percent} %",)


def _categories(all_: Sequence[Category]) -> tuple[str, ...]:
    return tuple(one.title + (f" (Nr. {one.rule})" if one.rule else "") for one in all_)


def _deadline(above: int, until: str | None, weeks: int | None) -> str:
    last = f"bis {day(until)}" if until else f"{weeks} Wochen vor Projektbeginn"
    return f"über {format_euro(above)}: {last}" if above else f"ab dem ersten Euro: {last}"
