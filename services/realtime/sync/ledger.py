"""What a document is known to hold, in numbers: how far each client id has come, and whose it is."""

from collections.abc import Callable, Iterable, Mapping

import msgspec
from msgspec import Struct

from services.realtime.sync.places import Lot, Place, Places, Tangled
from services.realtime.sync.update import Change

MOST_ROOTS = 500
NOBODY = ""  # owner of the client ids of a former epoch


class Refused(Exception):
    """Content that must not be applied; the text is the reason, a snake_case code."""


class Foreign(Refused):
    """New structs under a client id that belongs to somebody else."""


class _Index(Struct, array_like=True):
    halves: set[Place]
    lots: dict[int, tuple[list[int], list[Lot | None]]]
    counts: list[tuple[Lot, int]] | None = None


_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(_Index)


class Ledger:
    """`clocks`: client id → next clock, `owners`: client id → the person who first used it in this document.

    One client id used for two contents diverges for good although the state vectors are equal. `halves` are the places
    of the second halves of characters that count as two: text parted there is stored wrongly by pycrdt, for good.
    """

    def __init__(
        self,
        clocks: Mapping[int, int],
        owners: Mapping[int, str],
        allows: Callable[[str], bool] = lambda _: True,
        index: bytes = b"",
    ) -> None:
        known = _decoder.decode(index) if index else _Index(set(), {}, [])
        self.clocks, self.owners = dict(clocks), dict(owners)
        counts = None if known.counts is None else dict(known.counts)
        self.halves, self.places = known.halves, Places(known.lots, counts)
        self._allows = allows
        self._roots: set[str] = set()

    def index(self) -> bytes:
        """What is known beyond clocks and owners, for whoever loads the document next."""
        counts = [(lot, count) for lot, count in self.places.counts.items() if count > 1]
        return _encoder.encode(_Index(self.halves, self.places.lots, counts))

    def check(self, change: Change, person: str, *, foreign: bool = False) -> None:
        """Raises `Refused` for holes, unknown roots and what lies ahead of the document, `Foreign` for client ids of
        others unless `foreign` (they bring back what a lost log held). Only structs that are new are looked at."""
        clocks = self.clocks
        ends: dict[int, int] = {}
        for client, begin, end in change.runs:
            known = ends.get(client) or clocks.get(client, 0)
            if end > known and not foreign and self.owners.get(client, person) != person:
                raise Foreign("foreign_client")
            if begin > known:
                raise Refused("gap")
            ends[client] = max(end, known)
        for client, needed in change.needs.items():
            if needed > (ends.get(client) or clocks.get(client, 0)):
                raise Refused("gap")
        for client, _, end in change.deletions:
            if end > (ends.get(client) or clocks.get(client, 0)):
                raise Refused("gap")
        self._check_roots(change)
        if self.halves or change.halves:
            self._check_halves(change)
        try:
            change.lots = self.places.settle(change.pieces, self.clocks)
        except Tangled as error:
            raise Refused("tangled") from error

    def _check_halves(self, change: Change) -> None:
        cuts = set(change.cuts)
        cuts.update((client, self.clocks.get(client, 0)) for client, _, _ in change.runs)
        for client, begin, end in change.deletions:
            cuts |= {(client, begin), (client, end)}
        if not cuts.isdisjoint(self.halves) or not cuts.isdisjoint(change.halves):
            raise Refused("half_character")

    def _check_roots(self, change: Change) -> None:
        fresh = change.roots - self._roots
        if fresh and (len(fresh) + len(self._roots) > MOST_ROOTS or not all(map(self._allows, fresh))):
            raise Refused("unknown_root")

    def enter(self, change: Change, person: str, clients: Iterable[int]) -> None:
        """Notes what `check` let pass; `clients` are from now on `person`'s."""
        self._roots |= change.roots
        if change.halves:
            self.halves.update(half for half in change.halves if half[1] >= self.clocks.get(half[0], 0))
        self.places.enter(change.pieces, change.lots, self.clocks)
        for client, _, end in change.runs:
            if end > self.clocks.get(client, 0):
                self.clocks[client] = end
        for client in clients:
            self.owners.setdefault(client, person)

    def unowned(self, change: Change) -> tuple[int, ...]:
        return tuple(client for client, _, _ in change.runs if client not in self.owners)

    def strangers(self, change: Change, person: str) -> bool:
        """Whether new structs lie under client ids that are somebody else's."""
        for client, _, end in change.runs:  # at every edit: a loop takes half of what `any` does
            if self.owners.get(client, person) != person and end > self.clocks.get(client, 0):
                return True
        return False

    def brings(self, change: Change) -> bool:
        """Whether there is any struct in it that the document does not have."""
        return any(end > self.clocks.get(client, 0) for client, _, end in change.runs)
