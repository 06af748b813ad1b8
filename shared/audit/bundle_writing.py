"""Writes bundles: entry by entry as they come from the store, so that no log has to fit into memory."""

import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing

import msgspec
from msgspec import Struct

from shared.audit.bundle import (
    ATTACHMENTS,
    CHECKPOINT,
    EARLIER,
    ENTRIES,
    FORMAT,
    KEYS,
    MANIFEST,
    Log,
    Manifest,
    attached,
    line_of,
)
from shared.audit.notes import read_checkpoint, read_note
from shared.store import Entry

_LEVEL = 1  # of deflate: the hashes do not shrink anyway, and nobody waits ten seconds for a tenth
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # equal entries give an equal file
_PIECE = 1 << 18  # bytes collected before they are packed

Moved = Callable[[str, int, int], None]
Prove = Callable[[int], Awaitable[Sequence[bytes]]]


class Part(Struct, frozen=True, kw_only=True):
    """A log on its way into a bundle.

    `entries` are in order and end with the checkpoint's size. `prove(index)` gives inclusion proofs of an excerpt, in
    the tree of that size; it is None for a whole log. `earlier` are older checkpoints of the same log, as signed notes.
    """

    service: str
    checkpoint: str
    entries: AsyncIterator[Entry]
    earlier: Sequence[str] = ()
    prove: Prove | None = None
    streams: tuple[str, ...] = ()


class _Pipe:
    """What the zip is written to: it can only go on, never back."""

    def __init__(self) -> None:
        self._pieces = bytearray()

    def write(self, piece: bytes) -> int:
        self._pieces += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing is held here."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces = bytes(self._pieces)
        self._pieces.clear()
        return pieces


async def bundle_pieces(
    municipality: str,
    parts: Sequence[Part],
    keys: Sequence[str],
    made_at: str,
    moved: Moved = lambda service, done, of: None,
) -> AsyncGenerator[bytes, None]:
    """A bundle, piece by piece, as it grows.

    `keys` are those (one word each) that have signed. `moved` hears how many entries of a log are written, of how many.
    """
    manifest = Manifest(
        format=FORMAT, municipality=municipality, made_at=made_at, logs=tuple(_described(part) for part in parts)
    )
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as bundle:
        _put(bundle, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1).decode() + "\n")
        _put(bundle, KEYS, "".join(f"{key}\n" for key in keys))
        for part in parts:
            async with aclosing(_write(bundle, part, moved)) as written:  # or who leaves early leaves a file open
                async for _ in written:
                    yield pipe.taken()
    yield pipe.taken()


def _described(part: Part) -> Log:
    origin = read_checkpoint(read_note(part.checkpoint).text).origin
    return Log(service=part.service, origin=origin, whole=part.prove is None, streams=part.streams)


async def _write(bundle: zipfile.ZipFile, part: Part, moved: Moved) -> AsyncGenerator[None, None]:
    """Says whenever something was written."""
    folder, size = part.service, read_checkpoint(read_note(part.checkpoint).text).size
    _put(bundle, f"{folder}/{CHECKPOINT}", part.checkpoint)
    named: list[str] = []
    with bundle.open(_info(f"{folder}/{ENTRIES}"), "w", force_zip64=True) as file:
        lines, done = bytearray(), 0
        async for entry in part.entries:
            lines += line_of(entry, None if part.prove is None else await part.prove(entry.position - 1))
            named += (f"{digest}  {entry.position}\n" for digest in attached(entry))
            done += 1
            if len(lines) > _PIECE:
                file.write(lines)
                lines.clear()
                moved(part.service, done, size)
                yield
        file.write(lines)
    moved(part.service, done, size)
    _put(bundle, f"{folder}/{ATTACHMENTS}", "".join(named))
    for note in part.earlier:
        _put(bundle, f"{folder}/{EARLIER}/{read_checkpoint(read_note(note).text).size}.txt", note)
    yield


def _put(bundle: zipfile.ZipFile, name: str, text: str) -> None:
    bundle.writestr(_info(name), text)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _BEGINNING)
    info.compress_type = zipfile.ZIP_DEFLATED
    info._compresslevel = _LEVEL  # type: ignore[attr-defined]  # ZipInfo takes it from nowhere else before 3.13
    info.external_attr = 0o644 << 16
    return info
