"""Whether an item's left neighbour really lies to the left of its right one: no honest editor says otherwise.

Such an item lies here in one copy of a document and there in the next, though their state vectors are equal.
"""

from collections.abc import Iterable
from typing import Any

from pycrdt import Doc, StickyIndex

from services.realtime.sync.places import Piece, Place


class Order:
    """Looks at what has been applied to `doc`. Who types on where she typed before costs nothing."""

    def __init__(self, doc: Doc[Any]) -> None:
        self._doc = doc
        self._last: dict[
            int, tuple[int, Place]
        ] = {}  # client → the clock behind its last piece, and its right neighbour

    def certain(self, pieces: Iterable[Piece]) -> bool:
        """Whether visible text lies between all the neighbours, so that they are in order for sure."""
        found = [self._certain(piece) for piece in pieces]  # each of them is to be known afterwards
        return all(found)

    def _certain(self, piece: Piece) -> bool:
        left, right = piece.left, piece.right
        if left is None or right is None:
            return True
        typed_on = left == (piece.client, piece.clock - 1) and self._last.get(piece.client) == (piece.clock, right)
        self._last[piece.client] = piece.clock + piece.length, right
        if typed_on:
            return True
        first, second = self._index(left), self._index(right)
        return first is None or second is None or first < second

    def _index(self, place: Place) -> int | None:
        """How much visible content lies to the left of it; None in what was deleted as a whole, where nothing is seen.

        Native code throws what is no Exception when it finds nothing there any more; the document is not touched.
        """
        found = StickyIndex.from_json({"item": {"client": place[0], "clock": place[1]}, "assoc": 0})
        with self._doc.transaction() as transaction:
            try:
                return found.get_index(transaction)
            except BaseException as error:
                if type(error).__name__ != "PanicException":
                    raise
                return None
