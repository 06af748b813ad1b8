"""Who may open a websocket: checked before there is one, by origin, path, ticket, and how many are open already."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias

import structlog

from services.realtime.sync.crowd import PER_ADDRESS, PER_PERSON, Crowd, Share
from services.realtime.sync.protocol import SUBPROTOCOL, TICKET
from services.realtime.sync.shapes import MUNICIPALITY, shape_of
from shared.access.limits import Network, neighbourhood, trusted_address
from shared.access.tickets import BadTicket, Ticket, verify

log = structlog.get_logger()

BROKER_SECONDS = 3

Spend: TypeAlias = Callable[[str], Awaitable[bool]]
Headers: TypeAlias = Callable[[str], list[str]]  # all values of a name


class Entry(NamedTuple):
    """Somebody who was let in; `own`: she speaks `gemeinwerk.v1`. `release` is to be called when she is gone."""

    ticket: Ticket
    own: bool
    release: Callable[[], None]


class Door:
    """Lets in who comes from one of `origins`, with a ticket of one of `keys` for the document of the path that nobody
    has used (`spend`) and whose right has not gone since (`revoked`)."""

    def __init__(
        self,
        revoked: Callable[[Ticket], bool],
        spend: Spend,
        keys: Sequence[bytes],
        origins: Collection[str],
        proxies: Sequence[Network] = (),
    ) -> None:
        self._revoked, self._spend, self._keys, self._origins = revoked, spend, tuple(keys), frozenset(origins)
        self._proxies = tuple(proxies)
        self._crowd = Crowd()

    async def ask(self, path: str, headers: Headers, client: Any) -> Entry | HTTPStatus:
        """Who comes in, or the status that refuses. The ticket is spent last: who is refused can use it elsewhere.

        `client`: the address of the other end, host first.
        """
        found = self._check(path, headers, client)
        if not isinstance(found, Entry):
            return found
        status: HTTPStatus | None = HTTPStatus.REQUEST_TIMEOUT  # who is given up meanwhile does not come in either
        try:
            status = await self._spent(found.ticket)
        finally:
            if status:
                found.release()
        return status or found

    async def _spent(self, ticket: Ticket) -> HTTPStatus | None:
        try:
            async with asyncio.timeout(BROKER_SECONDS):
                fresh = await self._spend(ticket.nonce)
        except Exception as error:
            log.warning("ticket not checked", error=type(error).__name__)
            return HTTPStatus.SERVICE_UNAVAILABLE
        return None if fresh else HTTPStatus.UNAUTHORIZED

    def _check(self, path: str, headers: Headers, client: Any) -> Entry | HTTPStatus:
        if headers("Origin") not in [[origin] for origin in self._origins]:
            return HTTPStatus.FORBIDDEN
        place = path.split("/")
        if len(place) != 3 or place[0] or not MUNICIPALITY.fullmatch(place[1]) or not shape_of(place[2]):
            return HTTPStatus.NOT_FOUND
        offered = [each.strip() for line in headers("Sec-WebSocket-Protocol") for each in line.split(",")]
        tokens = [each.removeprefix(TICKET) for each in offered if each.startswith(TICKET)]
        try:
            ticket = verify(self._keys, tokens[0] if len(tokens) == 1 else "", time.time())
        except BadTicket:
            return HTTPStatus.UNAUTHORIZED
        if [ticket.municipality, ticket.document] != place[1:] or self._revoked(ticket):
            return HTTPStatus.FORBIDDEN
        release = self._crowd.enter(self._party(headers, client, ticket), (ticket.municipality, ticket.document))
        return Entry(ticket, SUBPROTOCOL in offered, release) if release else HTTPStatus.TOO_MANY_REQUESTS

    def _party(self, headers: Headers, client: Any, ticket: Ticket) -> dict[str, Share]:
        """For whom a socket counts, and how much each may have."""
        forwarded = [(b"x-forwarded-for", each.encode()) for each in headers("X-Forwarded-For")]
        address = trusted_address({"client": client, "headers": forwarded}, self._proxies)
        party = {f"at {neighbourhood(address)}": PER_ADDRESS}
        if ticket.person:
            party[f"of {ticket.municipality}/{ticket.person}"] = PER_PERSON
        return party
