"""Holds those who may only comment to the comments, and everybody to her own name in them."""

from collections.abc import Callable, Sequence, Set

from services.realtime.sync.deletions import Deletions, Range
from services.realtime.sync.ledger import Ledger
from services.realtime.sync.lib0 import Reader
from services.realtime.sync.places import Lot, Piece, Pieces
from services.realtime.sync.update import Change

_DEEPEST = 64
_MANY = 64  # stretches of a document
_TALK = frozenset({"comments"})
_SIGNED: dict[str, tuple[str, ...]] = {"author": (), "closer": ("",)}  # fields of a remark that name who writes them
_COMMON = frozenset({"state", "closer"})  # fields that others than the author may write
_TEXT = 119


def strays(change: Change, ledger: Ledger, roots: Set[str], deleted: Callable[[], Deletions]) -> bool:
    """Whether a change that `ledger` has checked adds or deletes anything beyond `roots`.

    Structs without a place are dead already, and bring nothing. `deleted` tells what the document has deleted: step 2
    repeats all of that.
    """
    inside = _Inside(change, ledger, roots)
    for piece, lot in zip(change.pieces, change.lots, strict=True):
        if piece.clock + piece.length > ledger.clocks.get(piece.client, 0) and not inside(lot):
            return True
    return _deletes(change.deletions, ledger, deleted, lambda lot: not inside(lot))


def forged(change: Change, ledger: Ledger, person: str, deleted: Callable[[], Deletions]) -> bool:
    """Whether a change that `ledger` has checked speaks for others than `person` in the remarks, or takes theirs away.

    She signs as herself what she says and settles; what others have said, she can settle but neither change nor
    withdraw. `deleted` as for `strays`.
    """
    inside = _Inside(change, ledger, _TALK)
    rows: set[Lot] = set()
    for piece, lot in zip(change.pieces, change.lots, strict=True):
        if lot is None or not lot[1] or piece.clock + piece.length <= ledger.clocks.get(piece.client, 0):
            continue
        if lot[0] in _TALK:
            rows.add(lot)  # what lies there already would be gone without a word of deletion
        elif not isinstance(lot[0], str) and inside(lot) and _misuses(piece, lot, ledger, person):
            return True
    if rows and any(_foreign(client, ledger, person) for client in ledger.places.holders(rows)):
        return True
    foreign = [found for found in change.deletions if _foreign(found[0], ledger, person)]
    if not foreign:
        return False

    def theirs(lot: Lot | None) -> bool:
        """Fields that all may write are nobody's."""
        return lot is not None and not (isinstance(lot[0], tuple) and lot[1] in _COMMON) and inside(lot)

    return _deletes(foreign, ledger, deleted, theirs)


def _misuses(piece: Piece, lot: Lot, ledger: Ledger, person: str) -> bool:
    """Whether a new value of a remark's field signs for somebody else, or lies in what somebody else has said."""
    if lot[1] in _SIGNED and piece.value is not None and _word(piece.value) not in (person, *_SIGNED[lot[1]]):
        return True
    return lot[1] not in _COMMON and _foreign(lot[0][0], ledger, person)


def _foreign(client: int | str, ledger: Ledger, person: str) -> bool:
    return isinstance(client, int) and ledger.owners.get(client, person) != person


def _word(value: bytes) -> str | None:
    """A text as lib0 writes it as the single value of an item; None for anything else."""
    reader = Reader(value)
    try:
        return reader.text() if reader.uint() == 1 and reader.uint() == _TEXT else None
    except (IndexError, UnicodeDecodeError):
        return None


class _Inside:
    """Whether a lot lies in one of the roots, however deep."""

    def __init__(self, change: Change, ledger: Ledger, roots: Set[str]) -> None:
        self._change, self._ledger, self._roots = change, ledger, roots
        self._pieces: Pieces | None = None  # most updates name nothing of their own

    def __call__(self, lot: Lot | None) -> bool:
        for _ in range(_DEEPEST):
            if lot is None:
                return True
            if isinstance(lot[0], str):
                return lot[0].partition(".")[0] in self._roots
            lot = self._around(lot[0])
        return False

    def _around(self, place: tuple[int, int]) -> Lot | None:
        """Where the type at `place` lies; an update may tell lies about what the document has."""
        number = None
        if place[1] >= self._ledger.clocks.get(place[0], 0):
            self._pieces = self._pieces or Pieces(self._change.pieces)
            number = self._pieces.find(place)
        return self._ledger.places.of(place) if number is None else self._change.lots[number]


def _deletes(
    ranges: Sequence[Range], ledger: Ledger, deleted: Callable[[], Deletions], wrong: Callable[[Lot | None], bool]
) -> bool:
    """Whether anything that the document has, and has not deleted, lies within `ranges` in a lot that is `wrong`; what
    is new is checked apart.

    Of long ranges only what is not deleted is looked at, which then is: to repeat them costs nothing.
    """
    places = ledger.places
    known = [(client, begin, min(end, ledger.clocks.get(client, 0))) for client, begin, end in ranges]
    many = sum(places.stretches(*each) for each in known if each[1] < each[2]) > _MANY
    for client, begin, end in known:
        for low, high in deleted().missing(client, begin, end) if many else ((begin, end),):
            for first, behind, lot in places.over(client, low, high):
                if wrong(lot) and (many or any(deleted().missing(client, first, behind))):
                    return True
    return False
