"""Tells the live line of a meeting what has just changed in it: whoever has its document open hears it at once."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from services.events.domain.poll import PollClosed, PollOpened, PollVoted
from services.events.domain.registration import CheckedIn
from services.events.room import room_for
from services.events.views.calendar import evening
from services.events.views.polls import MOVING
from services.events.views.session import meeting_of_poll
from shared.projector import LOG
from shared.store import Recorded
from shared.web.site import Site

_FRESH = timedelta(seconds=30)  # what is older was told before this start, or nobody waits for it any more


class Line:
    """Follows the log; the message is the session as everybody may see it, as JSON."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def __call__(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        fresh = [one for one in recorded if self._site.clock() - one.entry.recorded_at < _FRESH]
        if not fresh:
            return
        await self._site.service.projector.catch_up(municipality, LOG, fresh[-1].entry.position)
        for meeting in dict.fromkeys([await self._meeting(municipality, one) for one in fresh]):
            if meeting:
                await self._tell(municipality, meeting)

    async def _meeting(self, municipality: str, one: Recorded) -> str | None:
        if isinstance(one.event, MOVING):
            return one.id
        if isinstance(one.event, CheckedIn):
            return one.event.meeting
        if isinstance(one.event, (PollOpened, PollVoted, PollClosed)):
            async with self._site.service.reading(municipality) as connection:
                return await meeting_of_poll(connection, municipality, one.id)
        return None

    async def _tell(self, municipality: str, meeting: str) -> None:
        async with self._site.service.reading(municipality) as connection:
            found = await evening(connection, municipality, meeting)
        if found:
            live = await room_for(self._site, municipality, found, None, self._site.clock())
            await self._site.service.bus.signal(f"live.{municipality}.meeting-{meeting}", msgspec.json.encode(live))
