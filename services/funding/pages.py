"""Funding's pages: pots, an application beside its rules, the desk, and every decision with its reasons."""

from collections.abc import Iterable, Mapping
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from msgspec import Struct

from services.funding import desk
from services.funding.books import books
from services.funding.domain.applying import StartApplication, SubmitApplication, WithdrawApplication
from services.funding.domain.filing import Correct, PinRevision
from services.funding.domain.grant import AcceptDecision, SubmitProof
from services.funding.domain.pot import AddMoney, CloseCall, ClosePot, OpenCall, OpenPot
from services.funding.domain.verdict import RecordObjection
from services.funding.filing import Pin, dossier, pinned, place_in
from services.funding.reading import OFFICE, may_follow, may_read
from services.funding.shown.applications import application_page, own_applications
from services.funding.shown.audit import audit_page
from services.funding.shown.decisions import decision_page, decisions_page
from services.funding.shown.history import history_page
from services.funding.shown.pots import open_pots, pot_page
from services.funding.views import pots
from shared.category import NotFound
from shared.decider import Rejected
from shared.ids import new_id
from shared.message import Command
from shared.store import Conflict
from shared.web.forms import Invalid, from_form
from shared.web.problems import problem_of
from shared.web.visit import Place, Refused, Visit

POT: dict[str, type[Command]] = {
    "open-call": OpenCall,
    "close-call": CloseCall,
    "add-money": AddMoney,
    "close-pot": ClosePot,
}
TEAM: dict[str, tuple[str, type[Command]]] = {
    "submit": ("applying", SubmitApplication),
    "withdraw": ("applying", WithdrawApplication),
    "correct": ("application", Correct),
    "accept-decision": ("application", AcceptDecision),
    "record-objection": ("application", RecordObjection),
    "submit-proof": ("application", SubmitProof),
}


class Chosen(Struct, frozen=True):
    pot: str
    outcome: str


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


@post("/{municipality:str}/funding/pots/new")
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
    may = await _may(visit, POT.values())
    page = context | {"may": may, "new": new_id(), "refused": refused}
    return await visit.page("pot.html", context["pot"].title, nav="funding", **page)


@post("/{municipality:str}/funding/pots/{id:str}/{action:str}")
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


@get("/{municipality:str}/funding/applications/{id:str}")
async def application(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    return await _application(visit, id)


async def _application(visit: Visit, id: str, refused: Refused | None = None) -> Response[Any]:
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    context = await application_page(visit, file)
    kinds: list[type[Command]] = [PinRevision, *(kind for _, kind in TEAM.values())]
    may = await _may(visit, kinds, file.started.project_id)
    page = context | {"may": may, "new": new_id(), "refused": refused}
    return await visit.page("application.html", "Antrag", nav="funding", **page)


@post("/{municipality:str}/funding/applications/{id:str}/{action:str}")
async def act_on_application(visit: NamedDependency[Visit], id: FromPath[str], action: FromPath[str]) -> Response[Any]:
    """The team's buttons; pinning works out the findings before it is stored."""
    assert visit.town
    then = f"/{visit.town.id}/funding/applications/{id}"
    if action == "pin-revision":
        return await _pin(visit, id, then)
    if action not in TEAM:
        raise NotFound(action)
    category, kind = TEAM[action]
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    place = await place_in(visit, category, file)
    return await visit.submit(category, place, kind, then=then, again=lambda r: _application(visit, id, r))


async def _pin(visit: Visit, id: str, then: str) -> Response[Any]:
    assert visit.town
    typed = await visit.form()
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    try:
        command = await pinned(visit, file, from_form(Pin, typed))
        place = await place_in(visit, "application", file)
        await visit.act("application", place, command, command_id=typed.get("command_id") or None)
    except (Invalid, Rejected, Conflict) as error:
        problem = problem_of(error)
        assert problem
        response = await _application(visit, id, Refused(problem, typed))
        response.status_code = problem.status
        return response
    return Redirect(then, status_code=303)


@get("/{municipality:str}/funding/applications/{id:str}/history")
async def history(
    visit: NamedDependency[Visit], id: FromPath[str], step: FromQuery[int | None] = None
) -> Response[Any]:
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_follow(visit, file)
    return await visit.page("history.html", "Verlauf", nav="funding", **await history_page(visit, file, step))


@get("/{municipality:str}/funding/desk")
async def queue(visit: NamedDependency[Visit]) -> Response[Any]:
    return await desk.page(visit, None)


@get("/{municipality:str}/funding/desk/{id:str}")
async def case(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    return await desk.page(visit, id)


@post("/{municipality:str}/funding/desk/{id:str}/{action:str}")
async def act_at_desk(visit: NamedDependency[Visit], id: FromPath[str], action: FromPath[str]) -> Response[Any]:
    return await desk.act(visit, id, action)


@get("/{municipality:str}/decisions")
async def decisions(
    visit: NamedDependency[Visit], pot: FromQuery[str] = "", outcome: FromQuery[str] = ""
) -> Response[Any]:
    context = await decisions_page(visit, pot, outcome)
    chosen = Chosen(pot, outcome)
    return await visit.page("decisions.html", "Entscheidungen", nav="decisions", chosen=chosen, **context)


@get("/{municipality:str}/decisions/{id:str}")
async def decision(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    context: Mapping[str, Any] = await decision_page(visit, id)
    return await visit.page("decision.html", context["decision"].title, nav="decisions", **context)


@get("/{municipality:str}/audit")
async def audit(visit: NamedDependency[Visit]) -> Response[Any]:
    return await visit.page("audit.html", "Nachweis", nav="decisions", **await audit_page(visit))


async def _may(visit: Visit, kinds: Iterable[type[Command]], project: str | None = None) -> set[str]:
    return {kind.__name__ for kind in kinds if await visit.may(kind, project)}


ROUTES = [
    funding,
    open_pot,
    pot,
    act_on_pot,
    application,
    act_on_application,
    history,
    queue,
    case,
    act_at_desk,
    decisions,
    decision,
    audit,
]
