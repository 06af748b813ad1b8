"""What travels in a document's websocket: the protocol of y-websocket, and three kinds of our own beside it.

Source: y-protocols (`sync.js`, `awareness.js`) and y-websocket (`messageSync` 0, `messageAwareness` 1,
`messageQueryAwareness` 3). Our own kinds begin at 100 and go only to clients that speak `gemeinwerk.v1`.
"""

from enum import IntEnum
from struct import pack
from typing import NamedTuple

from services.realtime.sync.lib0 import CLOCK_END, Malformed, Reader, blob, uint

SUBPROTOCOL = "gemeinwerk.v1"
TICKET = "ticket."
NOTHING = b"\x00\x00"  # the update that changes nothing

_SYNC, _AWARENESS, _QUERY_AWARENESS, _SAVED, _DENIED, _LIVE = 0, 1, 3, 100, 101, 102


class Kind(IntEnum):
    STEP_1 = 0
    STEP_2 = 1
    UPDATE = 2
    AWARENESS = 3
    QUERY_AWARENESS = 4


class Closing(IntEnum):
    """Close codes (RFC 6455, 7.4). What reconnecting cannot mend is 4400 to 4499; the rest is transient."""

    RESTART = 1012
    LATER = 1013
    RIGHT_GONE = 4403
    TOO_BIG = 4413
    REFUSED = 4422
    OLD_CLIENT = 4426
    IDLE = 4508
    TOO_MUCH = 4529


class Message(NamedTuple):
    """`payload`: a state vector (step 1), an update (step 2, update), an awareness update, or nothing."""

    kind: Kind
    payload: bytes


_SYNC_KINDS = (Kind.STEP_1, Kind.STEP_2, Kind.UPDATE)


def read(frame: bytes) -> Message:
    """One message a frame, as every y-websocket client sends it. Raises `Malformed`."""
    try:
        reader = Reader(frame)
        outer = reader.uint()
        if outer == _QUERY_AWARENESS and reader.ended():
            return Message(Kind.QUERY_AWARENESS, b"")
        if outer not in (_SYNC, _AWARENESS):
            raise Malformed("kind")
        kind = Kind.AWARENESS if outer == _AWARENESS else _SYNC_KINDS[reader.uint()]
        payload = reader.blob()
    except IndexError as error:
        raise Malformed("cut") from error
    if not reader.ended():
        raise Malformed("rest")
    return Message(kind, payload)


def step_1(state: bytes) -> bytes:
    """Asks for what the sender with this state vector does not have."""
    return b"\x00\x00" + blob(state)


def step_2(update: bytes) -> bytes:
    """The answer to step 1."""
    return b"\x00\x01" + blob(update)


def update(change: bytes) -> bytes:
    return b"\x00\x02" + blob(change)


def awareness(states: bytes) -> bytes:
    return b"\x01" + blob(states)


def saved(count: int, position: int) -> bytes:
    """The first `count` sync messages of this socket, step 2 included, are durable; so is all of the document up to
    `position` in the stream."""
    return uint(_SAVED) + uint(count) + uint(position)


def denied(reason: str) -> bytes:
    """What was sent last is not stored; `reason` is a snake_case code, a close frame follows."""
    return uint(_DENIED) + blob(reason.encode())


def live(payload: bytes) -> bytes:
    """`payload`: JSON of the live session (agenda, polls, speaking list), as the owning service told it."""
    return uint(_LIVE) + blob(payload)


def binary_frame(message: bytes) -> bytes:
    """The frame of a binary message from a server: unmasked, not compressed, whole (RFC 6455, 5.2)."""
    size = len(message)
    if size < 126:
        return pack("!BB", 0x82, size) + message
    return (pack("!BBH", 0x82, 126, size) if size < 65_536 else pack("!BBQ", 0x82, 127, size)) + message


def state_vector(data: bytes) -> dict[int, int]:
    """Client → next clock. Raises `Malformed`."""
    reader = Reader(data)
    try:
        count = reader.uint()
        if count > len(data):
            raise Malformed("count")
        vector = {reader.uint(): reader.uint() for _ in range(count)}
    except IndexError as error:
        raise Malformed("cut") from error
    if not reader.ended() or len(vector) != count or max(vector.values(), default=0) > CLOCK_END:
        raise Malformed("state vector")
    return vector
