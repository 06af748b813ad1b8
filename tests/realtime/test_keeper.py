"""What carries a room, over a store that fails when told to."""

import asyncio
from typing import cast

from services.realtime.sync.persistence import Keeper, Store
from services.realtime.sync.room import Room
from shared.bus.edits import Loaded
from tests.infra import eventually


class Broken:
    """Knows that there is something, and cannot read it while `broken`."""

    stream = "s"
    broken = True

    async def last(self, *_: str) -> int:
        return 7

    async def load(self, *_: str) -> Loaded:
        if self.broken:
            raise ValueError("unreadable")
        return Loaded()


def keeper(store: Broken) -> Keeper:
    return Keeper("dresden", "plan-1", Room("g1", lambda _: True), cast(Store, store), lambda _: None, lambda *_: None)


async def test_a_room_that_cannot_be_loaded_is_given_up_when_nobody_waits_for_it() -> None:
    kept = keeper(Broken())
    for _ in range(3):
        joining = asyncio.ensure_future(kept.caught_up())
        await eventually(lambda: len(kept._fences) == 1, 15)
        assert not kept.idle
        joining.cancel()  # its patience is at an end
        await asyncio.gather(joining, return_exceptions=True)
        assert kept.idle
    await kept.close()
