"""Freezing a revision: exactly what is durable in the document at that moment, kept by its digest."""

from msgspec.structs import replace

from services.planning.domain.plan import FreezeRevision, Id, Name
from services.planning.reading import reader
from shared.category import Handled
from shared.documents import read_plan
from shared.message import Command
from shared.plans import finance_plan, schedule_plan
from shared.web.problems import Forbidden
from shared.web.visit import Place, Visit


class Freeze(Command):
    """What a person says; what the page had as saved is durable, and so is in the document that is read here."""

    revision_id: Id
    name: Name


async def freeze(visit: Visit, project: str, asked: Freeze, command_id: str | None) -> Handled:
    """Freezes the plan of `project`; a retry freezes what the first try found. Raises what `Visit.act` raises."""
    assert visit.town
    await reader(visit, project)
    if not await visit.may(FreezeRevision, project):
        visit.signed_in()
        raise Forbidden(FreezeRevision.__name__)
    town = visit.town.id
    command = await visit.extra.contents.begun(town, project, asked.revision_id)
    if command is None:
        command = await visit.extra.contents.begin(town, project, await _content(visit, project, asked))
    return await visit.act("plan", Place(project, project), replace(command, name=asked.name), command_id=command_id)


async def _content(visit: Visit, project: str, asked: Freeze) -> FreezeRevision:
    assert visit.town
    town, office = visit.town.id, visit.extra.office
    state, sequence = await office.content(town, project)
    await office.record(town, project)
    plan = read_plan(state)[0]
    return FreezeRevision(
        revision=asked.revision_id,
        name=asked.name,
        digest=await visit.extra.contents.keep(town, plan),
        sequence=sequence,
        finance=finance_plan(plan)[0],
        schedule=schedule_plan(plan),
    )
