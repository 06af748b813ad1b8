"""A plan as it was at any moment, put together from the edits that its log holds up to then."""

from base64 import b64decode
from datetime import datetime
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from services.planning.domain.edits import EditsRecorded
from services.planning.reading import reader, workspace
from shared.contracts.documents import Plan
from shared.documents import merged, read_plan, seed_plan
from shared.web.moments import asked_moment
from shared.web.render import moment
from shared.web.visit import Visit

_PAGE = 500


@get("/{municipality:str}/plans/{id:str}/then")
async def then(visit: NamedDependency[Visit], id: FromPath[str], at: FromQuery[str] = "") -> Response[Any]:
    """`?at=` as `asked_moment` takes it."""
    await reader(visit, id)
    until = asked_moment(at, visit.now)
    content, edits = await plan_then(visit, id, until)
    plan = replace(await workspace(visit, id, "", content), at=until)
    notice = f"So stand der Plan am {moment(until)}, nach {edits} festgehaltenen Änderungen."
    return await visit.page("print.html", plan.title, nav="projects", notice=notice, plan=plan, revision=None)


async def plan_then(visit: Visit, project: str, until: datetime) -> tuple[Plan, int]:
    """The content after everything that was logged by then, and how many stretches of edits that is."""
    assert visit.town
    await visit.extra.office.record(visit.town.id, project)
    service, updates, after = visit.site.service, [seed_plan()], 0
    while entries := await service.store.entries(visit.town.id, after, _PAGE, project=project):
        known = [entry for entry in entries if entry.recorded_at <= until]
        for one in service.codec.readable(known):
            if isinstance(one.event, EditsRecorded):
                updates += [b64decode(burst.update) for burst in one.event.bursts]
        if len(known) < len(entries):
            break
        after = entries[-1].position
    return read_plan(merged(updates))[0], len(updates) - 1


ROUTES = [then]
