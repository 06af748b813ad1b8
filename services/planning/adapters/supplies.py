"""Marks in the resource plan what has become of the needs that its rows became on the marketplace."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from services.planning.adapters.office import Office
from services.planning.views.plans import is_open
from shared.contracts.documents import Plan
from shared.contracts.marketplace import NeedFulfilled, NeedWithdrawn
from shared.service import Service
from shared.view import Heard


class Supplies:
    """Listens to the marketplace; writes as whoever accepted the offer or withdrew the need, an ordinary edit of hers.

    Heard twice, it finds nothing to change any more.
    """

    def __init__(self, service: Service, office: Office) -> None:
        self._service = service
        self._office = office

    async def __call__(self, heard: Heard) -> None:
        match heard.fact:
            case NeedFulfilled(need=need, by=person):
                await self._mark(heard, person, marking(need, state="secured"))
            case NeedWithdrawn(need=need, by=person):
                await self._mark(heard, person, marking(need, need=""))

    async def _mark(self, heard: Heard, person: str, change: Callable[[Plan], Plan]) -> None:
        async with self._service.reading(heard.municipality) as connection:
            opened = await is_open(connection, heard.municipality, heard.project)
        if opened:
            await self._office.edit(heard.municipality, heard.project, person, change)


def marking(need: str, /, **fields: Any) -> Callable[[Plan], Plan]:
    """What the rows of the resource plan that became `need` are to say."""

    def change(plan: Plan) -> Plan:
        rows = tuple(replace(row, **fields) if row.need == need else row for row in plan.resources)
        return replace(plan, resources=rows)

    return change
