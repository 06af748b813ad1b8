"""`gemeinwerk rebuild`: drops the views of services and fills them again from the log, with progress."""

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from deploy import services
from deploy.embedded import start
from deploy.secrets import Secrets, kept_in, signer_in
from shared.card import Card
from shared.installation import forget_views
from shared.projector import LOG
from shared.service import DEPLOYMENT
from shared.settings import Settings
from shared.web.app import open_site

Say = Callable[[str], None]


def rebuild(data: Path, names: Sequence[str], say: Say) -> None:
    """Rebuilds the views of the services `names` in the data of `gemeinwerk up`, which must not run meanwhile."""
    with start(data) as running:
        kept = kept_in(data)
        asyncio.run(_rebuild(running.infra.postgres_url, running.infra.nats_url, kept, signer_in(data), names, say))


async def _rebuild(postgres: str, nats: str, kept: Secrets, signer: Path, names: Sequence[str], say: Say) -> None:
    settings = await services.settings_for(
        postgres,
        nats,
        password=kept.database_password,
        deployment_key=kept.deployment_key,
        signer=signer,
        public_url="http://127.0.0.1",
        gateway_url="ws://127.0.0.1",
    )
    for name in names:
        await rebuild_service(settings[name], say)


async def rebuild_service(settings: Settings, say: Say) -> None:
    """Drops and refills all views of one service, municipality by municipality."""
    card: Card = import_module(f"services.{settings.service}.app").CARD
    await forget_views(settings.migrator_url, card.views)
    async with open_site(card, settings) as site:
        for municipality in (DEPLOYMENT, *await site.service.municipalities()):
            for source in sorted(site.service.projector.sources | {LOG}):
                done = 0

                def moved(count: int, of: str = f"{settings.service} {municipality} {source}") -> None:
                    nonlocal done
                    done += count
                    say(f"{of}: {done}")

                await site.service.projector.catch_up(municipality, source, progress=moved)
