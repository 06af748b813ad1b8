"""The JSON API of events: commands by address, and what everybody may read."""

from typing import Any

from services.events.api import calendar, session, tickets
from services.events.domain.attendance import JoinTable
from services.events.domain.outcome import SignOffMinutes
from services.events.domain.table import OpenTable
from services.events.places import place_of
from shared.card import Card
from shared.web.api import command_routes

AGGREGATES = {
    "process": "process",
    "meeting": "meeting",
    "seating": "meeting",
    "resizing": "meeting",
    "attendance": "meeting",
    "live_agenda": "meeting",
    "live_speaking": "meeting",
    "live_poll": "poll",
}
INTERNAL = (OpenTable, JoinTable, SignOffMinutes)
"""They carry the digest of what only the service itself has: a code, the minutes; each has an address of its own."""


def routes(card: Card) -> list[Any]:
    commands = command_routes(card, AGGREGATES, place_of, INTERNAL)
    return [*commands, *calendar.ROUTES, *session.ROUTES, *tickets.ROUTES]
