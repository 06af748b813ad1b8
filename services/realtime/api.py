"""The feed over HTTP: a page after a cursor, or an event stream that resumes at one."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Stream

from services.realtime.feed import PAGE, BadCursor, CloudEvent, cursor_text, facts_after, parse_cursor
from services.realtime.sync.protocol import Closing
from shared.contracts.documents import PLAN_SCHEMA
from shared.web.api import json_response
from shared.web.forms import Fault, Invalid
from shared.web.problems import Forbidden
from shared.web.visit import Visit

_READERS = {"integrator", "auditor", "coordinator"}
_BREATH = 15.0  # seconds after which an idle stream sends a comment, so that proxies keep it open


@get("/{municipality:str}/api/facts")
async def facts(visit: NamedDependency[Visit], after: FromQuery[str] = "") -> Response[bytes]:
    """`{"facts": [CloudEvent…], "next": cursor}`; an empty page says that the reader is up to date."""
    town = await _reader(visit)
    told, cursor = await _page(visit, town, _cursor(after))
    return json_response({"facts": told, "next": cursor_text(cursor)})


@get("/{municipality:str}/api/facts/stream")
async def stream(visit: NamedDependency[Visit], after: FromQuery[str] = "") -> Stream:
    """Server-sent events: `id` is the cursor, `data` the CloudEvent; `Last-Event-ID` resumes."""
    town = await _reader(visit)
    cursor = _cursor(visit.request.headers.get("last-event-id") or after)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(_events(visit, town, cursor), media_type="text/event-stream", headers=headers)


async def _events(visit: Visit, town: str, cursor: dict[str, int]) -> AsyncIterator[str]:
    """Facts as they are heard. Ends when the reader's session or right is gone: she comes back, and is refused."""
    service = visit.site.service
    yield ": ready\n\n"
    while await _may_still_read(visit):
        told, _ = await _page(visit, town, cursor)
        lines = []
        for fact in told:
            cursor = cursor | {fact.source.rpartition("/")[2]: fact.position}
            lines.append(f"id: {cursor_text(cursor)}\nevent: fact\ndata: {msgspec.json.encode(fact).decode()}\n\n")
        if lines:
            yield "".join(lines)
        if len(told) < PAGE and not await service.hears_more(town, cursor, _BREATH):
            yield ": still here\n\n"


async def _page(visit: Visit, town: str, cursor: dict[str, int]) -> tuple[list[CloudEvent], dict[str, int]]:
    async with visit.site.service.fenced.transaction(town) as connection:
        return await facts_after(connection, town, cursor, visit.site.service.card.hears)


async def _reader(visit: Visit) -> str:
    visit.signed_in()
    if not _READERS & (await visit.standing()).roles:
        raise Forbidden("facts")
    assert visit.town
    return visit.town.id


async def _may_still_read(visit: Visit) -> bool:
    assert visit.session
    alive = await visit.site.sessions.change(visit.session.id, lambda known: known)
    return alive is not None and bool(_READERS & (await visit.standing()).roles)


def _cursor(text: str) -> dict[str, int]:
    try:
        return parse_cursor(text)
    except BadCursor as error:
        raise Invalid({"after": Fault("wrong_form")}) from error


@get("/{municipality:str}/developers")
async def developers(visit: NamedDependency[Visit]) -> Response[Any]:
    standing = await visit.standing()
    return await _developers(visit, bool(_READERS & standing.roles), "")


@post("/{municipality:str}/developers/token")
async def token(visit: NamedDependency[Visit]) -> Response[Any]:
    """A new access token, shown this once; it lasts 90 days at most, and only its digest is kept."""
    await _reader(visit)
    assert visit.session
    assert visit.town
    persons = {visit.town.id: visit.signed_in()}
    made, _ = await visit.site.sessions.start(account=visit.session.account, persons=persons)
    return await _developers(visit, True, made)


async def _developers(visit: Visit, may: bool, token: str) -> Response[Any]:
    closings = [code.value for code in Closing]
    return await visit.page(
        "developers.html", "Schnittstellen", may=may, token=token, schema=PLAN_SCHEMA, closings=closings
    )


ROUTES = [facts, stream, developers, token]
