"""Who reads a log entry by entry or takes a bundle of it along: an entry of that log itself, once a person and day."""

from typing import Annotated, Final, Literal, TypeAlias, get_args

from msgspec import Meta, Struct

from shared.audit.guard import Halted
from shared.decider import Decider
from shared.ids import following
from shared.message import Command, Context, Event
from shared.web.visit import Visit

Reader: TypeAlias = Literal["auditor", "coordinator"]
_READERS: Final[tuple[Reader, ...]] = get_args(Reader)
_CATEGORY: Final = "log_reading"


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class LogRead(Event):
    """`by` has read in these offices what belongs to the stream `of`; "" is the whole log."""

    of: str
    by: str
    offices: tuple[Reader, ...]


# State
class Reading(Struct, frozen=True):
    made: bool = False


def evolve(_state: Reading, _event: LogRead) -> Reading:
    return Reading(made=True)


# Decisions
class NoteReading(Command):
    """Given by the service before it shows anything."""

    of: Annotated[str, Meta(max_length=200)]
    offices: tuple[Reader, ...]


def decide(command: NoteReading, state: Reading, context: Context) -> list[Event]:
    """The stream is named after who read what on which day: the same reading again adds nothing."""
    return [] if state.made else [LogRead(of=command.of, by=context.by, offices=command.offices)]


reading: Decider[Reading] = Decider(_CATEGORY, LogRead, NoteReading, Reading(), decide, evolve)


async def note_reading(visit: Visit, stream: str) -> None:
    """Notes that the reader takes this stream, or the whole log, along. A log that may not grow is still read."""
    assert visit.town
    roles = (await visit.standing()).roles
    person, offices = visit.signed_in(), tuple(one for one in _READERS if one in roles)
    id = following(f"{person}/{stream}", f"{visit.today.isoformat()} {offices}")
    by = Context(by=person, municipality=visit.town.id, at=visit.now, command_id=id)
    try:
        await visit.site.service.handle(_CATEGORY, id, NoteReading(of=stream, offices=offices), by)
    except Halted:
        return
