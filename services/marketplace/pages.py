"""The marketplace's pages: what the town is making, each project, proposing, joining, helping; and the desks."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from services.marketplace.domain.need import AcceptOffer, MakeOffer, PublishNeed
from services.marketplace.domain.project import (
    PHASES,
    DescribeProject,
    MovePhase,
    ProposeProject,
    PublishProject,
    ReturnProject,
)
from services.marketplace.domain.team import (
    AcceptInvitation,
    AcceptMember,
    AskToJoin,
    DeclineMember,
    InviteMember,
    LeaveTeam,
)
from services.marketplace.drawings import district_map
from services.marketplace.story import Moment, story
from services.marketplace.views import listing, pots, project_page
from services.marketplace.views.mentions import named
from services.marketplace.views.project_page import Whole
from shared.category import NotFound
from shared.ids import new_id
from shared.message import Command
from shared.web.visit import Place, Refused, Visit

NEEDS = ("hands", "skill", "room", "thing", "money", "contact", "publicity")


@get("/{municipality:str}")
async def start(visit: NamedDependency[Visit]) -> Response[Any]:
    return await _marketplace(visit, listing.Search(), "start.html")


@get("/{municipality:str}/projects")
async def projects(
    visit: NamedDependency[Visit],
    q: FromQuery[str] = "",
    phase: FromQuery[str] = "",
    district: FromQuery[str] = "",
    need: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[Any]:
    return await _marketplace(
        visit, listing.Search(q, phase, district, need, min(max(1, page), listing.LAST)), "projects.html"
    )


async def _marketplace(visit: Visit, search: listing.Search, template: str) -> Response[Any]:
    assert visit.town
    if visit.session is not None:
        return await _listed(visit, search, template)
    return await visit.site.strangers.page(visit.town.id, (template, search), lambda: _listed(visit, search, template))


async def _listed(visit: Visit, search: listing.Search, template: str) -> Response[Any]:
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        found = await listing.found(connection, visit.town.id, search)
        wanted = await listing.open_needs(connection, visit.town.id)
        needed = await listing.count_open_needs(connection, visit.town.id)
        open_pots = await pots.open_pots(connection, visit.town.id, visit.today.isoformat())
    names = await visit.names(*(person for project in found.projects for person in project.team))
    pages = -(-found.total // listing.PAGE)
    return await visit.page(
        template,
        "Projekte",
        nav="projects",
        search=search,
        found=found,
        map=district_map(visit.town.districts, found.districts),
        wanted=wanted,
        needed=needed,
        names=names,
        pages=pages,
        pots=open_pots,
        pot_titles=await _pot_titles(visit, [pot.id for pot in open_pots]),
        phases=PHASES[:3],
        kinds=NEEDS,
    )


async def _pot_titles(visit: Visit, ids: list[str]) -> dict[str, str]:
    """Titles of pots, which funding keeps in the directory; one that is not there yet is `Fördertopf`."""
    assert visit.town
    found = await visit.site.titles.read_all((visit.town.id, "pot", id) for id in ids)
    return {id: found.get((visit.town.id, "pot", id), "Fördertopf") for id in ids}


@get("/{municipality:str}/projects/new")
async def propose(visit: NamedDependency[Visit]) -> Response[Any]:
    visit.signed_in()
    return await _propose(visit)


async def _propose(visit: Visit, refused: Refused | None = None) -> Response[Any]:
    id = refused.typed.get("id", "") if refused else new_id()
    return await visit.page("propose.html", "Idee vorschlagen", nav="projects", id=id or new_id(), refused=refused)


@post("/{municipality:str}/projects/new", rule=ProposeProject)
async def proposed(visit: NamedDependency[Visit]) -> Response[Any]:
    assert visit.town
    id = (await visit.form()).get("id") or new_id()
    return await visit.submit(
        "proposal",
        Place((id, id)),
        ProposeProject,
        then=f"/{visit.town.id}/projects/{id}",
        again=lambda refused: _propose(visit, refused),
    )


@get("/{municipality:str}/projects/{id:str}")
async def project(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    return await _project(visit, id)


async def _project(visit: Visit, id: str, refused: Refused | None = None) -> Response[Any]:
    assert visit.town
    whole, standing = await _whole(visit, id), await visit.standing(id)
    told = await _story(visit, id)
    people = {row.person for row in [*whole.team, *whole.offers]} | {moment.person for moment in told} - {""}
    return await visit.page(
        "project.html",
        whole.project.title,
        nav="projects",
        whole=whole,
        story=told,
        place=whole.place_of(visit.person),
        coordinates="coordinator" in standing.roles,
        names=await visit.names(*people),
        refused=refused,
        phases=PHASES,
        kinds=NEEDS,
        new=new_id(),
    )


async def _story(visit: Visit, id: str) -> list[Moment]:
    assert visit.town
    service = visit.site.service
    entries = await service.store.entries(visit.town.id, 0, 1000, project=id)
    return story(service.codec.recorded(entry) for entry in entries)


async def _whole(visit: Visit, id: str) -> Whole:
    """The project, if the person may see it: public, or her own, or she coordinates. Raises `NotFound`."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        whole = await project_page.whole(connection, visit.town.id, id)
    if whole is None:
        raise NotFound(id)
    own = whole.place_of(visit.person) in ("lead", "member", "invited")
    if whole.project.state != "public" and not own and "coordinator" not in (await visit.standing()).roles:
        raise NotFound(id)
    return whole


