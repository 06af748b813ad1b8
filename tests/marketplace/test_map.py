"""The map of districts: every district has a place of its own, and all of them fill the town."""

import re

import pytest

from services.marketplace.drawings import Cell, district_map
from shared.contracts.marketplace import District
from tests.marketplace.town import COUNTS, DISTRICTS

MAP = district_map(DISTRICTS, COUNTS)


def corners(cell: Cell) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?\d+),(-?\d+)", cell.path)]


def area(points: list[tuple[float, float]]) -> float:
    shifted = [*points[1:], *points[:1]]
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, shifted, strict=True))) / 2


def holds(points: list[tuple[float, float]], x: float, y: float) -> bool:
    inside = False
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], *points[:1]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


@pytest.mark.parametrize("cell", MAP.cells, ids=lambda cell: cell.key)
def test_a_name_stands_in_its_own_district_and_in_no_other(cell: Cell) -> None:
    assert [other.key for other in MAP.cells if holds(corners(other), cell.x, cell.y)] == [cell.key]


def test_the_districts_fill_the_town() -> None:
    """A division keeps the whole: the same town with its innermost district left to the others is as large."""
    fewer = district_map([district for district in DISTRICTS if district.key != "altstadt"], {})
    parts, others = (sum(area(corners(cell)) for cell in drawn.cells) for drawn in (MAP, fewer))
    assert parts == pytest.approx(others, rel=0.01)


def test_more_projects_give_a_stronger_shade() -> None:
    shades = {cell.key: cell.shade for cell in MAP.cells}
    assert (shades["neustadt"], shades["altstadt"], shades["klotzsche"]) == (3, 2, 1)
    assert district_map(DISTRICTS, {}).cells[0].shade == 0


def test_names_do_not_run_into_each_other() -> None:
    wide = [District("a", "Heiligenkirchen", 40, 74), District("b", "Remmighausen", 58, 75)]
    upper, lower = district_map(wide, {}).cells
    assert lower.y - upper.y >= 20


def test_a_town_without_districts_has_an_empty_map() -> None:
    assert district_map([], {}).cells == ()


def test_districts_at_one_point_share_a_cell() -> None:
    one, other = district_map([District("a", "A"), District("b", "B")], {}).cells
    assert one.path == other.path
