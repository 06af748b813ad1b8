"""What people in office have looked at, newest first, with where it is and the proof that it was noted."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from services.funding.desk.actors import office_named
from services.funding.desk.links import proof_url, town_of
from services.funding.shown.words import project_titles, said
from services.funding.views.looks import latest_looks
from services.funding.views.pots import all_pots
from shared.web.visit import Visit

_PAGE = 100


class Look(Struct, frozen=True, kw_only=True):
    """`about` says what was seen, in words; `url` is where, "" for what has no page of its own."""

    at: datetime
    by: str
    office: str
    how: str
    about: str
    url: str
    proof: str


async def looks_page(visit: Visit, before: int, *, everybody: bool) -> dict[str, Any]:
    """A page of looks before a position of the log (0: the latest); one's own where not `everybody`'s."""
    town, person = town_of(visit), visit.person or ""
    async with visit.site.service.reading(town) as connection:
        rows = await latest_looks(
            connection, town, person="" if everybody else person, before=min(max(before, 0), 2**53), limit=_PAGE
        )
        pots = {row.id: row.title for row in await all_pots(connection, town)}
    names = await visit.names(*{row.person for row in rows})
    titles = await project_titles(visit, *{row.project for row in rows if row.project})
    shown = [
        Look(
            at=row.at,
            by=names[row.person],
            office=office_named(row.offices.split()),
            how=said(visit, f"look.{row.how}"),
            about=titles[row.project] if row.project else pots.get(row.of, _LISTS.get(row.kind, row.of)),
            url=_where(town, row),
            proof=proof_url(town, "funding", row.position),
        )
        for row in rows
    ]
    return {"looks": shown, "next": rows[-1].position if len(rows) == _PAGE else None, "everybody": everybody}


_LISTS = {
    "decisions": "Entscheidungen eines Zeitraums",
    "looks": "Wer was gesehen hat",
    "posting": "Eine Buchung",
    "log": "Protokoll der Förderung",
}


def _where(town: str, row: Any) -> str:
    desk = f"/{town}/audit/funding/desk"
    match row.kind:
        case "application" if row.version:
            return f"/{town}/funding/applications/{row.of}/history?step={row.version}"
        case "pot":
            return f"{desk}/pots/{row.of}"
        case "project":
            return f"{desk}/projects/{row.of}"
        case "posting":
            return f"{desk}/why/{row.of}"
    return ""
