"""What all requests to one service share: its parts, opened once, and the towns that it knows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from msgspec import Struct

from shared.access.cookies import Cookie
from shared.access.directory import Directory
from shared.access.limits import Limits, Network
from shared.access.sessions import Sessions
from shared.audit.signer import Signer
from shared.bus.documents import Documents
from shared.category import NotFound
from shared.ids import is_name
from shared.municipalities import Municipality, municipality
from shared.service import Service
from shared.settings import Settings
from shared.web.render import Renderer
from shared.web.strangers import Strangers

_TOWN_KEPT = 1.0  # seconds


class _Known(Struct, frozen=True):
    """A town as it was read, good `until` a time of the loop's clock."""

    town: Municipality
    until: float


@dataclass(frozen=True)
class Site:
    """What all requests to one service share."""

    service: Service
    settings: Settings
    sessions: Sessions
    cookie: Cookie
    people: Directory
    titles: Directory
    limits: Limits
    renderer: Renderer
    documents: Documents
    signer: Signer
    strangers: Strangers
    proxies: tuple[Network, ...] = ()
    towns: dict[str, _Known] = field(default_factory=dict)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def town(self, id: str) -> Municipality:
        """A town as it is described now, at most a second old. Raises `NotFound`."""
        if not is_name(id):
            raise NotFound(id)
        now, known = asyncio.get_running_loop().time(), self.towns.get(id)
        if known and now < known.until:
            return known.town
        async with self.service.reading(id) as connection:
            found = await municipality(connection, id)
        if found is None:
            raise NotFound(id)
        self.towns[id] = _Known(found, now + _TOWN_KEPT)
        return found
