"""Reading and signing minutes: what somebody signs is what she has read, and stays as it was."""

from services.events.adapters.papers import MeetingPapers
from services.events.domain.outcome import SignOffMinutes
from services.events.minutes import digest, minutes, text
from services.events.room import room
from services.events.views.calendar import Evening
from shared.category import Handled
from shared.decider import Rejected
from shared.web.problems import Forbidden
from shared.web.visit import Place, Visit


async def minutes_of(visit: Visit, evening: Evening) -> bytes:
    """The minutes as they were signed, or as they are now."""
    assert visit.town
    papers: MeetingPapers = visit.extra
    kept = await papers.read(visit.town.id, evening.minutes) if evening.minutes else None
    if kept is not None:
        return kept
    live = await room(visit, evening)
    return text(minutes(live, await papers.written(visit.town.id, evening.coming.id)))


async def sign(visit: Visit, evening: Evening, read: str, command_id: str | None) -> Handled:
    """Signs the minutes whose digest somebody has read. Raises `Rejected` where they have been changed since, and what
    `Visit.act` raises."""
    assert visit.town
    if not await visit.may(SignOffMinutes, evening.project):
        visit.signed_in()
        raise Forbidden(SignOffMinutes.__name__)
    papers: MeetingPapers = visit.extra
    body = await minutes_of(visit, evening)
    if read != digest(body):
        raise Rejected("minutes_have_changed")
    await papers.keep(visit.town.id, body)
    place = Place(evening.coming.id, evening.project)
    return await visit.act("meeting", place, SignOffMinutes(minutes=read), command_id=command_id)
