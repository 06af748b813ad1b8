"""Draws an application's way as a strip: the stages it went through, the money beside them, and where one stands."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from markupsafe import Markup
from msgspec import Struct

from services.funding.replay import Moment, Stage

_WIDTH, _BAND, _MONEY, _TOP = 640.0, 14, 48, 72
_CLASSES: dict[Stage, str] = {
    "draft": "d-done", "submitted": "d-c4", "correction": "d-out", "review": "d-in", "proposed": "d-c3",
    "decided": "d-c1", "withdrawn": "d-band", "none": "d-band",
}  # fmt: skip


class Strip(Struct, frozen=True):
    """`svg` is safe markup; `key` has the class and the words of each stage that occurs."""

    svg: Markup
    key: list[tuple[str, str]]


def strip(moments: Sequence[Moment], step: int, names: Mapping[Stage, str], label: str) -> Strip:
    """`names`: the words for the stages; `step` counts from 1. Each event is as wide as the others."""
    width = _WIDTH / len(moments)
    parts = [_money(moments, width), _bands(moments, width), _here(step, width)]
    whole = Markup('<svg class="gw-draw" viewBox="0 -8 {} {}" role="img" aria-label="{}">{}</svg>')
    svg = whole.format(int(_WIDTH), _TOP + 10, label, Markup("").join(parts))
    return Strip(svg, [(_CLASSES[stage], names[stage]) for stage in dict.fromkeys(one.stage for one in moments)])


def _bands(moments: Sequence[Moment], width: float) -> Markup:
    found, at = [], 0
    for stage, group in groupby(moment.stage for moment in moments):
        count = len(list(group))
        band = Markup('<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="3"/>')
        found.append(band.format(_CLASSES[stage], at * width, _TOP - _BAND, max(count * width - 2, 1.0), _BAND))
        at += count
    return Markup("").join(found)


def _money(moments: Sequence[Moment], width: float) -> Markup:
    """Asked for, granted and paid: three areas, each over the one before."""
    most = max([max(one.asked_cents or 0, one.granted_cents or 0) for one in moments] + [1])
    areas = (
        ("d-band", [one.asked_cents or 0 for one in moments]),
        ("d-c4", [one.granted_cents or 0 for one in moments]),
        ("d-c1", [one.paid_cents for one in moments]),
    )
    drawn = [
        Markup('<path class="{}" d="{}"/>').format(css, _area([cents / most for cents in amounts], width))
        for css, amounts in areas
        if any(amounts)
    ]
    return Markup("").join(drawn)


def _area(shares: Sequence[float], width: float) -> str:
    ground = _TOP - _BAND - 4
    points, at = [f"M0 {ground}"], 0
    for share, group in groupby(shares):
        end = at + len(list(group))
        y = ground - share * _MONEY
        points.append(f"L{at * width:.1f} {y:.1f}L{end * width:.1f} {y:.1f}")
        at = end
    return "".join([*points, f"L{at * width:.1f} {ground}Z"])


def _here(step: int, width: float) -> Markup:
    x = (step - 0.5) * width
    line = Markup('<path class="d-run" d="M{:.1f} 0V{}"/><circle class="d-dot" cx="{:.1f}" cy="0" r="5"/>')
    return line.format(x, _TOP, x)
