"""Websockets: who is let in, and how bytes get in and out; the only place that knows the websockets library."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import OPEN, Event
from websockets.typing import BytesLike, Subprotocol

from services.realtime.sync.allowance import Allowance
from services.realtime.sync.door import Door, Entry
from services.realtime.sync.hall import Hall
from services.realtime.sync.persistence import Keeper
from services.realtime.sync.protocol import SUBPROTOCOL, TICKET, Closing
from shared.access.tickets import Ticket

log = structlog.get_logger()

LARGEST = 1_000_000 + 1024  # a step 2 may be as big as a document
FRAGMENTS = 1_024
PIECE = 8 * 1024
OUTBOUND = 4 * 1024 * 1024
OPENING_SECONDS, CLOSING_SECONDS = 5, 2
_STEP_2 = b"\x00\x01"


class Socket(ServerConnection):
    """One websocket. What arrives goes to its room without a queue or a task in between; what goes out has one bounded
    buffer, the transport's."""

    ticket: Ticket
    own: bool

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._release: Callable[[], None] | None = None  # gives its place back
        self._looking: asyncio.TimerHandle | None = None
        self._number = 0
        self._keeper: Keeper | None = None
        self._early: deque[bytes] = deque()  # messages that wait
        self._parts: list[bytes] = []
        self._holds: set[str] = set()
        self._rest = bytearray()  # what has been read and not yet been taken
        self._next: asyncio.Handle | None = None
        self._allowance = Allowance(self.loop.time())
        self._whole_text_came = False
        self._heard = self.loop.time()

    # -- out

    def push(self, frames: bytes) -> None:
        """Sends whole frames. A reader that does not read is sent away: it can come back and catch up."""
        if self.protocol.state is not OPEN:
            return
        if self.transport.get_write_buffer_size() + len(frames) > OUTBOUND:
            self.end(Closing.LATER, "too slow")
        else:
            self.transport.write(frames)

    def end(self, code: Closing, reason: str) -> None:
        """Begins to close; who does not answer in time is cut off."""
        if self.protocol.state is OPEN:
            if code not in _USUAL:
                who = {"document": self.ticket.document, "person": self.ticket.person}
                log.info("sent away", municipality=self.ticket.municipality, **who, code=int(code), reason=reason)
            self.protocol.fail(code, reason)
            self.send_data()
            for why in list(self._holds):  # so that the end of the connection is seen
                self.hold(why, False)
            self.loop.call_later(CLOSING_SECONDS, self.transport.abort)

    # -- in

    def hold(self, why: str, held: bool) -> None:
        """Stops reading while there is any reason to."""
        before = bool(self._holds)
        held = held and self.protocol.state is OPEN
        (self._holds.add if held else self._holds.discard)(why)
        if before is not bool(self._holds) and not self.transport.is_closing():
            (self.transport.pause_reading if self._holds else self.transport.resume_reading)()
        if (self._rest or self._early) and self._next is None and not self._holds - {_REST}:
            self._next = self.loop.call_soon(self._take_piece)

    def data_received(self, data: bytes) -> None:
        """What was read at once is taken in pieces: thousands of tiny frames would keep everybody else waiting."""
        if self.protocol.state is not OPEN or (len(data) <= PIECE and not self._rest):
            rest, self._rest = bytes(self._rest), bytearray()
            super().data_received(rest + data if rest else data)
        else:
            self._rest += data
            self.hold(_REST, True)

    def _take_piece(self) -> None:
        self._next = None
        while self._early and not self._waits() and self.protocol.state is OPEN:
            self._hand_on(self._early.popleft())
        if self._waits() or self.transport.is_closing():
            return
        piece, self._rest = bytes(self._rest[:PIECE]), self._rest[PIECE:]
        super().data_received(piece)
        self.hold(_REST, bool(self._rest))

    def come_in(self, entry: Entry) -> None:
        self.ticket, self.own, self._release = entry
        if self.transport.is_closing():  # gone while the ticket was checked
            entry.release()

    def take_seat(self, number: int, keeper: Keeper) -> None:
        """From now on what arrives is the room's, beginning with what has arrived already."""
        self._number, self._keeper = number, keeper
        self._look(keeper.room.limits.idle)

    def process_event(self, event: Event) -> None:
        if self.request is None or not isinstance(event, Frame) or event.opcode is Opcode.CLOSE:
            super().process_event(event)
        elif event.opcode not in _DATA:  # each ping is answered, and answers wait for who does not read them
            super().process_event(event)
            self._charge(1, event.data, self.loop.time())
        elif event.opcode is Opcode.TEXT:
            self.end(Closing.REFUSED, "text")
        elif event.fin and not self._parts:
            self._receive(bytes(event.data))
        else:
            self._parts.append(bytes(event.data))
            if event.fin:
                message, self._parts = b"".join(self._parts), []
                self._receive(message)
            elif len(self._parts) > FRAGMENTS:
                self.end(Closing.TOO_BIG, "fragments")

    def _waits(self) -> bool:
        return self._keeper is None or bool(self._holds and self._holds - {_REST})

    def _receive(self, message: bytes) -> None:
        """Many tiny frames are read at once: what is behind the one that was too much waits as well."""
        if not (self._early or self._waits()):
            self._hand_on(message)
            return
        self._early.append(message)
        if sum(len(each) + _BESIDES for each in self._early) > 2 * LARGEST:
            self._early.clear()
            self.transport.abort()

    def _hand_on(self, message: bytes) -> None:
        assert self._keeper
        self._heard = now = self.loop.time()
        room = self._keeper.room
        charge = room.receive(self._number, message, now)
        if room.presence.changed:
            room.tick(now)
        self._keeper.stir()
        if charge:
            self._charge(charge, message, now)

    def _charge(self, messages: int, message: BytesLike, now: float) -> None:
        size = len(message)
        if message[:2] == _STEP_2 and not self._whole_text_came:
            self._whole_text_came, size = True, 0
        wait = self._allowance.take(messages, size, now)
        if wait:
            if self._allowance.over(now):
                self.end(Closing.TOO_MUCH, "too much")
            elif "limit" not in self._holds:
                self.hold("limit", True)
                self.loop.call_later(wait, self.hold, "limit", False)

    # -- the end

    def _look(self, idle: float) -> None:
        """Ends a socket from which nothing has come for long: its session may have ended since."""
        left = self._heard + idle - self.loop.time()
        if left <= 0:
            self.end(Closing.IDLE, "idle")
        elif self.protocol.state is OPEN:
            self._looking = self.loop.call_later(left, self._look, idle)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._release:
            self._release()
        if self._looking:
            self._looking.cancel()


