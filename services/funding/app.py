"""Puts funding together."""

from litestar import Litestar

from services.funding import api, pages, papers
from services.funding.adapters import presence
from services.funding.adapters.letters import Letters
from services.funding.adapters.presence import Presence
from services.funding.adapters.titles import Titles
from services.funding.beside import Beside, kept_papers
from services.funding.domain.applying import applying
from services.funding.domain.decision import decision
from services.funding.domain.filing import application
from services.funding.domain.look import look
from services.funding.domain.payment import payment
from services.funding.domain.pot import pot
from services.funding.integration import publish
from services.funding.pages import checking
from services.funding.views import VIEWS
from shared.card import Card
from shared.papers import Papers
from shared.print import Press
from shared.settings import Settings
from shared.web.app import web_app
from shared.web.site import Site

CARD = Card(
    name="funding",
    deciders={
        "pot": pot,
        "application": application,
        "applying": applying,
        "decision": decision,
        "payment": payment,
        "look": look,
    },
    views=VIEWS,
    publish=publish,
    hears=("marketplace", "planning", "events"),
    private=(kept_papers, *presence.PRIVATE),
)


def create_app(settings: Settings) -> Litestar:
    """Funding as an ASGI app; it opens what it needs when its lifespan begins."""

    def extra(site: Site) -> Beside:
        store = Papers(site.service.engine, kept_papers)
        site.service.follow(Titles(site.titles))
        letters = Letters(site, store, Press())
        site.service.follow(letters)
        site.service.beside("write letters", letters.write)
        return Beside(store, Presence(site.service.engine))

    handlers = [*api.routes(CARD), *pages.ROUTES, *checking.ROUTES, *papers.ROUTES]
    return web_app(CARD, settings, handlers, extra, checking.bundle_taken)
