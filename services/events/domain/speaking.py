"""The speaking list of a meeting: who asked, who has the word, and how the room and the screen share the time."""

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from services.events.domain.announcement import Way
from shared.decider import Decider, Rejected, nothing_new
from shared.message import Command, Context, Event


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class WordAsked(Event):
    ask_id: str
    person: str
    way: Way
    at: datetime


class WordWithdrawn(Event):
    ask_id: str


class WordGiven(Event):
    ask_id: str
    at: datetime


class WordDone(Event):
    ask_id: str
    way: Way
    at: datetime
    seconds: int


SpeakingEvent: TypeAlias = WordAsked | WordWithdrawn | WordGiven | WordDone


# State: only what the next decision needs.
class Ask(Struct, frozen=True):
    person: str
    way: Way


class Speaker(Struct, frozen=True):
    ask_id: str
    ask: Ask
    since: datetime


class SpeakingList(Struct, frozen=True):
    waiting: dict[str, Ask] = {}  # in the order in which they asked
    speaker: Speaker | None = None
    settled: frozenset[str] = frozenset()
    site_seconds: int = 0
    screen_seconds: int = 0


def evolve(state: SpeakingList, event: SpeakingEvent) -> SpeakingList:
    match event:
        case WordAsked(ask_id=ask, person=person, way=way):
            return replace(state, waiting=state.waiting | {ask: Ask(person, way)})
        case WordWithdrawn(ask_id=ask):
            return replace(state, waiting=_without(state.waiting, ask), settled=state.settled | {ask})
        case WordGiven(ask_id=ask, at=at):
            speaker = Speaker(ask, state.waiting[ask], at)
            return replace(state, waiting=_without(state.waiting, ask), speaker=speaker)
        case WordDone(ask_id=ask, way=way, seconds=seconds):
            site = state.site_seconds + (seconds if way == "site" else 0)
            screen = state.screen_seconds + (seconds if way == "screen" else 0)
            return SpeakingList(state.waiting, None, state.settled | {ask}, site, screen)


def _without(waiting: dict[str, Ask], ask: str) -> dict[str, Ask]:
    return {key: value for key, value in waiting.items() if key != ask}


# Decisions: a repeated command decides nothing new.
class AskToSpeak(Command):
    ask_id: str
    way: Way


class WithdrawWord(Command):
    ask_id: str


class GiveWord(Command):
    """Ends the speech that is on. The facilitator chooses; the list only remembers the order."""

    ask_id: str


class EndWord(Command):
    ask_id: str


SpeakingCommand: TypeAlias = AskToSpeak | WithdrawWord | GiveWord | EndWord


def decide(command: SpeakingCommand, state: SpeakingList, context: Context) -> list[Event]:
    ask, now, speaker = command.ask_id, context.at, state.speaker
    speaking = speaker is not None and speaker.ask_id == ask
    match command:
        case AskToSpeak() if ask in state.waiting or ask in state.settled or speaking:
            return []
        case AskToSpeak(way=way):
            person = context.on_behalf_of or context.by
            if any(waiting.person == person for waiting in state.waiting.values()):
                raise Rejected("word_asked_already")
            return [WordAsked(ask_id=ask, person=person, way=way, at=now)]
        case WithdrawWord() if ask in state.waiting:
            if state.waiting[ask].person != (context.on_behalf_of or context.by):
                raise Rejected("word_of_another")
            return [WordWithdrawn(ask_id=ask)]
        case GiveWord() if ask in state.waiting:
            return [*_done(speaker, now), WordGiven(ask_id=ask, at=now)]
        case EndWord() if speaking:
            return _done(speaker, now)
        case GiveWord() if speaking:
            return []
        case WithdrawWord() | EndWord() if ask in state.settled:
            return []
    raise nothing_new(command, state)


def _done(speaker: Speaker | None, now: datetime) -> list[Event]:
    if speaker is None:
        return []
    seconds = max(0, int((now - speaker.since).total_seconds()))
    return [WordDone(ask_id=speaker.ask_id, way=speaker.ask.way, at=now, seconds=seconds)]


speaking: Decider[SpeakingList] = Decider("speaking", SpeakingEvent, SpeakingCommand, SpeakingList(), decide, evolve)
