"""Signed notes after C2SP: the text of a checkpoint, the lines in which logs and witnesses sign it, and their keys.

Sources: C2SP `signed-note`, `tlog-checkpoint`, `tlog-cosignature` (Ed25519, "cosignature/v1"). Needs nothing of the
product, so that whoever checks a log can run this file alone.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, WITNESS = 1, 4  # kinds of keys: one signs the text itself, one the text with the time at which it saw it
_SIGNATURES = 100  # that many lines a note may have; C2SP asks for 16 at least
_NAME = re.compile(r"[^\s+]+")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DASH = "\u2014 "


class BadNote(ValueError):
    """A note that cannot be relied upon. `code`: form, signature, or unknown_key where no known key has signed."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code


@dataclass(frozen=True)
class Key:
    """A public key (32 bytes) with the name and the kind of whom it speaks for: `LOG` or `WITNESS`."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature line names its key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The key as one word, a "vkey": `<name>+<id in hex>+<base64 of kind and key>`."""
        return f"{self.name}+{self.id.hex()}+{base64_of(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True)
class Signature:
    """A line under a note. `value` is what follows the four bytes of the key's id."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        return f"{_DASH}{self.name} {base64_of(self.key_id + self.value)}\n"


@dataclass(frozen=True)
class Note:
    """A text, which ends with a newline, and who signed it."""

    text: str
    signatures: tuple[Signature, ...]

    def render(self) -> str:
        """The note as it is sent and kept."""
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)


@dataclass(frozen=True)
class Checkpoint:
    """A log in three lines: whose it is, how many entries it has, and the root of its tree (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text of its note; every line ends with a newline."""
        return f"{self.origin}\n{self.size}\n{base64_of(self.root)}\n"


def key_of(seed: bytes, name: str, kind: int = LOG) -> Key:
    """The public side of an Ed25519 seed (32 bytes). Raises `ValueError` for a name with blanks or a plus."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of a key: {name!r}")
    return Key(name, kind, Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


def read_key(text: str) -> Key:
    """A key from its one word. Raises `BadNote` where it is none, is of another kind, or its id is not its own."""
    name, plus, rest = text.partition("+")
    named_id, _, encoded = rest.partition("+")
    data = bytes_of(encoded)
    if not (plus and _NAME.fullmatch(name)) or len(data) != 33 or data[0] not in (LOG, WITNESS):
        raise BadNote("form", "not a key of Ed25519")
    key = Key(name, data[0], data[1:])
    if key.id.hex() != named_id:
        raise BadNote("form", f"the id of this key is {key.id.hex()}, not {named_id}")
    return key


def sign(text: str, seed: bytes, name: str) -> Signature:
    """A log's signature over a note's text."""
    return Signature(name, key_of(seed, name).id, Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode()))


def cosign(text: str, seed: bytes, name: str, time: int) -> Signature:
    """A witness's signature over a checkpoint's text, as seen at `time` (seconds since 1970)."""
    value = Ed25519PrivateKey.from_private_bytes(seed).sign(_seen(text, time))
    return Signature(name, key_of(seed, name, WITNESS).id, time.to_bytes(8, "big") + value)


def read_note(text: str) -> Note:
    """A note from its text; nothing is verified. Raises `BadNote`."""
    head, blank, tail = text.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or _CONTROL.search(text) or lines.pop() != "" or not 0 < len(lines) <= _SIGNATURES:
        raise BadNote("form", "not a signed note")
    return Note(head + "\n", tuple(_signature(line) for line in lines))


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text; extension lines are passed over. Raises `BadNote`."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "" or not all(lines) or not _NUMBER.fullmatch(lines[1]):
        raise BadNote("form", "not a checkpoint")
    root = bytes_of(lines[2])
    if len(root) != 32:
        raise BadNote("form", "the root of a checkpoint has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def verify(note: Note, keys: Iterable[Key]) -> list[tuple[Key, int | None]]:
    """Who of `keys` signed the note, each with the time at which a witness saw it (a log's signature has none).

    Lines of unknown keys are passed over. Raises `BadNote` where a known key's line is wrong, or none is there.
    """
    known = {(key.name, key.id): key for key in keys}
    found = []
    for line in note.signatures:
        if key := known.get((line.name, line.key_id)):
            found.append((key, _verified(note.text, line.value, key)))
    if not found:
        raise BadNote("unknown_key", "no known key has signed this note")
    return found


def _verified(text: str, value: bytes, key: Key) -> int | None:
    time = int.from_bytes(value[:8], "big") if key.kind == WITNESS else None
    signed, signature = (text.encode(), value) if time is None else (_seen(text, time), value[8:])
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed)
    except (InvalidSignature, ValueError) as error:
        raise BadNote("signature", f"the signature of {key.name} does not fit") from error
    return time


def _seen(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _signature(line: str) -> Signature:
    name, blank, encoded = line.removeprefix(_DASH).partition(" ")
    data = bytes_of(encoded)
    if not line.startswith(_DASH) or not blank or not _NAME.fullmatch(name) or len(data) < 5:
        raise BadNote("form", "not a line of a signature")
    return Signature(name, data[:4], data[4:])


def base64_of(data: bytes) -> str:
    return b64encode(data).decode()


def bytes_of(text: str) -> bytes:
    """Base64 after RFC 4648, 4, in the one way to write it: so no second text passes as the same note.

    Raises `BadNote`.
    """
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise BadNote("form", "not base64") from error
    if base64_of(data) != text:
        raise BadNote("form", "not base64")
    return data
