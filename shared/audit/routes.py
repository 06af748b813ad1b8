"""What every service shows of its log: checkpoints, proofs and tiles to anybody, the entries to auditors.

After C2SP `tlog-tiles`, `tlog-proof` and `tlog-witness`; the prefix is /<municipality>/audit/<service>.
"""

import asyncio
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from shared.access.limits import Limit, neighbourhood, trusted_address
from shared.audit.bundle_routes import Noted, nobody_notes
from shared.audit.cosigning import NotTaken, seen, take_in, witnesses
from shared.audit.entries import bundle, exported
from shared.audit.leaf import leaf_bytes
from shared.audit.notes import BadNote
from shared.audit.proofs import Growth, Inclusion, signed_in
from shared.audit.shelf import Signed
from shared.audit.tiles import WIDTH, Tiles, read_tile_path
from shared.category import NotFound
from shared.decider import Rejected
from shared.store import header_of
from shared.web.api import json_response
from shared.web.forms import Fault, Invalid
from shared.web.problems import Forbidden, TooMany
from shared.web.render import Page
from shared.web.visit import Visit

PAGE = 500
_READERS = frozenset({"auditor", "coordinator"})
_FRESH, _LASTING, _OWN = ({"cache-control": how} for how in ("no-cache", "public, max-age=86400", "no-store"))
_COSIGNATURES = Limit("cosignatures", 60, 60)
_LONGEST_NOTE = 16_000  # characters


def audit_routes(service: str, noted: Noted = nobody_notes) -> list[Any]:
    """Route handlers under /<municipality>/audit/<service>. `noted` hears who reads entries."""
    prefix = f"/{{municipality:str}}/audit/{service}"
    return [*_checkpoints(prefix), *_proofs(prefix), *_tiles(prefix, noted), *_entries(prefix, service, noted)]


def _checkpoints(prefix: str) -> list[Any]:
    @get(f"{prefix}/checkpoint")
    async def read_checkpoint(visit: NamedDependency[Visit]) -> Response[str]:
        """The last signed checkpoint, with the lines of witnesses that have seen this very one."""
        return _text((await _latest(visit)).served, _FRESH)

    @get(f"{prefix}/checkpoint/cosigned")
    async def read_cosigned(visit: NamedDependency[Visit]) -> Response[str]:
        """The last checkpoint that a witness has seen."""
        if not (cosigned := (await _latest(visit)).cosigned):
            raise NotFound("cosigned")
        return _text(cosigned, _FRESH)

    @get(f"{prefix}/keys")
    async def read_keys(visit: NamedDependency[Visit]) -> Response[str]:
        """The log's public keys, newest first, one "vkey" a line; whoever signed before stays listed."""
        keys = visit.site.signer.keys(_town(visit), (await _latest(visit)).epoch)
        return _text("".join(f"{key.text}\n" for key in keys), _FRESH)

    @get(f"{prefix}/recovery/{{epoch:int}}")
    async def read_recovery(visit: NamedDependency[Visit], epoch: FromPath[int]) -> Response[str]:
        """The signed note of a recovery: which log was lost, and which one goes on."""
        notes = (await _latest(visit)).recoveries
        if not 0 < epoch <= len(notes):
            raise NotFound(str(epoch))
        return _text(notes[epoch - 1], _FRESH)

    @post(f"{prefix}/cosignatures", status_code=200, takes="text/plain")
    async def take_cosignature(visit: NamedDependency[Visit], request: Request[Any, Any, Any]) -> Response[str]:
        """Takes a checkpoint of ours with lines of trusted witnesses, and answers with all that it now has."""
        verdict = await visit.site.limits.hit(
            _COSIGNATURES, neighbourhood(trusted_address(request.scope, visit.site.proxies))
        )
        if not verdict.allowed:
            raise TooMany(verdict.wait)
        signer, town, signed = visit.site.signer, _town(visit), await _latest(visit)
        try:
            text = (await request.body()).decode()[:_LONGEST_NOTE]
            keys, trusted = signer.keys(town, signed.epoch), witnesses(signer.folder)
            changed = await asyncio.to_thread(take_in, signer.shelf, town, signer.service, text, keys, trusted)
        except (UnicodeDecodeError, BadNote) as error:
            raise Invalid({"note": Fault("not_a_note", {"reason": str(error)})}) from error
        except NotTaken as refusal:
            raise Rejected(refusal.code) from refusal
        return _text(changed.cosigned, _FRESH)

    return [read_checkpoint, read_cosigned, read_keys, read_recovery, take_cosignature]


