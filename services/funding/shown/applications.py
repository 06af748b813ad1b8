"""One application: the plan that it pins, what the rules say, what was decided, and the money that followed."""

from calendar import monthrange
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from msgspec import Struct
from msgspec.json import encode

from services.funding.books import books
from services.funding.dossier import Dossier
from services.funding.shown.grants import attachments_of, findings_of, money_of, paper_url
from services.funding.shown.pots import Verdict, pot_shown
from services.funding.shown.words import project_titles
from services.funding.views.applications import of_projects
from services.funding.views.pots import all_pots
from services.funding.views.revisions import finance_of, revision, revisions_of
from services.funding.views.teams import projects_of
from shared.contracts.plan import FinancePlan
from shared.web.visit import Visit


class Project(Struct, frozen=True):
    project_id: str
    title: str


class Revision(Struct, frozen=True):
    """A frozen revision to choose; `amount_cents` is what the application asks for with it, 0 where not pinned."""

    revision_id: str
    name: str
    at: str
    amount_cents: int = 0


class Correction(Struct, frozen=True):
    correction_id: str
    items: tuple[str, ...]
    at: datetime


class Letter(Struct, frozen=True):
    url: str
    at: datetime


class Revocation(Struct, frozen=True):
    """`url` is that of its letter, None until it is written."""

    at: datetime
    legal_basis: str
    url: str | None


class Own(Struct, frozen=True):
    application_id: str
    title: str
    pot_title: str
    stage: str


async def own_applications(visit: Visit) -> list[Own]:
    """The running applications of the reader's projects, the latest first."""
    assert visit.town
    if visit.person is None:
        return []
    async with visit.site.service.reading(visit.town.id) as connection:
        projects = await projects_of(connection, visit.town.id, visit.person)
        rows = await of_projects(connection, visit.town.id, projects)
        pots = {row.id: row.title for row in await all_pots(connection, visit.town.id)}
    titles = await project_titles(visit, *projects)
    return [Own(row.id, titles[row.project], pots[row.pot], row.stage) for row in rows if row.stage != "withdrawn"]


async def application_page(visit: Visit, file: Dossier) -> dict[str, Any]:
    assert visit.town
    started, state = file.started, file.file
    pot = await books(visit.site.service, visit.town.id, started.pot_id)
    async with visit.site.service.reading(visit.town.id) as connection:
        rows = await revisions_of(connection, visit.town.id, started.project_id)
    pin, finance = file.pin(), await finance_asked(visit, file)
    money = money_of(visit, file, finance)
    titles = await project_titles(visit, started.project_id)
    return {
        "application_id": file.id,
        "project": Project(started.project_id, titles[started.project_id]),
        "pot": pot_shown(visit, pot),
        "rules": pot.rules(started.rules_version),
        "rules_version": started.rules_version,
        "stage": file.stage,
        "closed": bool(money and money.closed),
        "pin": await _pinned(visit, file),
        "finance": finance,
        "findings": findings_of(file),
        "attachments": attachments_of(visit, file, pot.rules(started.rules_version)),
        "revisions": [Revision(row.id, f"Fassung {row.number}", row.at) for row in rows],
        "until": pin.until if pin else None,
        "call": pot.call,
        "correction": _correction(file),
        "reviews": len(state.reviews),
        "decision": _decision(file, titles[started.project_id], pot.opened.title),
        "letter": _letter(visit, file),
        "objection": _objection(visit, file),
        "revocation": _revocation(visit, file),
        "grant": money,
    }


async def finance_asked(visit: Visit, file: Dossier) -> FinancePlan | None:
    """The finance plan of the pinned revision as the log knows it by its digest; None where it is not at hand."""
    assert visit.town
    if (pin := file.pin()) is None:
        return None
    async with visit.site.service.reading(visit.town.id) as connection:
        row = await revision(connection, visit.town.id, pin.revision_id)
    finance = finance_of(row) if row else None
    return finance if sha256(encode(finance, order="sorted")).hexdigest() == pin.finance_digest else None


def _letter(visit: Visit, file: Dossier) -> Letter | None:
    issued = file.letter()
    return Letter(paper_url(visit, file, issued.digest), file.at(issued)) if issued else None


def _revocation(visit: Visit, file: Dossier) -> Revocation | None:
    if (found := file.last_revocation()) is None:
        return None
    revoked, letter = found
    url = paper_url(visit, file, letter.digest) if letter else None
    return Revocation(file.at(revoked), revoked.legal_basis, url)


async def _pinned(visit: Visit, file: Dossier) -> Revision | None:
    assert visit.town
    if (pin := file.pin()) is None:
        return None
    async with visit.site.service.reading(visit.town.id) as connection:
        row = await revision(connection, visit.town.id, pin.revision_id)
    name, at = (f"Fassung {row.number}", row.at) if row else ("Fassung", file.at(pin).isoformat())
    return Revision(pin.revision_id, name, at, pin.amount_cents)


async def revision_name(visit: Visit, file: Dossier) -> str:
    """The name of the pinned revision."""
    found = await _pinned(visit, file)
    return found.name if found else "keine Fassung"


class Objection(Struct, frozen=True):
    """`until`: the last day to object (ISO), `open`: it may still be made today; `made` and `answer` where it was."""

    until: str
    open: bool
    made: str | None
    answer: str | None
    reason: str


def _objection(visit: Visit, file: Dossier) -> Objection | None:
    letter, found = file.letter(), file.objection()
    if letter is None:
        return None
    until = month_later(file.day(letter))
    made, answered = found or (None, None)
    return Objection(
        until.isoformat(),
        visit.today <= until and file.stage == "decided",
        made.received_on if made else None,
        answered.answer if answered else None,
        answered.reason if answered else "",
    )


def month_later(day: date) -> date:
    """When a period of one month that began on `day` ends (§ 188 BGB)."""
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _correction(file: Dossier) -> Correction | None:
    asked = file.correction()
    return Correction(asked.correction_id, asked.items, file.at(asked)) if asked else None


class Decided(Verdict, frozen=True):
    summary: str


def _decision(file: Dossier, title: str, pot_title: str) -> Decided | None:
    decision, pin = file.decision(), file.pin()
    found = file.verdict(decision.decision_id) if decision else None
    if found is None or pin is None:
        return None
    confirmed, proposal = found
    return Decided(
        confirmed.decision_id,
        title,
        pot_title,
        confirmed.outcome,
        confirmed.amount_cents,
        pin.amount_cents,
        file.at(confirmed),
        False,
        proposal.summary,
    )
