"""Tickets for the document of a meeting: its minutes and cards."""

from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from services.events.domain.announcement import INTERNAL_FORMATS
from services.events.domain.meeting import StartMeeting
from services.events.places import own_meeting
from services.events.views.calendar import Evening, mine
from shared.access.tickets import SECONDS, Right, Ticket, mint, new_nonce
from shared.category import NotFound
from shared.contracts.documents import MEETING_SCHEMA
from shared.web.api import json_response
from shared.web.forms import from_json
from shared.web.problems import SignInNeeded
from shared.web.render import hue
from shared.web.visit import Visit

_RIGHTS: tuple[Right, ...] = ("read", "comment", "write")
_DOCUMENT = "meeting-"


class Ask(Struct, frozen=True, kw_only=True):
    """`schema`: the schema version that the asking editor knows."""

    document: Annotated[str, Meta(pattern="^meeting-[A-Za-z0-9-]{1,64}$")]
    right: Right = "read"
    schema: Annotated[int, Meta(ge=1, le=1000)] = MEETING_SCHEMA


class Issued(Struct, frozen=True, kw_only=True):
    """`right` may be less than was asked for; `url` is where the websocket is opened."""

    ticket: str
    url: str
    person: str
    name: str
    hue: int
    right: Right
    schema: int


@post("/{municipality:str}/api/events/tickets", status_code=200)
async def issue(visit: NamedDependency[Visit], request: Request[Any, Any, Any]) -> Response[bytes]:
    """A ticket with the right asked for, or the most that the person has. Who reads without account gets a session."""
    assert visit.town
    asked = from_json(Ask, await request.body())
    evening = await own_meeting(visit, asked.document.removeprefix(_DOCUMENT))
    right = min(asked.right, await _most(visit, evening), key=_RIGHTS.index)
    headers = {}
    if visit.session is None:
        token, visit.session = await visit.site.sessions.start()
        headers["set-cookie"] = visit.site.cookie.write(token)
    person = visit.person or ""
    name = (await visit.site.people.read(visit.town.id, person) or "Gast") if person else ""
    ticket = Ticket(
        session=visit.session.id,
        municipality=visit.town.id,
        person=person,
        document=asked.document,
        right=right,
        name=name,
        hue=hue(person or visit.session.id),
        schema=asked.schema,
        nonce=new_nonce(),
        expires=int(visit.now.timestamp()) + SECONDS,
    )
    issued = Issued(
        ticket=mint(visit.site.settings.ticket_seed, ticket),
        url=f"{visit.site.settings.gateway_url}/{visit.town.id}/{asked.document}",
        person=person,
        name=name,
        hue=ticket.hue,
        right=right,
        schema=asked.schema,
    )
    return json_response(issued, headers)


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


ROUTES = [issue]
