"""What is stored of a document: edits in the stream DOCS, and snapshots, in MessagePack."""

from typing import NamedTuple

import msgspec
from msgspec import Struct

FORM = 1


class Edit(NamedTuple):
    """A Yjs update (V1) and the person who made it: her updates are merged, never those of two people.

    `clients`: the client ids that are hers from now on. `returned`: she brings back what others had written and a lost
    log held, so that there are structs under client ids of theirs.
    """

    person: str
    update: bytes
    clients: tuple[int, ...] = ()
    returned: bool = False


class Edits(Struct, frozen=True, array_like=True):
    """One message on `docs.<municipality>.<document>`.

    `source`: the gateway that stored it. Edits of an `epoch` other than the document's present one do not count.
    """

    form: int
    epoch: int
    source: str
    edits: list[Edit]


class Snapshot(Struct, frozen=True, array_like=True):
    """The whole document after the message `sequence` of the stream that was created at `stream`.

    `state`: one Yjs update (V1) of everything; `owners`: client id → the person who first used it ("": a former epoch).
    `index`: what the gateway would otherwise find out by reading `state`; may be empty.
    """

    form: int
    epoch: int
    stream: str
    sequence: int
    state: bytes
    owners: dict[int, str]
    index: bytes = b""


class Stored(NamedTuple):
    """A message of the stream and its sequence there."""

    sequence: int
    edits: Edits


class Loaded(Struct, frozen=True):
    """All that is stored of a document: a snapshot, if there is one, and what came after it.

    `lost`: the stream is another one than that of the snapshot, so edits may be missing that clients still have.
    """

    snapshot: Snapshot | None = None
    tail: list[Stored] = []
    lost: bool = False


_edits, _snapshot, _encoder = (
    msgspec.msgpack.Decoder(Edits),
    msgspec.msgpack.Decoder(Snapshot),
    msgspec.msgpack.Encoder(),
)


def encode(stored: Edits | Snapshot) -> bytes:
    return _encoder.encode(stored)


def decode_edits(data: bytes) -> Edits:
    """Raises msgspec's ValidationError or DecodeError, ValueError for a form that is not known."""
    edits = _edits.decode(data)
    if edits.form != FORM:
        raise ValueError(f"edits of form {edits.form}")
    return edits


def decode_snapshot(data: bytes) -> Snapshot:
    """Raises as `decode_edits` does."""
    snapshot = _snapshot.decode(data)
    if snapshot.form != FORM:
        raise ValueError(f"snapshot of form {snapshot.form}")
    return snapshot
