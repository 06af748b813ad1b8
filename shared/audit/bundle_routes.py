"""The bundle of a service's log by URL, for auditors and coordinators: whole, or what belongs to one stream."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Stream

from shared.audit.bundle_reading import keys_of, part_of
from shared.audit.bundle_writing import bundle_pieces
from shared.category import NotFound
from shared.web.problems import Forbidden
from shared.web.visit import Visit

_READERS = frozenset({"auditor", "coordinator"})
_STREAM = re.compile(r"[a-z]+-[0-9a-zA-Z-]{1,80}")


Noted = Callable[[Visit, str], Awaitable[None]]


async def nobody_notes(visit: Visit, stream: str) -> None:
    """For services that keep no book of who looked."""


def bundle_routes(service: str, noted: Noted = nobody_notes) -> list[Any]:
    """Route handlers under /<municipality>/audit/<service>. `noted` hears who takes which stream ("": the log)."""

    @get(f"/{{municipality:str}}/audit/{service}/bundle.zip")
    async def read_bundle(visit: NamedDependency[Visit], stream: FromQuery[str] = "") -> Response[Any]:
        """The log up to its last checkpoint; with `stream`, as `application-<id>`, an excerpt."""
        assert visit.town
        visit.signed_in()
        if not _READERS & (await visit.standing()).roles:
            raise Forbidden("entries")
        if stream and not (_STREAM.fullmatch(stream) and await _is_there(visit, stream)):
            raise NotFound(stream)
        await noted(visit, stream)
        name = f"{visit.town.id}-{service}{stream and '-'}{stream}-{visit.today.isoformat()}.zip"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return Stream(await _pieces(visit, stream), media_type="application/zip", headers=headers)

    return [read_bundle]


async def _pieces(visit: Visit, stream: str) -> AsyncIterator[bytes]:
    assert visit.town
    site, town = visit.site, visit.town.id
    signed = await site.signer.latest(town)
    part = await part_of(site.service.store, site.signer, signed, town, stream)
    made_at = visit.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return bundle_pieces(town, [part], keys_of(site.signer, signed), made_at)


async def _is_there(visit: Visit, stream: str) -> bool:
    assert visit.town
    return bool(await visit.site.service.store.entries(visit.town.id, 0, 1, stream=stream))
