"""Issues tickets for documents: what every service that owns documents answers to its pages' scripts."""

from typing import Annotated, Any

from litestar import Response
from msgspec import Meta, Struct

from shared.access.tickets import SECONDS, Right, Ticket, mint, new_nonce
from shared.web.api import json_response
from shared.web.render import hue
from shared.web.visit import Visit

RIGHTS: tuple[Right, ...] = ("read", "comment", "write")


class Ask(Struct, frozen=True, kw_only=True):
    """`schema`: the schema version that the asking editor knows."""

    document: Annotated[str, Meta(pattern="^[a-z]{1,16}-[A-Za-z0-9-]{1,64}$")]
    right: Right = "read"
    schema: Annotated[int, Meta(ge=1, le=1000)] = 1


class Issued(Struct, frozen=True, kw_only=True):
    """`right` may be less than was asked for; `url` is where the websocket is opened."""

    ticket: str
    url: str
    person: str
    name: str
    hue: int
    right: Right
    schema: int


async def issue(visit: Visit, asked: Ask, most: Right) -> Response[Any]:
    """A ticket with the right asked for, or `most`. Who reads without account gets an anonymous session."""
    assert visit.town
    right, headers = min(asked.right, most, key=RIGHTS.index), {}
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
