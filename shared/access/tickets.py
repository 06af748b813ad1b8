"""Tickets: with one, a page opens the websocket of one document, once, within half a minute.

A ticket is its claims as JSON and an Ed25519 signature (RFC 8032) over them, each in base64url, with a dot between: it
has only characters that the name of a websocket subprotocol may have (RFC 6455, 4.1), where it travels. There is no
choice of algorithms. The gateway checks it with the public key alone and spends its nonce.
"""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta, Struct, json
from nats.js import JetStreamContext

from shared.access.buckets import Bucket, Changed

SECONDS = 30
_KEPT = 120  # a nonce is remembered longer than any ticket lives
_CONTEXT = b"gemeinwerk ticket 1\n"  # so that no other signature of this key is ever one of a ticket
_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,2048})\.([A-Za-z0-9_-]{86})")

Right: TypeAlias = Literal["read", "comment", "write"]


class Ticket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may do what in which document. `person` and `name` are empty for readers without account.

    `hue`: the person's colour among her colleagues'; `schema`: the schema version that her editor knows; `expires`:
    seconds since 1970.
    """

    session: str
    municipality: str
    person: str
    document: str
    right: Right
    name: Annotated[str, Meta(max_length=120)]
    hue: Annotated[int, Meta(ge=1, le=8)]
    schema: int
    nonce: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    expires: int

    @property
    def issued(self) -> int:
        return self.expires - SECONDS


class BadTicket(Exception):
    """No ticket, or not ours, or too old; the text is for the log."""


def new_nonce() -> str:
    return secrets.token_hex(16)


def public_key(seed: bytes) -> bytes:
    """The 32 bytes with which `verify` checks what `mint` made with `seed` (32 bytes, too)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def mint(seed: bytes, ticket: Ticket) -> str:
    """The token of `ticket`."""
    claims = json.encode(ticket, order="sorted")
    return f"{_text(claims)}.{_text(Ed25519PrivateKey.from_private_bytes(seed).sign(_CONTEXT + claims))}"


def verify(keys: Iterable[bytes], token: str, now: float) -> Ticket:
    """The ticket of `token`, if one of the public `keys` signed it and it is valid at `now` (seconds since 1970).

    Raises `BadTicket`. Whether it was used before, only `Nonces` knows.
    """
    found = _TOKEN.fullmatch(token)
    if not found:
        raise BadTicket("form")
    claims, signature = _bytes(found[1]), _bytes(found[2])
    if not any(_signed(key, claims, signature) for key in keys):
        raise BadTicket("signature")
    try:
        ticket = json.decode(claims, type=Ticket)
    except msgspec.DecodeError as error:
        raise BadTicket("claims") from error
    if not ticket.issued - SECONDS <= now < ticket.expires:
        raise BadTicket("time")
    return ticket


class Nonces:
    """The nonces of used tickets, in a bucket that forgets them by itself."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    @classmethod
    async def open(cls, js: JetStreamContext, *, replicas: int = 1) -> "Nonces":
        return cls(await Bucket.open(js, "tickets", ttl=_KEPT, replicas=replicas))

    async def spend(self, nonce: str) -> bool:
        """Whether `nonce` was fresh; whoever asks second, anywhere, gets False."""
        try:
            await self._bucket.write(nonce, b"", revision=0)
        except Changed:
            return False
        return True


def _signed(key: bytes, claims: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _CONTEXT + claims)
    except InvalidSignature:
        return False
    return True


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise BadTicket("form") from error
