"""Puts the feed of facts together. The gateway is built in `sync`, and has no database."""

from litestar import Litestar

from services.realtime import api
from shared.access.standing import standing_view
from shared.card import Card
from shared.municipalities import municipalities_view
from shared.settings import Settings
from shared.web.app import web_app

CARD = Card(
    name="realtime",
    deciders={},
    views=(standing_view(), municipalities_view()),
    publish=lambda recorded: None,
    hears=("marketplace", "planning", "funding", "events"),
)


def create_app(settings: Settings) -> Litestar:
    """The feed as an ASGI app; it opens what it needs when its lifespan begins."""
    return web_app(CARD, settings, api.ROUTES)
