"""The pots of a town, and one with its rules, its ledger and the way to an application."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.funding.books import books
from services.funding.domain.applying import StartApplication
from services.funding.domain.pot import AddMoney, CloseCall, ClosePot, OpenCall, OpenPot, ReallotReturns, SetRules
from services.funding.domain.year import CloseYear
from services.funding.permitted import permitted
from services.funding.reading import OFFICE
from services.funding.shown.applications import own_applications
from services.funding.shown.pots import open_pots, pot_page
from services.funding.views import pots
from shared.category import NotFound
from shared.ids import new_id
from shared.message import Command
from shared.web.visit import Place, Refused, Visit

POT: dict[str, type[Command]] = {
    "open-call": OpenCall,
    "close-call": CloseCall,
    "add-money": AddMoney,
    "reallot-returns": ReallotReturns,
    "close-year": CloseYear,
    "close-pot": ClosePot,
}


@get("/{municipality:str}/funding")
async def funding(visit: NamedDependency[Visit]) -> Response[Any]:
    return await _funding(visit)


async def _funding(visit: Visit, refused: Refused | None = None) -> Response[Any]:
    assert visit.town
    service, town = visit.site.service, visit.town.id
    async with service.reading(town) as connection:
        rows = await pots.all_pots(connection, town)
    listed = await open_pots(visit, [row.id for row in rows if not row.closed])
    return await visit.page(
        "funding.html",
        "Förderung",
        nav="funding",
        pots=listed,
        mine=await own_applications(visit),
        office=bool(OFFICE & (await visit.standing()).roles),
        may_open=await visit.may(OpenPot),
        new=new_id(),
        refused=refused,
    )


@post("/{municipality:str}/funding/pots/new", rule=OpenPot)
async def open_pot(visit: NamedDependency[Visit]) -> Response[Any]:
    assert visit.town
    id = (await visit.form()).get("pot_id") or new_id()
    then = f"/{visit.town.id}/funding/pots/{id}"
    return await visit.submit("pot", Place(id), OpenPot, then=then, again=lambda r: _funding(visit, r))


@get("/{municipality:str}/funding/pots/{id:str}")
async def pot(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    return await _pot(visit, id)


async def _pot(visit: Visit, id: str, refused: Refused | None = None) -> Response[Any]:
    context = await pot_page(visit, id)
    may = await permitted(visit, [SetRules, *POT.values()])
    office = bool(OFFICE & (await visit.standing()).roles)
    page = context | {"may": may, "office": office, "new": new_id(), "refused": refused}
    return await visit.page("pot.html", context["pot"].title, nav="funding", **page)


@post("/{municipality:str}/funding/pots/{id:str}/{action:str}", rule=POT | {"start-application": StartApplication})
async def act_on_pot(visit: NamedDependency[Visit], id: FromPath[str], action: FromPath[str]) -> Response[Any]:
    assert visit.town
    if action == "start-application":
        return await _start(visit, id)
    if action not in POT:
        raise NotFound(action)
    then = f"/{visit.town.id}/funding/pots/{id}"
    return await visit.submit("pot", Place(id), POT[action], then=then, again=lambda r: _pot(visit, id, r))


async def _start(visit: Visit, pot: str) -> Response[Any]:
    """Starts an application with the rules that hold now."""
    assert visit.town
    typed = await visit.form()
    id, project = typed.get("application_id") or new_id(), typed.get("project_id", "")
    rules = (await books(visit.site.service, visit.town.id, pot)).state.rules_version
    return await visit.submit(
        "applying",
        Place((id, pot), project),
        StartApplication,
        then=f"/{visit.town.id}/funding/applications/{id}",
        again=lambda refused: _pot(visit, pot, refused),
        compose=lambda form: {**form, "application_id": id, "pot_id": pot, "rules_version": str(rules)},
    )


ROUTES = [funding, open_pot, pot, act_on_pot]
