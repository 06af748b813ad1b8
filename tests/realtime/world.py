"""A small world without any network: rooms of two gateways over one log, and clients as y-websocket has them."""

from collections import deque
from itertools import count

from pycrdt import Doc, Text

from services.realtime.sync import protocol
from services.realtime.sync.awareness import Person
from services.realtime.sync.intake import Limits
from services.realtime.sync.lib0 import Reader, blob, uint
from services.realtime.sync.room import Room
from services.realtime.sync.seats import Close, Reload, Seat, Send
from services.realtime.sync.shapes import SHAPES
from shared.bus.edits import Edits, Loaded, Snapshot, Stored

ROOT = "work"


def person(name: str) -> Person:
    return Person(person=f"p-{name}", name=name, hue=1)


class Log:
    """The stream of one document, and its snapshot."""

    def __init__(self) -> None:
        self.messages: list[Stored] = []
        self.snapshot: Snapshot | None = None

    def publish(self, edits: Edits) -> int:
        self.messages.append(Stored(len(self.messages) + 1, edits))
        return len(self.messages)

    def load(self) -> Loaded:
        after = self.snapshot.sequence if self.snapshot else 0
        return Loaded(self.snapshot, self.messages[after:])

    def replayed(self) -> Doc:
        """The document by pure replay."""
        doc: Doc = Doc()
        for message in self.messages:
            for edit in message.edits.edits:
                doc.apply_update(edit.update)
        return doc


class Hall:
    """What drives one room: it stores when told to, and hands frames to the clients' inboxes."""

    def __init__(self, log: Log, source: str, limits: Limits | None = None) -> None:
        self.log, self.room = log, Room(source, SHAPES["plan"].allows, limits)
        self.clients: dict[int, Client] = {}
        self._numbers = count(1)
        self.flying: Edits | None = None
        self.heard = len(log.messages)
        self.reloads: list[str] = []
        self.now = 0.0
        self.room.load(log.load())
        self.carry()

    def sit(self, client: "Client", *, reading: str = "", own: bool = True, only: frozenset[str] | None = None) -> int:
        number = next(self._numbers)
        self.clients[number] = client
        self.room.join(Seat(number=number, who=client.who, reading=reading, own=own, only=only))
        self.carry()
        return number

    def receive(self, number: int, frame: bytes) -> int:
        charge = self.room.receive(number, frame, self.now)
        self.carry()
        return charge

    def store(self, *, acknowledge: bool = True) -> None:
        """Stores what waits; without `acknowledge` the answer is on its way until `acknowledged`."""
        if self.flying is None:
            self.flying = self.room.flush()
            self.carry()
            if self.flying:
                self.sequence = self.log.publish(self.flying)
        if acknowledge:
            self.acknowledged()

    def acknowledged(self) -> None:
        if self.flying:
            self.flying = None
            self.room.stored(self.sequence)
            self.carry()

    def follow(self) -> None:
        """Hears the next message of the stream."""
        if self.heard < len(self.log.messages):
            self.heard += 1
            self.room.follow(self.log.messages[self.heard - 1])
            self.carry()

    def tick(self, now: float) -> None:
        self.now = now
        self.room.tick(now)
        self.carry()

    def settle(self) -> None:
        while not self.room.settled or self.flying or self.heard < len(self.log.messages):
            self.store()
            self.follow()

    def carry(self) -> None:
        """Takes the room's wishes out; a reload is answered from the log at once."""
        while self.room.out:
            out, self.room.out = self.room.out, []
            for wish in out:
                match wish:
                    case Send(seats, message):
                        for number in seats:
                            self.clients[number].inbox.append(message)
                    case Close(seat, code, reason):
                        self.clients[seat].closed = (code, reason)
                    case Reload(reason):
                        self.reloads.append(reason)
                        self.room.load(self.log.load())


class Client:
    """A document in a page. `outbox` holds what it wants to send, `inbox` what has come for it."""

    def __init__(self, name: str, number: int) -> None:
        self.who = person(name)
        self.doc: Doc[Text] = Doc(client_id=number)
        self.number = number
        self.text = self.doc.get(ROOT, type=Text)
        self.outbox: deque[bytes] = deque()
        self.inbox: deque[bytes] = deque()
        self.hall: Hall | None = None
        self.seat = 0
        self.closed: tuple[int, str] | None = None
        self.saved = self.clock = 0
        self.denied: list[str] = []
        self.live: list[bytes] = []
        self.states: dict[int, bytes] = {}
        self._applying = False
        self.doc.observe(lambda event: self._changed(event.update))

    def connect(self, hall: Hall, *, reading: str = "", own: bool = True, only: frozenset[str] | None = None) -> None:
        self.outbox.clear()
        self.inbox.clear()
        self.hall, self.closed, self.saved = hall, None, 0
        self.seat = hall.sit(self, reading=reading, own=own, only=only)
        self.outbox.append(protocol.step_1(self.doc.get_state()))

    def cut(self) -> None:
        """The connection breaks; what is under way is lost."""
        if self.hall:
            self.hall.room.leave(self.seat)
            self.hall = None
        self.outbox.clear()
        self.inbox.clear()

    def type(self, text: str, at: int = 0) -> None:
        self.text.insert(min(at, len(str(self.text))), text)

    def send(self, frame: bytes) -> None:
        assert self.hall
        self.hall.receive(self.seat, frame)

    def move(self, state: bytes = b'{"cursor":1}', client: int | None = None, clock: int | None = None) -> int:
        """Tells where it is; what the room charges."""
        assert self.hall
        self.clock += 1
        entry = uint(self.number if client is None else client) + uint(self.clock if clock is None else clock)
        return self.hall.receive(self.seat, protocol.awareness(b"\x01" + entry + blob(state)))

    def step(self) -> bool:
        """Sends one frame or takes one; False if there is nothing to do."""
        if self.outbox and self.hall and not self.closed:
            self.hall.receive(self.seat, self.outbox.popleft())
        elif self.inbox:
            self._take(self.inbox.popleft())
        else:
            return False
        return True

    def settle(self) -> None:
        while self.step():
            pass

    def _changed(self, update: bytes) -> None:
        if not self._applying and self.hall:
            self.outbox.append(protocol.update(update))

    def _take(self, frame: bytes) -> None:
        reader = Reader(frame)
        match reader.uint():
            case 0:
                self._sync(reader.uint(), reader.blob())
            case 1:
                self._aware(Reader(reader.blob()))
            case 100:
                self.saved = reader.uint()
            case 101:
                self.denied.append(reader.text())
            case 102:
                self.live.append(reader.blob())

    def _sync(self, kind: int, payload: bytes) -> None:
        if kind == 0:
            self.outbox.append(protocol.step_2(self.doc.get_update(payload)))
        else:
            self._applying = True
            self.doc.apply_update(payload)
            self._applying = False

    def _aware(self, reader: Reader) -> None:
        for _ in range(reader.uint()):
            client, _, state = reader.uint(), reader.uint(), reader.blob()
            self.states[client] = state
