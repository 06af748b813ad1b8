"""`gemeinwerk signer recover`: lets a log go on whose database came back from an older backup, and signs the loss."""

import asyncio
from collections.abc import Coroutine, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from deploy import services
from deploy.embedded import start
from deploy.secrets import kept_in, signer_in
from shared.audit.recovering import Loss, loss_of, recover
from shared.settings import Settings, settings_of
from shared.web.app import open_site


def recover_log(log: str, data: Path, environ: Mapping[str, str], *, accept: bool) -> Loss:
    """What is lost of `<municipality>/<service>`; with `accept` it is signed and recorded. No service may run then.

    The database is that of the environment, or of `gemeinwerk up` in `data`. Raises `CannotRecover`.
    """
    service = log.partition("/")[2]
    if "GEMEINWERK_NATS_URL" in environ:
        return asyncio.run(_recover(settings_of(service, environ), log, accept))
    with start(data) as running:
        kept = kept_in(data)
        settings = services.settings_for(
            running.infra.postgres_url,
            running.infra.nats_url,
            password=kept.database_password,
            deployment_key=kept.deployment_key,
            signer=signer_in(data),
            public_url=environ.get("GEMEINWERK_PUBLIC_URL", f"http://127.0.0.1:{environ.get('GEMEINWERK_PORT', 8000)}"),
            gateway_url="ws://127.0.0.1",
        )
        return asyncio.run(_embedded(settings, log, accept))


async def _embedded(settings: Coroutine[Any, Any, dict[str, Settings]], log: str, accept: bool) -> Loss:
    return await _recover((await settings)[log.partition("/")[2]], log, accept)


async def _recover(settings: Settings, log: str, accept: bool) -> Loss:
    card = import_module(f"services.{settings.service}.app").CARD
    municipality = log.partition("/")[0]
    async with open_site(card, settings) as site:
        if accept:
            return await recover(site.signer, site.service.store, site.service.codec, municipality)
        return await loss_of(site.signer, site.service.store, municipality)
