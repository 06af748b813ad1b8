"""What proves a decision: its entries in the log, the witnesses that saw them, and the bundle to take along."""

from datetime import UTC, datetime

from msgspec import Struct

from services.funding.dossier import Dossier
from shared.audit.cosigning import seen, witnesses
from shared.audit.intact import intact
from shared.audit.proofs import signed_in
from shared.web.visit import Visit

_READERS = frozenset({"auditor", "coordinator"})


class Evidence(Struct, frozen=True):
    """`digest` is the last leaf, hex; `confirmed_at` the moment of the first witness, None as long as there is none.

    `bundle_url` is for those who may read entries.
    """

    entries: int
    intact: bool
    digest: str
    position: int
    confirmed_at: str | None
    bundle_url: str | None


async def evidence(visit: Visit, file: Dossier) -> Evidence:
    assert visit.town
    entries = [one.entry for one in file.recorded]
    last = entries[-1]
    reads = bool(_READERS & (await visit.standing()).roles)
    return Evidence(
        entries=len(entries),
        intact=intact(entries),
        digest=last.leaf.hex(),
        position=last.position,
        confirmed_at=await _confirmed(visit, last.position),
        bundle_url=f"/{visit.town.id}/audit/funding/bundle.zip?stream={last.stream}" if reads else None,
    )


async def _confirmed(visit: Visit, position: int) -> str | None:
    """When the first witness saw the log with this position in it."""
    assert visit.town
    signer = visit.site.signer
    signed = await signer.latest(visit.town.id)
    if not signed.cosigned or signed_in(signed.cosigned).size < position:
        return None
    times = [time for _, time in seen(signed, signer.keys(visit.town.id, signed.epoch), witnesses(signer.folder))]
    return datetime.fromtimestamp(min(times), UTC).isoformat() if times else None
