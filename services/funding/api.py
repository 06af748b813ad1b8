"""Funding's JSON API: commands by address, the check of a plan while it is typed, and what everybody may read."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, to_builtins

from services.funding.books import books
from services.funding.domain.applying import StartApplication
from services.funding.domain.checks import Finding, check, with_papers
from services.funding.domain.filing import INTERNAL, PinRevision
from services.funding.domain.jury import AssignReviewer
from services.funding.domain.pot import OpenPot
from services.funding.domain.rules import Applicant
from services.funding.filing import Pin, dossier, of_the_jury, pinned, place_in
from services.funding.ledger import ACCOUNTS
from services.funding.reading import may_read
from services.funding.views import applications, pots
from shared.card import Card
from shared.category import NotFound
from shared.contracts.plan import Cents, FinancePlan, SchedulePlan
from shared.message import Command
from shared.web.api import Accepted, command_routes, json_response
from shared.web.forms import Fault, Invalid, from_json
from shared.web.visit import Place, Visit

AGGREGATES = {"applying": "application", "decision": "application", "payment": "application"} | {
    "application": "application",
    "pot": "pot",
}


class Check(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A plan as it is being typed, held against a pot's present rules; nothing of it is kept."""

    pot_id: str
    amount_cents: Cents
    finance: FinancePlan
    schedule: SchedulePlan | None = None
    applicant: Applicant | None = None


async def locate(visit: Visit, category: str, id: str, command: Command) -> Place:
    """Which streams and which project a command is about; decisions touch the application and its pot."""
    assert visit.town
    if isinstance(command, StartApplication):
        _same(id, "application_id", command.application_id)
        return Place((id, command.pot_id), command.project_id)
    if isinstance(command, OpenPot):
        _same(id, "pot_id", command.pot_id)
    if category == "pot":
        return Place(id)
    place = await place_in(visit, category, await dossier(visit.site.service, visit.town.id, id))
    if isinstance(command, AssignReviewer):
        await of_the_jury(visit, command.reviewer)
    return place


def _same(address: str, field: str, id: str) -> None:
    """The events carry the id that the body names: it has to be that of the stream."""
    if id != address:
        raise Invalid({field: Fault("other_id")})


@post(
    "/{municipality:str}/api/funding/applications/{id:str}/pin-revision", status_code=200, takes=Pin, rule=PinRevision
)
async def pin_revision(
    visit: NamedDependency[Visit], request: Request[Any, Any, Any], id: FromPath[str]
) -> Response[bytes]:
    """`{"revision_id", "amount_cents"}`; what the rules say of the revision is worked out here, never taken."""
    assert visit.town
    pin = from_json(Pin, await request.body())
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    command = await pinned(visit, file, pin)
    place = await place_in(visit, "application", file)
    handled = await visit.act("application", place, command, command_id=request.headers.get("idempotency-key"))
    answer = to_builtins(Accepted(handled.answer.position, handled.answer.versions[0]))
    findings = with_papers(command.findings, set(file.file.attachments.values()))
    return json_response(answer | {"findings": [_said(visit, finding) for finding in findings]})


@post("/{municipality:str}/api/funding/check", status_code=200, takes=Check)
async def check_plan(visit: NamedDependency[Visit], request: Request[Any, Any, Any]) -> Response[bytes]:
    """`{"findings": […]}`: every rule of a pot on a plan as it is typed, failing ones first, each naming its line."""
    assert visit.town
    visit.signed_in()
    asked = from_json(Check, await request.body())
    rules = (await books(visit.site.service, visit.town.id, asked.pot_id)).state.rules
    if rules is None:
        raise NotFound(asked.pot_id)
    findings = check(rules, asked.finance, asked.schedule, asked.amount_cents, visit.today, asked.applicant)
    return json_response({"findings": [_said(visit, finding) for finding in findings]})


def _said(visit: Visit, finding: Finding) -> dict[str, Any]:
    language = visit.session.language if visit.session else "de"
    words = visit.site.renderer.say(f"finding.{finding.code}", finding.facts, language)
    built: dict[str, Any] = to_builtins(finding)
    return built | {"words": words}


@get("/{municipality:str}/api/funding/pots")
async def list_pots(visit: NamedDependency[Visit]) -> Response[bytes]:
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        rows = await pots.all_pots(connection, visit.town.id)
    shown = [{"pot": row.id, "title": row.title, "year": row.year, "closed": row.closed} for row in rows]
    return json_response({"pots": shown})


@get("/{municipality:str}/api/funding/pots/{id:str}")
async def read_pot(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """A pot with its present rules, open call and the accounts of its ledger, in cents."""
    assert visit.town
    pot = (await books(visit.site.service, visit.town.id, id)).state
    ledger = {account: getattr(pot.balance, account) for account in ACCOUNTS} | {"budget": pot.balance.budget}
    rules = {"rules_version": pot.rules_version, "rules": to_builtins(pot.rules)}
    return json_response({"pot": id, "call": to_builtins(pot.call), "ledger": ledger} | rules)


@get("/{municipality:str}/api/funding/applications/{id:str}")
async def read_application(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """An application for those who may see its file; others get 404."""
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    pin, decision = file.pin(), file.decision()
    shown = {
        "application": id,
        "project": file.started.project_id,
        "pot": file.started.pot_id,
        "stage": file.stage,
        "version": file.version,
        "pin": to_builtins(pin) if pin else None,
        "events": len(file.recorded),
        "decision": to_builtins(decision) if decision else None,
    }
    return json_response(shown, {"etag": f'"{file.version}"'})


@get("/{municipality:str}/api/funding/decisions")
async def list_decisions(visit: NamedDependency[Visit]) -> Response[bytes]:
    """All decisions, newest first; the reasons stand with each on its page."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        rows = await applications.decided(connection, visit.town.id)
    shown = [
        {
            "decision": row.id,
            "application": row.application,
            "project": row.project,
            "pot": row.pot,
            "outcome": row.outcome,
            "amount_cents": row.amount,
            "asked_cents": row.asked,
            "at": row.at.isoformat(),
            "revoked": row.revoked,
        }
        for row in rows
    ]
    return json_response({"decisions": shown})


def routes(card: Card) -> list[Any]:
    own = [pin_revision, check_plan, list_pots, read_pot, read_application, list_decisions]
    return [*own, *command_routes(card, AGGREGATES, locate, INTERNAL)]
