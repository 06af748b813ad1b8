"""Canonical bytes of what is stored: RFC 8785 for the JSON that an event may hold.

An event holds text in NFC, whole numbers below 2^53, booleans, lists and maps with ASCII keys. With these, sorted
keys and msgspec's shortest escapes are the canonical form; everything else is refused before it is stored.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, get_args

import msgspec
from msgspec.json import Decoder, Encoder

from shared.decider import Decider, Upcast
from shared.message import Event
from shared.store import Entry, Recorded

_encoder = Encoder(order="sorted")
# What only a walk can judge, at ten times the price of encoding: a number too long, a float, null, which msgspec writes
# for NaN too, and a key that is not ASCII; harmless where a text looks like it.
_SUSPECT = re.compile(rb'\d{16}|(?:^|[:,\[])-?\d+[.eE]|null|[\x80-\xff](?:[^"\\]|\\.)*":')
_LARGEST = 2**53 - 1


class NotCanonical(ValueError):
    """A value that has no canonical form: a float, a number of 2^53 or more, text not in NFC, a lone surrogate."""


def encode(value: Any) -> bytes:
    """Canonical JSON bytes of a Struct or built-in value. Raises `NotCanonical`."""
    try:
        body = _encoder.encode(value)
    except UnicodeEncodeError as error:
        raise NotCanonical("lone surrogate") from error
    if _SUSPECT.search(body):
        _check(msgspec.to_builtins(value))
    elif not body.isascii():
        _check_text(body.decode())  # no sign composes with the quotes around a text, so the whole tells of each
    return body


def _check(value: Any) -> None:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int):
        if abs(value) > _LARGEST:
            raise NotCanonical(f"{value} is beyond 2^53 − 1")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise NotCanonical(f"key {key!r} is not ASCII")
            _check(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)
    else:
        raise NotCanonical(f"{type(value).__name__} has no canonical form")


def _check_text(text: str) -> None:
    if not unicodedata.is_normalized("NFC", text):
        raise NotCanonical("text is not in NFC")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("lone surrogate") from error


class UnknownType(Exception):
    """A stored type that no decider of this service knows: it stops the reader, it is never skipped."""


class Codec:
    """Turns the events of a service's deciders into stored forms and back, lifting outdated forms on the way."""

    def __init__(self, deciders: Iterable[Decider[Any]]) -> None:
        self._upcasts: dict[tuple[str, int], Upcast] = {}
        self._forms: dict[str, int] = {}
        union: Any = None
        for decider in deciders:
            for kind in get_args(decider.events) or (decider.events,):
                if kind.__name__ in self._forms:
                    raise ValueError(f"two events named {kind.__name__}")
                self._forms[kind.__name__] = kind.form
            union = decider.events if union is None else union | decider.events
            self._upcasts |= decider.upcasts
        self._union = union
        self._decoder = Decoder(union)

    @property
    def forms(self) -> dict[str, int]:
        """The present form of every type."""
        return dict(self._forms)

    def stored(self, event: Event) -> tuple[str, int, bytes]:
        """Type, form and canonical body. Raises `NotCanonical`."""
        return type(event).__name__, type(event).form, encode(event)

    def event(self, type_: str, form: int, body: bytes | None) -> Event | None:
        """The event of a stored form; None for a redacted body. Raises `UnknownType`."""
        present = self._forms.get(type_)
        if present is None or form > present:
            raise UnknownType(f"{type_} in form {form}")
        if body is None:
            return None
        if form == present:
            return self._decoder.decode(body)  # type: ignore[no-any-return]
        value = msgspec.json.decode(body)
        for outdated in range(form, present):
            value = self._upcasts[type_, outdated](value)
        return msgspec.convert(value, self._union)  # type: ignore[no-any-return]

    def recorded(self, entry: Entry) -> Recorded:
        return Recorded(entry, self.event(entry.type, entry.form, entry.body))

    def readable(self, entries: Iterable[Entry]) -> list[Recorded]:
        """The entries before the first that cannot be decoded; raises where that is the first of all.

        So everything before an unknown type gets through, and nothing after it.
        """
        found: list[Recorded] = []
        for entry in entries:
            try:
                found.append(self.recorded(entry))
            except (UnknownType, msgspec.DecodeError):
                if not found:
                    raise
                break
        return found
