"""Puts events together."""

from litestar import Litestar

from services.events import api, pages
from services.events.adapters import papers, shelf
from services.events.adapters.archive import Archive
from services.events.adapters.closing import Closing
from services.events.adapters.guests import Forgetting
from services.events.adapters.line import Line
from services.events.adapters.papers import MeetingPapers
from services.events.domain.agenda import agenda
from services.events.domain.attendance import attendance
from services.events.domain.live import live_agenda, live_poll, live_speaking
from services.events.domain.meeting import meeting
from services.events.domain.poll import poll
from services.events.domain.process import process
from services.events.domain.registration import registration
from services.events.domain.roster import roster
from services.events.domain.seating import resizing, seating
from services.events.domain.speaking import speaking
from services.events.integration import publish
from services.events.views import VIEWS
from shared.audit.reading import note_reading, reading
from shared.card import Card
from shared.settings import Settings
from shared.web.app import web_app
from shared.web.site import Site

CARD = Card(
    name="events",
    deciders={
        "process": process,
        "meeting": meeting,
        "roster": roster,
        "registration": registration,
        "agenda": agenda,
        "speaking": speaking,
        "poll": poll,
        "seating": seating,
        "resizing": resizing,
        "attendance": attendance,
        "live_agenda": live_agenda,
        "live_speaking": live_speaking,
        "live_poll": live_poll,
        "log_reading": reading,
    },
    views=VIEWS,
    publish=publish,
    hears=("marketplace",),
    private=(papers.signed, *shelf.PRIVATE),
)


def create_app(settings: Settings) -> Litestar:
    """Events as an ASGI app; it opens what it needs when its lifespan begins."""

    def extra(site: Site) -> MeetingPapers:
        site.service.follow(Line(site))
        site.service.follow(Closing(site.service, site.clock))
        archive = Archive(site.service, site.documents)
        site.service.follow(Forgetting(site.service, site.people, archive))
        site.service.beside("follow documents", archive.follow)
        site.service.beside("keep documents", archive.keep_for_ever)
        return MeetingPapers(site.service.engine, archive)

    return web_app(CARD, settings, [*api.routes(CARD), *pages.ROUTES], extra, note_reading)
