"""First names of guests: known while their evening lasts, forgotten when it has ended, on their cards, too."""

from collections.abc import Sequence

import sqlalchemy as sa

from services.events.adapters.archive import Archive, revoked
from services.events.domain.meeting import MeetingCancelled, MeetingEnded
from services.events.domain.seating import GUEST
from services.events.views.seats import registrations
from shared.access.directory import Directory
from shared.projector import LOG
from shared.service import Service
from shared.store import Recorded


class Forgetting:
    """Follows the log; when a meeting is over, its guests are let go and their names go with them."""

    def __init__(self, service: Service, people: Directory, archive: Archive) -> None:
        self._service = service
        self._people = people
        self._archive = archive

    async def __call__(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        over = [one.id for one in recorded if isinstance(one.event, (MeetingEnded, MeetingCancelled))]
        if not over:
            return
        await self._service.projector.catch_up(municipality, LOG, recorded[-1].entry.position)
        for meeting in dict.fromkeys(over):
            kept = await self._archive.shelf.read(municipality, meeting)
            if kept is None or not kept.nameless:
                await self._forget(municipality, meeting)

    async def _forget(self, municipality: str, meeting: str) -> None:
        """In an order that can be begun again: whoever may still write could bring her name back."""
        mine = (registrations.c.municipality == municipality) & (registrations.c.meeting == meeting)
        guests = registrations.c.person.startswith(GUEST)
        async with self._service.reading(municipality) as connection:
            found = (await connection.execute(sa.select(registrations.c.person).where(mine, guests))).scalars().all()
        for person in found:
            await self._service.bus.signal(f"access.revoked.{municipality}", revoked(meeting, person))
            await self._people.forget(municipality, person)
        await self._archive.close(municipality, meeting)
