"""Freezing a revision, exactly what is durable in the document at that moment, and going back to one."""

import asyncio
from base64 import b64decode
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from services.planning.domain.plan import FreezeRevision, Id, Name
from services.planning.reading import frozen_content, reader
from shared.category import Handled
from shared.decider import Rejected
from shared.documents import Replica, read_plan
from shared.message import Command
from shared.plans import finance_plan, schedule_plan
from shared.web.forms import Fault, Invalid
from shared.web.problems import Forbidden
from shared.web.visit import Place, Visit

_WITHIN, _AGAIN_AFTER = 5.0, 0.1  # seconds


class Freeze(Command):
    """What a person says. `saved`: what her page had as saved, `<position>:<state vector, base64>`, or ""."""

    revision_id: Id
    name: Name
    saved: Annotated[str, Meta(max_length=100_000, pattern=r"^(\d{1,18}:[A-Za-z0-9+/]*={0,2})?$")] = ""


async def freeze(visit: Visit, project: str, asked: Freeze, command_id: str | None) -> Handled:
    """Freezes the plan of `project`; a retry freezes what the first try found.

    Raises what `Visit.act` raises, `Invalid`, and `Rejected` if the page had more than arrives here within 5 s.
    """
    assert visit.town
    await reader(visit, project)
    await of_the_team(visit, project)
    town = visit.town.id
    command = await visit.extra.contents.begun(town, project, asked.revision_id)
    if command is None:
        command = await visit.extra.contents.begin(town, project, await _content(visit, project, asked))
    return await visit.act("plan", Place(project, project), replace(command, name=asked.name), command_id=command_id)


class Restore(Command):
    revision_id: Id


async def restore(visit: Visit, project: str, asked: Restore) -> bool:
    """Makes the plan say what a revision says, as edits of the person who asks; False where it does already.

    Raises `NotFound`, `SignInNeeded`, `Forbidden`.
    """
    assert visit.town
    await reader(visit, project)
    await of_the_team(visit, project)
    _, plan = await frozen_content(visit, project, asked.revision_id)
    written: bool = await visit.extra.office.write(visit.town.id, project, visit.signed_in(), plan)
    return written


async def of_the_team(visit: Visit, project: str) -> None:
    """Raises `SignInNeeded` or `Forbidden` for whoever may not write in the plan."""
    if not await visit.may(FreezeRevision, project):
        visit.signed_in()
        raise Forbidden(FreezeRevision.__name__)


async def _content(visit: Visit, project: str, asked: Freeze) -> FreezeRevision:
    assert visit.town
    town, office = visit.town.id, visit.extra.office
    state, sequence = await _settled(visit, project, asked.saved)
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


async def _settled(visit: Visit, project: str, saved: str) -> tuple[bytes, int]:
    """The document with all that the page had as saved."""
    assert visit.town
    until = asyncio.get_running_loop().time() + _WITHIN
    while True:
        state, sequence = await visit.extra.office.content(visit.town.id, project)
        if not saved or _holds(state, saved.partition(":")[2]):
            return state, sequence
        if asyncio.get_running_loop().time() > until:
            raise Rejected("not_all_saved_yet")
        await asyncio.sleep(_AGAIN_AFTER)


def _holds(state: bytes, vector: str) -> bool:
    try:
        return Replica(state).holds(b64decode(vector, validate=True))
    except ValueError as error:
        raise Invalid({"saved": Fault("wrong_form")}) from error
