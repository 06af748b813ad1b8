"""The page of a process, and the desk from which it is started and moved."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.events.adapters.shipped import shipped
from services.events.courses import drawn, listed, shortfalls
from services.events.domain.process import StartProcess, StopProcess
from services.events.domain.progress import BeginStep, CompleteStep, SkipStep
from services.events.domain.timetable import MoveAnchor, RescheduleStep
from services.events.drafts import starting
from services.events.drawings import timeline
from services.events.outline import public_holidays, span
from services.events.pages.calendar import file, step_entries
from services.events.views.calendar import Running, evenings, running
from shared.category import NotFound
from shared.ids import new_id
from shared.message import Command
from shared.web.problems import Forbidden
from shared.web.visit import Place, Refused, Visit

_ACTIONS: dict[str, type[Command]] = {
    "reschedule-step": RescheduleStep,
    "move-anchor": MoveAnchor,
    "begin-step": BeginStep,
    "complete-step": CompleteStep,
    "skip-step": SkipStep,
    "stop-process": StopProcess,
}


@get("/{municipality:str}/events/processes/new")
async def propose(visit: NamedDependency[Visit]) -> Response[Any]:
    visit.signed_in()
    return await _propose(visit)


async def _propose(visit: Visit, refused: Refused | None = None) -> Response[Any]:
    if not await visit.may(StartProcess):
        raise Forbidden("StartProcess")
    id = (refused.typed.get("id") if refused else None) or new_id()
    templates = list(shipped().values())
    return await visit.page(
        "process_new.html", "Ablauf starten", nav="events", id=id, templates=templates, refused=refused
    )


@post("/{municipality:str}/events/processes/new", rule=StartProcess)
async def proposed(visit: NamedDependency[Visit]) -> Response[Any]:
    assert visit.town
    id = (await visit.form()).get("id") or new_id()
    return await visit.submit(
        "process",
        Place(id),
        StartProcess,
        then=f"/{visit.town.id}/events/processes/{id}",
        again=lambda refused: _propose(visit, refused),
        compose=starting(visit.town),
    )


@get(["/{municipality:str}/events/processes/{id:str}", "/{municipality:str}/events/processes/{id:str}/calendar.ics"])
async def process(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    """The page; with `.ics` behind it, the dates for other calendars."""
    if visit.request.url.path.endswith(".ics"):
        found = await _running(visit, id.removesuffix(".ics"))
        return file(visit, f"{found.template.title}: {found.topic}", step_entries(visit, found))
    return await _process(visit, id)


async def _process(visit: Visit, id: str, refused: Refused | None = None) -> Response[Any]:
    assert visit.town
    found = await _running(visit, id)
    async with visit.site.service.reading(visit.town.id) as connection:
        held = await evenings(connection, visit.town.id, process=id)
    steps = drawn(found)
    shown = [step for step in steps if step.state != "skipped"]
    holidays = public_holidays(*span(shown), found.land)
    return await visit.page(
        "process.html",
        f"{found.template.title}: {found.topic}",
        nav="events",
        id=id,
        topic=found.topic,
        blueprint=found.template,
        anchor=found.anchor,
        goal=found.goal,
        version=found.version,
        steps=listed(found, steps, held, visit.today),
        done=found.done,
        total=len(found.template.steps),
        drawing=timeline(shown, visit.today, holidays),
        broken=shortfalls(found),
        refused=refused,
        may_manage=found.stopped is None and await visit.may(RescheduleStep),
    )


@post("/{municipality:str}/events/processes/{id:str}/{action:str}", rule=_ACTIONS)
async def act(visit: NamedDependency[Visit], id: FromPath[str], action: FromPath[str]) -> Response[Any]:
    """The buttons of the page; a refusal shows it again, with every distance that the change would break."""
    assert visit.town
    if action not in _ACTIONS:
        raise NotFound(action)
    then = f"/{visit.town.id}/events/processes/{id}"
    return await visit.submit(
        "process", Place(id), _ACTIONS[action], then=then, again=lambda refused: _process(visit, id, refused)
    )


async def _running(visit: Visit, id: str) -> Running:
    """Raises `NotFound`."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        found = next(iter(await running(connection, visit.town.id, id)), None)
    if found is None:
        raise NotFound(id)
    return found


ROUTES = [propose, proposed, process, act]
