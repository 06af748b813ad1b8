"""A plan opens with its project; frozen revisions never change again. What is typed lives in its document."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from shared.contracts.plan import FinancePlan, SchedulePlan
from shared.decider import Decider, Rejected, nothing_new
from shared.message import Command, Context, Event

Id: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f-]{36}$")]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=80)]
Digest: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
MOST = 400  # revisions: the stream of a plan stays short


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class PlanOpened(Event):
    pass


class RevisionFrozen(Event):
    """`digest`: SHA-256 of the content, which lies beside the log; `sequence`: the last edit that it holds."""

    revision: str
    number: int
    name: str
    by: str
    digest: str
    sequence: int
    finance: FinancePlan
    schedule: SchedulePlan | None = None


class PlanDeclaredReady(Event):
    """The team stands by this revision: it may be judged."""

    revision: str
    by: str


PlanEvent: TypeAlias = PlanOpened | RevisionFrozen | PlanDeclaredReady


# State
class Absent(Struct, frozen=True): ...


class Open(Struct, frozen=True):
    revisions: tuple[str, ...] = ()
    ready: str = ""  # the revision that the team stands by


Plan: TypeAlias = Absent | Open


def evolve(state: Plan, event: PlanEvent) -> Plan:
    match state, event:
        case _, PlanOpened():
            return Open()
        case Open(revisions=known), RevisionFrozen(revision=revision):
            return replace(state, revisions=(*known, revision))
        case Open(), PlanDeclaredReady(revision=revision):
            return replace(state, ready=revision)
    return state


# Decisions
class OpenPlan(Command):
    """Follows from the publication of the project."""


class FreezeRevision(Command):
    """Filled in by the service from the document as it was durable at `sequence`; people give `Freeze`."""

    revision: Id
    name: Name
    digest: Digest
    sequence: int
    finance: FinancePlan
    schedule: SchedulePlan | None = None


class DeclareReady(Command):
    revision: Id


PlanCommand: TypeAlias = OpenPlan | FreezeRevision | DeclareReady
INTERNAL = (OpenPlan, FreezeRevision)


def decide(command: PlanCommand, state: Plan, context: Context) -> list[Event]:
    match command, state:
        case OpenPlan(), Absent():
            return [PlanOpened()]
        case OpenPlan(), Open():
            return []
        case FreezeRevision(revision=revision), Open(revisions=known) if revision in known:
            return []
        case FreezeRevision(), Open(revisions=known) if len(known) == MOST:
            raise Rejected("revisions_exhausted", most=MOST)
        case FreezeRevision(), Open(revisions=known):
            fields = {name: getattr(command, name) for name in command.__struct_fields__}
            return [RevisionFrozen(number=len(known) + 1, by=context.by, **fields)]
        case DeclareReady(revision=revision), Open(revisions=known, ready=ready):
            if revision not in known:
                raise Rejected("revision_unknown")
            return [] if revision == ready else [PlanDeclaredReady(revision=revision, by=context.by)]
    raise nothing_new(command, state)


plan: Decider[Plan] = Decider("plan", PlanEvent, PlanCommand, Absent(), decide, evolve, project=lambda id, _state: id)
