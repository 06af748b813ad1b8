"""Decisions about places: over a registration, the roster of its section and the meeting, in one append.

The roster's state, never a view, refuses the place too many. The meeting is only read, but its version is checked, so
nobody registers in the moment in which it is called off.
"""

from typing import TypeAlias

from services.events.domain.announcement import Capacity, Section, SectionResized
from services.events.domain.meeting import Announced, Meeting, meeting
from services.events.domain.registration import Registered, Registration, RegistrationCancelled, registration
from services.events.domain.roster import Roster, fill, give_up, roster, take
from services.events.domain.template import Key
from shared.decider import JointDecider, Rejected
from shared.message import Command, Context, Event

Owned: TypeAlias = tuple[int, Event]  # with the index of its stream
GUEST = "guest-"


class Register(Command):
    meeting: str
    section: Key


class CancelRegistration(Command):
    meeting: str
    section: Key


SeatingCommand: TypeAlias = Register | CancelRegistration


def decide_seating(
    command: SeatingCommand, states: tuple[Registration, Roster, Meeting], context: Context
) -> list[Owned]:
    """A place or one in the queue; giving it up hands it on in the same append."""
    mine, seats, evening = states
    person = context.on_behalf_of or context.by
    section = section_of(evening, command.section)
    match command, mine.section:
        case (Register(section=key), known) if known == key:
            return []
        case CancelRegistration(), None:
            return []
        case Register(), _ if person.startswith(GUEST):
            raise Rejected("guests_do_not_register")
        case Register(meeting=id, section=key), None:
            joined = Registered(meeting=id, person=person, section=key)
            return [(0, joined), *_of_roster(take(seats, person, section.capacity))]
        case CancelRegistration(section=key), known if known == key:
            left = RegistrationCancelled(section=key)
            return [(0, left), *_of_roster(give_up(seats, person, section.capacity))]
    raise Rejected("registered_elsewhere", section=mine.section)


class ResizeSection(Command):
    section: Key
    capacity: Capacity | None


def decide_resizing(command: ResizeSection, states: tuple[Meeting, Roster], context: Context) -> list[Owned]:
    """More places let people move up in the same append; fewer take none away."""
    evening, seats = states
    if section_of(evening, command.section).capacity == command.capacity:
        return []
    resized = SectionResized(section=command.section, capacity=command.capacity)
    return [(0, resized), *_of_roster(fill(seats, command.capacity))]


def open_meeting(evening: Meeting) -> Announced:
    """A meeting that still takes people. Raises `Rejected`."""
    if not isinstance(evening, Announced):
        raise Rejected("meeting_unknown")
    if evening.stage not in ("announced", "running"):
        raise Rejected("meeting_is_over")
    return evening


def section_of(evening: Meeting, key: str) -> Section:
    """The section of a meeting that still takes people. Raises `Rejected`."""
    sections = open_meeting(evening).said.sections
    if key not in sections:
        raise Rejected("section_unknown", section=key)
    return sections[key]


def _of_roster(events: list[Event]) -> list[Owned]:
    return [(1, event) for event in events]


seating = JointDecider((registration, roster, meeting), SeatingCommand, decide_seating)
resizing = JointDecider((meeting, roster), ResizeSection, decide_resizing)
