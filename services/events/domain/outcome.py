"""What a meeting leaves behind: results noted one by one, and minutes that somebody signs."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.events.domain.progress import Digest
from shared.message import Command, Context, Event

ResultKind: TypeAlias = Literal["finding", "option", "agreement", "task"]


# Events: stored for ever in the stream of the meeting. Add optional fields; never rename, retype or remove.
class ResultRecorded(Event):
    """`option`: a way the council could decide. The text is public and names nobody."""

    result_id: str
    kind: ResultKind
    text: str
    item_id: str | None = None
    poll_id: str | None = None


class MinutesSignedOff(Event):
    """`minutes` is the digest of the very text that was signed."""

    minutes: str
    by: str


OutcomeEvent: TypeAlias = ResultRecorded | MinutesSignedOff


# State: only what the next decision needs.
class Outcome(Struct, frozen=True):
    results: frozenset[str] = frozenset()
    minutes: str = ""


def evolve_outcome(state: Outcome, event: OutcomeEvent) -> Outcome:
    match event:
        case ResultRecorded(result_id=result):
            return replace(state, results=state.results | {result})
        case MinutesSignedOff(minutes=minutes):
            return replace(state, minutes=minutes)


# Decisions: a repeated command decides nothing new.
class RecordResult(Command):
    result_id: str
    kind: ResultKind
    text: Annotated[str, Meta(min_length=1, max_length=1000)]
    item_id: str | None = None
    poll_id: str | None = None


class SignOffMinutes(Command):
    minutes: Digest


OutcomeCommand: TypeAlias = RecordResult | SignOffMinutes


def decide_outcome(command: OutcomeCommand, state: Outcome, context: Context) -> list[Event]:
    match command:
        case RecordResult(result_id=result) if result in state.results:
            return []
        case RecordResult(result_id=result, kind=kind, text=text, item_id=item, poll_id=poll):
            return [ResultRecorded(result_id=result, kind=kind, text=text, item_id=item, poll_id=poll)]
        case SignOffMinutes(minutes=minutes):
            return [] if minutes == state.minutes else [MinutesSignedOff(minutes=minutes, by=context.by)]
