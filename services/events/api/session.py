"""The live session as JSON: what moves in it, opening a table, sitting down at one."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from services.events.adapters.codes import code_of, digest_of
from services.events.domain.attendance import JoinTable
from services.events.domain.outcome import SignOffMinutes
from services.events.domain.progress import Digest
from services.events.domain.table import OpenTable
from services.events.domain.template import Words
from services.events.places import meeting_of, own_meeting
from services.events.room import room
from services.events.signing import sign
from services.events.sitting import cookie, sit_down
from shared.access.cookies import csrf_token
from shared.ids import following, new_id
from shared.web.api import Accepted, json_response
from shared.web.forms import from_json
from shared.web.visit import Place, Visit


class NewTable(Struct, frozen=True, kw_only=True):
    name: Words


class TableCode(Struct, frozen=True, kw_only=True):
    """`url` is what a QR code on the table should say."""

    table: str
    name: str
    code: str
    url: str


class SitDown(Struct, frozen=True, kw_only=True):
    """`first_name` is needed without an account only."""

    code: Annotated[str, Meta(max_length=40)]
    first_name: Annotated[str, Meta(max_length=60)] = ""


class Seated(Struct, frozen=True, kw_only=True):
    """`token` is a new guest's, for the cookie or as `Authorization: Bearer`; `csrf` goes with the cookie."""

    meeting: str
    table: str
    name: str
    person: str
    token: str
    csrf: str


@get("/{municipality:str}/api/events/live/{id:str}")
async def read_live(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """Agenda, clock, speaking list, polls, results, and in `mine` what whoever asks is to the meeting."""
    live = await room(visit, await meeting_of(visit, id))
    return json_response(live, {"etag": f'"{live.news}"'})


@post("/{municipality:str}/api/events/meetings/{id:str}/tables", status_code=200, takes=NewTable, rule=OpenTable)
async def open_table(
    visit: NamedDependency[Visit], request: Request[Any, Any, Any], id: FromPath[str]
) -> Response[bytes]:
    """Opens a table and tells its code, on a retry with the same `Idempotency-Key` the same one."""
    assert visit.town
    asked, evening = from_json(NewTable, await request.body()), await own_meeting(visit, id)
    command_id = request.headers.get("idempotency-key") or new_id()
    table, key = following(command_id, "table"), bytes.fromhex(visit.site.settings.deployment_key)
    code = code_of(key, visit.town.id, table)
    command = OpenTable(table_id=table, name=asked.name, code_digest=digest_of(key, visit.town.id, code))
    await visit.act("meeting", Place(id, evening.project), command, command_id=command_id)
    url = f"{visit.site.settings.public_url}/{visit.town.id}/table/{code}"
    return json_response(TableCode(table=table, name=asked.name, code=code, url=url))


@post("/{municipality:str}/api/events/tables/join", status_code=200, takes=SitDown, rule=JoinTable)
async def join_table(visit: NamedDependency[Visit], request: Request[Any, Any, Any]) -> Response[bytes]:
    asked = from_json(SitDown, await request.body())
    seat = await sit_down(visit, asked.code, asked.first_name)
    assert visit.session
    seated = Seated(
        meeting=seat.meeting,
        table=seat.table,
        name=seat.name,
        person=seat.person,
        token=seat.token,
        csrf=csrf_token(visit.session),
    )
    return json_response(seated, cookie(visit, seat))


class Signature(Struct, frozen=True, kw_only=True):
    """The SHA-256 of the minutes that were read, hex: the ETag of `…/events/meetings/<id>/minutes.json`."""

    minutes: Digest


@post(
    "/{municipality:str}/api/events/meetings/{id:str}/sign-off", status_code=200, takes=Signature, rule=SignOffMinutes
)
async def sign_off(
    visit: NamedDependency[Visit], request: Request[Any, Any, Any], id: FromPath[str]
) -> Response[bytes]:
    asked, evening = from_json(Signature, await request.body()), await own_meeting(visit, id)
    handled = await sign(visit, evening, asked.minutes, request.headers.get("idempotency-key"))
    return json_response(Accepted(handled.answer.position, handled.answer.versions[0]))


ROUTES = [read_live, open_table, join_table, sign_off]
