"""The page of a meeting: when and where, registering, the waiting list, what came out of it; and announcing one."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from services.events.courses import course
from services.events.domain.announcement import AnnounceMeeting, MoveMeeting
from services.events.domain.meeting import CancelMeeting, StartMeeting
from services.events.domain.outcome import SignOffMinutes
from services.events.domain.seating import CancelRegistration, Register
from services.events.drafts import announcing, moving
from services.events.minutes import digest, read
from services.events.pages.calendar import entry, file
from services.events.places import meeting_of, own_meeting, streams
from services.events.room import room
from services.events.signing import minutes_of, sign
from services.events.views.calendar import running
from shared.category import NotFound
from shared.decider import Rejected
from shared.ids import new_id
from shared.message import Command
from shared.web.problems import Forbidden, problem_of
from shared.web.visit import Place, Refused, Visit

_ACTIONS: dict[str, tuple[str, type[Command]]] = {
    "register": ("seating", Register),
    "cancel-registration": ("seating", CancelRegistration),
    "move-meeting": ("meeting", MoveMeeting),
    "cancel-meeting": ("meeting", CancelMeeting),
}


@get("/{municipality:str}/events/meetings/new")
async def propose(
    visit: NamedDependency[Visit], process: FromQuery[str] = "", step: FromQuery[str] = ""
) -> Response[Any]:
    visit.signed_in()
    return await _propose(visit, await _of_step(visit, process, step))


async def _of_step(visit: Visit, process: str, step: str) -> dict[str, str]:
    """What is known of a meeting that belongs to a step of a process. Raises `NotFound`."""
    assert visit.town
    if not process:
        return {}
    async with visit.site.service.reading(visit.town.id) as connection:
        found = next(iter(await running(connection, visit.town.id, process)), None)
    if found is None or step not in found.dates:
        raise NotFound(process)
    what, day = found.template.step(step), found.dates[step].day.isoformat()
    title = f"{what.title}: {found.topic}"
    return {"process": process, "step": step, "title": title, "format": what.format or "", "day": day}


async def _propose(visit: Visit, typed: dict[str, str], refused: Refused | None = None) -> Response[Any]:
    if not await visit.may(AnnounceMeeting, typed.get("project") or None):
        raise Forbidden("AnnounceMeeting")
    return await visit.page(
        "meeting_new.html",
        "Veranstaltung ankündigen",
        nav="events",
        id=typed.get("id") or new_id(),
        typed=typed,
        refused=refused,
    )


@post("/{municipality:str}/events/meetings/new", rule=AnnounceMeeting)
async def proposed(visit: NamedDependency[Visit]) -> Response[Any]:
    assert visit.town
    typed = await visit.form()
    id = typed.get("id") or new_id()
    return await visit.submit(
        "meeting",
        Place(id, typed.get("project") or None),
        AnnounceMeeting,
        then=f"/{visit.town.id}/events/meetings/{id}",
        again=lambda refused: _propose(visit, typed, refused),
        compose=announcing,
    )


@get(["/{municipality:str}/events/meetings/{id:str}", "/{municipality:str}/events/meetings/{id:str}/calendar.ics"])
async def meeting(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    """The page; with `.ics` behind it, the meeting for other calendars."""
    if visit.request.url.path.endswith(".ics"):
        found = await meeting_of(visit, id.removesuffix(".ics"))
        return file(visit, found.coming.title, [entry(visit, found)])
    return await _meeting(visit, id)


async def _meeting(visit: Visit, id: str, refused: Refused | None = None) -> Response[Any]:
    assert visit.town
    found = await meeting_of(visit, id)
    live = await room(visit, found)
    async with visit.site.service.reading(visit.town.id) as connection:
        belongs = await running(connection, visit.town.id, found.process) if found.process else []
    body = await minutes_of(visit, found) if found.coming.stage in ("ended", "signed_off") else b""
    return await visit.page(
        "meeting.html",
        found.coming.title,
        nav="events",
        live=live,
        parts=found.parts,
        process=course(belongs[0]) if belongs else None,
        reason=found.reason,
        version=found.version,
        minutes=read(body) if body else None,
        digest=digest(body) if body else "",
        may_manage=await visit.may(MoveMeeting, found.project),
        may_facilitate=await visit.may(StartMeeting, found.project),
        refused=refused,
    )


@post("/{municipality:str}/events/meetings/{id:str}/{action:str}", rule=_ACTIONS)
async def act(visit: NamedDependency[Visit], id: FromPath[str], action: FromPath[str]) -> Response[Any]:
    """The buttons of the page; a refusal shows it again, with the reason."""
    assert visit.town
    if action not in _ACTIONS:
        raise NotFound(action)
    visit.signed_in()
    category, kind = _ACTIONS[action]
    evening, section = await own_meeting(visit, id), (await visit.form()).get("section", "")
    place = Place(streams(visit, category, id, id, section), evening.project)

    def compose(typed: dict[str, str]) -> Mapping[str, Any]:
        return moving(typed) if kind is MoveMeeting else typed | {"meeting": id}

    then = f"/{visit.town.id}/events/meetings/{id}"
    return await visit.submit(
        category,
        place,
        kind,
        then=then,
        again=lambda refused: _meeting(visit, id, refused),
        compose=compose,
    )


@get("/{municipality:str}/events/meetings/{id:str}/minutes.json")
async def minutes_file(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """The bytes whose SHA-256 was signed, or would be now."""
    found = await meeting_of(visit, id)
    if found.coming.stage not in ("ended", "signed_off"):
        raise NotFound("minutes")
    body = await minutes_of(visit, found)
    return Response(body, media_type="application/json", headers={"etag": f'"{digest(body)}"'})


@post("/{municipality:str}/events/meetings/{id:str}/sign-off-minutes", rule=SignOffMinutes)
async def sign_off(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    assert visit.town
    visit.signed_in()
    evening, typed = await own_meeting(visit, id), await visit.form()
    try:
        await sign(visit, evening, typed.get("minutes", ""), typed.get("command_id") or None)
    except Rejected as error:
        problem = problem_of(error)
        assert problem
        response = await _meeting(visit, id, Refused(problem, typed))
        response.status_code = problem.status
        return response
    return Redirect(f"/{visit.town.id}/events/meetings/{id}", status_code=303)


ROUTES = [minutes_file, sign_off, propose, proposed, meeting, act]
