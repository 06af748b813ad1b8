"""What the demo towns clarify: a process in Detmold, a pub evening in Dresden, a year's conversation in Dortmund."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.events.adapters.archive import Archive
from services.events.adapters.codes import code_of, digest_of
from services.events.adapters.papers import MeetingPapers
from services.events.adapters.shipped import shipped
from services.events.domain.agenda import EndAgendaItem, Item, PlanAgenda, StartAgendaItem
from services.events.domain.announcement import AnnounceMeeting, Section
from services.events.domain.attendance import CheckIn
from services.events.domain.holidays import Land, holiday
from services.events.domain.meeting import EndMeeting, StartMeeting
from services.events.domain.outcome import RecordResult, SignOffMinutes
from services.events.domain.poll import ClosePoll, OpenPoll, Option, VotePoll
from services.events.domain.process import StartProcess
from services.events.domain.progress import BeginStep, CompleteStep
from services.events.domain.registration import registration_id
from services.events.domain.seating import Register
from services.events.domain.table import OpenTable
from services.events.minutes import minutes
from services.events.minutes import text as spelled
from services.events.room import room_for
from services.events.views.calendar import evening, running
from shared.ids import following
from shared.message import Command, Context
from shared.web.site import Site

_SEED = "gemeinwerk-demo/events"
_BERLIN = ZoneInfo("Europe/Berlin")
_HYBRID = (Section(key="hall", way="site", capacity=24), Section(key="screen", way="screen"))
_AWARD = 20  # weeks until Dresden decides on this year's projects
_TABLE_2 = 8  # weeks until the second table: the preparation has begun, the online participation is about to

Give = Callable[..., Awaitable[None]]


async def load(site: Site, town: str, people: Mapping[str, str]) -> None:
    """Loads what belongs to `town` into the events service; `people` are its pseudonyms by name. A second time, and in
    any other town, nothing happens."""
    loader = {"detmold": _detmold, "dresden": _dresden, "dortmund": _dortmund}.get(town)
    async with site.service.reading(town) as connection:
        loaded = await evening(connection, town, _id(town, "meeting"))
    if loader and loaded is None:
        await loader(site, town, people, _giver(site, town))


def table_code(site: Site, town: str) -> str:
    """The code on the beer mats of the demo's pub evening."""
    return code_of(bytes.fromhex(site.settings.deployment_key), town, _id(town, "table"))


async def _detmold(site: Site, town: str, people: Mapping[str, str], give: Give) -> None:
    petra, process = people["Petra M."], _id(town, "process")
    anchor = _wednesday(site.clock().date() + timedelta(weeks=_TABLE_2), Land.NW)
    while not (_ordinary(anchor) and _ordinary(anchor - timedelta(weeks=4))):
        anchor = _wednesday(anchor + timedelta(weeks=1), Land.NW)
    start = StartProcess(
        template=shipped()["zukunftstisch"], topic="Digitale Ethik", land=Land.NW, anchor=anchor, goal="16"
    )
    await give("process", process, petra, start)
    async with site.service.reading(town) as connection:
        (started,) = await running(connection, town, process)
    if started.dates["preparation"].starts <= site.clock().date():
        await give("process", process, petra, BeginStep(step="preparation"))
    for step, id in (("table_1", _id(town, "meeting")), ("table_2", _id(town, "meeting 2"))):
        found = started.template.step(step)
        assert found.format
        announce = AnnounceMeeting(
            title=f"{found.title}: Digitale Ethik",
            format=found.format,
            mode="hybrid",
            starts=_at(started.dates[step].day, 17),
            ends=_at(started.dates[step].day, 20),
            sections=_HYBRID,
            place="Rathaus am Markt, Ratssaal",
            process=process,
            step=step,
        )
        await give("meeting", id, petra, announce)
    items = ("Ankommen", 15), ("Drei Blicke von außen", 45), ("Was darf die Stadt wissen?", 60), ("Thesen ordnen", 45)
    await give("live_agenda", (_id(town, "meeting"),) * 2, petra, _agenda(town, items))
    for name in ("Lena D.", "Ole S."):
        await _register(give, _id(town, "meeting"), people[name])


