"""Planning's JSON API: tickets for a plan's document, freezing a revision, and what may be read."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import to_builtins

from services.planning.domain.checks import check
from services.planning.domain.plan import INTERNAL, FreezeRevision
from services.planning.freezing import Freeze, Restore, freeze, restore
from services.planning.reading import frozen_content, history, people, reader, revisions, right_of
from shared.card import Card
from shared.category import NotFound
from shared.contracts.documents import PLAN_SCHEMA
from shared.documents import read_plan
from shared.message import Command
from shared.plans import finance_plan
from shared.web.api import Accepted, command_routes, json_response
from shared.web.forms import from_json
from shared.web.tickets import Ask, issue
from shared.web.visit import Place, Visit

AGGREGATES = {"plan": "plan"}


async def locate(_visit: Visit, _category: str, id: str, _command: Command) -> Place:
    """A plan has the id of its project."""
    return Place(id, id)


@post("/{municipality:str}/api/planning/tickets", status_code=200, takes=Ask)
async def ticket(visit: NamedDependency[Visit], request: Request[Any, Any, Any]) -> Response[Any]:
    """A ticket for `plan-<project>`: its team writes, advisers comment, all others read, if the project is public."""
    asked = from_json(Ask, await request.body())
    if not asked.document.startswith("plan-"):
        raise NotFound(asked.document)
    standing = await reader(visit, asked.document.removeprefix("plan-"))
    return await issue(visit, asked, right_of(standing))


@post(
    "/{municipality:str}/api/planning/plan/{id:str}/freeze-revision",
    status_code=200,
    takes=Freeze,
    rule=FreezeRevision,
)
async def freeze_revision(
    visit: NamedDependency[Visit], request: Request[Any, Any, Any], id: FromPath[str]
) -> Response[bytes]:
    """`{"revision_id", "name"}`: freezes what is durable now."""
    asked = from_json(Freeze, await request.body())
    handled = await freeze(visit, id, asked, request.headers.get("idempotency-key"))
    return json_response(Accepted(handled.answer.position, handled.answer.versions[0]))


@post(
    "/{municipality:str}/api/planning/plan/{id:str}/restore-revision",
    status_code=200,
    takes=Restore,
    rule=FreezeRevision,
)
async def restore_revision(
    visit: NamedDependency[Visit], request: Request[Any, Any, Any], id: FromPath[str]
) -> Response[bytes]:
    """`{"revision_id"}`: the plan says again what that revision says; `{"changed"}` tells whether it did not."""
    asked = from_json(Restore, await request.body())
    return json_response({"changed": await restore(visit, id, asked)})


@get("/{municipality:str}/api/planning/plans/{id:str}")
async def read(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """The plan as it is saved now, its totals in cents, its revisions, what is not sound yet, and what did not fit."""
    assert visit.town
    await reader(visit, id)
    state, sequence = await visit.extra.office.content(visit.town.id, id)
    plan, left_out = read_plan(state)
    finance, without_month = finance_plan(plan)
    shown = {
        "project": id,
        "schema": PLAN_SCHEMA,
        "sequence": sequence,
        "content": to_builtins(plan),
        "totals": to_builtins(finance.totals()),
        "without_month": without_month,
        "left_out": left_out,
        "findings": to_builtins(check(plan)),
        "revisions": to_builtins(await revisions(visit, id)),
    }
    return json_response(shown)


@get("/{municipality:str}/api/planning/plans/{id:str}/people")
async def read_people(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """Who is in the team, and who has commented: pseudonym, name, colour."""
    await reader(visit, id)
    return json_response({"people": to_builtins(await people(visit, id))})


@get("/{municipality:str}/api/planning/plans/{id:str}/history")
async def read_history(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """Who changed what, newest first."""
    await reader(visit, id)
    return json_response({"bursts": to_builtins(await history(visit, id, "", ""))})


@get("/{municipality:str}/api/planning/plans/{id:str}/revisions/{revision:str}")
async def read_revision(visit: NamedDependency[Visit], id: FromPath[str], revision: FromPath[str]) -> Response[bytes]:
    await reader(visit, id)
    frozen, plan = await frozen_content(visit, id, revision)
    return json_response({"revision": to_builtins(frozen), "content": to_builtins(plan)})


def routes(card: Card) -> list[Any]:
    own = [ticket, freeze_revision, restore_revision, read, read_people, read_history, read_revision]
    return [*own, *command_routes(card, AGGREGATES, locate, INTERNAL)]
