"""Shapes of a drawing, with the presentation classes of the stylesheet; every text is escaped."""

from markupsafe import Markup


def text(css: str, x: float, y: float, words: str) -> Markup:
    name = Markup(' class="{}"').format(css) if css else Markup("")
    return Markup('<text{} x="{:.1f}" y="{:.1f}">{}</text>').format(name, x, y, words)


def rect(css: str, x: float, y: float, width: float, height: float, round_: float = 0) -> Markup:
    corner = Markup(' rx="{:g}"').format(round_) if round_ else Markup("")
    return Markup('<rect class="{}" x="{:.1f}" y="{:g}" width="{:.1f}" height="{:g}"{}/>').format(
        css, x, y, width, height, corner
    )


def path(css: str, d: str) -> Markup:
    return Markup('<path class="{}" d="{}"/>').format(css, d)
