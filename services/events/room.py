"""A meeting as its pages show it before, while and after it runs: gathered from the views, with names."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from services.events.session_screens import AgendaLine, Answer, Clock, Live, Result, Speaking, Straw, Table, Voice
from services.events.views.calendar import Evening, mine
from services.events.views.session import Session, session
from shared.web.site import Site
from shared.web.visit import Visit

_BERLIN = ZoneInfo("Europe/Berlin")


async def room(visit: Visit, evening: Evening) -> Live:
    """All that moves, for whoever looks."""
    assert visit.town
    return await room_for(visit.site, visit.town.id, evening, visit.person, visit.now)


async def room_for(site: Site, town: str, evening: Evening, person: str | None, now: datetime) -> Live:
    """The same for `person`, or with None as everybody may see it."""
    id = evening.coming.id
    async with site.service.reading(town) as connection:
        found = await session(connection, town, id, person)
        own = await mine(connection, town, id, person)
    called = {row.id: row.name for row in found.tables}
    return Live(
        meeting=evening.coming,
        news=found.news,
        agenda=_agenda(found.items, evening.coming.starts),
        clock=_clock(found.items, now),
        speaking=_speaking(found.words, await _names(site, town, found), now),
        polls=tuple(_poll(row, found) for row in found.polls),
        results=tuple(Result(kind=row.kind, text=row.text) for row in found.results),
        tables=tuple(
            Table(id=row.id, name=row.name, guests=found.guests.get(row.id, 0)) for row in found.tables if row.open
        ),
        on_site=found.present.get("site", 0),
        at_screen=found.present.get("screen", 0),
        mine=replace(own, table=called.get(own.table, "")),
    )


async def _names(site: Site, town: str, found: Session) -> Mapping[str, str]:
    speaking = {row.person for row in found.words if row.state in ("waiting", "speaking")}
    names = await site.people.read_all((town, person) for person in speaking)
    return {person: name for (_, person), name in names.items()}


def _agenda(items: Sequence[Any], starts: datetime) -> tuple[AgendaLine, ...]:
    """Lines with the time at which each began, or will if all before it take as long as planned."""
    lines, at = [], starts
    for row in items:
        at = row.began or at
        clock = at.astimezone(_BERLIN).strftime("%H:%M")
        lines.append(AgendaLine(item_id=row.item, title=row.title, minutes=row.minutes, at=clock, state=row.state))
        at += timedelta(minutes=row.minutes)
    return tuple(lines)


def _clock(items: Sequence[Any], now: datetime) -> Clock | None:
    for row in items:
        if row.state == "now":
            running = int((now - row.since).total_seconds()) if row.since else 0
            return Clock(
                item_id=row.item,
                title=row.title,
                number=row.number,
                elapsed=row.seconds + max(0, running),
                total=60 * row.minutes,
                paused=row.since is None,
            )
    return None


def _speaking(rows: Sequence[Any], names: Mapping[str, str], now: datetime) -> Speaking:
    def voice(row: Any, since: str) -> Voice:
        name = names.get(row.person, "Jemand")
        return Voice(ask_id=row.ask, person=row.person, name=name, way=row.way, since=since)

    speaker = next((row for row in rows if row.state == "speaking"), None)
    spoken = {way: sum(row.seconds for row in rows if row.way == way) for way in ("site", "screen")}
    return Speaking(
        speaker=voice(speaker, _lasting(now - speaker.given)) if speaker else None,
        spoken=int((now - speaker.given).total_seconds()) if speaker else 0,
        waiting=tuple(voice(row, _waiting(now - row.asked)) for row in rows if row.state == "waiting"),
        site_seconds=spoken["site"],
        screen_seconds=spoken["screen"],
    )


def _lasting(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}"


def _waiting(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"seit {minutes} Min." if minutes > 0 else "gerade eben"


def _poll(row: Any, found: Session) -> Straw:
    answers = tuple(
        Answer(
            option_id=option["option_id"],
            text=option["text"],
            site=found.votes.get((row.id, option["option_id"], "site"), 0),
            screen=found.votes.get((row.id, option["option_id"], "screen"), 0),
        )
        for option in row.options
    )
    return Straw(id=row.id, question=row.question, answers=answers, open=row.open, mine=found.mine.get(row.id, ""))
