"""Draws the districts of a town as a schematic map: each district is what lies nearest to its point."""

from collections.abc import Iterable, Mapping, Sequence
from math import cos, hypot, pi, sin

from msgspec import Struct

from shared.contracts.marketplace import District

_SIDES = 72
_MARGIN = 46.0  # how far the town reaches beyond its outermost points
_WOBBLE = 0.16  # of the margin: a town is no egg
_NARROWEST = 404.0  # of the viewBox, so that names never grow out of their districts
_LETTER, _LINE = 8.8, 20.0  # of names, in units of the drawing
_SHADES = ((5, 3), (2, 2), (1, 1), (0, 0))  # projects from here on, shade

Point = tuple[float, float]


class Cell(Struct, frozen=True):
    """A district on the map: its outline as an SVG path, where its name stands, its projects and its shade (0 to 3)."""

    key: str
    name: str
    path: str
    x: int
    y: int
    count: int
    shade: int


class Map(Struct, frozen=True):
    """A map of districts; `box` is its SVG viewBox."""

    box: str
    cells: tuple[Cell, ...]


def district_map(districts: Sequence[District], counts: Mapping[str, int]) -> Map:
    """The map of a town; `counts` are projects by district key. Districts at the same point share a cell."""
    points = {district.key: (26 + 3.44 * district.x, 34 + 2.71 * district.y) for district in districts}
    outline = _outline(list(points.values()))
    names = _apart([(district.name, *points[district.key]) for district in districts])
    cells = []
    for district, (x, y) in zip(districts, names, strict=True):
        count = counts.get(district.key, 0)
        shade = next(shade for least, shade in _SHADES if count >= least)
        path = _path(_nearest(points[district.key], points.values(), outline))
        cells.append(Cell(district.key, district.name, path, round(x), round(y), count, shade))
    return Map(_box(outline), tuple(cells))


def _apart(names: Sequence[tuple[str, float, float]]) -> list[Point]:
    """Where each name stands: at its point, or a little lower where it would run into one above."""
    placed: dict[int, Point] = {}
    for index in sorted(range(len(names)), key=lambda index: names[index][2]):
        name, x, y = names[index]
        for other, (across, above) in placed.items():
            room = _LETTER * (len(name) + len(names[other][0])) / 2
            if abs(x - across) < room and y - above < _LINE:
                y = above + _LINE
        placed[index] = (x, y)
    return [placed[index] for index in range(len(names))]


def _outline(points: Sequence[Point]) -> list[Point]:
    """A rounded shape around all points: in each direction the farthest of them, and a margin beyond."""
    corners: list[Point] = []
    for step in range(_SIDES if points else 0):
        angle = 2 * pi * step / _SIDES
        east, south = cos(angle), sin(angle)
        farthest = max((x * east + y * south, x, y) for x, y in points)[1:]
        margin = _MARGIN * (1 + _WOBBLE * sin(3 * angle + 1))
        corners.append((farthest[0] + margin * east, farthest[1] + margin * south))
    return corners


def _box(outline: Sequence[Point]) -> str:
    xs, ys = [x for x, _ in outline] or [0], [y for _, y in outline] or [0]
    wide = max(max(xs) - min(xs), _NARROWEST)
    left = (min(xs) + max(xs) - wide) / 2
    return f"{left:.0f} {min(ys):.0f} {wide:.0f} {max(ys) - min(ys):.0f}"


def _nearest(own: Point, points: Iterable[Point], outline: Sequence[Point]) -> list[Point]:
    """What of `outline` is nearer to `own` than to any other point: Voronoi cells, cut off half-plane by half-plane."""
    shape = list(outline)
    for other in points:
        if hypot(other[0] - own[0], other[1] - own[1]) > 0:
            shape = _cut(shape, own, other)
    return shape


def _cut(shape: Sequence[Point], own: Point, other: Point) -> list[Point]:
    """The part of a shape on `own`'s side of the line half way to `other` (Sutherland and Hodgman, 1974)."""
    east, south = other[0] - own[0], other[1] - own[1]
    limit = (other[0] ** 2 + other[1] ** 2 - own[0] ** 2 - own[1] ** 2) / 2
    kept: list[Point] = []
    for before, here in zip([*shape[-1:], *shape[:-1]], shape, strict=True):
        past, now = (p[0] * east + p[1] * south - limit for p in (before, here))
        if (past <= 0) != (now <= 0):
            part = past / (past - now)
            kept.append((before[0] + part * (here[0] - before[0]), before[1] + part * (here[1] - before[1])))
        if now <= 0:
            kept.append(here)
    return kept


def _path(shape: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.0f},{y:.0f}" for x, y in shape) + "Z" if shape else ""
