"""Lets a log that lost what was signed go on: signed, under another name, and recorded in the log itself."""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from shared.audit.intact import hash_anew
from shared.audit.merkle import CompactRange
from shared.audit.notes import BadNote, Checkpoint, Note, read_note, sign
from shared.audit.recovery import RecordRecovery, recovery
from shared.audit.shelf import Signed
from shared.audit.signer import Diverged, Signer
from shared.category import Category
from shared.ids import following
from shared.message import Context
from shared.store import Head, Store
from shared.store.codec import Codec

_TITLE = "gemeinwerk/recovery/v1"
_LINE = re.compile(r"(lost|kept) (\S+) (\d{1,18}) (\S{44})")


class CannotRecover(Exception):
    """There is nothing to recover, or what is left is damaged itself."""


class Loss(Struct, frozen=True, kw_only=True):
    """The two logs of a recovery: the one that was signed, and the one that is there."""

    lost: Checkpoint
    kept: Checkpoint

    @property
    def text(self) -> str:
        """The text of its note."""
        return f"{_TITLE}\nlost {_said(self.lost)}\nkept {_said(self.kept)}\n"


def read_loss(note: str) -> Loss:
    """What the note of a recovery says; no signature is verified. Raises `BadNote`."""
    title, *lines = read_note(note).text.splitlines()
    found = [match for line in lines if (match := _LINE.fullmatch(line))]
    if title != _TITLE or [match[1] for match in found] != ["lost", "kept"] or len(lines) != 2:
        raise BadNote("form", "not the note of a recovery")
    lost, kept = (Checkpoint(match[2], int(match[3]), b64decode(match[4])) for match in found)
    return Loss(lost=lost, kept=kept)


async def loss_of(signer: Signer, store: Store, municipality: str) -> Loss:
    """What a recovery would give up. Raises `CannotRecover`."""
    try:
        await signer.sign(municipality)
    except Diverged:
        known = signer.known(municipality)
        assert known
    else:
        raise CannotRecover("the log is the one that was signed: there is nothing to recover")
    if fault := await hash_anew(store, municipality, None):
        raise CannotRecover(f"what is left is damaged itself: {fault}")
    head = await store.head(municipality)
    name = signer.origin(municipality, known.epoch + 1)
    return Loss(lost=known.checkpoint, kept=Checkpoint(name, head.size, _root(head)))


async def recover(signer: Signer, store: Store, codec: Codec, municipality: str) -> Loss:
    """Signs that the log goes on as it is, and records it there. Raises `CannotRecover`.

    Nothing else may write meanwhile. Done again after a crash in the middle, it records what was signed.
    """
    try:
        loss = await loss_of(signer, store, municipality)
    except CannotRecover:
        known = signer.known(municipality)
        if not (known and known.epoch) or await store.entries(municipality, 0, 1, stream=f"log-{known.epoch}"):
            raise
        loss = read_loss(known.recoveries[-1])
    else:
        head = await store.head(municipality)
        change = _started_over(signer, loss, head)
        await asyncio.to_thread(signer.shelf.change, municipality, signer.service, change)
        signer.halted.pop(municipality, None)
    await _record(signer, store, codec, municipality, loss)
    return loss


def _started_over(signer: Signer, loss: Loss, head: Head) -> Callable[[Signed | None], Signed | None]:
    seed, name = signer.keyring.seed(), loss.kept.origin

    def signed(text: str) -> str:
        return Note(text, (sign(text, seed, name),)).render()

    def change(present: Signed | None) -> Signed | None:
        if present is None or present.checkpoint != loss.lost:
            raise CannotRecover("another process has signed meanwhile")
        return replace(
            present,
            note=signed(loss.kept.text),
            range=head.range,
            cosigned="",
            epoch=present.epoch + 1,
            recoveries=(*present.recoveries, signed(loss.text)),
            halted="",
            fault="",
        )

    return change


async def _record(signer: Signer, store: Store, codec: Codec, municipality: str, loss: Loss) -> None:
    known = signer.known(municipality)
    assert known
    command = RecordRecovery(
        epoch=known.epoch,
        lost_size=loss.lost.size,
        lost_root=b64encode(loss.lost.root).decode(),
        kept_size=loss.kept.size,
        kept_root=b64encode(loss.kept.root).decode(),
    )
    id = following(loss.kept.origin, known.epoch)
    by = Context(by=signer.service, municipality=municipality, at=datetime.now(UTC), command_id=id)
    await Category(store, codec, recovery).handle(str(known.epoch), command, by)
    await signer.sign(municipality)


def _said(log: Checkpoint) -> str:
    return f"{log.origin} {log.size} {b64encode(log.root).decode()}"


def _root(head: Head) -> bytes:
    return CompactRange(head.size, head.range).root()
