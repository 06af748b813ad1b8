"""First names of guests: known while their evening lasts, forgotten when it has ended."""

from collections.abc import Sequence

import sqlalchemy as sa

from services.events.domain.meeting import MeetingCancelled, MeetingEnded
from services.events.domain.seating import GUEST
from services.events.views.seats import registrations
from shared.access.directory import Directory
from shared.projector import LOG
from shared.service import Service
from shared.store import Recorded


class Forgetting:
    """Follows the log; the end of a meeting takes the names of its guests out of the directory."""

    def __init__(self, service: Service, people: Directory) -> None:
        self._service = service
        self._people = people

    async def __call__(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        over = {one.id for one in recorded if isinstance(one.event, (MeetingEnded, MeetingCancelled))}
        if not over:
            return
        await self._service.projector.catch_up(municipality, LOG, recorded[-1].entry.position)
        mine = (registrations.c.municipality == municipality) & registrations.c.meeting.in_(over)
        guests = registrations.c.person.startswith(GUEST)
        async with self._service.reading(municipality) as connection:
            found = (await connection.execute(sa.select(registrations.c.person).where(mine, guests))).scalars().all()
        for person in found:
            await self._people.forget(municipality, person)
