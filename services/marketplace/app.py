"""Puts the marketplace together."""

import structlog
from litestar import Litestar

from services.marketplace import account, api, pages
from services.marketplace.adapters.post import Kept, Mail, Smtp
from services.marketplace.adapters.titles import Titles
from services.marketplace.adapters.vault import PRIVATE, Vault
from services.marketplace.domain.municipality import municipality
from services.marketplace.domain.need import need
from services.marketplace.domain.person import person
from services.marketplace.domain.project import project
from services.marketplace.domain.proposal import proposal
from services.marketplace.domain.team import team
from services.marketplace.integration import publish
from services.marketplace.views import VIEWS
from shared.audit.reading import note_reading, reading
from shared.card import Card
from shared.settings import Settings
from shared.web.app import web_app
from shared.web.site import Site

log = structlog.get_logger()

CARD = Card(
    name="marketplace",
    deciders={
        "municipality": municipality,
        "person": person,
        "project": project,
        "team": team,
        "need": need,
        "proposal": proposal,
        "log_reading": reading,
    },
    views=VIEWS,
    publish=publish,
    hears=("funding", "planning"),
    private=PRIVATE,
)


def create_app(settings: Settings) -> Litestar:
    """The marketplace as an ASGI app; it opens what it needs when its lifespan begins."""

    def extra(site: Site) -> account.Extra:
        site.service.follow(Titles(site.service, site.titles))
        vault = Vault(site.service.engine, bytes.fromhex(settings.deployment_key))
        return account.Extra(vault, Smtp(settings.mail, settings.mail_from) if settings.mail else Kept(_told))

    return web_app(CARD, settings, [*account.ROUTES, *api.routes(CARD), *pages.ROUTES], extra, note_reading)


def _told(mail: Mail) -> None:
    log.info("mail kept", subject=mail.subject)
