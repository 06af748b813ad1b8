"""Pots: all that are open, and one with its rules, its money and its decisions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from services.funding.books import Books, books
from services.funding.domain.pot import Call
from services.funding.domain.rules import PotRules
from services.funding.drawings import Bar, pot_bar
from services.funding.ledger import ACCOUNTS, Account
from services.funding.shown.words import project_titles, said
from services.funding.views import applications, teams
from services.funding.views.applications import decided
from shared.ids import new_id
from shared.web.visit import Visit


class Pot(Struct, frozen=True, kw_only=True):
    pot_id: str
    title: str
    purpose: str
    source: str
    year: int
    returned_cents: int
    available_cents: int
    closed: bool
    rules: PotRules | None
    call: Call | None
    bar: Bar


class Verdict(Struct, frozen=True):
    """A decision on a list; amounts in cents."""

    decision_id: str
    title: str
    pot_title: str
    outcome: str
    amount_cents: int
    asked_cents: int
    at: datetime
    revoked: bool


class Mine(Struct, frozen=True):
    project_id: str
    title: str
    application_id: str | None
    new_id: str


def pot_shown(visit: Visit, file: Books, *, headed: bool = False) -> Pot:
    opened = file.opened
    return Pot(
        pot_id=opened.pot_id,
        title=opened.title,
        purpose=opened.purpose,
        source=opened.source,
        year=file.state.year,
        returned_cents=file.state.balance.returned,
        available_cents=file.state.balance.available,
        closed=file.closed,
        rules=file.state.rules,
        call=file.call,
        bar=bar_of(visit, file, headed=headed),
    )


def bar_of(visit: Visit, file: Books, project: dict[Account, int] | None = None, *, headed: bool = False) -> Bar:
    """The bar of a pot; `project`: the balances of one application, drawn as a piece of its own."""
    names = {key: said(visit, f"account.{key}") for key in (*ACCOUNTS, "project")}
    return pot_bar(file.title, file.ledger().balances, names, project, headed)


async def open_pots(visit: Visit, ids: Sequence[str]) -> list[Pot]:
    """The pots with these ids; those that take applications first, by the day on which they close."""
    assert visit.town
    files = [await books(visit.site.service, visit.town.id, id) for id in ids]
    files.sort(key=lambda file: file.call.closes if file.call else "9")
    return [pot_shown(visit, file) for file in files]


async def pot_page(visit: Visit, id: str) -> dict[str, Any]:
    assert visit.town
    file = await books(visit.site.service, visit.town.id, id)
    async with visit.site.service.reading(visit.town.id) as connection:
        rows = await decided(connection, visit.town.id, pot=id)
    titles = await project_titles(visit, *(row.project for row in rows))
    return {
        "pot": pot_shown(visit, file),
        "rules": file.state.rules,
        "rules_version": file.state.rules_version,
        "versions": file.versions(),
        "call": file.call,
        "open_now": file.takes_applications(visit.today),
        "bar": bar_of(visit, file),
        "decisions": [verdict(row, titles[row.project], file.opened.title) for row in rows],
        "mine": await _mine(visit, id),
    }


def verdict(row: Any, title: str, pot_title: str) -> Verdict:
    """A row of `views.applications.decided` with the titles of its project and pot."""
    return Verdict(row.id, title, pot_title, row.outcome, row.amount, row.asked, row.at, row.revoked)


async def _mine(visit: Visit, pot: str) -> list[Mine]:
    """The projects that the reader may apply with, and the application where there is one."""
    assert visit.town
    if visit.person is None:
        return []
    async with visit.site.service.reading(visit.town.id) as connection:
        projects = await teams.projects_of(connection, visit.town.id, visit.person)
        rows = await applications.of_pot(connection, visit.town.id, pot)
    running = {row.project: row.id for row in rows if row.stage != "withdrawn"}
    titles = await project_titles(visit, *projects)
    return [Mine(project, titles[project], running.get(project), new_id()) for project in projects]
