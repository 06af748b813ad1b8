"""Freezing a revision: exactly what is durable in the document at that moment, kept by its digest."""

from services.planning.domain.plan import FreezeRevision, Id, Name
from services.planning.reading import reader
from shared.category import Handled
from shared.documents import read_plan
from shared.message import Command
from shared.plans import finance_plan, schedule_plan
from shared.web.visit import Place, Visit


class Freeze(Command):
    """What a person says; what the page had as saved is durable, and so is in the document that is read here."""

    revision_id: Id
    name: Name


async def freeze(visit: Visit, project: str, asked: Freeze, command_id: str | None) -> Handled:
    """Freezes the plan of `project`. Raises what `Visit.act` raises."""
    assert visit.town
    await reader(visit, project)
    town = visit.town.id
    state, sequence = await visit.extra.office.content(town, project)
    await visit.extra.office.record(town, project)
    plan = read_plan(state)[0]
    command = FreezeRevision(
        revision=asked.revision_id,
        name=asked.name,
        digest=await visit.extra.contents.keep(town, plan),
        sequence=sequence,
        finance=finance_plan(plan)[0],
        schedule=schedule_plan(plan),
    )
    return await visit.act("plan", Place(project, project), command, command_id=command_id)
