"""A pot's rules in all their versions: to read, to compare, and the next one to write; and the jury's ranking."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from services.funding.books import books
from services.funding.domain.pot import SetRules
from services.funding.looking import OFFICE, looked
from services.funding.shown.pots import pot_shown
from services.funding.shown.ranking import ranking_page
from services.funding.shown.rules import differences, rows_of
from services.funding.written import APPLICANTS, NUMBERS, rules_of, typed_of
from shared.category import NotFound
from shared.web.problems import Forbidden
from shared.web.visit import Place, Refused, Visit


@get("/{municipality:str}/funding/pots/{id:str}/rules")
async def rules(
    visit: NamedDependency[Visit],
    id: FromPath[str],
    version: FromQuery[int | None] = None,
    against: FromQuery[int | None] = None,
) -> Response[Any]:
    """One version, by default the latest, beside what it changed: against the one before, or `against`."""
    assert visit.town
    pot = await books(visit.site.service, visit.town.id, id)
    if (newest := pot.state.rules_version) == 0:
        raise NotFound(id)
    shown = newest if version is None else version
    other = shown - 1 if against is None else against
    rows = rows_of(visit, pot.rules(shown))
    before = rows_of(visit, pot.rules(other)) if other else []
    return await visit.page(
        "rules.html",
        f"{pot.rules(shown).title}, Fassung {shown}",
        nav="funding",
        pot=pot_shown(visit, pot),
        rows=rows,
        version=shown,
        against=other or None,
        changes=differences(before, rows) if before else [],
        versions=pot.versions(),
        may_write=not pot.closed and await visit.may(SetRules),
    )


@get("/{municipality:str}/funding/pots/{id:str}/rules/new")
async def new_rules(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    await _may_write(visit)
    return await _form(visit, id)


async def _may_write(visit: Visit) -> None:
    visit.signed_in()
    if not await visit.may(SetRules):
        raise Forbidden(SetRules.__name__)


async def _form(visit: Visit, id: str, refused: Refused | None = None) -> Response[Any]:
    assert visit.town
    pot = await books(visit.site.service, visit.town.id, id)
    return await visit.page(
        "rules_new.html",
        "Neue Fassung der Richtlinie",
        nav="funding",
        pot=pot_shown(visit, pot),
        version=pot.state.rules_version + 1,
        typed=refused.typed if refused else typed_of(pot.state.rules),
        applicants=APPLICANTS,
        numbers=NUMBERS,
        refused=refused,
    )


@post("/{municipality:str}/funding/pots/{id:str}/set-rules", rule=SetRules)
async def set_rules(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    assert visit.town
    await _may_write(visit)
    before = (await books(visit.site.service, visit.town.id, id)).state.rules
    return await visit.submit(
        "pot",
        Place(id),
        SetRules,
        then=f"/{visit.town.id}/funding/pots/{id}/rules",
        again=lambda refused: _form(visit, id, refused),
        compose=lambda typed: {"version": typed.get("version", ""), "rules": rules_of(typed, before)},
    )


@get("/{municipality:str}/funding/pots/{id:str}/ranking")
async def ranking(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    """For office, jury and audit; for everybody else it does not exist."""
    visit.signed_in()
    if not OFFICE & (await visit.standing()).roles:
        raise NotFound("ranking")
    context = await ranking_page(visit, id)
    await looked(visit, "pot", id, "list")
    return await visit.page("ranking.html", "Rangfolge", nav="funding", **context)


ROUTES = [rules, new_rules, set_rules, ranking]
