"""What a room has in memory of its document: as it is stored, and how it gets back to that when in doubt."""

from collections.abc import Callable
from weakref import proxy

from msgspec import Struct

from services.realtime.sync import protocol
from services.realtime.sync.intake import Intake, Limits
from services.realtime.sync.ledger import Refused
from services.realtime.sync.lib0 import Malformed
from services.realtime.sync.protocol import NOTHING, Closing
from services.realtime.sync.replay import Incomplete, replay, replayed
from services.realtime.sync.replica import Broken, Replica, merged
from services.realtime.sync.seats import Arrived, Audience, Reload, Send
from shared.bus.edits import FORM, Edit, Edits, Loaded, Snapshot, Stored


class Flying(Struct):
    """What is being stored; `marks`: seat → how many of its messages are durable then."""

    edits: list[Edit]
    marks: dict[int, int]


class Memory(Audience):
    """`sequence`: the last message of the stream that it knows. `loading`: it holds nothing that may be shown."""

    def __init__(self, source: str, allows: Callable[[str], bool], limits: Limits) -> None:
        super().__init__()
        self.source, self.limits = source, limits
        self.loading = True
        self.epoch = self.sequence = self._acknowledged = 0
        self._allows = allows
        self._replica = Replica()
        this = proxy(self)  # so that a room ends, and its document with it, in the thread that lets it go
        self._intake = Intake(
            limits,
            lambda: this._replica.size(),
            lambda: this._replica.deletions(),
            lambda client: this.presence.person_of(client),
        )
        self._heard: list[Stored] = []
        self._flying: Flying | None = None
        self._outdated, self._again = "", False

    @property
    def pending(self) -> int:
        """How many bytes wait to be applied."""
        return self._intake.pending

    @property
    def ready(self) -> bool:
        """Whether `flush` has something to do."""
        return bool(self._intake) and not self.loading and self._flying is None

    @property
    def settled(self) -> bool:
        """Whether everything that arrived is durable."""
        return not (self.loading or self._flying or self._intake)

    def follow(self, message: Stored) -> None:
        """A message of the stream, in its order; those of this gateway are known already."""
        if self.loading:
            self._heard.append(message)
        elif message.sequence > self.sequence:
            self.sequence = message.sequence
            if message.edits.epoch > self.epoch:  # seeded again: who kept the former document would double its text
                self.doubt("new_epoch")
            elif message.edits.source != self.source and message.edits.epoch == self.epoch:
                self._hear(message.edits)

    def _hear(self, edits: Edits) -> None:
        try:
            produced = [replay(edit, self._replica, self._intake.ledger) for edit in edits.edits]
        except (Refused, Malformed, Broken):  # two gateways let one client id in at the same moment: the stream decides
            self.doubt("diverged")
        else:
            if changes := [update for update in produced if update != NOTHING]:
                self._spread(changes)

    def doubt(self, reason: str) -> None:
        """What is in memory here, and with everybody here, is not what is stored: all go, and it is loaded anew."""
        self.dismiss_all(Closing.REFUSED, reason)
        if self._flying:
            self._outdated = reason
        else:
            self._reload(reason)

    def _reload(self, reason: str) -> None:
        if self.loading:  # what is being loaded may have been read before
            self._again = True
            return
        self.loading = True
        self._intake.doubt([])
        self.out.append(Reload(reason))

    def _take_over(self, loaded: Loaded) -> list[Arrived]:
        """From now on the document is as it is stored; gives what arrived meanwhile. Raises `Incomplete`."""
        if self._again:
            self._again = False
            raise Incomplete("it has changed meanwhile")
        found = replayed(loaded, self._heard, self._allows)
        self._replica, self.epoch, self.sequence = found.replica, found.epoch, found.sequence
        self._acknowledged = self.sequence
        self._heard.clear()
        self.loading = False
        return self._intake.begin(found.ledger, found.replica.bound, returning=loaded.lost)

    def rebase(self) -> None:
        """The stream was lost and made anew: what is in memory is now what its next messages come after."""
        self.sequence = self._acknowledged = 0

    def snapshot(self, stream: str) -> Snapshot | None:
        """The document as it is stored; None while that is not all that is in memory."""
        if self.loading or self._flying or self.sequence < self._acknowledged:
            return None
        state = self._replica.state()
        ledger = self._intake.ledger
        return Snapshot(FORM, self.epoch, stream, self.sequence, state, dict(ledger.owners), ledger.index())

    def _spread(self, updates: list[bytes], author: int | None = None) -> None:
        self._intake.size += sum(map(len, updates))
        seats = [number for number in self.seats if number != author]
        if seats:
            self.out.append(Send(seats, protocol.update(merged(updates))))
