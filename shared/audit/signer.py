"""Signs what a service's logs are: a checkpoint soon after every change, and never one that contradicts an earlier."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import structlog
from msgspec import Struct
from msgspec.structs import replace

from shared.audit.keyring import Keyring
from shared.audit.merkle import CompactRange
from shared.audit.notes import Checkpoint, Key, Note, sign
from shared.audit.shelf import Shelf, Signed
from shared.audit.tiles import Tiles, hashes
from shared.store import Store

log = structlog.get_logger()

_PAUSE = 1.0  # seconds between two checkpoints of a log that is being written
_PATROL = 20.0  # seconds until a look at all logs: another replica, or a crash, may have left something unsigned
_TELLING = 2.0  # seconds
_READ = 10_000  # leaves a read

Announce = Callable[[str, bytes], Awaitable[None]]
Towns = Callable[[], Awaitable[Iterable[str]]]


class Diverged(Exception):
    """A log is not the one that was signed."""


class Seal(Struct, frozen=True, kw_only=True):
    """A checkpoint as it is printed in a letter: `root` is base64, `key` the id of the signing key in hex."""

    origin: str
    size: int
    root: str
    key: str


class Signer:
    """Signs the logs of one service. `host`: the deployment's name in origins, which is that of its public URL."""

    def __init__(self, service: str, host: str, store: Store, folder: Path, announce: Announce) -> None:
        self.service = service
        self._host = host
        self._store = store
        self._announce = announce
        self._changed: set[str] = set()
        self._news = asyncio.Event()
        self._trees: dict[tuple[str, int], Tiles] = {}
        self.keyring = Keyring(folder)
        self.shelf = Shelf(folder)
        self.folder = folder
        self.halted: dict[str, str] = {}  # municipality → why nothing is written to its log

    def origin(self, municipality: str, epoch: int = 0) -> str:
        """The log's name. A log that was recovered is another log: its checkpoints never contradict the lost ones."""
        name = f"{self._host}/{municipality}/audit/{self.service}"
        return f"{name}/recovery-{epoch}" if epoch else name

    def tree(self, municipality: str, epoch: int = 0) -> Tiles:
        """The tree of a log, from which proofs are made."""
        log = municipality, epoch
        if log not in self._trees:
            self._trees[log] = Tiles(lambda after, limit: self._store.leaves(municipality, after, limit))
        return self._trees[log]

    def known(self, municipality: str) -> Signed | None:
        """What was signed last. Raises `Unreadable`."""
        return self.shelf.read(municipality, self.service)

    async def latest(self, municipality: str) -> Signed:
        """What was signed last; signs where that is nothing."""
        return self.known(municipality) or await self.sign(municipality)

    def keys(self, municipality: str, epoch: int) -> list[Key]:
        """The log's public keys, newest first."""
        return self.keyring.keys(self.origin(municipality, epoch))

    async def seal(self, municipality: str) -> Seal:
        """The checkpoint over everything written so far, signed now: for letters. Raises `Diverged`."""
        signed = await self.sign(municipality)
        found, key = signed.checkpoint, self.keys(municipality, signed.epoch)[0]
        return Seal(origin=found.origin, size=found.size, root=b64encode(found.root).decode(), key=key.id.hex())

    async def sign(self, municipality: str) -> Signed:
        """Signs the log as it is; what was signed before stays where nothing is new.

        The signed past is kept here, as a compact range, and never read again: only leaves that came since are, and
        both together have to give the root that the log says. Raises `Diverged`, and then nothing more is written.
        """
        while True:
            known = self.known(municipality)
            try:
                tree = await self._grown(municipality, known)
            except Diverged as reason:
                await self._halt(municipality, str(reason))
                raise
            signed = await asyncio.to_thread(self._keep, municipality, known, tree)
            if signed is not None:
                break
        self.halted.pop(municipality, None)
        if known is None or signed.note != known.note:
            await self._tell(municipality, signed)
        return signed

    async def _tell(self, municipality: str, signed: Signed) -> None:
        """Who does not hear it finds it at the log's address: a broker that is away delays no signature."""
        try:
            async with asyncio.timeout(_TELLING):
                await self._announce(f"checkpoint.{municipality}.{self.service}", signed.note.encode())
        except Exception as error:
            log.warning("checkpoint not told", service=self.service, municipality=municipality, error=repr(error)[:200])

    def changed(self, municipality: str) -> None:
        """Something was written: it will be signed within a second."""
        self._changed.add(municipality)
        self._news.set()

    async def examine(self) -> None:
        """Looks, before anything is written, whether each log is still the one that was signed."""
        for municipality in self.shelf.municipalities(self.service):
            await self._try(municipality)

    async def run(self, towns: Towns) -> None:
        """Signs for ever: what has changed after a second, everything else when nothing happens."""
        while True:
            try:
                async with asyncio.timeout(_PATROL):
                    await self._news.wait()
            except TimeoutError:
                self._changed.update(await towns())
            self._news.clear()
            due, self._changed = self._changed, set()
            for municipality in sorted(due):
                await self._try(municipality)
            await asyncio.sleep(_PAUSE)

    async def _try(self, municipality: str) -> None:
        try:
            await self.sign(municipality)
        except Diverged as reason:
            log.error("log halted", service=self.service, municipality=municipality, reason=str(reason))

    async def _grown(self, municipality: str, known: Signed | None) -> CompactRange:
        tree = known.tree() if known else CompactRange()
        signed = tree.size
        head = await self._store.head(municipality)
        if head.size < signed:
            raise Diverged(f"it has {head.size} entries, but {signed} were signed, as if an older backup were restored")
        while tree.size < head.size:
            leaves = await self._store.leaves(municipality, tree.size, min(_READ, head.size - tree.size))
            if not leaves:
                raise Diverged(f"entry {tree.size + 1} of {head.size} is missing")
            for leaf in hashes(leaves):
                tree.append(leaf)
        if tree.root() != CompactRange(head.size, head.range).root():
            raise Diverged(
                f"it does not begin with the {signed} entries that were signed, as if another log were put here"
            )
        return tree

    def _keep(self, municipality: str, known: Signed | None, tree: CompactRange) -> Signed | None:
        """The checkpoint signed and on the disk; None where another process was faster."""
        return self.shelf.change(
            municipality,
            self.service,
            lambda present: self._next(municipality, present, tree) if _same(present, known) else None,
        )

    def _next(self, municipality: str, present: Signed | None, tree: CompactRange) -> Signed:
        checkpoint = Checkpoint(self.origin(municipality, present.epoch if present else 0), tree.size, tree.root())
        line = sign(checkpoint.text, self.keyring.seed(), checkpoint.origin)
        note, range = Note(checkpoint.text, (line,)).render(), tuple(tree.hashes)
        if present is None:
            return Signed(note=note, range=range)
        renamed = present.checkpoint.origin != checkpoint.origin  # what witnesses saw had the old name, and its key
        cosigned = "" if renamed else present.cosigned
        return replace(present, note=note, range=range, cosigned=cosigned, halted="")

    async def _halt(self, municipality: str, reason: str) -> None:
        self.halted[municipality] = reason
        await asyncio.to_thread(
            self.shelf.change,
            municipality,
            self.service,
            lambda present: replace(present, halted=reason) if present else None,
        )


def _same(one: Signed | None, other: Signed | None) -> bool:
    return (one and (one.note, one.range, one.epoch)) == (other and (other.note, other.range, other.epoch))
