"""Closes the documents of plans to those who may not be in them any more."""

from datetime import date

import msgspec

from shared.access.standing import standing
from shared.contracts.marketplace import MemberLeft, ProjectHidden, RoleRevoked
from shared.service import Service
from shared.view import Heard


class Doors:
    """Listens to the marketplace; gateways close what a right had opened as soon as the right is gone."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, heard: Heard) -> None:
        match heard.fact:
            case MemberLeft(person=person) if not await self._is_in(heard, person):
                await self._close(heard, person=person)
            case ProjectHidden():
                await self._close(heard)
            case RoleRevoked(person=person):  # what she may still do, the next ticket says
                told = {"person": person, "right": "comment"}
                await self._service.bus.signal(f"access.revoked.{heard.municipality}", msgspec.json.encode(told))

    async def _is_in(self, heard: Heard, person: str) -> bool:
        """She may have come back before this service heard that she had left."""
        async with self._service.fenced.transaction(heard.municipality) as connection:
            now = await standing(connection, heard.municipality, person, heard.project, date.min)
        return now.relation is not None

    async def _close(self, heard: Heard, **whose: str) -> None:
        told = whose | {"document": f"plan-{heard.project}"}
        await self._service.bus.signal(f"access.revoked.{heard.municipality}", msgspec.json.encode(told))
