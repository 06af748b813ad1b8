"""Websockets: who is let in, and how bytes get in and out; the only place that knows the websockets library."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from http import HTTPStatus
from struct import pack
from typing import Any

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import OPEN, Event
from websockets.typing import Subprotocol

from services.realtime.sync.allowance import Allowance
from services.realtime.sync.hall import Hall
from services.realtime.sync.persistence import Keeper
from services.realtime.sync.protocol import SUBPROTOCOL, TICKET, Closing
from services.realtime.sync.shapes import MUNICIPALITY, shape_of
from shared.access.limits import Network, neighbourhood, trusted_address
from shared.access.tickets import BadTicket, Ticket, verify

log = structlog.get_logger()

LARGEST = 1_000_000 + 1024  # a step 2 may be as big as a document
FRAGMENTS = 1_024
OUTBOUND = 4 * 1024 * 1024
OPENING_SECONDS, CLOSING_SECONDS, BROKER_SECONDS = 5, 2, 3
PER_PERSON, PER_ADDRESS = 30, 1_000
_STEP_2 = b"\x00\x01"

Spend = Callable[[str], Awaitable[bool]]


def binary_frame(message: bytes) -> bytes:
    """The frame of a binary message from a server: unmasked, not compressed, whole (RFC 6455, 5.2)."""
    size = len(message)
    if size < 126:
        return pack("!BB", 0x82, size) + message
    return (pack("!BBH", 0x82, 126, size) if size < 65_536 else pack("!BBQ", 0x82, 127, size)) + message


class Socket(ServerConnection):
    """One websocket. What arrives goes to its room without a queue or a task in between; what goes out has one bounded
    buffer, the transport's."""

    ticket: Ticket
    own = True

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.counted: dict[str, int] = {}
        self._number = 0
        self._keeper: Keeper | None = None
        self._early: list[bytes] = []
        self._parts: list[bytes] = []
        self._holds: set[str] = set()
        self._allowance = Allowance(self.loop.time())
        self._whole_text_came = False

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

    def take_seat(self, number: int, keeper: Keeper) -> None:
        """From now on what arrives is the room's, beginning with what has arrived already."""
        self._number, self._keeper = number, keeper
        early, self._early = self._early, []
        for message in early:
            self._receive(message)

    def process_event(self, event: Event) -> None:
        if self.request is None or not isinstance(event, Frame) or event.opcode not in _DATA:
            super().process_event(event)
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

    def _receive(self, message: bytes) -> None:
        if self._keeper is None:
            self._early.append(message)
            return
        now = self.loop.time()
        room = self._keeper.room
        charge = room.receive(self._number, message, now)
        if room.presence.changed:
            room.tick(now)
        self._keeper.stir()
        if charge:
            self._charge(charge, message, now)

    def _charge(self, messages: int, message: bytes, now: float) -> None:
        size = len(message)
        if message.startswith(_STEP_2) and not self._whole_text_came:
            self._whole_text_came, size = True, 0
        wait = self._allowance.take(messages, size, now)
        if wait:
            if self._allowance.over(now):
                self.end(Closing.TOO_MUCH, "too much")
            elif "limit" not in self._holds:
                self.hold("limit", True)
                self.loop.call_later(wait, self.hold, "limit", False)


_DATA = (Opcode.BINARY, Opcode.TEXT, Opcode.CONT)


