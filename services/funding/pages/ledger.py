"""A pot's ledger for everybody: page, CSV and XLSX."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.funding.adapters.tables import CSV, XLSX, csv_of, xlsx_of
from services.funding.books import books
from services.funding.shown.ledger import ledger_page, ledger_table, lines_of, years_table
from shared.web.visit import Visit

_POT = "/{municipality:str}/funding/pots/{id:str}"


@get(f"{_POT}/ledger")
async def ledger(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    return await visit.page("ledger.html", "Buchungen", nav="funding", **await ledger_page(visit, id))


@get(f"{_POT}/ledger.csv")
async def ledger_csv(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """Every booking, for a spreadsheet or a program."""
    assert visit.town
    pot = await books(visit.site.service, visit.town.id, id)
    body = csv_of(ledger_table(visit, pot, await lines_of(visit, pot)))
    return _download(body, CSV, f"buchungen-{id}.csv")


@get(f"{_POT}/ledger.xlsx")
async def ledger_xlsx(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[bytes]:
    """Every booking and every year, amounts as numbers."""
    assert visit.town
    pot = await books(visit.site.service, visit.town.id, id)
    body = xlsx_of(ledger_table(visit, pot, await lines_of(visit, pot)), years_table(visit, pot))
    return _download(body, XLSX, f"buchungen-{id}.xlsx")


def _download(body: bytes, media: str, name: str) -> Response[bytes]:
    return Response(body, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})


ROUTES = [ledger, ledger_csv, ledger_xlsx]
