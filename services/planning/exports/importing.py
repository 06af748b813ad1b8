"""Brings a cost table into a plan: read, looked at, then written as ordinary edits of the person who brings it."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from services.planning.domain.plan import FreezeRevision, Id
from services.planning.exports.costtable import MOST, Line, cost_lines
from services.planning.exports.spreadsheet import LARGEST, Unreadable
from services.planning.freezing import of_the_team
from services.planning.reading import reader, workspace
from shared.access.limits import Limit
from shared.contracts.documents import Cost, MaybeMonth, Order, Plan, Word
from shared.contracts.plan import Cents, Thousandths
from shared.decider import Rejected
from shared.documents import read_plan
from shared.ids import following
from shared.message import Command
from shared.web.api import json_response
from shared.web.forms import Fault, Invalid, from_form, from_json
from shared.web.problems import Problem
from shared.web.visit import Refused, Visit

_READS = Limit("tables", 20, 60)  # files, seconds
_ROOM = LARGEST + 100_000  # bytes, with the other fields of a form
_AT_MOST = 500  # cost lines of a plan
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class NewCost(Struct, frozen=True, kw_only=True):
    """As a line of the plan; `quantity` counts thousandths."""

    label: Annotated[str, Meta(min_length=1, max_length=300)]
    category: Word = ""
    quantity: Thousandths = 1000
    unit: Word = ""
    unit_price_cents: Cents
    month: MaybeMonth = ""
    least_cents: Cents = 0
    most_cents: Cents = 0


class ImportCosts(Command):
    """Adds cost lines at the end of the plan; the same `import_id` adds them once."""

    import_id: Id
    lines: Annotated[tuple[NewCost, ...], Meta(min_length=1, max_length=MOST)]


async def import_costs(visit: Visit, project: str, asked: ImportCosts) -> int:
    """Writes the lines into the plan's document, as edits of the person who asks; how many were not there yet.

    Raises `NotFound`, `SignInNeeded`, `Forbidden`, and `Rejected` where the plan would have too many lines.
    """
    assert visit.town
    await reader(visit, project)
    await of_the_team(visit, project)
    await visit.count()
    added = 0

    def change(plan: Plan) -> Plan:
        nonlocal added
        grown = with_costs(plan, asked)
        added = len(grown.costs) - len(plan.costs)
        return grown

    await visit.extra.office.edit(visit.town.id, project, visit.signed_in(), change)
    return added


def with_costs(plan: Plan, asked: ImportCosts) -> Plan:
    """The plan with the lines that it does not have yet, after its last one."""
    known = {row.id for row in plan.costs}
    ids = [following(asked.import_id, number) for number in range(len(asked.lines))]
    last = max((row.order for row in plan.costs), default="")
    fresh = tuple(
        Cost(id=id, order=_after(last, number), **asdict(line))
        for number, (id, line) in enumerate(zip(ids, asked.lines, strict=True))
        if id not in known
    )
    if fresh and len(plan.costs) + len(fresh) > _AT_MOST:
        raise Rejected("too_many_cost_lines", most=_AT_MOST)
    return replace(plan, costs=plan.costs + fresh)


def _after(last: str, number: int) -> Order:
    """The key of the `number`-th new row after the last one; as with those of the editor, none ends in 0."""
    kept = next((at for at, sign in enumerate(last) if sign != "z"), len(last))
    head = last[:kept] + (_DIGITS[_DIGITS.index(last[kept]) + 1] if kept < len(last) else "V")
    high, low = divmod(number, len(_DIGITS) - 1)
    return head + _DIGITS[high] + _DIGITS[low + 1]


@get("/{municipality:str}/plans/{id:str}/import")
async def asked_for_table(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    await reader(visit, id)
    await of_the_team(visit, id)
    return await _page(visit, id)


@post("/{municipality:str}/plans/{id:str}/import", status_code=200, request_max_body_size=_ROOM, rule=FreezeRevision)
async def look_through(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    """Reads the file `table` and shows every line with what is wrong with it; nothing is stored."""
    assert visit.town
    await reader(visit, id)
    await of_the_team(visit, id)
    await visit.count(_READS)
    upload = (await visit.request.form()).get("table")
    try:
        if not isinstance(upload, UploadFile):
            raise Unreadable("empty")
        plan = read_plan((await visit.extra.office.content(visit.town.id, id))[0])[0]
        lines = await asyncio.to_thread(cost_lines, await upload.read(), plan)
        if len(plan.costs) + sum(line.fits for line in lines) > _AT_MOST:
            raise Unreadable("no_room", most=_AT_MOST, there=len(plan.costs), lines=sum(line.fits for line in lines))
    except Unreadable as error:
        fault = Fault(f"table.{error.code}", error.facts)
        return await _page(visit, id, Refused(Problem(status=400, code="invalid", faults={"table": fault}), {}))
    return await _page(visit, id, lines=lines, name=upload.filename)


@post("/{municipality:str}/plans/{id:str}/import/lines", request_max_body_size=_ROOM, rule=FreezeRevision)
async def take_over(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    """Takes the lines that were looked at into the plan."""
    assert visit.town
    await reader(visit, id)
    await of_the_team(visit, id)
    typed: dict[str, Any] = dict(await visit.form())
    try:
        typed["lines"] = msgspec.json.decode(typed.get("lines", ""))
    except msgspec.DecodeError as error:
        raise Invalid({"lines": Fault("not_json", {"reason": str(error)})}) from error
    await import_costs(visit, id, from_form(ImportCosts, typed))
    return Redirect(f"/{visit.town.id}/plans/{id}/finance", status_code=303)


@post(
    "/{municipality:str}/api/planning/plan/{id:str}/import-costs",
    status_code=200,
    request_max_body_size=_ROOM,
    takes=ImportCosts,
    rule=FreezeRevision,
)
async def import_costs_into_plan(
    visit: NamedDependency[Visit], request: Request[Any, Any, Any], id: FromPath[str]
) -> Response[bytes]:
    """Adds cost lines at the end of the plan: `{"added"}` says how many were not there yet."""
    asked = from_json(ImportCosts, await request.body())
    return json_response({"added": await import_costs(visit, id, asked)})


async def _page(
    visit: Visit, id: str, refused: Refused | None = None, lines: list[Line] | None = None, name: str = ""
) -> Response[Any]:
    plan = await workspace(visit, id, "")
    fitting = [line for line in lines or () if line.fits]
    taken = [NewCost(**{field: getattr(line, field) for field in NewCost.__struct_fields__}) for line in fitting]
    response = await visit.page(
        "import.html",
        f"Kosten einlesen: {plan.title}",
        nav="projects",
        plan=plan,
        refused=refused,
        lines=lines,
        name=name,
        most=MOST,
        taken=msgspec.json.encode(taken).decode(),
        sums={
            "fits": len(fitting),
            "faulty": sum(1 for line in lines or () if line.faults),
            "there": sum(1 for line in lines or () if line.there),
            "cents": sum(line.total() for line in fitting),
        },
    )
    if refused:
        response.status_code = refused.problem.status
    return response


ROUTES = [asked_for_table, look_through, take_over, import_costs_into_plan]
