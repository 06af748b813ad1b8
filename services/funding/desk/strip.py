"""Draws an application's way as a strip: the stages it went through, the money beside them, and where one stands."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from markupsafe import Markup

from services.funding.replay import Moment

_WIDTH, _BAND, _MONEY, _TOP = 640.0, 18, 44, 78
_LETTER = 7.6  # about the width of one letter
_CLASSES = {
    "draft": "d-band", "submitted": "d-c4", "correction": "d-out", "review": "d-c4", "proposed": "d-c3",
    "decided": "d-c1", "withdrawn": "d-done", "none": "d-band",
}  # fmt: skip


def strip(moments: Sequence[Moment], step: int, names: Mapping[str, str], label: str) -> Markup:
    """`names`: the words for the stages; `step` counts from 1. Each event is as wide as the others."""
    width = _WIDTH / len(moments)
    parts = [_bands(moments, width, names), _money(moments, width), _here(step, width)]
    whole = Markup('<svg class="gw-draw" viewBox="0 -6 {} {}" role="img" aria-label="{}">{}</svg>')
    return whole.format(int(_WIDTH), _TOP + 12, label, Markup("").join(parts))


def _bands(moments: Sequence[Moment], width: float, names: Mapping[str, str]) -> Markup:
    found, at = [], 0
    for stage, group in groupby(moment.stage for moment in moments):
        count = len(list(group))
        x, wide = at * width, max(count * width - 2, 1.0)
        found.append(
            Markup('<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="3"/>').format(
                _CLASSES[stage], x, _TOP - _BAND, wide, _BAND
            )
        )
        if len(names[stage]) * _LETTER + 6 < wide:
            css = "t-inv" if stage == "decided" else ""
            found.append(
                Markup('<text class="{}" x="{:.1f}" y="{}">{}</text>').format(css, x + 5, _TOP - 4, names[stage])
            )
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
