"""Tickets for the document of a meeting: its minutes and cards."""

from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency

from services.events.domain.announcement import INTERNAL_FORMATS
from services.events.domain.meeting import StartMeeting
from services.events.places import own_meeting
from services.events.views.calendar import Evening, mine
from shared.access.tickets import Right
from shared.category import NotFound
from shared.web.forms import from_json
from shared.web.problems import SignInNeeded
from shared.web.tickets import Ask, issue
from shared.web.visit import Visit

_DOCUMENT = "meeting-"


@post("/{municipality:str}/api/events/tickets", status_code=200, takes=Ask)
async def ask(visit: NamedDependency[Visit], request: Request[Any, Any, Any]) -> Response[Any]:
    """A ticket for `meeting-<id>`, with the right asked for or the most that the person has."""
    asked = from_json(Ask, await request.body())
    if not asked.document.startswith(_DOCUMENT):
        raise NotFound(asked.document)
    evening = await own_meeting(visit, asked.document.removeprefix(_DOCUMENT))
    return await issue(visit, asked, await _most(visit, evening))


async def _most(visit: Visit, evening: Evening) -> Right:
    """The most that the person may: who leads writes until the minutes are signed, everybody who is there or has a
    place writes while the meeting runs, others read. Raises `SignInNeeded`, `NotFound`."""
    assert visit.town
    coming = evening.coming
    if coming.stage == "cancelled":
        raise NotFound(coming.id)
    if visit.person is None:
        if coming.format in INTERNAL_FORMATS:
            raise SignInNeeded
        return "read"
    if coming.stage != "signed_off" and await visit.may(StartMeeting, evening.project):
        return "write"
    async with visit.site.service.reading(visit.town.id) as connection:
        own = await mine(connection, visit.town.id, coming.id, visit.person)
    return "write" if coming.stage == "running" and (own.way or own.place == "seat") else "read"


ROUTES = [ask]
