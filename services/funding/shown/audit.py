"""The auditor's page: which services keep a log, and what can be replayed."""

from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from services.funding.shown.words import project_titles
from services.funding.views.applications import decided
from services.funding.views.pots import all_pots
from shared.web.visit import Visit

_READERS = frozenset({"auditor", "coordinator"})
_SHOWN = 20


class Log(Struct, frozen=True):
    name: str
    title: str
    words: str


class Pot(Struct, frozen=True):
    id: str
    title: str


class Replayable(Struct, frozen=True):
    application_id: str
    project_id: str
    title: str
    outcome: str
    at: datetime


LOGS: Final = (
    Log("marketplace", "Projekte", "Ideen, Teams, Gesuche, Rollen."),
    Log("planning", "Pläne", "Pläne und ihre festgehaltenen Fassungen."),
    Log("funding", "Förderung", "Töpfe, Anträge, Gutachten, Entscheidungen, Zahlungen."),
    Log("events", "Termine", "Abläufe, Sitzungen, Abstimmungen, Protokolle."),
)


async def audit_page(visit: Visit) -> dict[str, Any]:
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        rows = (await decided(connection, visit.town.id))[:_SHOWN]
        pots = await all_pots(connection, visit.town.id)
    titles = await project_titles(visit, *(row.project for row in rows))
    roles = (await visit.standing()).roles
    return {
        "services": LOGS,
        "reads": bool(_READERS & roles),
        "decisions": [
            Replayable(row.application, row.project, titles[row.project], row.outcome, row.at) for row in rows
        ],
        "pots": [Pot(row.id, f"{row.title} {row.year}") for row in pots],
    }
