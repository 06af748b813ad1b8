"""What a witness does with what a log shows it: sign that it only grew since the last look, or keep the proof that not.

Source: C2SP `tlog-witness`, asked the other way round: the witness fetches. Pure; no network, no files.
"""

from msgspec import Struct

from shared.audit.notes import (
    BadNote,
    Checkpoint,
    Key,
    Note,
    Signature,
    cosign,
    read_checkpoint,
    read_key,
    read_note,
    verify,
)
from shared.audit.proofs import Growth, read_growth, signed_in


class Seen(Struct, frozen=True, kw_only=True):
    """What a witness remembers of a log: the keys that it trusts (vkeys) and the last checkpoint that it cosigned."""

    keys: tuple[str, ...]
    note: str

    @property
    def checkpoint(self) -> Checkpoint:
        return signed_in(self.note)


class Contradiction(Exception):
    """A log shows what cannot be true together with what it signed before.

    `code`: unknown_key, other_log, smaller, fork, not_consistent. Both notes are what proves it to others.
    """

    def __init__(self, code: str, what: str, before: str = "", now: str = "") -> None:
        super().__init__(what)
        self.code, self.before, self.now = code, before, now


def look(seen: Seen | None, shown: str, keys: list[Key]) -> Seen:
    """What is to be remembered after a log showed its growth since `seen` (from nothing at the first look).

    `keys` are trusted at the first look; then those that were remembered are, and `keys` besides. Raises
    `Contradiction` for what must not be cosigned, `BadNote` for what is no proof.
    """
    growth = read_growth(shown)
    _same_log(seen.note if seen else growth.checkpoint, growth.checkpoint)
    trusted = list(dict.fromkeys([*(map(read_key, seen.keys) if seen else ()), *keys]))
    now = _signed(growth.checkpoint, trusted)
    if seen:
        _grew(seen.note, growth, now)
    elif growth.old_size or growth.hashes:
        raise BadNote("form", "a first look asks for growth from nothing")
    return Seen(keys=tuple(key.text for key in trusted), note=growth.checkpoint)


def compare(before: str, growth: Growth, keys: list[Key]) -> Checkpoint:
    """Whether a checkpoint that somebody kept belongs to the log that is shown now; the present checkpoint.

    Raises `Contradiction`, `BadNote`.
    """
    _same_log(before, growth.checkpoint)
    now = _signed(growth.checkpoint, keys)
    _signed(before, keys)
    _grew(before, growth, now)
    return now


def cosigned(seen: Seen, seed: bytes, name: str, time: int) -> tuple[Signature, str]:
    """The witness's line under the last checkpoint, and that checkpoint with it, as it is sent to the log."""
    note = read_note(seen.note)
    line = cosign(note.text, seed, name, time)
    return line, Note(note.text, (*note.signatures, line)).render()


def _same_log(before: str, now: str) -> None:
    old, new = signed_in(before).origin, signed_in(now).origin
    if new != old:
        raise Contradiction("other_log", f"it calls itself {new} now, and was {old}: was it recovered?", before, now)


def _signed(text: str, keys: list[Key]) -> Checkpoint:
    note = read_note(text)
    checkpoint = read_checkpoint(note.text)
    try:
        verify(note, [key for key in keys if key.name == checkpoint.origin])
    except BadNote as error:
        if error.code != "unknown_key":
            raise
        by = ", ".join(f"{line.name} ({line.key_id.hex()})" for line in note.signatures)
        raise Contradiction("unknown_key", f"signed by {by}, which is not known here", now=text) from error
    return checkpoint


def _grew(before: str, growth: Growth, now: Checkpoint) -> None:
    old, evidence = signed_in(before), (before, growth.checkpoint)
    if now.size < old.size:
        raise Contradiction("smaller", f"it has {now.size} entries, and had {old.size}", *evidence)
    if now.size == old.size and now.root != old.root:
        raise Contradiction("fork", f"two different logs of {now.size} entries are signed", *evidence)
    if growth.old_size != old.size:
        what = f"it gives no proof that its {now.size} entries begin with the {old.size} that were signed before"
        raise Contradiction("not_consistent", what, *evidence)
    if not growth.holds(old.root):
        what = f"its {now.size} entries do not begin with the {old.size} that were signed before"
        raise Contradiction("not_consistent", what, *evidence)