async def _dresden(site: Site, town: str, people: Mapping[str, str], give: Give) -> None:
    carla, id, day = people["Carla V."], _id(town, "meeting"), site.clock().date() + timedelta(days=4)
    announce = AnnounceMeeting(
        title="Kneipenabend: Was braucht das Materialwerk?",
        format="pub_evening",
        mode="hybrid",
        starts=_at(day, 19),
        ends=_at(day, 22),
        sections=_HYBRID,
        place="Kneipe Zum Hobel, Löbtau",
    )
    await give("meeting", id, carla, announce)
    items = (
        ("Ankommen und Anstoßen", 20),
        ("Was liegt bei euch herum?", 40),
        ("Räume und Schlüssel", 30),
        ("Wer macht was?", 20),
    )
    await give("live_agenda", (id, id), carla, _agenda(town, items))
    table, key = _id(town, "table"), bytes.fromhex(site.settings.deployment_key)
    code = digest_of(key, town, table_code(site, town))
    await give("meeting", id, carla, OpenTable(table_id=table, name="Tisch am Fenster", code_digest=code))
    for name in ("Mira K.", "Jonas T.", "Selin B."):
        await _register(give, id, people[name])
    await _round(site, town, carla, give)


async def _round(site: Site, town: str, carla: str, give: Give) -> None:
    """This year's round of the Zukunftsstadt, ten weeks into its first phase."""
    process, anchor = _id(town, "process"), _wednesday(site.clock().date() + timedelta(weeks=_AWARD), Land.SN)
    start = StartProcess(
        template=shipped()["zukunftsstadt"], topic="Zukunftsstadt Dresden", land=Land.SN, anchor=anchor, goal="11"
    )
    await give("process", process, carla, start, _at(anchor - timedelta(weeks=32), 9))
    async with site.service.reading(town) as connection:
        (started,) = await running(connection, town, process)
    await give("process", process, carla, BeginStep(step="initiation"), _at(started.dates["initiation"].starts, 9))


async def _dortmund(site: Site, town: str, people: Mapping[str, str], give: Give) -> None:
    tom, process, id = people["Tom B."], _id(town, "process"), _id(town, "meeting")
    anchor = _wednesday(site.clock().date() - timedelta(weeks=3), Land.NW)
    before, began = _at(anchor - timedelta(weeks=5), 9), _at(anchor, 18)
    start = StartProcess(
        template=shipped()["stadtgespraech"], topic="Dortmund im Jahr 2040", land=Land.NW, anchor=anchor
    )
    await give("process", process, tom, start, before)
    await give("process", process, tom, BeginStep(step="opening"), began)
    announce = AnnounceMeeting(
        title="Erste Stadtkonferenz: Wie wollen wir 2040 leben?",
        format="city_conference",
        mode="hybrid",
        starts=began,
        ends=_at(anchor, 21),
        sections=(Section(key="hall", way="site", capacity=120), Section(key="screen", way="screen")),
        place="Dietrich-Keuning-Haus",
        process=process,
        step="opening",
    )
    await give("meeting", id, tom, announce, before)
    await _held(site, town, people, give, began)
    await give("process", process, tom, CompleteStep(step="opening"), began + timedelta(days=1))


