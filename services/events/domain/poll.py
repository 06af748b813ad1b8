"""A straw poll: one question, every person counts once, whichever device; the result says who sat where."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.events.domain.announcement import Way
from services.events.domain.template import Words
from shared.decider import Decider, Rejected, nothing_new
from shared.message import Command, Context, Event

_CHANGES = 5  # votes of one person; so a stream stays a few hundred events long, whoever plays with the buttons


class Option(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    option_id: str
    text: Words


class Count(Struct, frozen=True, kw_only=True):
    option_id: str
    site: int
    screen: int


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class PollOpened(Event):
    meeting: str
    question: str
    options: tuple[Option, ...]
    item_id: str | None = None


class PollVoted(Event):
    """The latest vote of a person counts."""

    person: str
    option_id: str
    way: Way


class PollClosed(Event, omit_defaults=True):
    counts: tuple[Count, ...]
    meeting: str = ""


PollEvent: TypeAlias = PollOpened | PollVoted | PollClosed


# State: only what the next decision needs.
class Unopened(Struct, frozen=True): ...


class Vote(Struct, frozen=True):
    option_id: str
    way: Way
    number: int = 1


class Open(Struct, frozen=True):
    meeting: str
    options: tuple[str, ...]
    votes: dict[str, Vote] = {}  # person → latest


class Closed(Struct, frozen=True):
    meeting: str


Poll: TypeAlias = Unopened | Open | Closed


def evolve(state: Poll, event: PollEvent) -> Poll:
    match state, event:
        case Unopened(), PollOpened(meeting=meeting, options=options):
            return Open(meeting, tuple(option.option_id for option in options))
        case Open(votes=votes), PollVoted(person=person, option_id=option, way=way):
            number = votes[person].number + 1 if person in votes else 1
            return replace(state, votes=votes | {person: Vote(option, way, number)})
        case Open(meeting=meeting), PollClosed():
            return Closed(meeting)
    return state


# Decisions: a repeated command decides nothing new.
class OpenPoll(Command):
    meeting: str
    question: Words
    options: Annotated[tuple[Option, ...], Meta(min_length=2, max_length=12)]
    item_id: str | None = None


class VotePoll(Command):
    meeting: str
    option_id: str
    way: Way


class ClosePoll(Command):
    meeting: str


PollCommand: TypeAlias = OpenPoll | VotePoll | ClosePoll


def decide(command: PollCommand, state: Poll, context: Context) -> list[Event]:
    match command, state:
        case OpenPoll(meeting=meeting, question=question, options=options, item_id=item), Unopened():
            if len({option.option_id for option in options}) < len(options):
                raise Rejected("poll_option_twice")
            return [PollOpened(meeting=meeting, question=question, options=options, item_id=item)]
        case OpenPoll(meeting=meeting), Open(meeting=known) | Closed(meeting=known) if meeting == known:
            return []
        case VotePoll(meeting=meeting) | ClosePoll(meeting=meeting), Open(meeting=known) | Closed(meeting=known) if (
            meeting != known
        ):
            raise Rejected("poll_unknown")
        case VotePoll(option_id=option, way=way), Open():
            return _vote(state, context.on_behalf_of or context.by, option, way)
        case VotePoll(), Closed():
            raise Rejected("poll_is_closed")
        case ClosePoll(), Open():
            return [PollClosed(counts=counts(state), meeting=state.meeting)]
        case ClosePoll(), Closed():
            return []
    raise nothing_new(command, state)


def _vote(state: Open, person: str, option: str, way: Way) -> list[Event]:
    if option not in state.options:
        raise Rejected("poll_option_unknown")
    before = state.votes.get(person)
    if before and (before.option_id, before.way) == (option, way):
        return []
    if before and before.number > _CHANGES:
        raise Rejected("poll_vote_settled", times=_CHANGES)
    return [PollVoted(person=person, option_id=option, way=way)]


def counts(state: Open) -> tuple[Count, ...]:
    """Votes per option in the order of the options, by room and screen."""
    cast = [(vote.option_id, vote.way) for vote in state.votes.values()]
    return tuple(
        Count(option_id=option, site=cast.count((option, "site")), screen=cast.count((option, "screen")))
        for option in state.options
    )


poll: Decider[Poll] = Decider("poll", PollEvent, PollCommand, Unopened(), decide, evolve)
