"""The marketplace's JSON API: commands by address, and what everybody may read."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from services.marketplace.domain.need import PublishNeed
from services.marketplace.domain.project import ProposeProject
from services.marketplace.views.listing import LAST, Search, found
from services.marketplace.views.project_page import project_of_need, whole
from shared.card import Card
from shared.category import NotFound
from shared.message import Command
from shared.web.api import command_routes, json_response
from shared.web.visit import Place, Visit

AGGREGATES = {
    "proposal": "project",
    "project": "project",
    "team": "team",
    "need": "need",
    "municipality": "municipality",
    "person": "person",
}


class Project(Struct, frozen=True):
    """A public project. `team` are pseudonyms, `version` is that of its stream for `If-Match`."""

    id: str
    title: str
    summary: str
    district: str
    phase: str
    state: str
    version: int
    team: list[str]
    needs: list[dict[str, Any]]


async def locate(visit: Visit, category: str, id: str, command: Command) -> Place:
    """Which streams and which project a command is about."""
    assert visit.town
    match category, command:
        case "proposal", ProposeProject():
            return Place((id, id))
        case (("project" | "team"), _):
            return Place(id, id)
        case "need", PublishNeed(project=project):
            return Place(id, project)
        case "need", _:
            async with visit.site.service.reading(visit.town.id) as connection:
                of = await project_of_need(connection, visit.town.id, id)
            if of is None:
                raise NotFound(id)
            return Place(id, of)
    return Place(id)


@get("/{municipality:str}/api/marketplace/projects")
async def list_projects(
    visit: NamedDependency[Visit],
    q: FromQuery[str] = "",
    phase: FromQuery[str] = "",
    district: FromQuery[str] = "",
    need: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[bytes]:
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        listed = await found(connection, visit.town.id, Search(q, phase, district, need, min(max(1, page), LAST)))
    return json_response(listed)


@get("/{municipality:str}/api/marketplace/projects/{id:str}")
async def read_project(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """A project as everybody may see it; its own people and the coordinator see it before it is public, too."""
    assert visit.town
    standing = await visit.standing(id)
    async with visit.site.service.reading(visit.town.id) as connection:
        project = await whole(connection, visit.town.id, id)
    own = project is not None and project.place_of(visit.person) in ("lead", "member")
    if project is None or (project.project.state != "public" and not own and "coordinator" not in standing.roles):
        raise NotFound(id)
    row = project.project
    needs = [{"id": n.id, "kind": n.kind, "what": n.what, "by_day": n.by_day, "state": n.state} for n in project.needs]
    team = [member.person for member in project.members()]
    shown = Project(row.id, row.title, row.summary, row.district, row.phase, row.state, row.version, team, needs)
    return json_response(shown, {"etag": f'"{row.version}"'})


def routes(card: Card) -> list[Any]:
    return [*command_routes(card, AGGREGATES, locate), list_projects, read_project]
