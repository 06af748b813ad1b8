"""A document in memory: what others sent is applied here, and only here is native code run on it."""

from collections.abc import Sequence
from typing import Any, TypeAlias
from weakref import finalize

from pycrdt import Doc, Map, merge_updates

from services.realtime.sync import protocol
from services.realtime.sync.deletions import Deletions
from services.realtime.sync.order import Order
from services.realtime.sync.protocol import NOTHING
from services.realtime.sync.update import TRUSTED, Change, scan

Applicable: TypeAlias = tuple[int | None, bytes, Change]  # seat, update, and what it would do
EMPTY = b"\x00"  # the state vector of an empty document
_UNREAD = 256 * 1024  # bytes


class Broken(Exception):
    """The document in memory may be half changed; the update of `seat` did it."""

    def __init__(self, seat: int | None, reason: str) -> None:
        super().__init__(reason)
        self.seat = seat


class Replica:
    """The document in memory. Only here is native code run on what others sent. `bound`: it is no larger than that."""

    def __init__(self, state: bytes = NOTHING) -> None:
        self._doc: Doc[Map[Any]] = Doc()
        self._doc.apply_update(state)
        self._produced: list[bytes] = []
        self._listen()
        self._order = Order(self._doc)
        self.bound = len(state)
        self._whole: bytes | None = state or None  # while that is still all there is
        self._deletions: Deletions | None = None
        self._unread: list[bytes] = []
        self._unread_bytes = 0

    def apply(self, updates: Sequence[Applicable]) -> bytes:
        """Applies updates of one person, each with its seat; gives what they changed, `NOTHING` if that is nothing.

        Raises `Broken`; the replica is of no use then.
        """
        self._whole = None
        self._produced.clear()
        self._apply(updates)
        try:
            self._verify(updates)
        except Exception as error:  # whatever it is: what is not stored must not be called saved
            raise error if isinstance(error, Broken) else Broken(updates[-1][0], "unusable") from error
        produced = self._produced[0] if self._produced else NOTHING
        self.bound += len(produced)
        self._moved(produced)
        return produced

    def _apply(self, updates: Sequence[Applicable]) -> None:
        seat = updates[0][0]
        try:
            with self._doc.transaction():
                for seat, update, _ in updates:  # noqa: B007 - the last one is named if it fails
                    self._doc.apply_update(update)
        except BaseException as error:  # what native code throws is no Exception
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            raise Broken(seat, "unusable") from error

    def state(self) -> bytes:
        """One update of everything, the same bytes on every gateway, applied twice on empty documents for proof.

        Documents of equal content may part their text at different places; a fresh one joins what can be joined.
        """
        fresh, again = _copy(self._doc), None
        if protocol.state_vector(fresh.get_state()) == protocol.state_vector(self.vector()):
            again = _copy(fresh)
        state = fresh.get_update()
        if again is None or again.get_update() != state:
            raise Broken(None, "compaction")
        return state

    def missing(self, vector: bytes) -> bytes:
        """What a document with this state vector does not have."""
        if vector != EMPTY:
            return self._doc.get_update(vector)
        if self._whole is None:
            self._whole = self._doc.get_update()
        return self._whole

    def size(self) -> int:
        """Of the encoded document, in bytes."""
        return len(self.missing(EMPTY))

    def deletions(self) -> Deletions:
        """What is deleted. Read from the whole document once, and from then on from what changes it."""
        if self._deletions is None:
            self._deletions = Deletions(scan(self._doc.get_update(self._doc.get_state()), TRUSTED).deletions)
        for produced in self._unread:
            self._deletions.add(scan(produced, TRUSTED).deletions)
        self._unread.clear()
        self._unread_bytes = 0
        return self._deletions

    def _moved(self, produced: bytes) -> None:
        """What nobody asks about for long is better read anew than kept."""
        if self._deletions is not None:
            self._unread.append(produced)
            self._unread_bytes += len(produced)
            if self._unread_bytes > _UNREAD:
                self._deletions, self._unread_bytes = None, 0
                self._unread.clear()

    def vector(self) -> bytes:
        return self._doc.get_state()

    def _listen(self) -> None:
        """Notes what each transaction changes. A subscription keeps its document in memory until it is taken back; it
        must not hold what takes it back."""
        produced = self._produced
        subscription = self._doc.observe(lambda event: produced.append(event.update))
        finalize(self, self._doc.unobserve, subscription).atexit = False

    def _verify(self, updates: Sequence[Applicable]) -> None:
        """Structs of several clients can wait for each other for ever, and are not applied then; what lies between
        neighbours in the wrong order would lie elsewhere in the next copy."""
        tangled = [(seat, change) for seat, _, change in updates if len(change.runs) > 1]
        vector = protocol.state_vector(self.vector()) if tangled else {}
        for seat, change in tangled:
            if any(vector.get(client, 0) < end for client, _, end in change.runs):
                raise Broken(seat, "gap")
        doubtful = [seat for seat, _, change in updates if seat is not None and not self._order.certain(change.pieces)]
        if doubtful:
            try:
                self.state()
            except Broken as error:
                raise Broken(doubtful[0], "tangled") from error


def _copy(doc: Doc[Map[Any]]) -> Doc[Map[Any]]:
    copy: Doc[Map[Any]] = Doc()
    copy.apply_update(doc.get_update())
    return copy


def merged(updates: Sequence[bytes]) -> bytes:
    """One update that does what all of them do."""
    return merge_updates(*updates) if len(updates) > 1 else updates[0]
