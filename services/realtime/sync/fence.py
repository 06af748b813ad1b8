"""Holds those who may only comment to the comments, and everybody to her own name in them."""

from collections.abc import Callable, Iterator, Sequence, Set
from typing import TypeAlias

from services.realtime.sync.ledger import Ledger
from services.realtime.sync.lib0 import Reader
from services.realtime.sync.places import Lot, Piece, Pieces
from services.realtime.sync.update import Change

Range: TypeAlias = tuple[int, int, int]  # client, clock, clock behind the last
_DEEPEST = 64
_TALK = frozenset({"comments"})
_SIGNED: dict[str, tuple[str, ...]] = {"author": (), "closer": ("",)}  # fields of a remark that name who writes them
_COMMON = frozenset({"state", "closer"})  # fields that others than the author may write
_TEXT = 119


def strays(change: Change, ledger: Ledger, roots: Set[str], deleted: Callable[[], Sequence[Range]]) -> bool:
    """Whether a change that `ledger` has checked adds or deletes anything beyond `roots`.

    Structs without a place are dead already, and bring nothing. `deleted` tells what the document has deleted: step 2
    repeats all of that, and is asked only then.
    """
    inside = _Inside(change, ledger, roots)
    for piece, lot in zip(change.pieces, change.lots, strict=True):
        if piece.clock + piece.length > ledger.clocks.get(piece.client, 0) and not inside(lot):
            return True
    foreign = [part for found in change.deletions for part in _known(ledger, found) if not inside(part[1])]
    return bool(foreign) and not _covered([part for part, _ in foreign], deleted())


def forged(change: Change, ledger: Ledger, person: str, deleted: Callable[[], Sequence[Range]]) -> bool:
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
    return _withdraws(change, ledger, person, inside, deleted)


def _misuses(piece: Piece, lot: Lot, ledger: Ledger, person: str) -> bool:
    """Whether a new value of a remark's field signs for somebody else, or lies in what somebody else has said."""
    if lot[1] in _SIGNED and piece.value is not None and _word(piece.value) not in (person, *_SIGNED[lot[1]]):
        return True
    return lot[1] not in _COMMON and _foreign(lot[0][0], ledger, person)


def _withdraws(
    change: Change, ledger: Ledger, person: str, inside: "_Inside", deleted: Callable[[], Sequence[Range]]
) -> bool:
    """Whether it deletes what others have said, beyond what is deleted already and the fields that all may write."""
    gone = [
        part
        for found in change.deletions
        if _foreign(found[0], ledger, person)
        for part, lot in _known(ledger, found)
        if lot and not (isinstance(lot[0], tuple) and lot[1] in _COMMON) and inside(lot)
    ]
    return bool(gone) and not _covered(gone, deleted())


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
        self._pieces, self._lots = Pieces(change.pieces), change.lots
        self._ledger, self._roots = ledger, roots

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
        known = place[1] < self._ledger.clocks.get(place[0], 0)
        number = None if known else self._pieces.find(place)
        return self._ledger.places.of(place) if number is None else self._lots[number]


def _known(ledger: Ledger, found: Range) -> Iterator[tuple[Range, Lot | None]]:
    """The parts of a range that the document has, each with the lot in which it lies; what is new is checked apart."""
    client, begin, end = found
    for first, behind, lot in ledger.places.over(client, begin, min(end, ledger.clocks.get(client, 0))):
        yield (client, first, behind), lot


def _covered(wanted: Sequence[Range], there: Sequence[Range]) -> bool:
    """Whether every range of `wanted` lies within ranges of `there`, which may adjoin each other."""
    clients: dict[int, list[tuple[int, int]]] = {}
    for client, begin, end in sorted(there):
        ranges = clients.setdefault(client, [])
        if ranges and begin <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((begin, end))
    return all(
        any(low <= begin and end <= high for low, high in clients.get(client, ())) for client, begin, end in wanted
    )
