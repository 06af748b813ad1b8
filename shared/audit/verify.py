"""Verifies a bundle with nothing but the file: says what holds, or names the first thing that does not."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from shared.audit.bundle import ATTACHMENTS, CHECKPOINT, EARLIER, ENTRIES, FORMAT, KEYS, MANIFEST, Log, Manifest
from shared.audit.notes import LOG, BadNote, Checkpoint, Key, read_checkpoint, read_key, read_note, verify
from shared.audit.verify_entries import Followed, Tree
from shared.audit.verify_faults import Broken, Fault
from shared.audit.verify_file import BundleFile

_CODES = {"form": "wrong_checkpoint", "signature": "wrong_signature", "unknown_key": "wrong_key"}


class Signed(Struct, frozen=True):
    """Who signed a checkpoint: the key as one word; for a witness when it saw it (seconds since 1970), else None."""

    key: str
    time: int | None


class Verified(Struct, frozen=True, kw_only=True):
    """A log that holds: `entries` in the bundle of `size` in the log, `redacted` the positions without body."""

    service: str
    origin: str
    size: int
    root: str
    whole: bool
    entries: int
    earlier: int
    redacted: tuple[int, ...]
    signed: tuple[Signed, ...]


class Report(Struct, frozen=True, kw_only=True):
    """What verifying a bundle found. `trusted`: the keys were given by whoever asked, not only taken from the bundle.

    `compared`: whether the asker's own checkpoint lies on a tree of the bundle; None where none was given. An excerpt
    can be compared with a checkpoint of its own size only.
    """

    holds: bool
    trusted: bool
    compared: bool | None = None
    municipality: str = ""
    made_at: str = ""
    logs: tuple[Verified, ...] = ()
    fault: Fault | None = None


class _Trust(Struct, frozen=True):
    """Keys that the asker gave, and those in the bundle, which count where none were given."""

    given: tuple[Key, ...]
    bundled: tuple[Key, ...]

    def keys(self, origin: str) -> list[Key]:
        """Whom to believe about a log. The keys of an installation's logs differ in name only: a given one counts for
        each of them, since what it signs names the log."""
        own = [Key(origin, LOG, key.public) for key in self.given if key.kind == LOG]
        return [*self.given, *own] or list(self.bundled)


def verify_bundle(path: Path, keys: Sequence[Key] = (), own: str = "") -> Report:
    """Verifies a bundle against `keys`, without any against the bundle's own, and against `own`, an older checkpoint.

    `own` is a signed note that the asker has kept, or only the three lines of its text. Raises `OSError`, and
    `BadNote` where `own` cannot be read.
    """
    yours = read_checkpoint(read_note(own).text if "\n\n" in own else own) if own else None
    try:
        with BundleFile(path) as file:
            manifest = _manifest(file)
            trust = _Trust(tuple(keys), tuple(_keys(file)))
            logs = tuple(_log(file, manifest, log, trust, yours) for log in manifest.logs)
        if yours and yours.origin not in {log.origin for log in logs}:
            raise Broken("wrong_origin", file="", origin=yours.origin)
    except Broken as broken:
        return Report(holds=False, trusted=bool(keys), fault=broken.fault)
    return Report(
        holds=True,
        trusted=bool(keys),
        compared=any(_comparable(log, yours) for log in logs) if yours else None,
        municipality=manifest.municipality,
        made_at=manifest.made_at,
        logs=logs,
    )


def _manifest(file: BundleFile) -> Manifest:
    text = file.text(MANIFEST)
    try:
        found: Any = msgspec.json.decode(text)
        if isinstance(found, dict) and isinstance(found.get("format"), str) and found["format"] != FORMAT:
            raise Broken("unknown_format", format=found["format"][:40])
        manifest = msgspec.convert(found, Manifest)
        if not manifest.logs:
            raise Broken("unreadable")
        return manifest
    except msgspec.MsgspecError:
        raise Broken("unreadable") from None


def _keys(file: BundleFile) -> list[Key]:
    *lines, rest = file.text(KEYS).split("\n")
    try:
        return [read_key(line) for line in (*lines, *([rest] if rest else ()))]
    except BadNote:
        raise Broken("damaged", file=KEYS) from None


def _log(file: BundleFile, manifest: Manifest, log: Log, trust: _Trust, yours: Checkpoint | None) -> Verified:
    folder = log.service
    _check_origin(manifest, log)
    checkpoint, signed = _checkpoint(file, f"{folder}/{CHECKPOINT}", log, trust)
    known = _Trust((), (*trust.keys(log.origin), *trust.bundled))
    earlier = [_checkpoint(file, name, log, known)[0] for name in file.names(f"{folder}/{EARLIER}")]
    followed = Followed(folder, manifest.municipality, _wanted(file, folder))
    blocks = file.blocks(f"{folder}/{ENTRIES}", folder)
    same = yours if yours and yours.origin == log.origin else None
    if log.whole:
        followed.whole(blocks, checkpoint.size)
        _compare(folder, Tree(followed.leaves), checkpoint, earlier, same)
    else:
        followed.excerpt(blocks, checkpoint, log.streams)
        _compare_excerpt(folder, checkpoint, same)
    return Verified(
        service=folder,
        origin=log.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        whole=log.whole,
        entries=len(followed.leaves),
        earlier=len(earlier),
        redacted=tuple(followed.redacted),
        signed=tuple(Signed(key.text, time) for key, time in signed),
    )


def _check_origin(manifest: Manifest, log: Log) -> None:
    end = re.escape(f"/{manifest.municipality}/audit/{log.service}")
    if not re.search(rf"{end}(/recovery-[0-9]+)?\Z", log.origin):
        raise Broken("wrong_origin", log.service, file=MANIFEST, origin=log.origin)


def _checkpoint(
    file: BundleFile, name: str, log: Log, trust: _Trust
) -> tuple[Checkpoint, list[tuple[Key, int | None]]]:
    """A checkpoint of the log that a trusted key has signed; the bundle's own witnesses alone do not count."""
    try:
        note = read_note(file.text(name, log.service))
        found, signed = read_checkpoint(note.text), verify(note, trust.keys(log.origin))
    except BadNote as bad:
        raise Broken(_CODES[bad.code], log.service, file=name) from None
    if not trust.given and not any(key.kind == LOG for key, _ in signed):
        raise Broken("wrong_key", log.service, file=name)
    if found.origin != log.origin:
        raise Broken("wrong_origin", log.service, file=name, origin=found.origin)
    return found, signed