class Door:
    """Lets in who comes from one of `origins`, with a ticket of one of `keys` for the document of the path that nobody
    has used; everybody else hears an HTTP status before there is a websocket."""

    def __init__(
        self,
        hall: Hall,
        spend: Spend,
        keys: Sequence[bytes],
        origins: Collection[str],
        proxies: Sequence[Network] = (),
    ) -> None:
        self._hall, self._spend, self._keys, self._origins = hall, spend, tuple(keys), frozenset(origins)
        self._proxies = tuple(proxies)
        self._open: Counter[str] = Counter()

    async def ask(self, connection: ServerConnection, request: Request) -> Response | None:
        """The answer that refuses, or None. The ticket is spent last: who is refused can use it elsewhere."""
        assert isinstance(connection, Socket)
        if request.path == "/health":
            return connection.respond(HTTPStatus.OK, "ok\n")
        status = self._check(connection, request)
        if status is None:
            try:
                async with asyncio.timeout(BROKER_SECONDS):
                    fresh = await self._spend(connection.ticket.nonce)
            except Exception as error:
                log.warning("ticket not checked", error=type(error).__name__)
                status = HTTPStatus.SERVICE_UNAVAILABLE
            else:
                status = None if fresh else HTTPStatus.UNAUTHORIZED
        if status is not None:
            log.info("refused", status=status.value, path=request.path[:100])
            return connection.respond(status, f"{status.phrase}\n")
        return None

    def _check(self, socket: Socket, request: Request) -> HTTPStatus | None:
        if request.headers.get_all("Origin") not in [[origin] for origin in self._origins]:
            return HTTPStatus.FORBIDDEN
        place = request.path.split("/")
        if len(place) != 3 or place[0] or not MUNICIPALITY.fullmatch(place[1]) or not shape_of(place[2]):
            return HTTPStatus.NOT_FOUND
        offered = [
            each.strip() for line in request.headers.get_all("Sec-WebSocket-Protocol") for each in line.split(",")
        ]
        tokens = [each.removeprefix(TICKET) for each in offered if each.startswith(TICKET)]
        try:
            ticket = verify(self._keys, tokens[0] if len(tokens) == 1 else "", time.time())
        except BadTicket:
            return HTTPStatus.UNAUTHORIZED
        if [ticket.municipality, ticket.document] != place[1:] or self._hall.revoked(ticket):
            return HTTPStatus.FORBIDDEN
        socket.ticket, socket.own = ticket, SUBPROTOCOL in offered
        socket.counted = self._counted(socket, request, ticket)
        full = any(self._open[key] >= limit for key, limit in socket.counted.items())
        return HTTPStatus.TOO_MANY_REQUESTS if full else None

    def _counted(self, socket: Socket, request: Request, ticket: Ticket) -> dict[str, int]:
        """For whom a socket counts, and how many each may have."""
        forwarded = [(b"x-forwarded-for", each.encode()) for each in request.headers.get_all("X-Forwarded-For")]
        scope = {"client": socket.remote_address, "headers": forwarded}
        counted = {f"at {neighbourhood(trusted_address(scope, self._proxies))}": PER_ADDRESS}
        if ticket.person:
            counted[f"of {ticket.municipality}/{ticket.person}"] = PER_PERSON
        return counted

    async def serve(self, connection: ServerConnection) -> None:
        """The life of a socket that was let in."""
        assert isinstance(connection, Socket)
        self._open.update(connection.counted.keys())
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
            self._open -= Counter(connection.counted.keys())


def choose(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """`gemeinwerk.v1` where it is offered, and never the ticket beside it.

    Browsers and `ws` close a connection on which none of the offered subprotocols was chosen. So a plain Yjs client
    that offers its ticket alone gets that back: it has been spent by then and is worth nothing any more.
    """
    names = [name for name in offered if not name.startswith(TICKET)]
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else next(iter([*names, *offered]), None)


async def listen(door: Door, host: str, port: int) -> Server:
    """Serves websockets on `host` and `port` (0: any)."""
    return await serve(
        door.serve,
        host,
        port,
        process_request=door.ask,
        select_subprotocol=choose,
        create_connection=Socket,
        compression=None,  # a deflate bomb finds nothing to blow up; frames are made once for all
        server_header=None,
        max_size=LARGEST,
        open_timeout=OPENING_SECONDS,
        close_timeout=CLOSING_SECONDS,
        backlog=1_024,
    )
