"""Planning's pages: the five parts of a plan, who changed what, and the whole of it for print."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from services.planning import line, then
from services.planning.domain.plan import DeclareReady, FreezeRevision
from services.planning.freezing import Freeze, Restore, freeze, restore
from services.planning.reading import (
    authors,
    comparison,
    frozen_content,
    history,
    known_part,
    reader,
    revisions,
    workspace,
)
from shared.decider import Rejected
from shared.store import Conflict
from shared.web.forms import Invalid, from_form
from shared.web.problems import problem_of
from shared.web.visit import Place, Refused, Visit


@get("/{municipality:str}/plans/{id:str}")
async def first(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    return await _part(visit, id, "profile")


@get("/{municipality:str}/plans/{id:str}/{part:str}")
async def part(visit: NamedDependency[Visit], id: FromPath[str], part: FromPath[str]) -> Response[Any]:
    return await _part(visit, id, known_part(part))


async def _part(visit: Visit, id: str, part: str, refused: Refused | None = None) -> Response[Any]:
    plan = await workspace(visit, id, part)
    return await visit.page("plan.html", f"Plan: {plan.title}", nav="projects", plan=plan, refused=refused)


@get("/{municipality:str}/plans/{id:str}/history")
async def changes(
    visit: NamedDependency[Visit],
    id: FromPath[str],
    part: FromQuery[str] = "",
    person: FromQuery[str] = "",
    to: FromQuery[str] = "",
) -> Response[Any]:
    """`?from=` and `?to=` compare two revisions, or one with what is saved now."""
    return await _history(visit, id, part, person, to)


async def _history(
    visit: Visit, id: str, part: str = "", person: str = "", to: str = "", refused: Refused | None = None
) -> Response[Any]:
    standing = await reader(visit, id)
    return await visit.page(
        "history.html",
        "Verlauf",
        nav="projects",
        plan=await workspace(visit, id, ""),
        bursts=await history(visit, id, person, part),
        revisions=await revisions(visit, id),
        comparison=await comparison(visit, id, visit.request.query_params.get("from", ""), to),
        chosen=part,
        who=person,
        authors=await authors(visit, id),
        may_restore=standing.relation is not None,
        may_declare=standing.relation == "lead",
        refused=refused,
    )


@post("/{municipality:str}/plans/{id:str}/ready", rule=DeclareReady)
async def ready(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    assert visit.town
    then = f"/{visit.town.id}/plans/{id}/history"
    return await visit.submit(
        "plan", Place(id, id), DeclareReady, then=then, again=lambda refused: _history(visit, id, refused=refused)
    )


@get("/{municipality:str}/plans/{id:str}/print")
async def for_print(visit: NamedDependency[Visit], id: FromPath[str], revision: FromQuery[str] = "") -> Response[Any]:
    """Everything on one page; of a frozen revision, if one is named."""
    if revision:
        return await _frozen(visit, id, revision)
    plan = await workspace(visit, id, "")
    return await visit.page("print.html", plan.title, nav="projects", plan=plan, revision=None)


@get("/{municipality:str}/plans/{id:str}/history/{revision:str}")
async def frozen(visit: NamedDependency[Visit], id: FromPath[str], revision: FromPath[str]) -> Response[Any]:
    """A revision: what stood in the plan when it was frozen, and stands there for ever."""
    return await _frozen(visit, id, revision)


async def _frozen(visit: Visit, id: str, revision: str) -> Response[Any]:
    await reader(visit, id)
    frozen, content = await frozen_content(visit, id, revision)
    plan = await workspace(visit, id, "", content)
    return await visit.page("print.html", plan.title, nav="projects", plan=plan, revision=frozen)


@post("/{municipality:str}/plans/{id:str}/freeze", rule=FreezeRevision)
async def freeze_now(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    assert visit.town
    typed = await visit.form()
    try:
        await freeze(visit, id, from_form(Freeze, typed), typed.get("command_id") or None)
    except (Invalid, Rejected, Conflict) as error:
        problem = problem_of(error)
        assert problem
        response = await _part(visit, id, "profile", Refused(problem, typed))
        response.status_code = problem.status
        return response
    return Redirect(f"/{visit.town.id}/plans/{id}/history", status_code=303)


@post("/{municipality:str}/plans/{id:str}/restore", rule=FreezeRevision)
async def restore_now(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    assert visit.town
    await restore(visit, id, from_form(Restore, await visit.form()))
    return Redirect(f"/{visit.town.id}/plans/{id}", status_code=303)


ROUTES = [first, part, changes, frozen, for_print, freeze_now, restore_now, ready, *line.ROUTES, *then.ROUTES]
