"""What everybody may read: decisions with their reasons, the history of each, and the logs' checkpoints."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from services.funding.desk.replay import replay_page
from services.funding.filing import dossier
from services.funding.looking import looked
from services.funding.reading import may_follow
from services.funding.shown.audit import audit_page
from services.funding.shown.decisions import decision_page, decisions_page
from shared.web.visit import Visit


class Chosen(Struct, frozen=True):
    pot: str
    outcome: str


@get("/{municipality:str}/funding/applications/{id:str}/history")
async def history(
    visit: NamedDependency[Visit], id: FromPath[str], step: FromQuery[int | None] = None
) -> Response[Any]:
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_follow(visit, file, "replay")
    if file.decided:
        await looked(visit, "application", file.id, "replay", version=file.version, project=file.started.project_id)
    return await visit.page("history.html", "Verlauf", nav="funding", **await replay_page(visit, file, step))


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


ROUTES = [history, decisions, decision, audit]
