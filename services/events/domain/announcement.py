"""What is said about a meeting before it begins: when, where, in which form, and how many find room."""

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.events.domain.template import Format, Key, Words
from shared.decider import Rejected
from shared.message import Command, Context, Event

Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
Place: TypeAlias = Annotated[str, Meta(max_length=200)]
Capacity: TypeAlias = Annotated[int, Meta(ge=1, le=200)]
Way: TypeAlias = Literal["site", "screen"]
Mode: TypeAlias = Literal["on_site", "online", "hybrid"]
_WAYS: dict[Mode, set[Way]] = {"on_site": {"site"}, "online": {"screen"}, "hybrid": {"site", "screen"}}

INTERNAL_FORMATS: frozenset[Format] = frozenset({"administration_workshop", "politics_workshop"})
"""What is worked on there is for people who are signed in; every other format is public."""


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Places of one kind; without `capacity` there is room for all. A large hall has several, see `roster.py`."""

    key: Key
    way: Way
    capacity: Capacity | None = None


# Events: stored for ever in the stream of the meeting. Add optional fields; never rename, retype or remove.
class MeetingAnnounced(Event):
    """`place` is a public one; `process` and `step` say what the meeting is part of. Times are UTC."""

    title: str
    format: Format
    mode: Mode
    starts: datetime
    ends: datetime
    sections: tuple[Section, ...]
    place: str = ""
    process: str | None = None
    step: str | None = None
    project: str | None = None


class MeetingMoved(Event):
    starts: datetime
    ends: datetime
    place: str


class SectionResized(Event):
    section: str
    capacity: int | None


AnnouncementEvent: TypeAlias = MeetingAnnounced | MeetingMoved | SectionResized


# State: only what the next decision needs.
class Announcement(Struct, frozen=True):
    mode: Mode
    starts: datetime
    ends: datetime
    place: str
    sections: dict[str, Section]
    project: str | None


def announced(event: MeetingAnnounced) -> Announcement:
    sections = {section.key: section for section in event.sections}
    return Announcement(event.mode, event.starts, event.ends, event.place, sections, event.project)


def evolve_announcement(state: Announcement, event: MeetingMoved | SectionResized) -> Announcement:
    match event:
        case MeetingMoved(starts=starts, ends=ends, place=place):
            return replace(state, starts=starts, ends=ends, place=place)
        case SectionResized(section=key, capacity=capacity):
            return replace(state, sections=state.sections | {key: replace(state.sections[key], capacity=capacity)})


# Decisions: a repeated command decides nothing new.
class AnnounceMeeting(Command):
    title: Words
    format: Format
    mode: Mode
    starts: Moment
    ends: Moment
    sections: Annotated[tuple[Section, ...], Meta(min_length=1, max_length=20)]
    place: Place = ""
    process: str | None = None
    step: Key | None = None
    project: str | None = None


class MoveMeeting(Command):
    starts: Moment
    ends: Moment
    place: Place = ""


def announce(command: AnnounceMeeting, context: Context) -> MeetingAnnounced:
    _check(command.starts, command.ends, command.mode, command.place, context)
    if len({section.key for section in command.sections}) < len(command.sections):
        raise Rejected("section_twice")
    if {section.way for section in command.sections} != _WAYS[command.mode]:
        raise Rejected("sections_do_not_fit_mode", mode=command.mode)
    return MeetingAnnounced(
        title=command.title,
        format=command.format,
        mode=command.mode,
        starts=command.starts.astimezone(UTC),
        ends=command.ends.astimezone(UTC),
        sections=command.sections,
        place=command.place,
        process=command.process,
        step=command.step,
        project=command.project,
    )


def move(command: MoveMeeting, state: Announcement, context: Context) -> list[Event]:
    if (command.starts, command.ends, command.place) == (state.starts, state.ends, state.place):
        return []
    _check(command.starts, command.ends, state.mode, command.place, context)
    starts, ends = command.starts.astimezone(UTC), command.ends.astimezone(UTC)
    return [MeetingMoved(starts=starts, ends=ends, place=command.place)]


def _check(starts: datetime, ends: datetime, mode: Mode, place: str, context: Context) -> None:
    if ends <= starts:
        raise Rejected("ends_before_it_starts")
    if starts <= context.at:
        raise Rejected("starts_in_the_past", starts=starts.date().isoformat())
    if mode != "online" and not place.strip():
        raise Rejected("place_missing")
