"""A look: somebody in office has seen something; each is a stream of its own and says nothing of what was seen."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from shared.decider import Decider
from shared.message import Command, Context, Event

Kind: TypeAlias = Literal["application", "pot", "project", "posting", "decisions", "looks", "log"]
Office: TypeAlias = Literal["auditor", "funding_officer", "reviewer", "treasurer"]
How: TypeAlias = Literal["file", "replay", "state", "why", "timeline", "list", "export", "bundle"]
Of: TypeAlias = Annotated[str, Meta(max_length=100, pattern=r"^[A-Za-z0-9_./-]*$")]


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class Looked(Event):
    """`by` has seen `of`, in these offices; of an application the state after its event `version`."""

    kind: Kind
    of: Of
    how: How
    by: str
    offices: tuple[Office, ...]
    version: int = 0
    project: str = ""


# State
class Look(Struct, frozen=True):
    project: str = ""
    made: bool = False


def evolve(state: Look, event: Looked) -> Look:
    return Look(event.project, made=True)


# Decisions
class RecordLook(Command):
    """Given by the service whenever it shows something to an office."""

    kind: Kind
    of: Of
    how: How
    offices: tuple[Office, ...]
    version: int = 0
    project: str = ""


def decide(command: RecordLook, state: Look, context: Context) -> list[Event]:
    """The stream is named after who looked at what on which day: the same look again adds nothing."""
    if state.made:
        return []
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    return [Looked(by=context.by, **fields)]


look: Decider[Look] = Decider(
    "look", Looked, RecordLook, Look(), decide, evolve, project=lambda _id, state: state.project
)