def _proofs(prefix: str) -> list[Any]:
    @get(f"{prefix}/proof/{{position:int}}")
    async def prove_entry(visit: NamedDependency[Visit], position: FromPath[int]) -> Response[str]:
        """That an entry is in the log, as `tlog-proof`; for auditors with the entry itself as `extra`."""
        signed, town = await _latest(visit), _town(visit)
        note = signed.cosigned if signed.cosigned and position <= signed_in(signed.cosigned).size else signed.served
        try:
            path = await _tree(visit, signed).inclusion(position - 1, signed_in(note).size)
        except IndexError as error:
            raise NotFound(str(position)) from error
        extra = b""
        if visit.session and await _reads(visit):
            extra = msgspec.json.encode(exported((await visit.site.service.store.entries(town, position - 1, 1))[0]))
        return _text(Inclusion(position - 1, tuple(path), note, extra).text, _OWN if extra else _FRESH)

    @get(f"{prefix}/consistency/{{old_size:int}}")
    async def prove_growth(visit: NamedDependency[Visit], old_size: FromPath[int]) -> Response[str]:
        """That the log only grew since it had `old_size` entries, as the body of `add-checkpoint`."""
        signed = await _latest(visit)
        try:
            path = await _tree(visit, signed).consistency(old_size, signed.checkpoint.size)
        except IndexError as error:
            raise NotFound(str(old_size)) from error
        return _text(Growth(old_size, tuple(path), signed.served).text, _FRESH)

    return [prove_entry, prove_growth]


def _tiles(prefix: str, noted: Noted) -> list[Any]:
    @get(f"{prefix}/tile/{{level:int}}/{{path:path}}")
    async def read_tile(visit: NamedDependency[Visit], level: FromPath[int], path: FromPath[str]) -> Response[bytes]:
        """Hashes of the tree, 32 bytes each, as far as it is signed."""
        signed = await _latest(visit)
        number, width = _asked(signed, level, path)
        try:
            tile = await _tree(visit, signed).tile(level, number, width)
        except IndexError as error:
            raise NotFound(path) from error
        return _bytes(tile, _LASTING)

    @get(f"{prefix}/tile/entries/{{path:path}}")
    async def read_entry_tile(visit: NamedDependency[Visit], path: FromPath[str]) -> Response[bytes]:
        """What the leaves of a tile are hashes of, for auditors and coordinators."""
        await _readers_only(visit)
        await noted(visit, "")
        number, width = _asked(await _latest(visit), 0, path)
        entries = await visit.site.service.store.entries(_town(visit), number * WIDTH, width)
        return _bytes(bundle(leaf_bytes(header_of(entry)) for entry in entries), _OWN)

    return [read_tile, read_entry_tile]


def _entries(prefix: str, service: str, noted: Noted) -> list[Any]:
    @get(f"{prefix}/entries")
    async def read_entries(
        visit: NamedDependency[Visit], after: FromQuery[int] = 0, limit: FromQuery[int] = PAGE
    ) -> Response[bytes]:
        """`{"entries": […], "next": position or null}`, for auditors and coordinators; at most 500 a page."""
        await _readers_only(visit)
        await noted(visit, "")
        asked = min(max(1, limit), PAGE)
        entries = await visit.site.service.store.entries(_town(visit), min(max(0, after), 2**53), asked)
        last = entries[-1].position if len(entries) == asked else None
        return json_response({"entries": [exported(entry) for entry in entries], "next": last}, _OWN)

    @get(prefix)
    async def show_checkpoint(visit: NamedDependency[Visit]) -> Response[Any]:
        """The checkpoint as a piece of HTML, which the auditor's page takes in."""
        signed, town, signer = await _latest(visit), _town(visit), visit.site.signer
        keys = signer.keys(town, signed.epoch)
        return visit.site.renderer.render(
            "checkpoint.html",
            Page(title=service, path=visit.request.url.path, town=visit.town),
            service=service,
            signed=signed,
            size=signed.checkpoint.size,
            root=b64encode(signed.checkpoint.root).decode(),
            key=keys[0].id.hex(),
            examined=datetime.fromisoformat(signed.examined) if signed.examined else None,
            seen=[(who, datetime.fromtimestamp(at, UTC)) for who, at in seen(signed, keys, witnesses(signer.folder))],
            reads=await _reads(visit),
        )

    return [read_entries, show_checkpoint]


def _town(visit: Visit) -> str:
    assert visit.town
    return visit.town.id


async def _latest(visit: Visit) -> Signed:
    return await visit.site.signer.latest(_town(visit))


async def _reads(visit: Visit) -> bool:
    return bool(_READERS & (await visit.standing()).roles)


async def _readers_only(visit: Visit) -> None:
    visit.signed_in()
    if not await _reads(visit):
        raise Forbidden("entries")


def _tree(visit: Visit, signed: Signed) -> Tiles:
    return visit.site.signer.tree(_town(visit), signed.epoch)


def _asked(signed: Signed, level: int, path: str) -> tuple[int, int]:
    """Number and width of the tile at a path. Raises `NotFound` beyond what is signed."""
    asked = read_tile_path(path.removeprefix("/"))
    size = signed.checkpoint.size
    if asked is None or not 0 <= level <= 63 or asked[0] * WIDTH + asked[1] > size >> 8 * level:
        raise NotFound(path)
    return asked


def _text(text: str, headers: dict[str, str]) -> Response[str]:
    return Response(text, media_type=MediaType.TEXT, headers=headers)


def _bytes(data: bytes, headers: dict[str, str]) -> Response[bytes]:
    return Response(data, media_type="application/octet-stream", headers=headers)