_USUAL = (Closing.RESTART, Closing.IDLE)  # nobody need look into these
_BESIDES = 1_024  # what a message costs beside its bytes, generously: nobody has a reason to send before she is in
_REST = "rest"  # the reason to read no more while some is left
_DATA = (Opcode.BINARY, Opcode.TEXT, Opcode.CONT)


class Host:
    """Lets sockets through the door into the hall, and stays with them until they go."""

    def __init__(self, hall: Hall, door: Door) -> None:
        self._hall, self._door = hall, door

    async def ask(self, connection: ServerConnection, request: Request) -> Response | None:
        """The answer that refuses, or None."""
        assert isinstance(connection, Socket)
        if request.path == "/health":
            return connection.respond(HTTPStatus.OK, "ok\n")
        found = await self._door.ask(request.path, request.headers.get_all, connection.remote_address)
        if isinstance(found, HTTPStatus):
            log.info("refused", status=found.value, path=request.path[:100])
            return connection.respond(found, f"{found.phrase}\n")
        connection.come_in(found)
        return None

    async def serve(self, connection: ServerConnection) -> None:
        """The life of a socket that was let in."""
        assert isinstance(connection, Socket)
        connection.hold("entering", True)
        number = await self._hall.enter(connection)
        try:
            if number is None:
                connection.end(Closing.LATER, "later")
            else:
                connection.take_seat(number, self._hall.sit(number, own=connection.own))
                connection.hold("entering", False)
            await connection.wait_closed()
        finally:
            if number is not None:
                self._hall.leave(number)


def choose(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """`gemeinwerk.v1` where it is offered, and never the ticket beside it.

    Browsers and `ws` close a connection on which none of the offered subprotocols was chosen. So a plain Yjs client
    that offers its ticket alone gets that back: it has been spent by then and is worth nothing any more.
    """
    names = [name for name in offered if not name.startswith(TICKET)]
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else next(iter([*names, *offered]), None)


def _silent() -> logging.Logger:
    """Thousands of handshakes that nobody ends are no news, and to write each down costs more than it costs to ask."""
    logger = logging.getLogger("gemeinwerk.websockets")
    logger.setLevel(logging.CRITICAL)
    return logger


async def listen(hall: Hall, door: Door, address: str, port: int) -> Server:
    """Serves websockets on `address` and `port` (0: any)."""
    host = Host(hall, door)
    return await serve(
        host.serve,
        address,
        port,
        process_request=host.ask,
        select_subprotocol=choose,
        create_connection=Socket,
        compression=None,  # a deflate bomb finds nothing to blow up; frames are made once for all
        server_header=None,
        logger=_silent(),
        max_size=LARGEST,
        open_timeout=OPENING_SECONDS,
        close_timeout=CLOSING_SECONDS,
        backlog=1_024,
    )
