"""Names for things: UUIDv7 for what is new, UUIDv5 for what follows from something known."""

import os
import re
import time
import uuid
from hashlib import sha1

_REACTIONS = uuid.UUID("6f0c6c9e-2f7b-5a46-9d0e-6b1f4f5f9b11")


def new_id() -> str:
    """A UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then random bits; sorts by time of birth."""
    millis = time.time_ns() // 1_000_000
    bits = int.from_bytes(os.urandom(10), "big")
    high = (millis & 0xFFFF_FFFF_FFFF) << 80
    number = high | 0x7 << 76 | (bits >> 68 & 0xFFF) << 64 | 0b10 << 62 | bits & 0x3FFF_FFFF_FFFF_FFFF
    return str(uuid.UUID(int=number))


def following(cause: str, number: int | str) -> str:
    """The id of the `number`-th thing that follows from `cause`: UUIDv5 (RFC 9562, 5.5), the same on every retry."""
    digest = bytearray(sha1(_REACTIONS.bytes + f"{cause}/{number}".encode(), usedforsecurity=False).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x50, digest[8] & 0x3F | 0x80
    text = digest.hex()  # uuid.uuid5 takes four times as long, in every command
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Whether `text` is a UUID in its canonical spelling."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def is_name(text: str) -> bool:
    """Whether `text` may name a database, a municipality or a service: short, lower case, no sign but `_`."""
    return re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text) is not None
