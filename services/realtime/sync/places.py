"""Where each struct of a document lies: in which type and under which key, as far as a check needs to know.

An item names its neighbours, not its parent. One whose neighbours lie in different parents is put by pycrdt now here,
now there, depending on what it happens to read first: documents that are equal struct by struct then differ.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple, TypeAlias

from services.realtime.sync.lib0 import Malformed

Place: TypeAlias = tuple[int, int]  # client, clock
Lot: TypeAlias = tuple[str | Place, str]  # the root's name or the place of the type, and the key, "" in sequences


class Piece(NamedTuple):
    """One struct of an update. It lies in `lot` if that is given, else where its neighbour `left` or `right` lies.

    `value`: the bytes of a short plain value, `b""` for any other content, None where nothing is left of it. `unseen`:
    it takes no place among what is seen.
    """

    client: int
    clock: int
    length: int
    is_type: bool
    lot: Lot | None
    left: Place | None
    right: Place | None
    value: bytes | None = None
    unseen: bool = False


class Pieces:
    """The structs of one update, to be found by their place."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.all = pieces
        self._known: dict[int, tuple[list[int], list[int]]] = {}
        for number, piece in enumerate(pieces):
            starts, numbers = self._known.setdefault(piece.client, ([], []))
            starts.append(piece.clock)
            numbers.append(number)

    def find(self, place: Place | None) -> int | None:
        """The number of the piece that holds `place`."""
        if place is None or (found := self._known.get(place[0])) is None:
            return None
        at = bisect_right(found[0], place[1]) - 1
        if at < 0 or place[1] >= found[0][at] + self.all[found[1][at]].length:
            return None
        return found[1][at]

    def nesting(self) -> int:
        """The longest chain of types each of which lies in the one before, all of them of this update."""
        depths: dict[int, int] = {}
        return max(
            (self._depth(number, depths) + 1 for number, piece in enumerate(self.all) if piece.is_type), default=0
        )

    def _depth(self, number: int, depths: dict[int, int]) -> int:
        """How many new types lie around a piece; in a loop, since references may be 5,000 deep."""
        way: list[int] = []
        at: int | None = number
        while at is not None and at not in depths:
            way.append(at)
            at = self._next(self.all[at], way)
        depth = 0 if at is None else depths[at]
        for back in reversed(way):
            depth += at is not None and self.all[back].lot is not None  # in the type before, or beside its like
            depths[back] = depth
            at = back
        return depth

    def _next(self, piece: Piece, way: list[int]) -> int | None:
        if len(way) > len(self.all):
            raise Malformed("ring")
        if piece.lot is None:
            return self.find(piece.left or piece.right)
        return self.find(piece.lot[0]) if isinstance(piece.lot[0], tuple) else None


class Tangled(Exception):
    """The neighbours of an item lie in different places."""


