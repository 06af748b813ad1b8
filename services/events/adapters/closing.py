"""When a meeting ends, what was still on in it ends too: the agenda item, the speech, the open polls."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from services.events.domain.agenda import EndAgendaItem
from services.events.domain.meeting import MeetingEnded
from services.events.domain.poll import ClosePoll
from services.events.domain.speaking import EndWord
from services.events.views.session import Session, session
from shared.decider import Rejected
from shared.ids import following
from shared.message import Command, Context
from shared.projector import LOG
from shared.service import Service
from shared.store import Recorded

log = structlog.get_logger()

_RECENT = timedelta(days=1)  # what ended earlier was closed before this start


class Closing:
    """Follows the log; each command's id follows from the end of the meeting, so that it counts once."""

    def __init__(self, service: Service, clock: Callable[[], datetime]) -> None:
        self._service, self._clock = service, clock

    async def __call__(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            if isinstance(one.event, MeetingEnded) and self._clock() - one.entry.recorded_at < _RECENT:
                await self._service.projector.catch_up(municipality, LOG, one.entry.position)
                await self._close(municipality, one.id, one.entry.event_id, one.event.at)

    async def _close(self, municipality: str, meeting: str, cause: str, at: datetime) -> None:
        async with self._service.reading(municipality) as connection:
            found = await session(connection, municipality, meeting, None)
        for category, id, command in _open(meeting, found):
            context = Context(
                by="events",
                municipality=municipality,
                at=at,
                command_id=following(cause, f"{type(command).__name__}/{id}"),
                cause=cause,
            )
            try:
                await self._service.handle(category, (id, meeting), command, context)
            except Rejected as refusal:  # somebody has closed it meanwhile in another way
                log.info("not closed", meeting=meeting, refusal=str(refusal)[:200])


def _open(meeting: str, found: Session) -> Iterator[tuple[str, str, Command]]:
    for item in found.items:
        if item.state == "now":
            yield "live_agenda", meeting, EndAgendaItem(item_id=item.item)
    for word in found.words:
        if word.state == "speaking":
            yield "live_speaking", meeting, EndWord(ask_id=word.ask)
    for poll in found.polls:
        if poll.open:
            yield "live_poll", poll.id, ClosePoll(meeting=meeting)
