"""A meeting is announced, held on site, on screen or both, and ends in results and signed minutes."""

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from services.events.domain import announcement as before
from services.events.domain import outcome as after
from services.events.domain import table as within
from services.events.domain.announcement import AnnounceMeeting, MeetingAnnounced, MoveMeeting
from services.events.domain.outcome import MinutesSignedOff, Outcome, RecordResult, ResultRecorded, SignOffMinutes
from services.events.domain.table import CloseTable, OpenTable, TableClosed, TableOpened, Tables
from services.events.domain.template import Words
from shared.decider import Decider, nothing_new
from shared.message import Command, Context, Event

Stage: TypeAlias = Literal["announced", "running", "ended", "signed_off", "cancelled"]


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class MeetingCancelled(Event):
    reason: str


class MeetingStarted(Event):
    at: datetime


class MeetingEnded(Event):
    at: datetime


MeetingEvent: TypeAlias = (
    before.AnnouncementEvent | MeetingCancelled | MeetingStarted | MeetingEnded | within.TableEvent | after.OutcomeEvent
)


# State: only what the next decision needs.
class Unannounced(Struct, frozen=True): ...


class Announced(Struct, frozen=True):
    stage: Stage
    said: before.Announcement
    first: MeetingAnnounced  # a retry is known by it
    tables: Tables = Tables()
    outcome: Outcome = Outcome()


Meeting: TypeAlias = Unannounced | Announced


def evolve(state: Meeting, event: MeetingEvent) -> Meeting:
    match state, event:
        case Unannounced(), MeetingAnnounced():
            return Announced("announced", before.announced(event), event)
        case Announced(said=said), before.MeetingMoved() | before.SectionResized():
            return replace(state, said=before.evolve_announcement(said, event))
        case Announced(), MeetingCancelled():
            return replace(state, stage="cancelled")
        case Announced(), MeetingStarted():
            return replace(state, stage="running")
        case Announced(), MeetingEnded():
            return replace(state, stage="ended")
        case Announced(tables=tables), TableOpened() | TableClosed():
            return replace(state, tables=within.evolve_tables(tables, event))
        case Announced(outcome=outcome), ResultRecorded():
            return replace(state, outcome=after.evolve_outcome(outcome, event))
        case Announced(outcome=outcome), MinutesSignedOff():
            return replace(state, stage="signed_off", outcome=after.evolve_outcome(outcome, event))
    return state


# Decisions: a repeated command decides nothing new.
class CancelMeeting(Command):
    reason: Words


class StartMeeting(Command): ...


class EndMeeting(Command): ...


MeetingCommand: TypeAlias = (
    AnnounceMeeting
    | MoveMeeting
    | CancelMeeting
    | StartMeeting
    | EndMeeting
    | within.TableCommand
    | after.OutcomeCommand
)


def decide(command: MeetingCommand, state: Meeting, context: Context) -> list[Event]:
    match command, state:
        case AnnounceMeeting(), Unannounced():
            return [before.announce(command, context)]
        case AnnounceMeeting(), Announced(first=known) if before.announce(command, context) == known:
            return []
        case MoveMeeting(), Announced(stage="announced", said=said):
            return before.move(command, said, context)
        case CancelMeeting(reason=reason), Announced(stage="announced"):
            return [MeetingCancelled(reason=reason)]
        case StartMeeting(), Announced(stage="announced"):
            return [MeetingStarted(at=context.at)]
        case EndMeeting(), Announced(stage="running"):
            return [MeetingEnded(at=context.at)]
        case (CancelMeeting(), Announced(stage="cancelled")) | (StartMeeting(), Announced(stage="running")):
            return []
        case EndMeeting(), Announced(stage="ended" | "signed_off"):
            return []
        case ((OpenTable() | CloseTable()), Announced(stage="announced" | "running", tables=tables)):
            return within.decide_tables(command, tables)
        case RecordResult(), Announced(stage="running" | "ended", outcome=outcome):
            return after.decide_outcome(command, outcome, context)
        case SignOffMinutes(), Announced(stage="ended" | "signed_off", outcome=outcome):
            return after.decide_outcome(command, outcome, context)
    raise nothing_new(command, state)


def _project(_id: str, state: Meeting) -> str | None:
    return state.said.project if isinstance(state, Announced) else None


meeting: Decider[Meeting] = Decider("meeting", MeetingEvent, MeetingCommand, Unannounced(), decide, evolve, _project)
