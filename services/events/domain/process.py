"""A process leads one question through the steps of a template, from the first preparation to what was learnt."""

from datetime import date
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from services.events.domain.holidays import Land
from services.events.domain.progress import (
    AttachDocument,
    BeginStep,
    CompleteStep,
    DocumentAttached,
    Progress,
    ProgressCommand,
    ProgressEvent,
    SkipStep,
    StepBegun,
    StepCompleted,
    StepSkipped,
    decide_progress,
    evolve_progress,
)
from services.events.domain.schedule import Dated, dates
from services.events.domain.template import Template, Words, digest, validate
from services.events.domain.timetable import (
    AnchorMoved,
    MoveAnchor,
    RescheduleStep,
    StepRescheduled,
    Timetable,
    TimetableCommand,
    TimetableEvent,
    decide_timetable,
    evolve_timetable,
    without,
)
from shared.decider import Decider, nothing_new
from shared.message import Command, Context, Event


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class ProcessStarted(Event):
    """The template lies in the event itself: a later edition changes nothing that has begun."""

    template: Template
    digest: str
    topic: str
    land: Land
    anchor: date
    dates: dict[str, Dated]
    goal: str | None = None
    core_team: tuple[str, ...] = ()
    steering_group: tuple[str, ...] = ()


class ProcessStopped(Event):
    reason: str


ProcessEvent: TypeAlias = ProcessStarted | TimetableEvent | ProgressEvent | ProcessStopped


# State: only what the next decision needs.
class Unstarted(Struct, frozen=True): ...


class Running(Struct, frozen=True):
    started_as: tuple[str, str]  # topic, digest of the template
    timetable: Timetable
    progress: Progress = Progress()


class Stopped(Struct, frozen=True): ...


Process: TypeAlias = Unstarted | Running | Stopped


def evolve(state: Process, event: ProcessEvent) -> Process:
    match state, event:
        case Unstarted(), ProcessStarted(template=template, land=land, anchor=anchor, dates=days):
            return Running((event.topic, event.digest), Timetable(template, land, anchor, days))
        case Running(timetable=timetable), StepRescheduled() | AnchorMoved():
            return replace(state, timetable=evolve_timetable(timetable, event))
        case Running(progress=progress, timetable=timetable), StepSkipped(step=step):
            return replace(state, progress=evolve_progress(progress, event), timetable=without(timetable, step))
        case Running(progress=progress), StepBegun() | StepCompleted() | DocumentAttached():
            return replace(state, progress=evolve_progress(progress, event))
        case Running(), ProcessStopped():
            return Stopped()
    return state


# Decisions: a repeated command decides nothing new.
class StartProcess(Command):
    template: Template
    topic: Words
    land: Land
    anchor: date
    goal: str | None = None
    core_team: tuple[str, ...] = ()
    steering_group: tuple[str, ...] = ()


class StopProcess(Command):
    reason: Words


ProcessCommand: TypeAlias = StartProcess | TimetableCommand | ProgressCommand | StopProcess


def decide(command: ProcessCommand, state: Process, context: Context) -> list[Event]:
    match command, state:
        case StartProcess(), Unstarted():
            return [_start(command)]
        case StartProcess(topic=topic, template=template), Running() if (topic, digest(template)) == state.started_as:
            return []
        case StopProcess(reason=reason), Running():
            return [ProcessStopped(reason=reason)]
        case StopProcess(), Stopped():
            return []
        case ((RescheduleStep() | MoveAnchor()), Running(timetable=timetable, progress=progress)):
            return decide_timetable(command, timetable, frozenset(progress.marks))
        case ((BeginStep() | CompleteStep() | SkipStep() | AttachDocument()), Running(timetable=timetable)):
            return decide_progress(command, timetable.template, state.progress)
    raise nothing_new(command, state)


def _start(command: StartProcess) -> ProcessStarted:
    template = validate(command.template)
    return ProcessStarted(
        template=template,
        digest=digest(template),
        topic=command.topic,
        land=command.land,
        anchor=command.anchor,
        dates=dates(template, command.anchor, command.land),
        goal=command.goal,
        core_team=command.core_team,
        steering_group=command.steering_group,
    )


process: Decider[Process] = Decider("process", ProcessEvent, ProcessCommand, Unstarted(), decide, evolve)
