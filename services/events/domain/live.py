"""What happens only while a meeting runs: agenda, speaking list and polls, decided together with the meeting."""

from typing import Any

from services.events.domain.agenda import EndAgendaItem, PlanAgenda, agenda
from services.events.domain.meeting import Announced, Meeting, meeting
from services.events.domain.poll import ClosePoll, poll
from services.events.domain.speaking import EndWord, speaking
from shared.decider import Decider, JointDecider, Rejected
from shared.message import Command, Context, Event

_EARLY = (PlanAgenda,)  # is written before the meeting begins
_LATE = (ClosePoll, EndAgendaItem, EndWord)  # what was on at the end is brought to its own end


def while_running(part: Decider[Any]) -> JointDecider:
    """The decisions of `part`, refused unless the meeting runs; nothing is added to the meeting's own stream.

    The meeting's version is checked with the append, so nothing slips in after the end.
    """

    def decide(command: Command, states: tuple[Any, ...], context: Context) -> list[tuple[int, Event]]:
        mine: Any = states[0]
        evening: Meeting = states[1]
        stage = evening.stage if isinstance(evening, Announced) else None
        beside = {"announced": _EARLY, "ended": _LATE}.get(stage or "", ())
        if stage != "running" and not isinstance(command, beside):
            raise Rejected("meeting_not_running")
        return [(0, event) for event in part.decide(command, mine, context)]

    return JointDecider((part, meeting), part.commands, decide)


live_agenda, live_speaking, live_poll = while_running(agenda), while_running(speaking), while_running(poll)
