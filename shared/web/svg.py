"""Shapes of a drawing, with the presentation classes of the stylesheet; every text is escaped."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup


def text(css: str, x: float, y: float, words: str) -> Markup:
    name = Markup(' class="{}"').format(css) if css else Markup("")
    return Markup('<text{} x="{:.1f}" y="{:.1f}">{}</text>').format(name, x, y, words)


def rect(css: str, x: float, y: float, width: float, height: float, corner: float = 0) -> Markup:
    around = Markup(' rx="{:g}"').format(corner) if corner else Markup("")
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"{}/>').format(
        css, x, y, width, height, around
    )


def circle(css: str, x: float, y: float, radius: float) -> Markup:
    return Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{:g}"/>').format(css, x, y, radius)


def path(css: str, d: str) -> Markup:
    return Markup('<path class="{}" d="{}"/>').format(css, d)


def group(parts: Iterable[Markup], **facts: str) -> Markup:
    """Shapes that belong together, with `data-…` that scripts may need."""
    return Markup("<g{}>{}</g>").format(_data(facts), Markup("").join(parts))


def drawing(css: str, width: float, height: float, label: str, parts: Iterable[Markup], **facts: str) -> Markup:
    """The whole: one cut of a picture, with what it says to those who do not see it; `facts` become `data-…`."""
    return Markup('<svg class="gw-draw {}" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}"{}>{}</svg>').format(
        css, width, height, label, _data(facts), Markup("").join(parts)
    )


def _data(facts: Mapping[str, str]) -> Markup:
    return Markup("").join(Markup(' data-{}="{}"').format(name, value) for name, value in facts.items())