def _wanted(file: BundleFile, folder: str) -> dict[int, set[bytes]]:
    """The digests of attachments by the position of the entry that has to name them."""
    wanted: dict[int, set[bytes]] = {}
    name = f"{folder}/{ATTACHMENTS}"
    for line in file.lines(name, folder):
        digest, _, position = line.partition(b"  ")
        if len(digest) != 64 or not position.isdigit():
            raise Broken("damaged", folder, file=name)
        wanted.setdefault(int(position), set()).add(digest)
    return wanted


def _compare(
    folder: str, tree: Tree, checkpoint: Checkpoint, earlier: Sequence[Checkpoint], yours: Checkpoint | None
) -> None:
    """Whether every checkpoint lies on the tree of the entries. Raises `Broken`."""
    before = [one for one in earlier if one.size <= checkpoint.size]
    if tree.root(checkpoint.size) != checkpoint.root:
        agreed = max((one.size for one in before if tree.root(one.size) == one.root), default=0)
        raise Broken("forked", folder, size=checkpoint.size, agreed=agreed)
    for one in earlier:
        if one.size > checkpoint.size or tree.root(one.size) != one.root:
            raise Broken("forked_earlier", folder, size=one.size)
    if yours and yours.size > checkpoint.size:
        raise Broken("older_than_yours", folder, size=yours.size, entries=checkpoint.size)
    if yours and tree.root(yours.size) != yours.root:
        raise Broken("not_in_yours", folder, size=yours.size)


def _compare_excerpt(folder: str, checkpoint: Checkpoint, yours: Checkpoint | None) -> None:
    if yours and yours.size > checkpoint.size:
        raise Broken("older_than_yours", folder, size=yours.size, entries=checkpoint.size)
    if yours and yours.size == checkpoint.size and yours.root != checkpoint.root:
        raise Broken("not_in_yours", folder, size=yours.size)


def _comparable(log: Verified, yours: Checkpoint) -> bool:
    return log.origin == yours.origin and (log.whole or log.size == yours.size)
