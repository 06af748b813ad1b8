"""How deep an update nests new shared types within each other: their own events never tell."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from services.realtime.sync.lib0 import Malformed

Place = tuple[int, int]  # client, clock


class Piece(NamedTuple):
    """One struct of an update. It lies in `parent` if that is given, else where `beside` lies, else in a root."""

    client: int
    clock: int
    length: int
    is_type: bool
    parent: Place | None
    beside: Place | None


def nesting(pieces: Sequence[Piece]) -> int:
    """The longest chain of types each of which lies in the one before, all of them made by these `pieces`.

    Types that lie in what was there before begin a chain. Raises `Malformed` where pieces refer to each other in rings.
    """
    known = _index(pieces)
    depths: list[int | None] = [None] * len(pieces)
    deepest = 0
    for number, piece in enumerate(pieces):
        if piece.is_type:
            deepest = max(deepest, _depth(number, pieces, known, depths) + 1)
    return deepest


def _index(pieces: Sequence[Piece]) -> dict[int, tuple[list[int], list[int]]]:
    known: dict[int, tuple[list[int], list[int]]] = {}
    for number, piece in enumerate(pieces):
        starts, numbers = known.setdefault(piece.client, ([], []))
        starts.append(piece.clock)
        numbers.append(number)
    return known


def _depth(
    number: int, pieces: Sequence[Piece], known: dict[int, tuple[list[int], list[int]]], depths: list[int | None]
) -> int:
    """How many new types lie around piece `number`. Follows the references in a loop: they may be 5,000 deep."""
    way: list[int] = []
    at: int | None = number
    while at is not None and depths[at] is None:
        way.append(at)
        if len(way) > len(pieces):
            raise Malformed("ring")
        piece = pieces[at]
        at = _find(piece.parent or piece.beside, pieces, known)
    depth: int = 0 if at is None else depths[at] or 0
    for back in reversed(way):
        # the one before is the parent itself (one deeper than it lies) or a neighbour (just as deep)
        depth += at is not None and pieces[back].parent is not None
        depths[back] = depth
        at = back
    return depth


def _find(place: Place | None, pieces: Sequence[Piece], known: dict[int, tuple[list[int], list[int]]]) -> int | None:
    if place is None or place[0] not in known:
        return None
    starts, numbers = known[place[0]]
    at = bisect_right(starts, place[1]) - 1
    if at < 0 or place[1] >= starts[at] + pieces[numbers[at]].length:
        return None
    return numbers[at]