class Places:
    """For every client id, from which clock on its structs lie in which lot; None where that is not known any more.

    `counts`: in how many parts what lies in a lot has come, those left out that went on where the one before ended.
    """

    def __init__(
        self, lots: dict[int, tuple[list[int], list[Lot | None]]] | None = None, counts: Mapping[Lot, int] | None = None
    ) -> None:
        self.lots = {} if lots is None else lots
        if counts is None:  # an index of former times
            counts = Counter(lot for _, held in self.lots.values() for lot in held if lot)
        self.counts: dict[Lot, int] = dict(counts)
        self._last: dict[
            int, tuple[int, Place | None]
        ] = {}  # client → clock behind its last piece, what is right of it
        self._holders: dict[Lot, set[int]] | None = None

    def of(self, place: Place) -> Lot | None:
        found = self.lots.get(place[0])
        if found is None:
            return None
        at = bisect_right(found[0], place[1]) - 1
        return found[1][at] if at >= 0 else None

    def over(self, client: int, begin: int, end: int) -> Iterator[tuple[int, int, Lot | None]]:
        """The stretches of a client's clocks from `begin` to before `end` that lie in one lot each."""
        starts, held = self.lots.get(client, ([], []))
        at = max(bisect_right(starts, begin) - 1, 0)
        while begin < end and at < len(starts):
            behind = starts[at + 1] if at + 1 < len(starts) else end
            yield begin, min(behind, end), held[at]
            begin, at = behind, at + 1

    def stretches(self, client: int, begin: int, end: int) -> int:
        """How many `over` would give, or one more."""
        starts = self.lots.get(client, ([], []))[0]
        return bisect_right(starts, end) - bisect_right(starts, begin) + 1

    def goes_on(self, piece: Piece) -> bool:
        """Whether it is typed on where its client's last piece ended."""
        return piece.left == (piece.client, piece.clock - 1) and self._last.get(piece.client) == (
            piece.clock,
            piece.right,
        )

    def holders(self, lots: Set[Lot]) -> set[int]:
        """The client ids under which anything has ever been put into one of `lots`, which are under keys of roots.

        Goes through the whole document when it is asked for the first time.
        """
        if self._holders is None:
            self._holders = {}
            for client, (_, held) in self.lots.items():
                for lot in held:
                    self._held(lot, client)
        return set().union(*(self._holders.get(lot, ()) for lot in lots))

    def _held(self, lot: Lot | None, client: int) -> None:
        if self._holders is not None and lot and lot[1] and isinstance(lot[0], str):
            self._holders.setdefault(lot, set()).add(client)

    def settle(self, pieces: Sequence[Piece], known: Mapping[int, int]) -> list[Lot | None]:
        """The lot of every piece. Raises `Tangled`, and `Malformed` for rings.

        What lies before the clocks `known` is looked up here: an update may tell lies about what the document has.
        """
        pieces = [_rest(piece, known.get(piece.client, 0)) for piece in pieces]
        if len(pieces) == 1:  # most updates are one letter
            return [self._alone(pieces[0])]
        found, lots = Pieces(pieces), _Lots(self, known)
        for number, piece in enumerate(pieces):
            lot = lots.of(number, found)
            if piece.left and piece.right and piece.clock >= known.get(piece.client, 0):
                beside = lots.at(piece.right, found)
                if lot and beside and lot != beside:
                    raise Tangled
        return [lots.settled[number] for number in range(len(pieces))]

    def _alone(self, piece: Piece) -> Lot | None:
        left, right = piece.left, piece.right
        if left is None or right is None:
            beside = left or right
            return piece.lot if beside is None else self.of(beside)
        lot, other = self.of(left), self.of(right)
        if lot and other and lot != other:
            raise Tangled
        return lot

    def enter(self, pieces: Sequence[Piece], lots: Sequence[Lot | None], known: Mapping[int, int]) -> None:
        """Notes where new pieces lie; `known` are the clocks before."""
        for piece, lot in zip(pieces, lots, strict=True):
            if piece.clock + piece.length <= known.get(piece.client, 0):
                continue
            starts, held = self.lots.setdefault(piece.client, ([], []))
            if lot and not self.goes_on(piece):
                self.counts[lot] = self.counts.get(lot, 0) + 1
            self._last[piece.client] = piece.clock + piece.length, piece.right
            if not held or held[-1] != lot:
                starts.append(max(piece.clock, known.get(piece.client, 0)))
                held.append(lot)
                self._held(lot, piece.client)


def _rest(piece: Piece, known: int) -> Piece:
    """What is new in a piece that is known in part lies behind what is known, whatever the piece says."""
    begin, end = piece.clock, piece.clock + piece.length
    if not begin < known < end or (piece.lot is None and piece.left is None and piece.right is None):
        return piece
    return Piece(piece.client, known, end - known, piece.is_type, None, (piece.client, known - 1), piece.right)


class _Lots:
    """The lots of the pieces of one update, found out one after the other."""

    def __init__(self, places: Places, known: Mapping[int, int]) -> None:
        self.settled: dict[int, Lot | None] = {}
        self._places, self._known = places, known

    def of(self, number: int, pieces: Pieces) -> Lot | None:
        way: list[int] = []
        at: int | None = number
        lot: Lot | None = None
        while at is not None and at not in self.settled:
            way.append(at)
            if len(way) > len(pieces.all):
                raise Malformed("ring")
            piece = pieces.all[at]
            beside = piece.left or piece.right
            at = None if piece.lot else self._new(beside, pieces)
            lot = piece.lot or (self._places.of(beside) if beside and at is None else None)
        if at is not None:
            lot = self.settled[at]
        for back in way:
            self.settled[back] = lot
        return lot

    def at(self, place: Place, pieces: Pieces) -> Lot | None:
        number = self._new(place, pieces)
        return self._places.of(place) if number is None else self.of(number, pieces)

    def _new(self, place: Place | None, pieces: Pieces) -> int | None:
        return None if place is None or place[1] < self._known.get(place[0], 0) else pieces.find(place)
