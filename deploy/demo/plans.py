"""The plan of the demo's first team, written by its people as ordinary edits, frozen once, and talked about."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from deploy.demo import material
from services.planning.adapters.contents import Contents
from services.planning.adapters.office import Office
from services.planning.domain.plan import FreezeRevision
from shared.bus.edits import FORM, Edit, Edits
from shared.contracts.documents import Comment, Plan
from shared.documents import read_plan
from shared.documents.writing import commenting
from shared.ids import following
from shared.message import Context
from shared.plans import finance_plan, schedule_plan
from shared.web.site import Site

_TOWN, _TITLE = "dresden", "Materialwerk Löbtau"
_PAUSE, _TRIES = 0.05, 600  # seconds; planning opens the plan when it hears of the project
_TALKER = 1001  # client ids of those who talk, one each


async def load(site: Site, town: str, projects: Mapping[str, str], people: Mapping[str, str]) -> None:
    """Writes the plan of the first project of Dresden, if nothing stands in it; `projects` are ids by title, `people`
    pseudonyms by name. In any other town nothing happens."""
    if town != _TOWN:
        return
    project, office, today = projects[_TITLE], Office(site.service, site.documents), site.clock().date()
    await opened(site, town, project)
    if read_plan((await office.content(town, project))[0])[0] != Plan():
        return

    async def write(name: str, **parts: object) -> None:
        await office.edit(town, project, people[name], lambda plan: replace(plan, **parts))

    need = following(project, "Trockener Lagerraum ab 60 m², ebenerdig")
    await write("Mira K.", profile=material.profile(today))
    await write("Jonas T.", work=material.work(today), milestones=material.milestones(today))
    await write("Selin B.", resources=material.resources(need))
    first = material.incomes(today, fund=23_560, club=2_210)
    await write("Mira K.", costs=material.first_costs(today), incomes=first)
    await freeze(site, town, project, people["Mira K."], "vor der Beratung")
    await write("Selin B.", costs=material.costs(today), incomes=material.incomes(today))
    await _talk(site, town, project, people)


async def opened(site: Site, town: str, project: str) -> None:
    """Waits until planning has heard of the project and begun the plan."""
    for _ in range(_TRIES):
        if await site.documents.snapshot(town, f"plan-{project}"):
            return
        await asyncio.sleep(_PAUSE)
    raise TimeoutError(project)


async def freeze(site: Site, town: str, project: str, by: str, name: str) -> int:
    """Freezes what stands in a plan as its demo's revision; the position of the fact that tells of it."""
    office, contents = Office(site.service, site.documents), Contents(site.service.engine)
    state, sequence = await office.content(town, project)
    await office.record(town, project)
    plan, revision = read_plan(state)[0], following(project, "demo-revision")
    command = FreezeRevision(
        revision=revision,
        name=name,
        digest=await contents.keep(town, plan),
        sequence=sequence,
        finance=finance_plan(plan)[0],
        schedule=schedule_plan(plan),
    )
    command = await contents.begin(town, project, command)
    context = Context(by=by, municipality=town, at=site.clock(), command_id=following(revision, "freeze"))
    return await site.service.last_fact(town, await site.service.handle("plan", project, command, context)) or 0


async def _talk(site: Site, town: str, project: str, people: Mapping[str, str]) -> None:
    anna, mira, selin, jonas = (people[name] for name in ("Anna B.", "Mira K.", "Selin B.", "Jonas T."))
    at = site.clock().astimezone(UTC)
    asked = Comment(
        id="demo-question",
        about="finance.costs/cost-fee",
        text="320 Stunden sind gut sechs pro Woche. Reicht das für die Schulen ab September?",
        author=anna,
        at=_moment(at - timedelta(hours=3)),
        mentions=mira,
    )
    answer = Comment(
        id="demo-answer",
        about=asked.about,
        text="Die drei Schulen kommen nacheinander dran, dann reicht es. Ich frage trotzdem nach.",
        author=mira,
        at=_moment(at - timedelta(hours=1)),
        mentions=anna,
        parent=asked.id,
    )
    early = Comment(
        id="demo-early",
        about="work/work-shop",
        text="Die Werkbänke kommen schon Mitte des Monats. Kann der Boden bis dahin fertig sein?",
        author=selin,
        at=_moment(at - timedelta(minutes=40)),
        mentions=jonas,
    )
    for number, comment in enumerate((asked, answer, early)):
        client = _TALKER + number
        edit = Edit(comment.author, commenting(client, comment), (client,))
        await site.documents.publish(town, f"plan-{project}", Edits(FORM, 0, "planning", [edit]))


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
