"""Gateways compare what they hold: equal state vectors do not prove equal content."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256

import structlog
from msgspec import Struct, json

from services.realtime.sync.hall import Hall
from services.realtime.sync.persistence import Keeper

log = structlog.get_logger()

EVERY = 10.0
HERE, DIGEST = "gateway.here", "gateway.digest"  # then municipality and document
_PATIENCE = 3  # rounds without a word after which another gateway counts as gone


class Digest(Struct, frozen=True):
    """`digest`: SHA-256 of the document's one form after the message `sequence` of the stream."""

    source: str
    sequence: int
    digest: str


class Agreement:
    """Every ten seconds tells the digests of rooms that changed, if there is another gateway; checks those it hears.

    Who finds that it holds something else than what is stored loads the document anew.
    """

    def __init__(
        self, source: str, hall: Hall, tell: Callable[[str, bytes], Awaitable[None]], every: float = EVERY
    ) -> None:
        self._source, self._hall, self._tell, self._every = source, hall, tell, every
        self._others = 0
        self._told: dict[tuple[str, str], int] = {}
        self._checks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self._tell(HERE, self._source.encode())
            self._others = max(0, self._others - 1)
            if self._others:
                await self._tell_all()

    def here(self, _: str, source: bytes) -> None:
        if source != self._source.encode():
            self._others = _PATIENCE

    def heard(self, subject: str, payload: bytes) -> None:
        """Another gateway's digest: compared if this one has heard exactly as much."""
        other = json.decode(payload, type=Digest)
        keeper = self._hall.keepers.get((subject.split(".")[2], subject.split(".")[3]))
        if keeper and other.source != self._source and keeper.room.sequence == other.sequence:
            mine = _digest(keeper)
            if mine and mine != other.digest:
                task = asyncio.get_running_loop().create_task(self._settle(keeper))
                self._checks.add(task)
                task.add_done_callback(self._checks.discard)

    async def _tell_all(self) -> None:
        for place, keeper in list(self._hall.keepers.items()):
            sequence = keeper.room.sequence
            if self._told.get(place) != sequence and (digest := _digest(keeper)):
                self._told[place] = sequence
                await self._tell(f"{DIGEST}.{place[0]}.{place[1]}", json.encode(Digest(self._source, sequence, digest)))
        self._told = {place: told for place, told in self._told.items() if place in self._hall.keepers}

    async def _settle(self, keeper: Keeper) -> None:
        log.error("gateways disagree", municipality=keeper.municipality, document=keeper.document)
        await keeper.compare()


def _digest(keeper: Keeper) -> str | None:
    """None while the room is busy: the next round will do."""
    state = keeper.state()
    return None if state is None else sha256(state).hexdigest()
