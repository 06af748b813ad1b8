"""What a document has deleted, to be asked about one range at a time."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Range: TypeAlias = tuple[int, int, int]  # client, clock, clock behind the last


class Deletions:
    """For every client id the stretches of its clocks that are deleted, none of which meet."""

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._known: dict[int, tuple[list[int], list[int]]] = {}
        self.add(sorted(ranges))

    def add(self, ranges: Iterable[Range]) -> None:
        """Quickest in ascending order."""
        for client, begin, end in ranges:
            begins, ends = self._known.setdefault(client, ([], []))
            first = bisect_left(ends, begin)
            behind = bisect_right(begins, end)
            met = first < behind
            begins[first:behind] = [min(begin, begins[first]) if met else begin]
            ends[first:behind] = [max(end, ends[behind - 1]) if met else end]

    def missing(self, client: int, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """The stretches from `begin` to before `end` that are not deleted."""
        begins, ends = self._known.get(client, ([], []))
        at = bisect_right(ends, begin)
        while begin < end:
            low, high = (begins[at], ends[at]) if at < len(begins) else (end, end)
            if begin < low:
                yield begin, min(low, end)
            begin, at = max(begin, high), at + 1
