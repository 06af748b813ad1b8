"""given(both histories).when(commands).then(events of both streams), for decisions over an application and its pot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from msgspec.json import decode

from services.funding.domain import applying, decision, payment
from services.funding.domain.applying import APPLICATION, POT, STREAMS
from shared.decider import Rejected
from shared.message import Command, Context, Event
from shared.store.codec import encode
from tests.spec import NOW, context

Joint = list[tuple[int, Event]]


@dataclass(frozen=True)
class JointSpec:
    decide: Callable[[Any, Any, Context], Joint]
    application: tuple[Event, ...] = ()
    pot: tuple[Event, ...] = ()
    commands: tuple[Command, ...] = ()
    context: Context = field(default_factory=context)

    def given(self, application: tuple[Event, ...] = (), pot: tuple[Event, ...] = ()) -> JointSpec:
        return replace(self, application=application, pot=pot)

    def when(
        self, *commands: Command, by: str = "ann", at: datetime = NOW, on_behalf_of: str | None = None
    ) -> JointSpec:
        return replace(self, commands=commands, context=context(by, at, on_behalf_of=on_behalf_of))

    def then(self, application: tuple[Event, ...] = (), pot: tuple[Event, ...] = ()) -> None:
        states, events = self._run()
        assert [event for stream, event in events if stream == APPLICATION] == list(application)
        assert [event for stream, event in events if stream == POT] == list(pot)
        assert self.decide(self.commands[-1], states, self.context) == [], "a retry must decide nothing"
        for stream, event in events:
            assert decode(encode(event), type=STREAMS[stream].events) == event, "an event must survive the codec"

    def then_nothing(self) -> None:
        self.then()

    def then_rejected(self, code: str, **facts: Any) -> None:
        with pytest.raises(Rejected) as refusal:
            self._run()
        assert refusal.value.code == code
        for name, value in facts.items():
            assert refusal.value.facts[name] == value

    def _run(self) -> tuple[tuple[Any, Any], Joint]:
        states = (STREAMS[APPLICATION].replay(self.application), STREAMS[POT].replay(self.pot))
        events: Joint = []
        for command in self.commands:
            decided = self.decide(command, states, self.context)
            states = follow(states, decided)
            events += decided
        return states, events


def follow(states: tuple[Any, Any], events: Joint) -> tuple[Any, Any]:
    after = list(states)
    for stream, event in events:
        after[stream] = STREAMS[stream].evolve(after[stream], event)
    return after[APPLICATION], after[POT]


asking = JointSpec(applying.decide)
deciding = JointSpec(decision.decide)
paying = JointSpec(payment.decide)
