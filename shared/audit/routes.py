"""What every service shows of its log: the checkpoint, which anybody may compare, and the entries, for auditors."""

from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct

from shared.audit.leaf import Header
from shared.audit.merkle import CompactRange
from shared.store import Entry, header_of
from shared.web.api import json_response
from shared.web.problems import Forbidden
from shared.web.render import Page
from shared.web.visit import Site, Visit

PAGE = 500
_READERS = frozenset({"auditor", "coordinator"})


class Checkpoint(Struct, frozen=True):
    """A log in three lines: whose it is, how many entries it has, and the root of its tree."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The body of a checkpoint after C2SP `tlog-checkpoint`; every line ends with a newline."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


class Exported(Struct, frozen=True):
    """An entry for whoever checks it: `body` is None once redacted, `sealed` base64 or None, `leaf` hex."""

    header: Header
    body: str | None
    sealed: str | None
    leaf: str


async def checkpoint(site: Site, municipality: str) -> Checkpoint:
    """The present state of a service's log of a municipality."""
    head = await site.service.store.head(municipality)
    origin = f"{urlsplit(site.settings.public_url).netloc}/{municipality}/audit/{site.service.card.name}"
    return Checkpoint(origin, head.size, CompactRange(head.size, head.range).root())


def exported(entry: Entry) -> Exported:
    body = None if entry.body is None else entry.body.decode()
    sealed = None if entry.sealed is None else b64encode(entry.sealed).decode()
    return Exported(header_of(entry), body, sealed, entry.leaf.hex())


def audit_routes(service: str) -> list[Any]:
    """Route handlers under /<municipality>/audit/<service>."""

    @get(f"/{{municipality:str}}/audit/{service}/checkpoint")
    async def read_checkpoint(visit: NamedDependency[Visit]) -> Response[str]:
        assert visit.town
        text = (await checkpoint(visit.site, visit.town.id)).text()
        return Response(text, media_type=MediaType.TEXT, headers={"cache-control": "no-cache"})

    @get(f"/{{municipality:str}}/audit/{service}/entries")
    async def read_entries(
        visit: NamedDependency[Visit], after: FromQuery[int] = 0, limit: FromQuery[int] = PAGE
    ) -> Response[bytes]:
        """`{"entries": […], "next": position or null}`, for auditors and coordinators; at most 500 a page."""
        assert visit.town
        visit.signed_in()
        if not _READERS & (await visit.standing()).roles:
            raise Forbidden("entries")
        asked = min(max(1, limit), PAGE)
        entries = await visit.site.service.store.entries(visit.town.id, min(max(0, after), 2**53), asked)
        last = entries[-1].position if len(entries) == asked else None
        return json_response({"entries": [exported(entry) for entry in entries], "next": last})

    @get(f"/{{municipality:str}}/audit/{service}")
    async def show_checkpoint(visit: NamedDependency[Visit]) -> Response[Any]:
        """The checkpoint as a piece of HTML, which the auditor's page takes in."""
        assert visit.town
        found = await checkpoint(visit.site, visit.town.id)
        page = Page(title=service, path=visit.request.url.path, town=visit.town)
        root, reads = b64encode(found.root).decode(), bool(_READERS & (await visit.standing()).roles)
        return visit.site.renderer.render(
            "checkpoint.html", page, service=service, size=found.size, root=root, reads=reads
        )

    return [read_checkpoint, read_entries, show_checkpoint]
