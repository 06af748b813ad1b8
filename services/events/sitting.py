"""How somebody sits down at a table by its code: with an account as herself, without one as a guest of the evening."""

from typing import Any

from msgspec import Struct

from services.events.adapters.codes import digest_of
from services.events.domain.attendance import JoinTable
from services.events.domain.registration import registration_id
from services.events.domain.seating import GUEST
from services.events.places import meeting_of
from services.events.views.session import table_of
from shared.access.limits import Limit, neighbourhood, trusted_address
from shared.access.sessions import Guest
from shared.decider import Rejected
from shared.ids import new_id
from shared.web.forms import Fault, Invalid
from shared.web.problems import SignInNeeded, TooMany
from shared.web.visit import Place, Visit

_TRIES = Limit("table-codes", 300, 600)  # a whole pub behind one address; a million codes
NAME = 30


class Seat(Struct, frozen=True, kw_only=True):
    """Where somebody sits now; `token` is that of a new guest's session, or ""."""

    meeting: str
    table: str
    name: str
    person: str
    token: str = ""


async def sit_down(visit: Visit, code: str, first_name: str) -> Seat:
    """Joins the table of `code`. Raises `Rejected`, `Invalid`, `TooMany`, and `SignInNeeded` for an account that has
    not entered this town."""
    assert visit.town
    client = neighbourhood(trusted_address(visit.request.scope, visit.site.proxies))
    verdict = await visit.site.limits.hit(_TRIES, client)
    if not verdict.allowed:
        raise TooMany(verdict.wait)
    digest = digest_of(bytes.fromhex(visit.site.settings.deployment_key), visit.town.id, code)
    async with visit.site.service.reading(visit.town.id) as connection:
        table = await table_of(connection, visit.town.id, digest)
    if table is None:
        raise Rejected("table_code_wrong")
    evening = await meeting_of(visit, table.meeting)
    token = await _as_guest(visit, table.meeting, first_name)
    person = visit.signed_in()
    streams = (registration_id(table.meeting, person), table.meeting)
    command = JoinTable(meeting=table.meeting, table=table.id, code_digest=digest)
    try:
        await visit.act("attendance", Place(streams, evening.project), command)
    except Rejected:
        if token and visit.session:
            await visit.site.sessions.revoke(visit.session.id)
            await visit.site.people.forget(visit.town.id, person)
        raise
    return Seat(meeting=table.meeting, table=table.id, name=table.name, person=person, token=token)


async def _as_guest(visit: Visit, meeting: str, first_name: str) -> str:
    """Begins a guest's session where nobody is there yet, and gives its token; "" for who is known already."""
    assert visit.town
    guest = visit.session.guest if visit.session else None
    if guest and guest.meeting == meeting:
        return ""
    if visit.session and visit.session.account:
        if visit.person is None:
            raise SignInNeeded
        return ""
    name = " ".join(first_name.split())
    if not name:
        raise Invalid({"first_name": Fault("missing")})
    if len(name) > NAME:
        raise Invalid({"first_name": Fault("too_long", {"most": NAME})})
    person = f"{GUEST}{new_id()}"
    joined = Guest(municipality=visit.town.id, meeting=meeting, person=person)
    token, visit.session = await visit.site.sessions.start(guest=joined)
    await visit.site.people.write(name, visit.town.id, person)
    return token


def cookie(visit: Visit, seat: Seat) -> dict[str, Any]:
    """The header that keeps a new guest's session in her browser."""
    return {"set-cookie": visit.site.cookie.write(seat.token)} if seat.token else {}
