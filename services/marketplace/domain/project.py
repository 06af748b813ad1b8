"""A project: from an idea that somebody proposes to a result that others can learn from."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from shared.decider import Decider, Rejected, nothing_new
from shared.message import Command, Context, Event

Phase: TypeAlias = Literal["initiation", "development", "implementation", "completed"]
PHASES: tuple[Phase, ...] = ("initiation", "development", "implementation", "completed")

Title: TypeAlias = Annotated[str, Meta(min_length=3, max_length=120)]
Summary: TypeAlias = Annotated[str, Meta(min_length=10, max_length=600)]
Reason: TypeAlias = Annotated[str, Meta(min_length=3, max_length=1000)]
Key: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}$")]
Micro: TypeAlias = Annotated[int, Meta(ge=-180_000_000, le=180_000_000)]  # millionths of a degree, WGS 84


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class ProjectProposed(Event):
    title: str
    summary: str
    district: str
    by: str
    picture: str = ""
    latitude: int | None = None
    longitude: int | None = None


class ProjectReturned(Event):
    reason: str


class ProjectPublished(Event):
    phase: str
    district: str


class ProjectDescribed(Event):
    title: str
    summary: str
    district: str


class ProjectPhaseMoved(Event):
    phase: str


class ProjectHidden(Event):
    reason: str


class ProjectRestored(Event):
    phase: str
    district: str


ProjectEvent: TypeAlias = (
    ProjectProposed
    | ProjectReturned
    | ProjectPublished
    | ProjectDescribed
    | ProjectPhaseMoved
    | ProjectHidden
    | ProjectRestored
)


# State: only what the next decision needs.
class Absent(Struct, frozen=True): ...


class Idea(Struct, frozen=True):
    text: tuple[str, str, str]
    by: str
    returned: str | None = None


class Public(Struct, frozen=True):
    text: tuple[str, str, str]
    phase: str
    hidden: bool = False


Project: TypeAlias = Absent | Idea | Public


def evolve(state: Project, event: ProjectEvent) -> Project:
    match state, event:
        case Absent(), ProjectProposed():
            return Idea((event.title, event.summary, event.district), event.by)
        case Idea(), ProjectReturned():
            return replace(state, returned=event.reason)
        case Idea(), ProjectPublished():
            return Public(state.text, event.phase)
        case Idea() | Public(), ProjectDescribed():
            return replace(state, text=(event.title, event.summary, event.district))
        case Public(), ProjectPhaseMoved():
            return replace(state, phase=event.phase)
        case Public(), ProjectHidden():
            return replace(state, hidden=True)
        case Public(), ProjectRestored():
            return replace(state, hidden=False)
    return state


# Decisions: a repeated command decides nothing new.
class ProposeProject(Command):
    title: Title
    summary: Summary
    district: Key
    picture: Annotated[str, Meta(pattern=r"^[a-z0-9-]{0,40}$")] = ""
    latitude: Micro | None = None
    longitude: Micro | None = None


class ReturnProject(Command):
    reason: Reason


class PublishProject(Command):
    pass


class DescribeProject(Command):
    title: Title
    summary: Summary
    district: Key


class MovePhase(Command):
    phase: Phase


class HideProject(Command):
    reason: Reason


class RestoreProject(Command):
    pass


ProjectCommand: TypeAlias = (
    ProposeProject | ReturnProject | PublishProject | DescribeProject | MovePhase | HideProject | RestoreProject
)


def decide(command: ProjectCommand, state: Project, context: Context) -> list[Event]:
    match command, state:
        case ProposeProject(), Idea() | Public() if state.text == (command.title, command.summary, command.district):
            return []
        case ProposeProject(), Absent():
            where = {"latitude": command.latitude, "longitude": command.longitude}
            return [
                ProjectProposed(
                    title=command.title,
                    summary=command.summary,
                    district=command.district,
                    picture=command.picture,
                    by=context.by,
                    **where,
                )
            ]
        case ReturnProject(reason=reason), Idea(returned=known):
            return [] if reason == known else [ProjectReturned(reason=reason)]
        case PublishProject(), Public():
            return []
        case PublishProject(), Idea():
            return [ProjectPublished(phase=PHASES[0], district=state.text[2])]
        case DescribeProject(), Idea() | Public():
            text = (command.title, command.summary, command.district)
            return [] if text == state.text else [ProjectDescribed(title=text[0], summary=text[1], district=text[2])]
        case MovePhase(phase=phase), Public(phase=present):
            return _moved(phase, present)
        case HideProject(reason=reason), Public(hidden=hidden):
            return [] if hidden else [ProjectHidden(reason=reason)]
        case RestoreProject(), Public(hidden=hidden, phase=phase):
            return [ProjectRestored(phase=phase, district=state.text[2])] if hidden else []
    raise nothing_new(command, state)


def _moved(phase: Phase, present: str) -> list[Event]:
    """A project goes one phase on or back at a time; what is completed stays so."""
    if phase == present:
        return []
    if present == PHASES[-1] or abs(PHASES.index(phase) - PHASES.index(present)) != 1:
        raise Rejected("phase_out_of_turn", present=present, wanted=phase)
    return [ProjectPhaseMoved(phase=phase)]


def own_project(id: str, _state: object) -> str:
    """Project, team and plan share their id."""
    return id


project: Decider[Project] = Decider(
    "project", ProjectEvent, ProjectCommand, Absent(), decide, evolve, project=own_project
)
