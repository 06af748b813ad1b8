"""The auditor's desk over HTTP; every page of it is noted before it is shown."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from services.funding.adapters.tables import CSV, XLSX, csv_of, xlsx_of
from services.funding.desk.links import town_of
from services.funding.desk.looks import looks_page
from services.funding.desk.period import Filter, figures, rulings, table
from services.funding.desk.pot_then import pot_then
from services.funding.desk.project_then import project_then
from services.funding.desk.why import why
from services.funding.looking import OFFICE, looked
from services.funding.views.pots import all_pots
from shared.category import NotFound
from shared.web.visit import Visit

_DESK = "/{municipality:str}/audit/funding/desk"


async def at_the_desk(visit: Visit) -> None:
    """Raises `SignInNeeded`, and `NotFound` for everybody who does not audit: the desk is not there for them."""
    visit.signed_in()
    if "auditor" not in (await visit.standing()).roles:
        raise NotFound("desk")


@get(f"{_DESK}/pots/{{id:str}}")
async def pot(
    visit: NamedDependency[Visit],
    id: FromPath[str],
    at: FromQuery[str] = "",
    position: FromQuery[int | None] = None,
) -> Response[Any]:
    await at_the_desk(visit)
    context = await pot_then(visit, id, at, position)
    await looked(visit, "pot", id, "state")
    return await visit.page("pot_then.html", context["pot_title"], nav="funding", **context)


@get(f"{_DESK}/projects/{{id:str}}")
async def project(
    visit: NamedDependency[Visit], id: FromPath[str], at: FromQuery[str] = "", only: FromQuery[str] = ""
) -> Response[Any]:
    await at_the_desk(visit)
    context = await project_then(visit, id, at, only)
    await looked(visit, "project", id, "timeline", project=id)
    return await visit.page("project_then.html", context["project_title"], nav="funding", **context)


@get(f"{_DESK}/why/{{position:int}}")
async def reasons(visit: NamedDependency[Visit], position: FromPath[int]) -> Response[Any]:
    await at_the_desk(visit)
    context = await why(visit, position)
    about = context["file"].started.project_id if context["file"] else ""
    await looked(visit, "posting", str(position), "why", project=about)
    return await visit.page("why.html", "Warum dieses Geld floss", nav="funding", **context)


@get(f"{_DESK}/decisions")
async def decisions(
    visit: NamedDependency[Visit],
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    pot: FromQuery[str] = "",
    outcome: FromQuery[str] = "",
) -> Response[Any]:
    await at_the_desk(visit)
    chosen = Filter(since=since, until=until, pot=pot, outcome=outcome)
    made = await rulings(visit, chosen)
    await looked(visit, "decisions", chosen.words, "list")
    async with visit.site.service.reading(town_of(visit)) as connection:
        pots = await all_pots(connection, town_of(visit))
    context: dict[str, Any] = {"rulings": made, "figures": figures(made), "pots": pots, "chosen": chosen}
    return await visit.page("period.html", "Entscheidungen eines Zeitraums", nav="decisions", **context)


@get([f"{_DESK}/decisions.csv", f"{_DESK}/decisions.xlsx"])
async def take_decisions(
    visit: NamedDependency[Visit],
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    pot: FromQuery[str] = "",
    outcome: FromQuery[str] = "",
) -> Response[bytes]:
    """The same decisions as a table; amounts are numbers."""
    await at_the_desk(visit)
    chosen = Filter(since=since, until=until, pot=pot, outcome=outcome)
    made = table(visit, await rulings(visit, chosen), chosen)
    await looked(visit, "decisions", chosen.words, "export")
    ending = visit.request.url.path.rpartition(".")[2]
    body, kind = (csv_of(made), CSV) if ending == "csv" else (xlsx_of(made), XLSX)
    name = f"entscheidungen-{town_of(visit)}-{chosen.words}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(body, media_type=kind, headers=headers)


@get(f"{_DESK}/looks")
async def looks(visit: NamedDependency[Visit], before: FromQuery[int] = 0) -> Response[Any]:
    """Who in office saw what: all of it for auditors, one's own for everybody else in office."""
    visit.signed_in()
    roles = (await visit.standing()).roles
    if not OFFICE & roles:
        raise NotFound("desk")
    context = await looks_page(visit, before, everybody="auditor" in roles)
    await looked(visit, "looks", "all" if "auditor" in roles else "own", "list")
    return await visit.page("looks.html", "Wer was gesehen hat", nav="funding", **context)


ROUTES = [pot, project, reasons, decisions, take_decisions, looks]
