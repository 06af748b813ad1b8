"""The relay tells a service's facts in the order of its log; its only memory is the last fact on the bus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from shared.bus import Bus, Cursor, Overtaken, Told
from shared.message import Fact
from shared.store import Entry, Recorded, Store
from shared.store.codec import Codec, encode

Publish = Callable[[Recorded], Fact | None]
_PAGE = 1000


class Relay:
    """Tells the facts of one service. Any number may run: the fence lets one win, the others start over."""

    def __init__(self, service: str, store: Store, codec: Codec, bus: Bus, publish: Publish) -> None:
        self._service = service
        self._store = store
        self._codec = codec
        self._bus = bus
        self._publish = publish
        # The last fact, and how far the log was read without finding another.
        self._told: dict[str, tuple[Cursor, int]] = {}

    def look_again(self, municipality: str) -> None:
        """Forgets what was told, so that the next turn asks the bus: it may have lost facts meanwhile."""
        self._told.pop(municipality, None)

    async def catch_up(self, municipality: str) -> int:
        """Tells everything that is not told yet; returns the position of the last fact."""
        while True:
            try:
                if municipality not in self._told:
                    cursor = await self._bus.cursor(municipality, self._service)
                    self._told[municipality] = (cursor, cursor.position)
                if not await self._page(municipality):
                    return self._told[municipality][0].position
            except Overtaken:
                self.look_again(municipality)
            except BaseException:
                self.look_again(municipality)  # whether the last batch arrived is unknown
                raise

    async def _page(self, municipality: str) -> bool:
        cursor, scanned = self._told[municipality]
        seen = self._codec.readable(await self._store.entries(municipality, scanned, _PAGE))
        if not seen:
            return False
        facts, after = [], cursor.position
        for recorded in seen:
            if (fact := self._publish(recorded)) is not None:
                facts.append(self._tell(recorded.entry, fact, after))
                after = recorded.entry.position
        if facts:
            cursor = await self._bus.tell(facts, cursor)
        self._told[municipality] = (cursor, seen[-1].entry.position)
        return len(seen) == _PAGE

    def _tell(self, entry: Entry, fact: Fact, after: int) -> Told:
        return Told(
            id=entry.event_id,
            municipality=entry.municipality,
            source=self._service,
            name=type(fact).__name__,
            position=entry.position,
            after=after,
            project=entry.project,
            at=entry.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            body=encode(fact),
        )
