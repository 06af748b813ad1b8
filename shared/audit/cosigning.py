"""Takes in what witnesses say: that they saw a checkpoint of ours, and that the log only grew up to there."""

from pathlib import Path

from msgspec.structs import replace

from shared.audit.notes import WITNESS, BadNote, Key, Note, read_checkpoint, read_key, read_note, verify
from shared.audit.proofs import signed_in
from shared.audit.shelf import Shelf, Signed

_FILE = "witnesses"


class NotTaken(Exception):
    """A cosignature that is not kept. `code` has words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def witnesses(folder: Path) -> list[Key]:
    """The witnesses that the operator trusts: a key a line in `<folder>/witnesses`. Raises `BadNote`."""
    file = folder / _FILE
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [read_key(line.strip()) for line in lines if line.strip() and not line.startswith("#")]


def trust(folder: Path, key: Key) -> None:
    """Adds a witness. Raises `ValueError` for a key that signs no cosignatures."""
    if key.kind != WITNESS:
        raise ValueError(f"{key.name} is the key of a log, not of a witness")
    if key not in witnesses(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / _FILE).open("a", encoding="utf-8") as file:
            file.write(f"{key.text}\n")


def take_in(shelf: Shelf, municipality: str, service: str, text: str, own: list[Key], seen_by: list[Key]) -> Signed:
    """Keeps the lines of known witnesses under a checkpoint that we signed ourselves, with those it has already.

    `own` are the log's keys, `seen_by` the witnesses that the operator trusts. Raises `NotTaken`, `BadNote`.
    """
    note = read_note(text)
    signers = {key for key, _ in verify(note, [*own, *seen_by])}
    if not signers & set(own):
        raise NotTaken("not_our_checkpoint")
    if not signers & set(seen_by):
        raise NotTaken("unknown_witness")

    def change(present: Signed | None) -> Signed | None:
        if present is None or read_checkpoint(note.text).origin != present.checkpoint.origin:
            raise NotTaken("not_our_checkpoint")
        if present.cosigned and signed_in(present.cosigned).size > read_checkpoint(note.text).size:
            raise NotTaken("newer_checkpoint_cosigned")
        return replace(present, cosigned=_joined(present.cosigned, note, {(key.name, key.id) for key in signers}))

    changed = shelf.change(municipality, service, change)
    assert changed
    return changed


def _joined(before: str, note: Note, signers: set[tuple[str, bytes]]) -> str:
    """The note with its verified lines, and those that it had; a witness that looked again has one line, the last."""
    old = read_note(before) if before else note
    lines = {(line.name, line.key_id): line for line in old.signatures if old.text == note.text and before}
    lines |= {(line.name, line.key_id): line for line in note.signatures if (line.name, line.key_id) in signers}
    return Note(note.text, tuple(lines.values())).render()


def seen(signed: Signed, own: list[Key], seen_by: list[Key]) -> list[tuple[str, int]]:
    """Which witnesses have cosigned, and when (seconds since 1970): of the last checkpoint that any of them saw."""
    if not signed.cosigned:
        return []
    try:
        found = verify(read_note(signed.cosigned), [*own, *seen_by])
    except BadNote:  # a witness that is not trusted any more
        return []
    return [(key.name, time) for key, time in found if time is not None]
