"""A meeting as its pages show it while it runs, before and after: gathered from the views, with names."""

from services.events.screens import Live
from services.events.views.calendar import Evening, mine
from shared.web.visit import Visit


async def room(visit: Visit, evening: Evening) -> Live:
    """All that moves, for whoever looks."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        own = await mine(connection, visit.town.id, evening.coming.id, visit.person)
    return Live(meeting=evening.coming, news=0, mine=own)
