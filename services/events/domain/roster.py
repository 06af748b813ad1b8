"""The roster of a section says who has a place and who waits; a place given up goes to whoever waits longest.

One stream for each section, of at most 200 places: it stays a few hundred events long however often people change
their minds, and two sections never wait for each other. Decided together with meeting and registration, in seating.py.
"""

from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from shared.decider import Decider, nothing_new
from shared.message import Command, Context, Event


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class PlaceTaken(Event):
    person: str


class QueueJoined(Event):
    person: str


class PlaceGivenUp(Event):
    """`moved_up` has the place now."""

    person: str
    moved_up: str | None = None


class QueueLeft(Event):
    person: str


class PlacesAdded(Event):
    """A larger capacity lets these move up, in the order in which they waited."""

    moved_up: tuple[str, ...]


RosterEvent: TypeAlias = PlaceTaken | QueueJoined | PlaceGivenUp | QueueLeft | PlacesAdded


# State: only what the next decision needs.
class Roster(Struct, frozen=True):
    seated: frozenset[str] = frozenset()
    waiting: tuple[str, ...] = ()


def evolve(state: Roster, event: RosterEvent) -> Roster:
    match event:
        case PlaceTaken(person=person):
            return replace(state, seated=state.seated | {person})
        case QueueJoined(person=person):
            return replace(state, waiting=(*state.waiting, person))
        case PlaceGivenUp(person=person, moved_up=next_one):
            moved = {next_one} if next_one else set()
            return Roster(state.seated - {person} | moved, _without(state.waiting, *moved))
        case QueueLeft(person=person):
            return replace(state, waiting=_without(state.waiting, person))
        case PlacesAdded(moved_up=people):
            return Roster(state.seated | set(people), _without(state.waiting, *people))


def _without(waiting: tuple[str, ...], *people: str) -> tuple[str, ...]:
    return tuple(person for person in waiting if person not in people)


# Decisions, made as part of those in seating.py: a repeated one decides nothing new.
def take(state: Roster, person: str, capacity: int | None) -> list[Event]:
    """A place, or the end of the queue; without `capacity` nobody is counted."""
    if capacity is None or person in state.seated or person in state.waiting:
        return []
    return [PlaceTaken(person=person)] if len(state.seated) < capacity else [QueueJoined(person=person)]


def give_up(state: Roster, person: str, capacity: int | None) -> list[Event]:
    """Whoever waits longest moves up, unless the section has become too small meanwhile."""
    if person in state.waiting:
        return [QueueLeft(person=person)]
    if person not in state.seated:
        return []
    room = capacity is None or len(state.seated) <= capacity
    return [PlaceGivenUp(person=person, moved_up=state.waiting[0] if state.waiting and room else None)]


def fill(state: Roster, capacity: int | None) -> list[Event]:
    """After a change of capacity; nobody ever loses a place by it."""
    free = len(state.waiting) if capacity is None else max(0, capacity - len(state.seated))
    people = state.waiting[:free]
    return [PlacesAdded(moved_up=people)] if people else []


def _decide(command: Command, state: Roster, context: Context) -> list[Event]:
    raise nothing_new(command, state)


roster: Decider[Roster] = Decider("roster", RosterEvent, (), Roster(), _decide, evolve)
