"""Every night the whole log is hashed anew, of each municipality; what is found lies beside the signing key."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from msgspec.structs import replace

from shared.audit.intact import hash_anew
from shared.audit.signer import Signer, Towns
from shared.store import Store

log = structlog.get_logger()

_BERLIN = ZoneInfo("Europe/Berlin")
_HOUR = 3
_LOOK = 60.0  # seconds between two looks at the clock


async def every_night(service: str, store: Store, signer: Signer, towns: Towns) -> None:
    """For ever: hashes each log once after three in the morning, and at once where that was missed."""
    while True:
        for municipality in await towns():
            known = signer.known(municipality)
            if known and known.examined < _last_night(datetime.now(UTC)):
                await examine(service, municipality, store, signer)
        await asyncio.sleep(_LOOK)


async def examine(service: str, municipality: str, store: Store, signer: Signer) -> str:
    """Hashes one log anew and keeps what was found; returns it, "" where everything holds."""
    known = signer.known(municipality)
    fault = await hash_anew(store, municipality, known.checkpoint if known else None)
    now = _text(datetime.now(UTC))
    await asyncio.to_thread(
        signer.shelf.change,
        municipality,
        service,
        lambda present: replace(present, examined=now, fault=fault) if present else None,
    )
    if fault:
        log.error("log damaged", service=service, municipality=municipality, fault=fault)
    return fault


def _last_night(now: datetime) -> str:
    here = now.astimezone(_BERLIN)
    night = here.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    return _text(night if night <= here else night - timedelta(days=1))


def _text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
