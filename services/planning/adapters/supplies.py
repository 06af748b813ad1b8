"""Marks in the resource plan what has become of the needs that its rows became on the marketplace."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from services.planning.adapters.office import Office
from services.planning.views.offers import MARKETPLACE, is_offered
from services.planning.views.plans import is_open, state_set_last
from shared.contracts.documents import Plan, Resource
from shared.contracts.marketplace import NeedFulfilled, NeedWithdrawn, OfferMade, OfferWithdrawn
from shared.documents import read_plan
from shared.service import Service
from shared.view import Heard


class Supplies:
    """Listens to the marketplace; writes as whoever accepted the offer or withdrew the need, an ordinary edit of hers.

    An offer marks a row that is still needed, and its withdrawal takes back that mark alone: what the team has set by
    hand since stays. Heard twice, it finds nothing to change any more.
    """

    def __init__(self, service: Service, office: Office) -> None:
        self._service = service
        self._office = office

    async def __call__(self, heard: Heard) -> None:
        match heard.fact:
            case OfferMade(need=need):
                for row in await self._untouched(heard, need):
                    await self._mark(heard, MARKETPLACE, marking(need, row, "needed", state="offered"))
            case OfferWithdrawn(need=need):
                for row in await self._marked(heard, need):
                    await self._mark(heard, MARKETPLACE, marking(need, row, "offered", state="needed"))
            case NeedFulfilled(need=need, by=person):
                await self._mark(heard, person, marking(need, state="secured"))
            case NeedWithdrawn(need=need, by=person):
                await self._mark(heard, person, marking(need, need=""))

    async def _untouched(self, heard: Heard, need: str) -> list[str]:
        """The rows that still need what has been offered, and that nobody has set so since."""
        found = await self._set_last(heard, need, "needed")
        told = datetime.fromisoformat(heard.at)
        return [row for row, last in found.items() if last is None or last[0] == MARKETPLACE or last[1] <= told]

    async def _marked(self, heard: Heard, need: str) -> list[str]:
        """The rows that only an offer has marked, if none is left."""
        async with self._service.reading(heard.municipality) as connection:
            if await is_offered(connection, heard.municipality, need):
                return []
        found = await self._set_last(heard, need, "offered")
        return [row for row, last in found.items() if last and last[0] == MARKETPLACE]

    async def _set_last(self, heard: Heard, need: str, state: str) -> dict[str, tuple[str, datetime] | None]:
        """By row that became `need` and is in `state`: who set its state last, and when."""
        town, project = heard.municipality, heard.project
        if not await self._is_open(heard):
            return {}
        plan = read_plan((await self._office.content(town, project))[0])[0]
        rows = [row.id for row in plan.resources if row.need == need and row.state == state]
        if rows:
            await self._office.record(town, project)
        async with self._service.reading(town) as connection:
            return {row: await state_set_last(connection, town, project, row) for row in rows}

    async def _is_open(self, heard: Heard) -> bool:
        async with self._service.reading(heard.municipality) as connection:
            return await is_open(connection, heard.municipality, heard.project)

    async def _mark(self, heard: Heard, person: str, change: Callable[[Plan], Plan]) -> None:
        if await self._is_open(heard):
            await self._office.edit(heard.municipality, heard.project, person, change)


def marking(need: str, id: str = "", state: str = "", /, **fields: Any) -> Callable[[Plan], Plan]:
    """What the rows of the resource plan that became `need` say then; only row `id`, and only in `state`, if given."""

    def meant(row: Resource) -> bool:
        return row.need == need and id in ("", row.id) and state in ("", row.state)

    def change(plan: Plan) -> Plan:
        rows = tuple(replace(row, **fields) if meant(row) else row for row in plan.resources)
        return replace(plan, resources=rows)

    return change
