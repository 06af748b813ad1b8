"""The rooms of a live session: for everybody, for who facilitates, for the beamer, for a guest's phone."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from services.events import sayings
from services.events.adapters.codes import code_of, digest_of
from services.events.domain import agenda, meeting, outcome, poll, speaking
from services.events.domain.attendance import CheckIn
from services.events.domain.table import CloseTable, OpenTable
from services.events.places import meeting_of, own_meeting, streams, way_of
from services.events.room import room
from services.events.session_screens import Live
from services.events.views.calendar import Evening
from services.events.views.session import latest
from shared.category import NotFound
from shared.message import Command
from shared.web.problems import Forbidden, SignInNeeded
from shared.web.visit import Place, Refused, Visit

_LED: dict[str, tuple[str, type[Command]]] = {
    "start-meeting": ("meeting", meeting.StartMeeting),
    "end-meeting": ("meeting", meeting.EndMeeting),
    "record-result": ("meeting", outcome.RecordResult),
    "open-table": ("meeting", OpenTable),
    "close-table": ("meeting", CloseTable),
    "plan-agenda": ("live_agenda", agenda.PlanAgenda),
    "start-agenda-item": ("live_agenda", agenda.StartAgendaItem),
    "extend-agenda-item": ("live_agenda", agenda.ExtendAgendaItem),
    "pause-agenda-item": ("live_agenda", agenda.PauseAgendaItem),
    "resume-agenda-item": ("live_agenda", agenda.ResumeAgendaItem),
    "end-agenda-item": ("live_agenda", agenda.EndAgendaItem),
    "give-word": ("live_speaking", speaking.GiveWord),
    "end-word": ("live_speaking", speaking.EndWord),
    "open-poll": ("live_poll", poll.OpenPoll),
}
_SHARED: dict[str, tuple[str, type[Command]]] = {
    "ask-to-speak": ("live_speaking", speaking.AskToSpeak),
    "withdraw-word": ("live_speaking", speaking.WithdrawWord),
    "check-in": ("attendance", CheckIn),
}
_POLLS: dict[str, type[Command]] = {"vote": poll.VotePoll, "close": poll.ClosePoll}
_VIEWS = {"": "live", "facilitate": "facilitate", "projector": "projector", "table": "table"}

Again = Callable[[Refused], Awaitable[Response[Any]]]


@get(["/{municipality:str}/live/{id:str}", "/{municipality:str}/live/{id:str}/{view:str}"])
async def live(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    view = visit.request.path_params.get("view", "")
    if view not in _VIEWS:
        raise NotFound(view)
    return await _page(visit, id, view)


@get(["/{municipality:str}/live/{id:str}/panel", "/{municipality:str}/live/{id:str}/{view:str}/panel"])
async def panel(visit: NamedDependency[Visit], id: FromPath[str], seen: FromQuery[int] = -1) -> Response[Any]:
    """What moves, as a fragment; 204 where nothing has moved since `seen`."""
    assert visit.town
    view = visit.request.path_params.get("view", "")
    if view not in _VIEWS:
        raise NotFound(view)
    async with visit.site.service.reading(visit.town.id) as connection:
        if seen == await latest(connection, visit.town.id, id):
            return Response(None, status_code=204)
    evening = await meeting_of(visit, id)
    context = await _context(visit, evening, view)
    return await visit.page(f"{_VIEWS[view]}_panel.html", evening.coming.title, nav="events", **context)


async def _page(visit: Visit, id: str, view: str, refused: Refused | None = None) -> Response[Any]:
    evening = await meeting_of(visit, id)
    context = await _context(visit, evening, view)
    return await visit.page(f"{_VIEWS[view]}.html", evening.coming.title, nav="events", refused=refused, **context)


async def _context(visit: Visit, evening: Evening, view: str) -> dict[str, Any]:
    leads = await visit.may(meeting.StartMeeting, evening.project)
    if view == "facilitate" and not leads:
        raise Forbidden("facilitate") if visit.person else SignInNeeded
    shown = await room(visit, evening)
    shown = _with_codes(visit, shown) if leads and view == "facilitate" else shown
    return {"live": shown, "may_facilitate": leads, "parts": evening.parts}


def _with_codes(visit: Visit, shown: Live) -> Live:
    """The codes of open tables, for who may write them on beer mats."""
    assert visit.town
    key = bytes.fromhex(visit.site.settings.deployment_key)
    tables = (replace(table, code=code_of(key, visit.town.id, table.id)) for table in shown.tables)
    return replace(shown, tables=tuple(tables))


@post("/{municipality:str}/live/{id:str}/{action:str}", rule=_LED | _SHARED)
async def act(visit: NamedDependency[Visit], id: FromPath[str], action: FromPath[str]) -> Response[Any]:
    """The forms of all rooms: who leads comes back to the console, a guest to the phone's page."""
    if action not in _LED and action not in _SHARED:
        raise NotFound(action)
    visit.signed_in()
    category, kind = (_LED | _SHARED)[action]
    compose = await _compose(visit, id, action)
    typed = await visit.form()
    target = sayings.named(typed, "poll") if action == "open-poll" else id
    place = await _place(visit, category, target, id)
    then, again = _back(visit, id, "facilitate" if action in _LED else "")
    return await visit.submit(category, place, kind, then=then, again=again, compose=compose)


@post("/{municipality:str}/live/{id:str}/polls/{poll_id:str}/{action:str}", rule=_POLLS)
async def act_on_poll(
    visit: NamedDependency[Visit], id: FromPath[str], poll_id: FromPath[str], action: FromPath[str]
) -> Response[Any]:
    if action not in _POLLS:
        raise NotFound(action)
    visit.signed_in()
    place = await _place(visit, "live_poll", poll_id, id)
    then, again = _back(visit, id, "facilitate" if action == "close" else "")
    compose = sayings.vote(id, await way_of(visit, id)) if action == "vote" else sayings.filled(meeting=id)
    return await visit.submit("live_poll", place, _POLLS[action], then=then, again=again, compose=compose)


async def _place(visit: Visit, category: str, target: str, id: str) -> Place:
    evening = await own_meeting(visit, id)
    return Place(streams(visit, category, target, id), evening.project)


async def _compose(visit: Visit, id: str, action: str) -> sayings.Compose:
    assert visit.town
    match action:
        case "plan-agenda":
            return sayings.planned(id, (await room(visit, await meeting_of(visit, id))).agenda)
        case "open-poll":
            return sayings.question(id)
        case "ask-to-speak":
            return sayings.wish(await way_of(visit, id))
        case "check-in":
            return sayings.filled(meeting=id)
        case "open-table":
            return _new_table(visit)
    return sayings.filled()


def _new_table(visit: Visit) -> sayings.Compose:
    assert visit.town
    key, town = bytes.fromhex(visit.site.settings.deployment_key), visit.town.id

    def compose(typed: dict[str, str]) -> dict[str, str]:
        table = sayings.named(typed, "table")
        return typed | {"table_id": table, "code_digest": digest_of(key, town, code_of(key, town, table))}

    return compose


def _back(visit: Visit, id: str, view: str) -> tuple[str, Again]:
    """Where a form leads, and the same place again with the reason for a refusal."""
    assert visit.town
    if visit.session and visit.session.guest:
        view = "table"
    then = f"/{visit.town.id}/live/{id}" + (f"/{view}" if view else "")
    return then, lambda refused: _page(visit, id, view, refused)


ROUTES = [live, panel, act, act_on_poll]
