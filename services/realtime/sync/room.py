"""One document and everybody in it, without any I/O: bytes in, addressed bytes out.

The order is the promise: check, apply, store, acknowledged; then the authors hear `saved` and everybody the update.
What others have seen is durable. What arrives while something is being stored is applied and stored together next.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct
from pycrdt import Doc, Map, merge_updates

from services.realtime.sync import protocol
from services.realtime.sync.intake import DEEPEST, Checked, Intake, Limits
from services.realtime.sync.ledger import Foreign, Ledger, Refused
from services.realtime.sync.lib0 import Malformed
from services.realtime.sync.protocol import NOTHING, Closing, Kind, Message
from services.realtime.sync.seats import Arrived, Audience, Reload, Seat, Send
from services.realtime.sync.update import TRUSTED, WHOLE, Change, scan
from shared.bus.edits import FORM, Edit, Edits, Loaded, Snapshot, Stored

_EMPTY = b"\x00"  # the state vector of an empty document


class Incomplete(Exception):
    """What is stored has a hole: to go on would show a document that never was."""


class Broken(Exception):
    """The document in memory may be half changed; the update of `seat` did it."""

    def __init__(self, seat: int | None, reason: str) -> None:
        super().__init__(reason)
        self.seat = seat


class Replica:
    """The document in memory. Only here is native code run on what others sent."""

    def __init__(self, state: bytes = NOTHING) -> None:
        self._doc: Doc[Map[Any]] = Doc()
        self._produced: list[bytes] = []
        self._deepest = 0
        self._doc.apply_update(state)
        self._doc.observe(lambda event: self._produced.append(event.update))

    def apply(self, updates: Sequence[tuple[int | None, bytes, Change]]) -> bytes:
        """Applies updates of one person, each with its seat; gives what they changed, `NOTHING` if that is nothing.

        Raises `Broken`; the replica is of no use then.
        """
        self._produced.clear()
        nested = [(change.nesting, seat) for seat, _, change in updates if change.nesting]
        watched = self._watch(change for _, _, change in updates) if nested else []
        seat = updates[0][0]
        try:
            with self._doc.transaction():
                for seat, update, _ in updates:  # noqa: B007 - the last one is named if it fails
                    self._doc.apply_update(update)
        except BaseException as error:  # what native code throws is no Exception
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            raise Broken(seat, "unusable") from error
        for root, subscription in watched:
            root.unobserve(subscription)
        if nested and self._deepest + max(nested)[0] > DEEPEST:
            raise Broken(max(nested)[1], "depth")
        self._verify(updates)
        return self._produced[0] if self._produced else NOTHING

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
        return self._doc.get_update(vector)

    def vector(self) -> bytes:
        return self._doc.get_state()

    def _watch(self, changes: Iterable[Change]) -> list[tuple[Map[Any], Any]]:
        """Where new types come to lie is told by events of the roots, any of which may be read as a map for that."""
        self._deepest = 0
        names = set(self._doc.keys()).union(*(change.roots for change in changes))
        roots = [self._doc.get(name, type=Map) for name in names]
        return [(root, root.observe_deep(self._deep)) for root in roots]

    def _deep(self, events: list[Any]) -> None:
        self._deepest = max(self._deepest, *(len(event.path) for event in events))

    def _verify(self, updates: Sequence[tuple[int | None, bytes, Change]]) -> None:
        """Structs of several clients can wait for each other for ever, and are not applied then."""
        tangled = [(seat, change) for seat, _, change in updates if len(change.runs) > 1]
        vector = protocol.state_vector(self.vector()) if tangled else {}
        for seat, change in tangled:
            if any(vector.get(client, 0) < end for client, _, end in change.runs):
                raise Broken(seat, "gap")


def _copy(doc: Doc[Map[Any]]) -> Doc[Map[Any]]:
    copy: Doc[Map[Any]] = Doc()
    copy.apply_update(doc.get_update())
    return copy


class _Flying(Struct):
    """What is being stored; `marks`: seat → how many of its messages are durable then."""

    edits: list[Edit]
    marks: dict[int, int]


class Room(Audience):
    """A document with its seats. `source` names this gateway in what it stores; `allows` says which roots there may be.

    Whoever drives it takes `out` after each call, stores what `flush` gives and then calls `stored`, hands what the
    stream tells to `follow`, and answers a `Reload` with `load`.
    """

    def __init__(self, source: str, allows: Callable[[str], bool], limits: Limits | None = None) -> None:
        super().__init__()
        self.source, self.limits = source, limits or Limits()
        self.loading = True
        self.epoch = self.sequence = self._acknowledged = 0
        self._allows = allows
        self._replica = Replica()
        self._intake = Intake(self.limits, lambda: len(self._replica.missing(_EMPTY)))
        self._heard: list[Stored] = []
        self._flying: _Flying | None = None
        self._outdated, self._again = "", False
        self._asking: dict[int, tuple[bytes, float]] = {}  # state vectors of those who wait for step 2, and since when

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

    # -- seats

    def join(self, seat: Seat) -> None:
        self.seats[seat.number] = seat
        if not self.loading:
            self._greet(seat)

    def _greet(self, seat: Seat) -> None:
        """A writer is asked for what she has; everybody hears who is here."""
        seat.greeted = True
        if not seat.reading:
            self.out.append(Send((seat.number,), protocol.step_1(self._replica.vector())))
        self.out.append(Send((seat.number,), protocol.awareness(self.presence.everybody())))

    # -- what comes in

    def receive(self, number: int, frame: bytes, now: float) -> int:
        """One frame of a seat; how many messages to charge for it: an echo of awareness is free."""
        if (seat := self.seats.get(number)) is None:
            return 0
        try:
            return self._take(seat, protocol.read(frame), now)
        except Malformed as error:
            self.dismiss(number, Closing.REFUSED, f"malformed: {error}")
        return 1

    def _take(self, seat: Seat, message: Message, now: float) -> int:
        kind, payload = message
        if kind is Kind.AWARENESS:
            return self.presence.hear(seat.number, seat.who, payload)
        if kind is Kind.QUERY_AWARENESS:
            self.out.append(Send((seat.number,), protocol.awareness(self.presence.everybody())))
        elif kind is Kind.STEP_1:
            protocol.state_vector(payload)
            self._asking[seat.number] = payload, now
            self._answer()
        elif seat.reading:
            self._read_only(seat, message)
        else:
            seat.received += 1
            client = self.presence.client_of(seat.number)
            self._write(seat, Arrived(seat.number, seat.who.person, kind, payload, seat.received, client))
        return 1

    def _answer(self) -> None:
        """Step 2 comes from durable state only, so it waits while anything is being stored."""
        if self._asking and not self.loading and not self._flying:
            asking, self._asking = self._asking, {}
            for number, (vector, _) in asking.items():
                self.out.append(Send((number,), protocol.step_2(self._replica.missing(vector))))

    def _read_only(self, seat: Seat, message: Message) -> None:
        """A reader's step 2 is no write unless it holds structs that the document lacks."""
        if message.kind is Kind.STEP_2 and (
            self.loading or not self._intake.ledger.brings(scan(message.payload, WHOLE))
        ):
            return
        old = seat.reading == "old_client"
        self.dismiss(seat.number, Closing.OLD_CLIENT if old else Closing.RIGHT_GONE, seat.reading)

    def _write(self, seat: Seat, arrived: Arrived) -> None:
        """Before its step 2 a client may already type upon what it wrote without network: that waits for the step 2."""
        if self.loading:
            self._intake.hold(arrived)
        elif arrived.kind is Kind.STEP_2:
            early, seat.early, seat.synced = seat.early, [], True
            for each in [arrived, *early]:
                self._admit(each)
        elif not seat.synced and (seat.early or self._intake.ahead(arrived)):
            seat.early.append(arrived)
            if sum(len(each.update) for each in seat.early) > self.limits.frame:
                self.dismiss(seat.number, Closing.REFUSED, "gap")
        else:
            self._admit(arrived)

    def _admit(self, arrived: Arrived) -> None:
        try:
            self._intake.admit(arrived)
        except Malformed as error:
            self.dismiss(arrived.seat, Closing.REFUSED, f"malformed: {error}")
        except Refused as error:
            code = Closing.TOO_BIG if str(error) == "too_big" else Closing.REFUSED
            self.dismiss(arrived.seat, code, str(error))

    # -- storing

    def flush(self) -> Edits | None:
        """Applies what waits and gives it for storing; None while something is being stored or if nothing changes."""
        if self.loading or self._flying or not self._intake:
            return None
        batch = self._intake.cut()
        try:
            edits = [self._apply(person, list(group)) for person, group in groupby(sorted(batch, key=_by), key=_by)]
        except Broken as broken:
            self._mend(broken, batch)
            return None
        edits = [edit for edit in edits if edit.update != NOTHING]
        marks: dict[int, int] = {}
        for arrived, *_ in batch:
            marks[arrived.seat] = max(arrived.nth, marks.get(arrived.seat, 0))
        self._flying = _Flying(edits, marks)
        if not edits:
            self.stored(self._acknowledged)
            return None
        return Edits(FORM, self.epoch, self.source, edits)

    def _apply(self, person: str, group: list[Checked]) -> Edit:
        update = self._replica.apply([(each.arrived.seat, each.arrived.update, each.change) for each in group])
        clients = tuple(client for each in group for client in each.clients)
        return Edit(person, update, clients, any(each.returned for each in group))

    def _mend(self, broken: Broken, batch: list[Checked]) -> None:
        """Nothing of the batch is stored: the document is loaded anew, and what the others sent is checked again."""
        self._intake.doubt(batch, broken.seat)
        if broken.seat is not None:
            self.dismiss(broken.seat, Closing.REFUSED, str(broken))
        self._reload(str(broken))

    def _reload(self, reason: str) -> None:
        if self.loading:  # what is being loaded may have been read before
            self._again = True
            return
        self.loading = True
        self._intake.doubt([])
        self.out.append(Reload(reason))

    def stored(self, sequence: int) -> None:
        """What `flush` gave is durable as message `sequence` of the stream."""
        flying, self._flying = self._flying, None
        assert flying is not None
        self._acknowledged = sequence
        if flying.edits:
            author = next(iter(flying.marks)) if len(flying.marks) == 1 else None
            self._spread([edit.update for edit in flying.edits], author)
        for number, count in flying.marks.items():
            if (seat := self.seats.get(number)) and seat.own:
                self.out.append(Send((number,), protocol.saved(count)))
        if self._outdated:
            self._reload(self._outdated)
            self._outdated = ""
        self._answer()

    def _spread(self, updates: list[bytes], author: int | None = None) -> None:
        self._intake.size += sum(map(len, updates))
        update = merge_updates(*updates) if len(updates) > 1 else updates[0]
        seats = [number for number in self.seats if number != author]
        if seats:
            self.out.append(Send(seats, protocol.update(update)))

    # -- what is stored

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
            produced = [_replay(edit, self._replica, self._intake.ledger) for edit in edits.edits]
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

    def load(self, loaded: Loaded) -> None:
        """Takes what is stored, then what arrived meanwhile. Raises `Incomplete`; the room goes on loading then."""
        if self._again:
            self._again = False
            raise Incomplete("it has changed meanwhile")
        snapshot = loaded.snapshot or Snapshot(FORM, 0, "", 0, NOTHING, {})
        epoch, sequence = snapshot.epoch, 0 if loaded.lost else snapshot.sequence
        replica = Replica(snapshot.state)
        ledger = _ledger(snapshot, replica.vector(), self._allows)
        skipped = False
        for message in [*loaded.tail, *self._heard]:
            if message.edits.epoch > epoch:
                raise Incomplete("the document was seeded again, and its snapshot is not there")
            if message.sequence > sequence:
                sequence = message.sequence
                if message.edits.epoch == epoch:
                    skipped = _rebuild(message.edits, replica, ledger, skipped)
        self._replica, self.epoch, self.sequence = replica, epoch, sequence
        self._acknowledged = sequence
        self._heard.clear()
        self.loading = False
        for arrived in self._intake.begin(ledger, len(replica.missing(_EMPTY)), returning=loaded.lost):
            if seat := self.seats.get(arrived.seat):
                self._write(seat, arrived)
            else:  # gone, and what it sent is stored all the same
                self._admit(arrived)
        for seat in list(self.seats.values()):
            if not seat.greeted:
                self._greet(seat)
        self._answer()

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

    def tick(self, now: float) -> None:
        """To be called often: tells on who is here, at most ten times a second, and lets nobody wait for ever."""
        if self.presence.changed and now - self.spoke >= self.limits.presence_every:
            self.announce(self.presence.told(), now)
        elif now - self.spoke >= self.limits.silence:  # y-websocket gives up after 30 s without a message
            self.announce(_EMPTY, now)
        for number in [number for number, (_, since) in self._asking.items() if now - since > self.limits.patience]:
            del self._asking[number]
            self.dismiss(number, Closing.LATER, "not durable yet")


