"""Proofs as texts that hold without a server: that an entry is in a log, and that a log only grew.

Sources: C2SP `tlog-proof` for the first; the request body of `add-checkpoint` in C2SP `tlog-witness` for the second.
Needs nothing of the product but the tree and the notes beside it.
"""

import re
from dataclasses import dataclass

from shared.audit.merkle import verify_consistency, verify_inclusion
from shared.audit.notes import BadNote, Checkpoint, base64_of, bytes_of, read_checkpoint, read_note

_TITLE = "c2sp.org/tlog-proof@v1"
_LONGEST = 63  # hashes: no tree is higher
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Inclusion:
    """Entry `index` (from 0) is in the log at `checkpoint`, a signed note; `extra` is signed by nobody."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    @property
    def text(self) -> str:
        extra = f"extra {base64_of(self.extra)}\n" if self.extra else ""
        return f"{_TITLE}\n{extra}index {self.index}\n{_lines(self.hashes)}\n{self.checkpoint}"

    def holds(self, leaf: bytes) -> bool:
        """Whether `leaf` is that entry. Says nothing of who signed: see `notes.verify`."""
        log = signed_in(self.checkpoint)
        return verify_inclusion(leaf, self.index, log.size, self.hashes, log.root)


@dataclass(frozen=True)
class Growth:
    """The log at `checkpoint`, a signed note, begins with the first `old_size` entries of before."""

    old_size: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    @property
    def text(self) -> str:
        return f"old {self.old_size}\n{_lines(self.hashes)}\n{self.checkpoint}"

    def holds(self, old_root: bytes) -> bool:
        """Whether the tree with `old_root` only grew. Says nothing of who signed: see `notes.verify`."""
        log = signed_in(self.checkpoint)
        return verify_consistency(self.old_size, log.size, old_root, log.root, self.hashes)


def signed_in(note: str) -> Checkpoint:
    """The checkpoint in a signed note; no signature is verified. Raises `BadNote`."""
    return read_checkpoint(read_note(note).text)


def read_inclusion(text: str) -> Inclusion:
    """A proof from its text. Raises `BadNote`."""
    head, blank, checkpoint = text.partition("\n\n")
    title, *lines = head.split("\n")
    extra = bytes_of(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else b""
    if title != _TITLE or not blank or not lines:
        raise BadNote("form", "not a proof of inclusion")
    index, hashes = _number("index ", lines[0]), _hashes(lines[1:])
    signed_in(checkpoint)
    return Inclusion(index, hashes, checkpoint, extra)


def read_growth(text: str) -> Growth:
    """A proof from its text. Raises `BadNote`."""
    head, blank, checkpoint = text.partition("\n\n")
    first, *lines = head.split("\n")
    if not blank:
        raise BadNote("form", "not a proof of consistency")
    old_size, hashes = _number("old ", first), _hashes(lines)
    signed_in(checkpoint)
    return Growth(old_size, hashes, checkpoint)


def _number(name: str, line: str) -> int:
    number = line.removeprefix(name)
    if not line.startswith(name) or not _NUMBER.fullmatch(number):
        raise BadNote("form", f"a line of a proof begins with {name.strip()} and a number")
    return int(number)


def _hashes(lines: list[str]) -> tuple[bytes, ...]:
    found = tuple(bytes_of(line) for line in lines)
    if len(found) > _LONGEST or any(len(one) != 32 for one in found):
        raise BadNote("form", "the hashes of a proof have 32 bytes each")
    return found


def _lines(hashes: tuple[bytes, ...]) -> str:
    return "".join(f"{base64_of(one)}\n" for one in hashes)
