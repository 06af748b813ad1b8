"""The draft of a council motion (Beschlussvorlage): what the council is asked, why, and what it costs."""

import textwrap
from typing import Any

from msgspec import Struct, to_builtins

from services.planning.exports import labels
from services.planning.exports.edition import Edition
from services.planning.exports.figures import NO_YEAR, Figures, figures
from services.planning.exports.printing import balance_words, between, lowest, volunteers
from shared.contracts.documents import Block, Plan, Prose, Span
from shared.money import format_euro
from shared.plans import without_tables

_WIDTH = 78  # letters of a line of text
_TO_FILL = "wird von der Verwaltung ergänzt"
_REASONS = ("summary", "goal", "benefit", "success")


class Section(Struct, frozen=True, kw_only=True):
    title: str
    prose: Prose


class Motion(Struct, frozen=True, kw_only=True):
    """A draft: `head` is name and value, `asked` what is to be decided, `costs` rows of a table in words."""

    title: str
    town: str
    state: str
    address: str
    head: tuple[tuple[str, str], ...]
    asked: tuple[str, ...]
    reasons: tuple[Section, ...]
    costs: tuple[tuple[str, str], ...]
    years: tuple[tuple[str, str, str], ...]
    money: tuple[str, ...]
    dates: tuple[tuple[str, str], ...]
    further: tuple[Section, ...]
    annexes: tuple[str, ...]


def motion(edition: Edition) -> Motion:
    """The draft that a plan makes; what only the administration can know stays open and says so."""
    plan, found = edition.plan, figures(edition.plan)
    return Motion(
        title=edition.title,
        town=edition.town,
        state=edition.state,
        address=edition.address,
        head=_head(edition),
        asked=tuple(_asked(edition, found)),
        reasons=_sections(plan, _REASONS) or (Section(title="Begründung", prose=_open()),),
        costs=_costs(found),
        years=tuple(
            (each.year or NO_YEAR, format_euro(each.costs_cents), format_euro(each.incomes_cents))
            for each in found.years
        ),
        money=tuple(filter(None, (balance_words(found), between(found), volunteers(found), lowest(found)))),
        dates=_dates(plan),
        further=_sections(plan, ("common_good", "risks")),
        annexes=(f"Projektmappe „{edition.title}“, {edition.state}", "Geschäftsplan desselben Standes"),
    )


def data(motion: Motion) -> dict[str, Any]:
    """For the template."""
    built: dict[str, Any] = to_builtins(motion)
    return built


def text(motion: Motion) -> str:
    """The same words as plain text, for pasting into the council's own system; lines of at most 78 letters."""
    parts = ["ENTWURF EINER BESCHLUSSVORLAGE", motion.title, ""]
    parts += [f"{name}: {said}" for name, said in motion.head]
    parts += [*_headed("Beschlussvorschlag"), f"Der Rat der Stadt {motion.town} beschließt:", ""]
    parts += [_wrapped(words, f"{number}. ") for number, words in enumerate(motion.asked, 1)]
    parts += ["", "BEGRÜNDUNG"]
    for section in motion.reasons:
        parts += _headed(section.title) + _plain(section.prose)
    parts += _headed("Finanzielle Auswirkungen")
    wide = max(len(name) for name, _ in motion.costs)
    parts += [f"{name:<{wide}}  {said:>18}" for name, said in motion.costs]
    parts += [""] + [f"{year}: Kosten {costs}, Einnahmen {incomes}" for year, costs, incomes in motion.years]
    parts += [""] + [_wrapped(words) for words in motion.money]
    if motion.dates:
        parts += _headed("Zeitplan") + [f"{when}  {label}" for label, when in motion.dates]
    for section in motion.further:
        parts += _headed(section.title) + _plain(section.prose)
    parts += _headed("Anlagen") + [_wrapped(words, f"{number}. ") for number, words in enumerate(motion.annexes, 1)]
    return "\n".join([*parts, "", motion.state, motion.address, ""])


def _head(edition: Edition) -> tuple[tuple[str, str], ...]:
    profile = edition.plan.profile
    listed = (
        ("Vorlagennummer", _TO_FILL),
        ("Federführung", _TO_FILL),
        ("Beratungsfolge", _TO_FILL),
        ("Gegenstand", f"Unterstützung des Projekts „{edition.title}“"),
        ("Ort", profile.place),
        ("Zeitraum", labels.period(profile.starts, profile.ends)),
    )
    return tuple((name, said) for name, said in listed if said)


def _asked(edition: Edition, found: Figures) -> list[str]:
    state = f"Fassung {edition.revision.number}" if edition.revision else "dem vorliegenden Arbeitsstand"
    asked = [f"Der Rat unterstützt das Projekt „{edition.title}“ nach {state} des beigefügten Plans."]
    if found.applied_cents:
        asked.append(
            f"Für das Projekt werden {format_euro(found.applied_cents)} bei Gesamtkosten von "
            f"{format_euro(found.costs_cents)} vorgesehen, vorbehaltlich der Bewilligung nach den Förderrichtlinien."
        )
    ends = edition.plan.profile.ends
    until = f" spätestens drei Monate nach dem Abschluss am {labels.date(ends)}" if ends else " nach dem Abschluss"
    asked.append(f"Die Verwaltung wird beauftragt, das Projekt zu begleiten und dem Rat{until} zu berichten.")
    return asked


def _sections(plan: Plan, names: tuple[str, ...]) -> tuple[Section, ...]:
    known = plan.profile.texts
    return tuple(Section(title=labels.SECTIONS[name], prose=known[name]) for name in names if known.get(name))


def _open() -> Prose:
    return (Block(kind="paragraph", spans=(Span(text="Das Projektprofil ist noch leer."),)),)


def _costs(found: Figures) -> tuple[tuple[str, str], ...]:
    kinds = tuple((f"Einnahmen: {name}", format_euro(cents)) for name, cents in found.kinds)
    rest = (("noch nicht gedeckt", format_euro(found.missing_cents)),) if found.missing_cents > 0 else ()
    return (("Gesamtkosten", format_euro(found.costs_cents)), *kinds, *rest)


def _dates(plan: Plan) -> tuple[tuple[str, str], ...]:
    profile = plan.profile
    days = [("Beginn", profile.starts), *((row.label, row.day) for row in plan.milestones), ("Ende", profile.ends)]
    return tuple((label, labels.date(day)) for label, day in sorted(days, key=lambda pair: pair[1]) if day)


def _headed(title: str) -> list[str]:
    return ["", title.upper(), ""]


def _plain(prose: Prose) -> list[str]:
    number, lines = 0, []
    for block in without_tables(prose):
        number = number + 1 if block.kind == "numbered" else 0
        deep = "  " * max(block.depth - 1, 0)
        mark = {"item": f"{deep}- ", "numbered": f"{deep}{number}. ", "quote": "    "}.get(block.kind, "")
        lines.append(_wrapped(block.text, mark))
    return lines


def _wrapped(words: str, mark: str = "") -> str:
    wrap = textwrap.TextWrapper(_WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False)
    return "\n".join(wrap.fill(line) for line in words.split("\n"))
