"""A pot's ledger: its years, every booking with what is free after it, and the same as a table to take away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from services.funding.adapters.tables import Cell, Euro, Table
from services.funding.books import Books, books
from services.funding.ledger import Posting, posting
from services.funding.shown.pots import pot_shown
from services.funding.shown.words import project_titles, said
from services.funding.views.applications import decided
from services.funding.years import years_of
from shared.web.visit import Visit

_HEADS = ("Eintrag", "Wann", "Vorgang", "Wofür", "Von", "Nach", "Betrag", "Danach verfügbar", "Antrag")


class Line(Struct, frozen=True):
    """A booking; `position` is that of its entry in the log, `free_cents` what is available after it.

    `title` is that of a project which was decided on; before that nobody is told who asks. `application_id` likewise.
    """

    position: int
    at: datetime
    event: str
    posting: Posting
    title: str
    application_id: str
    free_cents: int


async def ledger_page(visit: Visit, id: str) -> dict[str, Any]:
    """Raises `NotFound`."""
    assert visit.town
    pot = await books(visit.site.service, visit.town.id, id)
    return {
        "pot": pot_shown(visit, pot),
        "years": list(reversed(years_of(pot))),
        "lines": list(reversed(await lines_of(visit, pot))),
    }


async def lines_of(visit: Visit, pot: Books) -> list[Line]:
    """Every booking, in order."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        rows = await decided(connection, visit.town.id, pot=pot.opened.pot_id)
    titles = await project_titles(visit, *(row.project for row in rows))
    return booked(pot, {row.application: titles[row.project] for row in rows})


def booked(pot: Books, public: dict[str, str]) -> list[Line]:
    """`public`: the titles by application of what has been decided."""
    lines, free = [], 0
    for one in pot.recorded:
        made = posting(one.event) if one.event else None  # type: ignore[arg-type]
        if made is None:
            continue
        free += made.amount_cents * ((made.enters == "available") - (made.leaves == "available"))
        application = made.application_id or ""
        title = public.get(application, "Ein Antrag") if application else ""
        known = application if application in public else ""
        name = type(one.event).__name__
        lines.append(Line(one.entry.position, one.entry.recorded_at, name, made, title, known, free))
    return lines


def ledger_table(visit: Visit, pot: Books, lines: Sequence[Line]) -> Table:
    rows: list[list[Cell]] = [
        [
            line.position,
            line.at,
            said(visit, f"event.{line.event}"),
            line.title or "Topf",
            said(visit, f"account.{line.posting.leaves}"),
            said(visit, f"account.{line.posting.enters}"),
            Euro(line.posting.amount_cents),
            Euro(line.free_cents),
            line.application_id,
        ]
        for line in lines
    ]
    return Table("Buchungen", _HEADS, rows)


def years_table(visit: Visit, pot: Books) -> Table:
    rows: list[list[Cell]] = [
        [
            year.year,
            "abgeschlossen" if year.closed else "läuft",
            said(visit, f"account.{row.account}"),
            Euro(row.opening),
            Euro(row.enters),
            Euro(row.leaves),
            Euro(row.closing),
        ]
        for year in years_of(pot)
        for row in year.accounts
    ]
    return Table("Jahre", ("Jahr", "Stand", "Konto", "Anfang", "Zugang", "Abgang", "Ende"), rows)
