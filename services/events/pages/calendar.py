"""The calendar of a town: what comes next, what has been, what is being clarified; and the same for other calendars."""

from collections.abc import Iterable
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from services.events.courses import quarters
from services.events.domain.announcement import AnnounceMeeting
from services.events.domain.process import StartProcess
from services.events.views.calendar import Evening, Running, evenings, formats, running
from shared.icalendar import Entry
from shared.icalendar import calendar as written
from shared.web.visit import Visit

_PAST = 8
_OVER = ("ended", "signed_off")


@get("/{municipality:str}/events")
async def calendar(visit: NamedDependency[Visit], format: FromQuery[str] = "") -> Response[Any]:
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        coming = await evenings(connection, visit.town.id, after=visit.now, format=format)
        past = await evenings(connection, visit.town.id, before=visit.now, format=format)
        known = await formats(connection, visit.town.id)
        courses = await running(connection, visit.town.id)
    return await visit.page(
        "events.html",
        "Termine",
        nav="events",
        coming=[evening.coming for evening in coming if evening.coming.stage not in _OVER],
        past=[evening.coming for evening in (*coming, *past) if evening.coming.stage in _OVER][:_PAST],
        quarters=quarters(courses),
        chosen=format,
        formats=known,
        may_start=await visit.may(StartProcess),
        may_announce=await visit.may(AnnounceMeeting),
    )


@get("/{municipality:str}/events/calendar.ics")
async def calendar_file(visit: NamedDependency[Visit]) -> Response[bytes]:
    """All meetings that are not over, for subscribing."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        found = await evenings(connection, visit.town.id, after=visit.now)
    return file(visit, f"Termine in {visit.town.name}", [entry(visit, evening) for evening in found])


def file(visit: Visit, name: str, entries: Iterable[Entry]) -> Response[bytes]:
    return Response(written(name, entries, visit.now), media_type="text/calendar")


def entry(visit: Visit, evening: Evening) -> Entry:
    """A meeting; its sequence grows with every change."""
    assert visit.town
    coming = evening.coming
    return Entry(
        uid=f"meeting-{coming.id}@{visit.town.id}.gemeinwerk",
        starts=coming.starts,
        ends=coming.ends,
        summary=coming.title,
        location=coming.place,
        url=f"{visit.site.settings.public_url}/{visit.town.id}/events/meetings/{coming.id}",
        sequence=evening.version - 1,
        cancelled=coming.stage == "cancelled",
    )


def step_entries(visit: Visit, process: Running) -> list[Entry]:
    """The steps of a process as whole days."""
    assert visit.town
    url = f"{visit.site.settings.public_url}/{visit.town.id}/events/processes/{process.id}"
    return [
        Entry(
            uid=f"process-{process.id}-{key}@{visit.town.id}.gemeinwerk",
            starts=dated.starts,
            ends=dated.ends,
            summary=f"{process.template.step(key).title}: {process.topic}",
            description=process.template.step(key).purpose,
            url=url,
            sequence=process.version - 1,
            cancelled=process.marks.get(key) == "skipped" or process.stopped is not None,
        )
        for key, dated in process.dates.items()
    ]


ROUTES = [calendar, calendar_file]
