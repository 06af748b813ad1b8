"""A registration is one person's part in one meeting: asked for, called off, or there.

Its id follows from meeting and person, so nobody can register twice. Its place is decided in seating.py.
"""

from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from services.events.domain.announcement import Way
from shared.decider import Decider, nothing_new
from shared.ids import following
from shared.message import Command, Context, Event


def registration_id(meeting: str, person: str) -> str:
    return following(f"registration/{meeting}", person)


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class Registered(Event):
    meeting: str
    person: str
    section: str


class RegistrationCancelled(Event):
    section: str


class CheckedIn(Event):
    """In the room or at the screen; a guest of the evening at a table, everybody else with or without registration."""

    meeting: str
    person: str
    way: Way
    table: str | None = None


RegistrationEvent: TypeAlias = Registered | RegistrationCancelled | CheckedIn


# State: only what the next decision needs.
class Registration(Struct, frozen=True):
    section: str | None = None
    present: tuple[Way, str | None] | None = None  # how, at which table


def evolve(state: Registration, event: RegistrationEvent) -> Registration:
    match event:
        case Registered(section=section):
            return replace(state, section=section)
        case RegistrationCancelled():
            return replace(state, section=None)
        case CheckedIn(way=way, table=table):
            return replace(state, present=(way, table))


def _decide(command: Command, state: Registration, context: Context) -> list[Event]:
    raise nothing_new(command, state)


registration: Decider[Registration] = Decider("registration", RegistrationEvent, (), Registration(), _decide, evolve)
