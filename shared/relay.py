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
        self._told: dict[
            str, tuple[Cursor, int]
        ] = {}  # last fact, and how far the log was read without finding another

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
                del self._told[municipality]
            except BaseException:
                self._told.pop(municipality, None)  # whether the last batch arrived is unknown: ask the bus
                raise

    async def _page(self, municipality: str) -> bool:
        cursor, scanned = self._told[municipality]
        entries = await self._store.entries(municipality, scanned, _PAGE)
        if not entries:
            return False
        facts, after = [], cursor.position
        for entry in entries:
            if (fact := self._publish(self._codec.recorded(entry))) is not None:
                facts.append(self._tell(entry, fact, after))
                after = entry.position
        if facts:
            cursor = await self._bus.tell(facts, cursor)
        self._told[municipality] = (cursor, entries[-1].position)
        return len(entries) == _PAGE

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
