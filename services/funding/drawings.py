"""Draws where a pot's money stands as one bar, with the same figures for a key and a table."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from msgspec import Struct

from services.funding.ledger import Account
from shared.money import format_euro

_WIDTH, _GAP, _LEAST = 300.0, 2.0, 3.0
_CLASSES = {
    "paid": "d-c1",
    "project": "d-c5",
    "committed": "d-c3",
    "reserved": "d-opt",
    "available": "d-c4",
    "returned": "d-done",
}


class Part(Struct, frozen=True, kw_only=True):
    """One piece of the bar: `css` is its presentation class, `name` its word in the reader's language."""

    key: str
    css: str
    name: str
    cents: int


class Bar(Struct, frozen=True, kw_only=True):
    """`svg` is safe markup; `parts` are its figures for the key and the table beside it."""

    svg: Markup
    label: str
    parts: tuple[Part, ...]
    total_cents: int


def pot_bar(
    title: str,
    balances: Mapping[Account, int],
    names: Mapping[str, str],
    project: Mapping[Account, int] | None = None,
    headed: bool = True,
) -> Bar:
    """The bar of a pot; `names` gives the words for the accounts and for "project"; `headed` prints title and budget.

    `project` are the balances of one application (see `ledger.balances`): what it holds is taken out of paid and
    committed and drawn as its own piece, so that the bar still adds up to the budget.
    """
    held = {key: (project or {}).get(key, 0) for key in ("paid", "committed", "reserved")}
    cents: dict[str, int] = {
        "paid": balances["paid"] - held["paid"],
        "project": sum(held.values()),
        "committed": balances["committed"] - held["committed"],
        "reserved": balances["reserved"] - held["reserved"],
        "available": balances["available"],
        "returned": balances["returned"],
    }
    parts = tuple(
        Part(key=key, css=_CLASSES[key], name=names[key], cents=amount) for key, amount in cents.items() if amount
    )
    total = sum(cents.values())
    figures = ", ".join(f"{_rounded(part.cents)} {part.name}" for part in parts)
    label = f"{title}, {_rounded(total)}: {figures}"
    return Bar(svg=_svg(title if headed else "", label, parts, total), label=label, parts=parts, total_cents=total)


def _svg(title: str, label: str, parts: Sequence[Part], total: int) -> Markup:
    pieces = Markup("").join(
        Markup('<rect class="{}" x="{:.1f}" y="22" width="{:.1f}" height="18" rx="3"/>').format(part.css, x, width)
        for part, (x, width) in zip(parts, _places([part.cents for part in parts]), strict=True)
    )
    head = Markup('<text x="0" y="12" class="t-soft">{}: {}</text>').format(title, _rounded(total)) if title else ""
    whole = Markup('<svg class="gw-draw" viewBox="0 {} 300 {}" role="img" aria-label="{}">{}{}</svg>')
    return whole.format(0 if title else 20, 42 if title else 22, label, head, pieces)


def _places(cents: Sequence[int]) -> list[tuple[float, float]]:
    """(x, width) of each piece: in proportion, but none thinner than what an eye can find."""
    room = _WIDTH - _GAP * max(len(cents) - 1, 0)
    spread = room - _LEAST * len(cents)
    total, x, places = sum(cents) or 1, 0.0, []
    for amount in cents:
        width = _LEAST + spread * amount / total
        places.append((x, width))
        x += width + _GAP
    return places


def _rounded(cents: int) -> str:
    """Whole euros where there are no cents: a drawing is read at a glance."""
    text = format_euro(cents)
    return text.replace(",00", "") if cents % 100 == 0 else text
