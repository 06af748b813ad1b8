"""Processes and meetings as JSON, and starting a process by the name of its template."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from services.events.courses import course, shortfalls
from services.events.domain.process import StartProcess
from services.events.drafts import Start, start_of
from services.events.places import meeting_of
from services.events.screens import Broken, Coming, Course, Part
from services.events.views.calendar import Evening, evenings, running
from shared.category import NotFound
from shared.web.api import Accepted, json_response
from shared.web.forms import from_json
from shared.web.visit import Place, Visit


class StepShown(Struct, frozen=True, kw_only=True):
    """`mark`: begun, done, skipped or ""; `avoids`: the holiday on which the step would have fallen."""

    key: str
    title: str
    kind: str
    day: date
    starts: date
    ends: date
    mark: str
    avoids: str | None
    meeting: str | None


class ProcessShown(Struct, frozen=True, kw_only=True):
    id: str
    topic: str
    template: str
    template_version: int
    template_digest: str
    anchor: date
    goal: str | None
    stopped: str | None
    version: int
    steps: list[StepShown]
    broken: list[Broken]


class MeetingShown(Struct, frozen=True, kw_only=True):
    """`version` is that of its stream for `If-Match`; `minutes` the digest of what was signed, or ""."""

    meeting: Coming
    parts: tuple[Part, ...]
    process: str | None
    step: str | None
    project: str | None
    minutes: str
    version: int


@get("/{municipality:str}/api/events/processes")
async def list_processes(visit: NamedDependency[Visit]) -> Response[bytes]:
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        found: list[Course] = [course(one) for one in await running(connection, visit.town.id)]
    return json_response({"processes": found})


@get("/{municipality:str}/api/events/processes/{id:str}")
async def read_process(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """A process with the dates of all its steps, and the distances that are too short."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        found = next(iter(await running(connection, visit.town.id, id)), None)
        held = await evenings(connection, visit.town.id, process=id)
    if found is None:
        raise NotFound(id)
    meetings = {evening.step: evening.coming.id for evening in held}
    steps = [
        StepShown(
            key=step.key,
            title=step.title,
            kind=step.kind,
            day=dated.day,
            starts=dated.starts,
            ends=dated.ends,
            mark=found.marks.get(step.key, ""),
            avoids=dated.avoids,
            meeting=meetings.get(step.key),
        )
        for step, dated in ((found.template.step(key), dated) for key, dated in found.dates.items())
    ]
    shown = ProcessShown(
        id=found.id,
        topic=found.topic,
        template=found.template.key,
        template_version=found.template.version,
        template_digest=found.digest,
        anchor=found.anchor,
        goal=found.goal,
        stopped=found.stopped,
        version=found.version,
        steps=steps,
        broken=shortfalls(found),
    )
    return json_response(shown, {"etag": f'"{found.version}"'})


@post("/{municipality:str}/api/events/processes/{id:str}", status_code=200, takes=Start, rule=StartProcess)
async def start_shipped(
    visit: NamedDependency[Visit], request: Request[Any, Any, Any], id: FromPath[str]
) -> Response[bytes]:
    """Starts a process from a shipped template; `Idempotency-Key` counts as everywhere."""
    assert visit.town
    command = start_of(visit.town, from_json(Start, await request.body()))
    handled = await visit.act("process", Place(id), command, command_id=request.headers.get("idempotency-key"))
    return json_response(Accepted(handled.answer.position, handled.answer.versions[0]))


@get("/{municipality:str}/api/events/meetings")
async def list_meetings(visit: NamedDependency[Visit], format: FromQuery[str] = "") -> Response[bytes]:
    """The meetings that are not over, the next one first."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        found = await evenings(connection, visit.town.id, after=visit.now, format=format)
    return json_response({"meetings": [evening.coming for evening in found]})


@get("/{municipality:str}/api/events/meetings/{id:str}")
async def read_meeting(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    found = await meeting_of(visit, id)
    return json_response(_shown(found), {"etag": f'"{found.version}"'})


def _shown(evening: Evening) -> MeetingShown:
    return MeetingShown(
        meeting=evening.coming,
        parts=evening.parts,
        process=evening.process,
        step=evening.step,
        project=evening.project,
        minutes=evening.minutes,
        version=evening.version,
    )


ROUTES = [list_processes, read_process, start_shipped, list_meetings, read_meeting]
