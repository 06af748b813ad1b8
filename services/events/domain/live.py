"""What happens only while a meeting runs: agenda, speaking list and polls, decided together with the meeting."""

from collections.abc import Callable
from typing import Any, TypeAlias

from services.events.domain.agenda import EndAgendaItem, PlanAgenda
from services.events.domain.meeting import Announced, Meeting
from services.events.domain.poll import ClosePoll
from services.events.domain.speaking import EndWord
from shared.decider import Decider, Rejected
from shared.message import Command, Context, Event

Owned: TypeAlias = tuple[int, Event]
_EARLY = (PlanAgenda,)  # is written before the meeting begins
_LATE = (ClosePoll, EndAgendaItem, EndWord)  # what was on at the end is brought to its own end


def while_running(part: Decider[Any]) -> Callable[[Command, tuple[Any, Meeting], Context], list[Owned]]:
    """The decisions of `part`, refused unless the meeting runs; nothing is added to the meeting's own stream.

    The meeting's version is checked with the append, so nothing slips in after the end.
    """

    def decide(command: Command, states: tuple[Any, Meeting], context: Context) -> list[Owned]:
        mine, evening = states
        stage = evening.stage if isinstance(evening, Announced) else None
        beside = {"announced": _EARLY, "ended": _LATE}.get(stage or "", ())
        if stage != "running" and not isinstance(command, beside):
            raise Rejected("meeting_not_running")
        return [(0, event) for event in part.decide(command, mine, context)]

    return decide
