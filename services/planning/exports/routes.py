"""What a team carries away from its plan: a page that offers it, and the files, for pages and programs alike."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from services.planning.exports import dates, motion, planfile, printing, sheets
from services.planning.exports.edition import Edition, edition
from services.planning.reading import reader, revisions, workspace
from shared.access.limits import Limit
from shared.category import NotFound
from shared.text import folded
from shared.web.api import json_response
from shared.web.visit import Visit

_PRINTS = Limit("prints", 30, 60)  # documents, seconds
_PDF = "application/pdf"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class File(Struct, frozen=True):
    """What can be carried away: `name` as in its address, `about` says what for."""

    name: str
    title: str
    about: str
    media: str
    make: Callable[[Visit, Edition], Awaitable[bytes]]

    @property
    def kind(self) -> str:
        return self.name.rpartition(".")[2].upper()


async def _folder(visit: Visit, of: Edition) -> bytes:
    return await _printed(visit, printing.FOLDER, printing.folder(of, visit.site.renderer), of)


async def _business(visit: Visit, of: Edition) -> bytes:
    return await _printed(visit, printing.BUSINESS, printing.business(of), of)


async def _motion(visit: Visit, of: Edition) -> bytes:
    return await _printed(visit, printing.MOTION, motion.data(motion.motion(of)), of)


async def _motion_text(_visit: Visit, of: Edition) -> bytes:
    return motion.text(motion.motion(of)).encode()


async def _workbook(_visit: Visit, of: Edition) -> bytes:
    return await asyncio.to_thread(sheets.workbook, of)


async def _plan_file(visit: Visit, of: Edition) -> bytes:
    return planfile.plan_file(of, f"{visit.site.settings.public_url}/{of.municipality}")


async def _milestones(_visit: Visit, of: Edition) -> bytes:
    return dates.milestones(of)


async def _printed(visit: Visit, template: str, data: dict[str, Any], of: Edition) -> bytes:
    await visit.count(_PRINTS)
    made: bytes = await visit.extra.press.pdf(template, data, of.at)
    return made


FILES = (
    File("projektmappe.pdf", "Projektmappe", "Der ganze Plan, alle fünf Teile, zum Vorlegen.", _PDF, _folder),
    File("geschaeftsplan.pdf", "Geschäftsplan", "Wozu, mit wem und ob es sich trägt: in Summen.", _PDF, _business),
    File("beschlussvorlage.pdf", "Beschlussvorlage", "Entwurf für den Rat, zum Weitergeben.", _PDF, _motion),
    File(
        "beschlussvorlage.txt",
        "Beschlussvorlage als Text",
        "Zum Einfügen in das Ratssystem.",
        "text/plain",
        _motion_text,
    ),
    File("tabellen.xlsx", "Tabellen", "Kosten, Einnahmen, Arbeit, Mittel, mit Formeln.", _XLSX, _workbook),
    File("meilensteine.ics", "Meilensteine", "Für den eigenen Kalender.", "text/calendar", _milestones),
    File("plan.json", "Plan als Daten", "Für andere Programme, mit Beschreibung.", "application/json", _plan_file),
)
_KNOWN = {file.name: file for file in FILES}


@get("/{municipality:str}/plans/{id:str}/exports")
async def offered(visit: NamedDependency[Visit], id: FromPath[str], revision: FromQuery[str] = "") -> Response[Any]:
    """All that can be carried away, of what is saved now or of a revision. The page of a project shows its tabs, too,
    and may ask a moment before there is a plan: then it has nothing to show, and no error."""
    try:
        plan = await workspace(visit, id, "")
    except NotFound:
        if "hx-request" in visit.request.headers:
            return Response(None, status_code=204)
        raise
    frozen = await revisions(visit, id)
    chosen = next((each for each in frozen if each.id == revision), None)
    if revision and chosen is None:
        raise NotFound(revision)
    return await visit.page(
        "exports.html",
        f"Mitnehmen: {plan.title}",
        nav="projects",
        plan=plan,
        files=FILES,
        revisions=frozen,
        chosen=chosen,
    )


@get(
    [
        "/{municipality:str}/plans/{id:str}/exports/{file:str}",
        "/{municipality:str}/api/planning/plans/{id:str}/exports/{file:str}",
    ]
)
async def read_export(
    visit: NamedDependency[Visit], id: FromPath[str], file: FromPath[str], revision: FromQuery[str] = ""
) -> Response[bytes]:
    """The plan as projektmappe.pdf, geschaeftsplan.pdf, beschlussvorlage.pdf or .txt, tabellen.xlsx, plan.json or
    meilensteine.ics; of a frozen revision, if one is named."""
    of = await edition(visit, id, revision)
    if (wanted := _KNOWN.get(file)) is None:
        raise NotFound(file)
    body = await wanted.make(visit, of)
    name, _, kind = wanted.name.rpartition(".")
    called = "-".join([name, *folded(of.title).split()])[:80].rstrip("-")
    headers = {
        "content-disposition": f'attachment; filename="{called}.{kind}"',
        "cache-control": "private, no-store",
    }
    return Response(body, media_type=wanted.media, headers=headers)


@get("/{municipality:str}/api/planning/plans/{id:str}/revisions/{revision:str}/content")
async def read_revision_content(
    visit: NamedDependency[Visit], id: FromPath[str], revision: FromPath[str]
) -> Response[bytes]:
    """What a revision froze, to the byte: its SHA-256 is the digest that the log, the facts and the papers name."""
    assert visit.town
    await reader(visit, id)
    frozen = next((each for each in await revisions(visit, id) if each.id == revision), None)
    body = await visit.extra.contents.body(visit.town.id, frozen.digest) if frozen else None
    if body is None:
        raise NotFound(revision)
    return Response(body, media_type="application/json", headers={"cache-control": "private, no-store"})


@get("/{municipality:str}/api/planning/plan-file.schema.json")
async def read_plan_file_schema(visit: NamedDependency[Visit]) -> Response[bytes]:
    """The JSON Schema of plan.json."""
    assert visit.town
    return json_response(planfile.plan_file_schema())


ROUTES = [offered, read_export, read_revision_content, read_plan_file_schema]
