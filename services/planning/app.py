"""Puts planning together."""

from litestar import Litestar

from services.planning import api, pages
from services.planning.adapters import contents, place
from services.planning.adapters.contents import Contents
from services.planning.adapters.doors import Doors
from services.planning.adapters.office import Office
from services.planning.adapters.supplies import Supplies
from services.planning.domain.edits import edits
from services.planning.domain.plan import plan
from services.planning.exports import importing
from services.planning.exports import routes as carrying
from services.planning.integration import publish, react
from services.planning.reading import Extra
from services.planning.views import VIEWS
from shared.audit.reading import note_reading, reading
from shared.card import Card
from shared.print import Press
from shared.settings import Settings
from shared.web.app import web_app
from shared.web.site import Site

CARD = Card(
    name="planning",
    deciders={"plan": plan, "edits": edits, "log_reading": reading},
    views=VIEWS,
    publish=publish,
    react=react,
    hears=("marketplace", "funding"),
    private=(*contents.PRIVATE, *place.PRIVATE),
)


def create_app(settings: Settings) -> Litestar:
    """Planning as an ASGI app; it opens what it needs when its lifespan begins."""

    def extra(site: Site) -> Extra:
        office = Office(site.service, site.documents)
        site.service.follow(office.seed)
        site.service.listen(Doors(site.service))
        site.service.listen(Supplies(site.service, office))
        site.service.beside("follow documents", office.follow)
        site.service.beside("record edits", office.record_for_ever)
        return Extra(office, Contents(site.service.engine), Press())

    handlers = [*api.routes(CARD), *pages.ROUTES, *carrying.ROUTES, *importing.ROUTES]
    return web_app(CARD, settings, handlers, extra, note_reading)