async def _held(site: Site, town: str, people: Mapping[str, str], give: Give, began: datetime) -> None:
    """An evening that is over: what was on, a straw poll, results, signed minutes."""
    tom, id, poll = people["Tom B."], _id(town, "meeting"), _id(town, "poll")
    agenda = _agenda(town, (("Ankommen", 20), ("Bilder der Stadt", 60), ("Was zuerst?", 45)))
    await give("live_agenda", (id, id), tom, agenda, began - timedelta(days=3))
    await give("meeting", id, tom, StartMeeting(), began)
    for name, section in (("Yusuf A.", "hall"), ("Nele F.", "screen"), ("Ute G.", "hall")):
        person = people[name]
        await give("attendance", (registration_id(id, person), id), person, CheckIn(meeting=id, section=section), began)
    for number, item in enumerate(agenda.items):
        at = began + timedelta(minutes=40 * number)
        await give("live_agenda", (id, id), tom, StartAgendaItem(item_id=item.item_id), at)
    answers = ("Schatten und Wasser", "Wege ohne Auto", "Orte ohne Kaufzwang")
    options = tuple(Option(option_id=str(number), text=text) for number, text in enumerate(answers, 1))
    late = began + timedelta(minutes=100)
    await give("live_poll", (poll, id), tom, OpenPoll(meeting=id, question="Womit anfangen?", options=options), late)
    for name, option, way in (("Yusuf A.", "1", "site"), ("Nele F.", "3", "screen"), ("Ute G.", "1", "site")):
        vote: Any = VotePoll(meeting=id, option_id=option, way=way)  # type: ignore[arg-type]
        await give("live_poll", (poll, id), people[name], vote, late)
    await give("live_poll", (poll, id), tom, ClosePoll(meeting=id), late)
    for kind, text in (
        ("finding", "Hitze trifft die Nordstadt zuerst: dort fehlen Bäume und Trinkbrunnen."),
        ("agreement", "Drei Plätze bekommen im nächsten Sommer Schatten auf Probe."),
        ("task", "Das Grünflächenamt legt bis zum Forum eine Karte der heißen Orte vor."),
    ):
        result: Any = RecordResult(result_id=_id(town, text), kind=kind, text=text)  # type: ignore[arg-type]
        await give("meeting", id, tom, result, late)
    await give("live_agenda", (id, id), tom, EndAgendaItem(item_id=agenda.items[-1].item_id), late)
    await give("meeting", id, tom, EndMeeting(), began + timedelta(hours=3))
    async with site.service.reading(town) as connection:
        found = await evening(connection, town, id)
    assert found
    papers = MeetingPapers(site.service.engine, Archive(site.service, site.documents))
    live = await room_for(site, town, found, None, site.clock())
    signed = await papers.keep(town, spelled(minutes(live, await papers.written(town, id))))
    await give("meeting", id, tom, SignOffMinutes(minutes=signed), began + timedelta(days=2))


async def _register(give: Give, meeting: str, person: str) -> None:
    streams = (registration_id(meeting, person), f"{meeting}.hall", meeting)
    await give("seating", streams, person, Register(meeting=meeting, section="hall"))


def _agenda(town: str, items: tuple[tuple[str, int], ...]) -> PlanAgenda:
    return PlanAgenda(
        items=tuple(Item(item_id=_id(town, title), title=title, minutes=minutes) for title, minutes in items)
    )


def _giver(site: Site, town: str) -> Give:
    """Gives commands, also as of an earlier moment; the id of each follows from what it says."""

    async def give(
        category: str, id: str | tuple[str, ...], by: str, command: Command, at: datetime | None = None
    ) -> None:
        command_id = following(_SEED, f"{town}/{category}/{id}/{by}/{type(command).__name__}/{command!r}")
        context = Context(by=by, municipality=town, at=at or datetime.now(UTC), command_id=command_id)
        await site.service.handle(category, id, command, context)

    return give


def _id(town: str, what: str) -> str:
    return following(_SEED, f"{town}/{what}")


def _wednesday(day: date, land: Land) -> date:
    """The first Wednesday from `day` on in a week without a public holiday."""
    day += timedelta(days=(2 - day.weekday()) % 7)
    while any(holiday(day + timedelta(days=other), land) for other in range(-2, 3)):
        day += timedelta(weeks=1)
    return day


def _ordinary(day: date) -> bool:
    """Not around Christmas, when nobody invites to a table."""
    return (day.month, day.day) not in {(12, n) for n in range(20, 32)} | {(1, n) for n in range(1, 9)}


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), _BERLIN).astimezone(UTC)
