"""An application as its team works on it: which revision, what the rules say, what comes next."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import to_builtins

from services.funding.accounting import spent_of
from services.funding.domain.applying import SubmitApplication, WithdrawApplication
from services.funding.domain.attachment import AddAttachment, RemoveAttachment
from services.funding.domain.filing import Correct, PinRevision
from services.funding.domain.grant import AcceptDecision, SubmitProof
from services.funding.domain.verdict import RecordObjection
from services.funding.dossier import Dossier
from services.funding.filing import Pin, dossier, pinned, place_in
from services.funding.papers import ROOM, ROOMY, attachment_of, statement_of
from services.funding.permitted import permitted
from services.funding.reading import may_read
from services.funding.shown.applications import application_page, finance_asked
from shared.category import NotFound
from shared.decider import Rejected
from shared.ids import new_id
from shared.message import Command
from shared.store import Conflict
from shared.web.forms import Invalid, from_form
from shared.web.problems import problem_of
from shared.web.visit import Refused, Visit

TEAM: dict[str, tuple[str, type[Command]]] = {
    "submit": ("applying", SubmitApplication),
    "withdraw": ("applying", WithdrawApplication),
    "correct": ("application", Correct),
    "remove-attachment": ("application", RemoveAttachment),
    "accept-decision": ("application", AcceptDecision),
    "record-objection": ("application", RecordObjection),
}


@get("/{municipality:str}/funding/applications/{id:str}")
async def application(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    return await _application(visit, id)


async def _application(visit: Visit, id: str, refused: Refused | None = None) -> Response[Any]:
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    context = await application_page(visit, file)
    kinds: list[type[Command]] = [PinRevision, AddAttachment, SubmitProof, *(kind for _, kind in TEAM.values())]
    may = await permitted(visit, kinds, file.started.project_id)
    page = context | {"may": may, "new": new_id(), "today": visit.today.isoformat(), "refused": refused}
    return await visit.page("application.html", "Antrag", nav="funding", **page)


@post("/{municipality:str}/funding/applications/{id:str}/{action:str}", rule=TEAM | {"pin-revision": PinRevision})
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


@post("/{municipality:str}/funding/applications/{id:str}/submit-proof", request_max_body_size=ROOMY, rule=SubmitProof)
async def submit_proof(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    """The proof of use with its statement as a file."""
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    try:
        digest, papers = await statement_of(visit, file)
        spent = await _spent(visit, file)
    except Invalid as error:
        return await _again(visit, id, error)
    return await visit.submit(
        "application",
        await place_in(visit, "application", file),
        SubmitProof,
        then=f"/{visit.town.id}/funding/applications/{id}",
        again=lambda refused: _application(visit, id, refused),
        compose=lambda typed: {**typed, **spent, "digest": digest, "papers": to_builtins(papers)},
    )


async def _spent(visit: Visit, file: Dossier) -> dict[str, Any]:
    """What was spent by line; empty for a form that only tells the sum."""
    typed, finance = await visit.form(), await finance_asked(visit, file)
    by_line = finance is not None and any(name.startswith("spent-") for name in typed)
    return spent_of(typed, finance) if finance and by_line else {}


@post(
    "/{municipality:str}/funding/applications/{id:str}/add-attachment", request_max_body_size=ROOM, rule=AddAttachment
)
async def add_attachment(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    """A PDF or picture from the form."""
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    try:
        command = await attachment_of(visit, file)
        place, typed = await place_in(visit, "application", file), await visit.form()
        await visit.act("application", place, command, command_id=typed.get("command_id") or None)
    except (Invalid, Rejected, Conflict) as error:
        return await _again(visit, id, error)
    return Redirect(f"/{visit.town.id}/funding/applications/{id}#anlagen", status_code=303)


async def _again(visit: Visit, id: str, error: Exception) -> Response[Any]:
    """The page again, with what was typed and what is wrong."""
    problem = problem_of(error)
    assert problem
    response = await _application(visit, id, Refused(problem, await visit.form()))
    response.status_code = problem.status
    return response


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
        return await _again(visit, id, error)
    return Redirect(then, status_code=303)


ROUTES = [application, act_on_application, submit_proof, add_attachment]
