"""Which state of a plan is carried away: what is saved now, or what a revision froze."""

from datetime import datetime

from msgspec import Struct

from services.planning.reading import frozen_content, reader
from services.planning.screens import Frozen
from shared.contracts.documents import Plan
from shared.documents import read_plan
from shared.web.render import moment
from shared.web.visit import Visit


class Edition(Struct, frozen=True, kw_only=True):
    """A plan with its title and where it comes from. `at`: when it stood so, to the minute."""

    municipality: str
    project: str
    title: str
    town: str
    address: str
    plan: Plan
    at: datetime
    revision: Frozen | None = None

    @property
    def state(self) -> str:
        """In words, for the foot of every page."""
        if self.revision is None:
            return f"Arbeitsstand vom {moment(self.at)}"
        return f"Fassung {self.revision.number} „{self.revision.name}“, festgehalten am {moment(self.at)}"


async def edition(visit: Visit, project: str, revision: str = "") -> Edition:
    """What is saved now, or a frozen revision, for whoever may read the plan. Raises `NotFound`."""
    assert visit.town
    town = visit.town.id
    await reader(visit, project)
    frozen, at = None, visit.now
    if revision:
        frozen, plan = await frozen_content(visit, project, revision)
        at = frozen.at
    else:
        plan = read_plan((await visit.extra.office.content(town, project))[0])[0]
    return Edition(
        municipality=town,
        project=project,
        title=await visit.site.titles.read(town, "project", project) or "Projekt",
        town=visit.town.name,
        address=f"{visit.site.settings.public_url}/{town}/plans/{project}",
        plan=plan,
        at=at.replace(second=0, microsecond=0),
        revision=frozen,
    )
