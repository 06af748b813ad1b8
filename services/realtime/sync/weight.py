"""What an update would cost native code, estimated before it is applied: how deep it nests, how far things are sought.

To place an item between two neighbours, everything that lies between them is gone through. Honest editors name
neighbours that adjoin each other but for what others have just typed there; 27 kB that do not take half a minute.
"""

from services.realtime.sync.ledger import Ledger
from services.realtime.sync.places import Lot, Pieces, Place
from services.realtime.sync.update import Change

_END = 64  # no document is as deep


def effort(change: Change, ledger: Ledger, size: int) -> int:
    """At most so many items are gone through, for a change that `ledger` has checked, in a document of `size` bytes.

    What continues the piece before it is where that is; anything else may be anywhere in its sequence. To prove where
    something lies that nobody sees, the document is encoded; a byte of that costs as much as two items.
    """
    known, counts = ledger.clocks, ledger.places.counts
    added: dict[Lot, int] = {}
    behind: dict[Place, Place | None] = {}  # the ends of pieces, and their right neighbours
    items, unseen = 0, False
    for piece, lot in zip(change.pieces, change.lots, strict=True):
        if lot is None or piece.clock + piece.length <= known.get(piece.client, 0):
            continue
        if piece.left is None or behind.pop(piece.left, _END) != piece.right:
            if not ledger.places.goes_on(piece):
                items += counts.get(lot, 0) + added.get(lot, 0)
                unseen = unseen or (piece.unseen and piece.left is not None and piece.right is not None)
            added[lot] = added.get(lot, 0) + 1
        behind[piece.client, piece.clock + piece.length - 1] = piece.right
    return items + 2 * size * unseen


def deepest(change: Change, ledger: Ledger) -> int:
    """How deep the deepest of its new types lies in others, those of roots at 1."""
    if not change.types:
        return 0
    pieces, known, depths = Pieces(change.pieces), ledger.clocks, dict[Place, int]()

    def depth(place: Place) -> int:
        way: list[Place] = []
        while place not in depths and len(way) < _END:
            way.append(place)
            number = None if place[1] < known.get(place[0], 0) else pieces.find(place)
            lot = ledger.places.of(place) if number is None else change.lots[number]
            if lot is None or isinstance(lot[0], str):
                break
            place = lot[0]
        found = depths.get(place, 0)
        for each in reversed(way):
            found += 1
            depths[each] = found
        return found

    new = (piece for piece in change.pieces if piece.is_type and piece.clock >= known.get(piece.client, 0))
    return max((depth((piece.client, piece.clock)) for piece in new), default=0)