_ACTIONS: dict[str, tuple[str, type[Command]]] = {
    "publish": ("project", PublishProject),
    "return": ("project", ReturnProject),
    "describe": ("project", DescribeProject),
    "phase": ("project", MovePhase),
    "join": ("team", AskToJoin),
    "accept": ("team", AcceptMember),
    "decline": ("team", DeclineMember),
    "invite": ("team", InviteMember),
    "accept-invitation": ("team", AcceptInvitation),
    "leave": ("team", LeaveTeam),
}
_NEEDS: dict[str, type[Command]] = {"publish": PublishNeed, "offer": MakeOffer, "accept": AcceptOffer}


@post("/{municipality:str}/projects/{id:str}/{action:str}", rule=_ACTIONS)
async def act(visit: NamedDependency[Visit], id: FromPath[str], action: FromPath[str]) -> Response[Any]:
    """The buttons of a project's page; a refusal shows the page again, with the reason."""
    assert visit.town
    if action not in _ACTIONS:
        raise NotFound(action)
    category, kind = _ACTIONS[action]
    then = f"/{visit.town.id}/projects/{id}"
    return await visit.submit(
        category, Place(id, id), kind, then=then, again=lambda refused: _project(visit, id, refused)
    )


@post("/{municipality:str}/projects/{id:str}/needs/{need:str}/{action:str}", rule=_NEEDS)
async def act_on_need(
    visit: NamedDependency[Visit], id: FromPath[str], need: FromPath[str], action: FromPath[str]
) -> Response[Any]:
    assert visit.town
    if action not in _NEEDS:
        raise NotFound(action)
    then = f"/{visit.town.id}/projects/{id}#gesuche"
    place, again = Place(need, id), _again(visit, id)
    return await visit.submit("need", place, _NEEDS[action], then=then, again=again)


def _again(visit: Visit, id: str) -> Callable[[Refused], Awaitable[Response[Any]]]:
    return lambda refused: _project(visit, id, refused)


@get("/{municipality:str}/inbox")
async def inbox(visit: NamedDependency[Visit]) -> Response[Any]:
    assert visit.town
    person = visit.signed_in()
    async with visit.site.service.reading(visit.town.id) as connection:
        waiting = await project_page.waiting_for(connection, visit.town.id, person)
        mentions = await named(connection, visit.town.id, person)
    names = await visit.names(*(row.person for row in waiting), *(row.by for row in mentions))
    return await visit.page("inbox.html", "Postfach", nav="inbox", waiting=waiting, mentions=mentions, names=names)


@get("/{municipality:str}/me")
async def me(visit: NamedDependency[Visit]) -> Response[Any]:
    assert visit.town
    person = visit.signed_in()
    async with visit.site.service.reading(visit.town.id) as connection:
        own = await project_page.mine(connection, visit.town.id, person)
    return await visit.page("me.html", "Meine Projekte", nav="me", own=own, standing=await visit.standing())


@get("/{municipality:str}/desk")
async def desk(visit: NamedDependency[Visit]) -> Response[Any]:
    """The coordinator's desk; for others it does not exist."""
    assert visit.town
    visit.signed_in()
    if "coordinator" not in (await visit.standing()).roles:
        raise NotFound("desk")
    async with visit.site.service.reading(visit.town.id) as connection:
        ideas = await project_page.ideas(connection, visit.town.id)
    names = await visit.names(*(row.proposed_by for row in ideas))
    return await visit.page("desk.html", "Koordination", nav="desk", ideas=ideas, names=names)


ROUTES = [start, projects, propose, proposed, project, act, act_on_need, inbox, me, desk]