def _by(checked: Checked) -> str:
    return checked.arrived.person


def _ledger(snapshot: Snapshot, vector: bytes, allows: Callable[[str], bool]) -> Ledger:
    if snapshot.index:
        return Ledger(protocol.state_vector(vector), snapshot.owners, allows, snapshot.index)
    ledger, whole = Ledger({}, snapshot.owners, allows), scan(snapshot.state, TRUSTED)
    ledger.check(whole, "", foreign=True)
    ledger.enter(whole, "", ())
    return ledger


def _replay(edit: Edit, replica: Replica, ledger: Ledger) -> bytes:
    change = scan(edit.update, TRUSTED)
    ledger.check(change, edit.person, foreign=edit.returned)
    ledger.enter(change, edit.person, edit.clients)
    return replica.apply([(None, edit.update, change)])


def _rebuild(edits: Edits, replica: Replica, ledger: Ledger, skipped: bool) -> bool:
    """Replays what is stored; whether anything had to be left out because its client id was taken by a message before.

    Every gateway leaves out the same. What lies upon it is left out, too; without such a reason a hole is a hole.
    """
    for edit in edits.edits:
        try:
            _replay(edit, replica, ledger)
        except Foreign:
            skipped = True
        except (Refused, Malformed, Broken) as error:
            if not skipped:
                raise Incomplete(str(error)) from error
    return skipped
