"""Edits: who changed what in a document, a few seconds at a time; each such stretch is a stream of its own."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from shared.decider import Decider
from shared.message import Command, Context, Event

Base64: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class Changed(Struct, frozen=True):
    """One thing that is different, as `shared.plans.Change` has it; `old` and `new` as they are stored."""

    part: str
    table: str
    kind: str
    row: str = ""
    line: str = ""
    label: str = ""
    field: str = ""
    old: str | int | bool = ""
    new: str | int | bool = ""


class Burst(Struct, frozen=True):
    """What one person did: the Yjs update (V1), and in words-ready form what it changed; `more` are not listed.

    `clients`: the client ids of the document that are hers from then on.
    """

    person: str
    update: Base64
    changes: tuple[Changed, ...]
    more: int = 0
    clients: tuple[int, ...] = ()


# Events: stored for ever.
class EditsRecorded(Event):
    """The bursts of a plan's document from the edit `since` to the edit `until` of the stream of documents `stream`."""

    project: str
    stream: str
    since: int
    until: int
    bursts: tuple[Burst, ...]


# State
class Edits(Struct, frozen=True):
    project: str = ""


def evolve(state: Edits, event: EditsRecorded) -> Edits:
    return Edits(event.project)


# Decisions
class RecordEdits(Command):
    """Given by the service itself, which follows the document."""

    project: str
    stream: str
    since: int
    until: int
    bursts: tuple[Burst, ...]


def decide(command: RecordEdits, state: Edits, context: Context) -> list[Event]:
    """A stretch is recorded once: its stream is named after the document and its last edit."""
    if state.project:
        return []
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    return [EditsRecorded(**fields)]


edits: Decider[Edits] = Decider(
    "edits", EditsRecorded, RecordEdits, Edits(), decide, evolve, project=lambda _id, state: state.project
)
