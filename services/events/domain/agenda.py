"""The agenda of a meeting: what is on now, for how long, and what comes next."""

from datetime import datetime
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.events.domain.template import Words
from shared.decider import Decider, Rejected
from shared.message import Command, Context, Event

Minutes: TypeAlias = Annotated[int, Meta(ge=1, le=600)]


class Item(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    item_id: str
    title: Words
    minutes: Minutes


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class AgendaPlanned(Event):
    items: tuple[Item, ...]


class AgendaItemStarted(Event):
    item_id: str
    at: datetime


class AgendaItemExtended(Event):
    extension_id: str
    item_id: str
    minutes: int


class AgendaItemPaused(Event):
    item_id: str
    at: datetime


class AgendaItemResumed(Event):
    item_id: str
    at: datetime


class AgendaItemEnded(Event):
    """`seconds`: how long it took, without the pauses."""

    item_id: str
    at: datetime
    seconds: int


AgendaEvent: TypeAlias = (
    AgendaPlanned | AgendaItemStarted | AgendaItemExtended | AgendaItemPaused | AgendaItemResumed | AgendaItemEnded
)


# State: only what the next decision needs.
class Clock(Struct, frozen=True):
    """`since` is None while it stands still; `before` are the seconds until then."""

    item_id: str
    since: datetime | None
    before: int = 0

    def seconds(self, now: datetime) -> int:
        return self.before + (int((now - self.since).total_seconds()) if self.since else 0)


class Agenda(Struct, frozen=True):
    items: dict[str, Item] = {}
    clock: Clock | None = None
    done: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()


def evolve(state: Agenda, event: AgendaEvent) -> Agenda:
    match event, state.clock:
        case AgendaPlanned(items=items), _:
            return replace(state, items={item.item_id: item for item in items})
        case AgendaItemStarted(item_id=item, at=at), _:
            return replace(state, clock=Clock(item, at))
        case AgendaItemExtended(extension_id=extension, item_id=key, minutes=minutes), _:
            longer = replace(state.items[key], minutes=state.items[key].minutes + minutes)
            return replace(state, items=state.items | {key: longer}, extensions=state.extensions | {extension})
        case AgendaItemPaused(at=at), Clock(item_id=item) as clock:
            return replace(state, clock=Clock(item, None, clock.seconds(at)))
        case AgendaItemResumed(at=at), Clock() as clock:
            return replace(state, clock=replace(clock, since=at))
        case AgendaItemEnded(item_id=item), _:
            return replace(state, clock=None, done=state.done | {item})
    return state


# Decisions: a repeated command decides nothing new.
class PlanAgenda(Command):
    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=60)]


class StartAgendaItem(Command):
    """Ends the item that is on."""

    item_id: str


class ExtendAgendaItem(Command):
    extension_id: str
    item_id: str
    minutes: Minutes


class PauseAgendaItem(Command):
    item_id: str


class ResumeAgendaItem(Command):
    item_id: str


class EndAgendaItem(Command):
    item_id: str


AgendaCommand: TypeAlias = (
    PlanAgenda | StartAgendaItem | ExtendAgendaItem | PauseAgendaItem | ResumeAgendaItem | EndAgendaItem
)


def decide(command: AgendaCommand, state: Agenda, context: Context) -> list[Event]:
    now, clock = context.at, state.clock
    if isinstance(command, PlanAgenda):
        return _plan(command.items, state)
    item = command.item_id
    if item not in state.items:
        raise Rejected("agenda_item_unknown")
    match command, clock:
        case StartAgendaItem(), Clock(item_id=on) if on == item:
            return []
        case StartAgendaItem(), _ if item not in state.done:
            ended = [AgendaItemEnded(item_id=clock.item_id, at=now, seconds=clock.seconds(now))] if clock else []
            return [*ended, AgendaItemStarted(item_id=item, at=now)]
        case EndAgendaItem(), _ if item in state.done:
            return []
        case EndAgendaItem(), Clock(item_id=on) if on == item:
            return [AgendaItemEnded(item_id=item, at=now, seconds=clock.seconds(now))]
        case ExtendAgendaItem(extension_id=extension), _ if extension in state.extensions:
            return []
        case ExtendAgendaItem(extension_id=extension, minutes=minutes), _ if item not in state.done:
            return [AgendaItemExtended(extension_id=extension, item_id=item, minutes=minutes)]
        case PauseAgendaItem(), Clock(item_id=on, since=since) if on == item:
            return [AgendaItemPaused(item_id=item, at=now)] if since else []
        case ResumeAgendaItem(), Clock(item_id=on, since=since) if on == item:
            return [] if since else [AgendaItemResumed(item_id=item, at=now)]
    raise Rejected("agenda_item_not_on", title=state.items[item].title)


def _plan(items: tuple[Item, ...], state: Agenda) -> list[Event]:
    planned = {item.item_id: item for item in items}
    if planned == state.items and tuple(planned) == tuple(state.items):
        return []
    begun = state.done | ({state.clock.item_id} if state.clock else set())
    if any(planned.get(key) != state.items[key] for key in begun):
        raise Rejected("agenda_item_has_begun")
    if len(planned) < len(items):
        raise Rejected("agenda_item_twice")
    return [AgendaPlanned(items=items)]


agenda: Decider[Agenda] = Decider("agenda", AgendaEvent, AgendaCommand, Agenda(), decide, evolve)
