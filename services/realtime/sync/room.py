"""One document and everybody in it, without any I/O: bytes in, addressed bytes out.

The order is the promise: check, apply, store, acknowledged; then the authors hear `saved` and everybody the update.
What others have seen is durable. What arrives while something is being stored is applied and stored together next.
"""

from collections.abc import Callable
from itertools import groupby

from services.realtime.sync import protocol
from services.realtime.sync.awareness import LARGEST
from services.realtime.sync.intake import Checked, Limits
from services.realtime.sync.ledger import Refused
from services.realtime.sync.lib0 import Malformed
from services.realtime.sync.memory import Flying, Memory
from services.realtime.sync.protocol import NOTHING, Closing, Kind, Message
from services.realtime.sync.replica import EMPTY, Broken
from services.realtime.sync.seats import Arrived, Seat, Send
from services.realtime.sync.update import WHOLE, scan
from shared.bus.edits import FORM, Edit, Edits, Loaded

_FREE = 60  # echoes that answer nothing
_CODES = {"too_big": Closing.TOO_BIG, "comments_only": Closing.RIGHT_GONE}  # of refusals; REFUSED for all others


class Room(Memory):
    """A document with its seats. `source` names this gateway in what it stores; `allows` says which roots there may be.

    Whoever drives it takes `out` after each call, stores what `flush` gives and then calls `stored`, hands what the
    stream tells to `follow`, and answers a `Reload` with `load`.
    """

    def __init__(self, source: str, allows: Callable[[str], bool], limits: Limits | None = None) -> None:
        super().__init__(source, allows, limits or Limits())
        self._asking: dict[int, tuple[bytes, float]] = {}  # state vectors of those who wait for step 2, and since when
        self._now = 0.0

    # -- seats

    def join(self, seat: Seat) -> None:
        self.seats[seat.number] = seat
        seat.echoed = self.told - LARGEST  # a client also repeats whom it has not heard of for long
        seat.echoes = self.tellings - _FREE
        if not self.loading:
            self._greet(seat)

    def _greet(self, seat: Seat) -> None:
        """A writer is asked for what she has; everybody hears who is here."""
        seat.greeted = True
        if not seat.reading:
            self.out.append(Send((seat.number,), protocol.step_1(self._replica.vector())))
        self._introduce(seat)

    def _introduce(self, seat: Seat) -> None:
        states = self.presence.everybody()
        seat.echoed -= len(states)
        seat.echoes -= 1
        self.out.append(Send((seat.number,), protocol.awareness(states)))

    def leave(self, number: int) -> None:
        super().leave(number)
        self._asking.pop(number, None)

    # -- what comes in

    def receive(self, number: int, frame: bytes, now: float) -> int:
        """One frame of a seat; how many messages to charge for it: an echo of awareness is free."""
        if (seat := self.seats.get(number)) is None:
            return 0
        self._now = now
        try:
            return self._take(seat, protocol.read(frame))
        except Malformed as error:
            self.dismiss(number, Closing.REFUSED, f"malformed: {error}")
        return 1

    def _take(self, seat: Seat, message: Message) -> int:
        kind, payload = message
        if kind is Kind.AWARENESS:
            return self.presence.hear(seat.number, seat.who, payload) or self._echo(seat, len(payload))
        if kind is Kind.QUERY_AWARENESS:
            self._introduce(seat)
        elif kind is Kind.STEP_1:
            protocol.state_vector(payload)
            self._asking[seat.number] = payload, self._now
            self._answer()
        elif seat.reading:
            self._read_only(seat, message)
        else:
            seat.received += 1
            client = self.presence.client_of(seat.number)
            arrived = Arrived(seat.number, seat.who.person, kind, payload, seat.received, client, seat.only)
            return 1 + self._write(seat, arrived)
        return 1

    def _echo(self, seat: Seat, size: int) -> int:
        """What goes beyond what there was to be echoed is charged."""
        seat.echoed += size
        seat.echoes += 1
        return int(seat.echoed > self.told or seat.echoes > self.tellings)

    def _answer(self) -> None:
        """Step 2 comes from durable state only, so it waits while anything is being stored; and who asks again at once
        waits, too, since the answer may be a whole document."""
        if not self._asking or self.loading or self._flying:
            return
        before = self._now - self.limits.answer_every
        together: dict[bytes, list[int]] = {}
        for seat in [self.seats[number] for number in self._asking if self.seats[number].answered <= before]:
            vector, _ = self._asking.pop(seat.number)
            seat.answered = self._now
            together.setdefault(vector, []).append(seat.number)
        for vector, numbers in together.items():
            self.out.append(Send(numbers, protocol.step_2(self._replica.missing(vector))))

    def _read_only(self, seat: Seat, message: Message) -> None:
        """A reader's step 2 is no write unless it holds structs that the document lacks."""
        if message.kind is Kind.STEP_2 and (
            self.loading or not self._intake.ledger.brings(scan(message.payload, WHOLE))
        ):
            return
        old = seat.reading == "old_client"
        self.dismiss(seat.number, Closing.OLD_CLIENT if old else Closing.RIGHT_GONE, seat.reading)

    def _write(self, seat: Seat, arrived: Arrived) -> int:
        """Before its step 2 a client may already type upon what it wrote without network: that waits for the step 2.

        Gives for how many more messages it counts.
        """
        if self.loading:
            self._intake.hold(arrived)
        elif arrived.kind is Kind.STEP_2:
            ordered, seat.early, seat.synced = [arrived, *seat.early], [], True
            counting = [each._replace(nth=0) for each in ordered[:-1]]  # all of them are durable with the last one
            return sum(self._admit(each) for each in [*counting, ordered[-1]._replace(nth=arrived.nth)])
        elif not seat.synced and (seat.early or self._intake.ahead(arrived)):
            seat.early.append(arrived)
            if sum(len(each.update) for each in seat.early) > self.limits.frame:
                self.dismiss(seat.number, Closing.REFUSED, "gap")
        else:
            return self._admit(arrived)
        return 0

    def _admit(self, arrived: Arrived) -> int:
        try:
            return self._intake.admit(arrived)
        except Malformed as error:
            self.dismiss(arrived.seat, Closing.REFUSED, f"malformed: {error}")
        except Refused as error:
            self.dismiss(arrived.seat, _CODES.get(str(error), Closing.REFUSED), str(error))
        return 0

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
        self._flying = Flying(edits, marks)
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
                self.out.append(Send((number,), protocol.saved(count, sequence)))
        if self._outdated:
            self._reload(self._outdated)
            self._outdated = ""
        self._answer()

    def load(self, loaded: Loaded) -> None:
        """Takes what is stored, then what arrived meanwhile. Raises `Incomplete`; the room goes on loading then."""
        for arrived in self._take_over(loaded):
            if seat := self.seats.get(arrived.seat):
                self._write(seat, arrived)
            else:  # gone, and what it sent is stored all the same
                self._admit(arrived)
        for seat in list(self.seats.values()):
            if not seat.greeted:
                self._greet(seat)
        self._answer()

    # -- time

    def tick(self, now: float) -> None:
        """To be called often: tells on who is here, at most ten times a second, and lets nobody wait for ever."""
        self._now = now
        self._answer()
        if self.presence.changed and now - self.spoke >= self.limits.presence_every:
            self.announce(self.presence.told(), now)
        elif now - self.spoke >= self.limits.silence:  # y-websocket gives up after 30 s without a message
            self.announce(EMPTY, now)
        for number in [number for number, (_, since) in self._asking.items() if now - since > self.limits.patience]:
            del self._asking[number]
            self.dismiss(number, Closing.LATER, "not durable yet")


def _by(checked: Checked) -> str:
    return checked.arrived.person
