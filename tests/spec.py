"""given(history).when(commands).then(events), for any decider; it also checks the test itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.json import decode

from shared.decider import Decider, Rejected
from shared.message import Command, Context, Event
from shared.store.codec import encode

NOW = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)


def context(by: str = "ann", at: datetime = NOW, command_id: str = "c-1", on_behalf_of: str | None = None) -> Context:
    return Context(by=by, municipality="dresden", at=at, command_id=command_id, on_behalf_of=on_behalf_of)


ANN = context()


@dataclass(frozen=True)
class Spec:
    decider: Decider[Any]
    history: tuple[Event, ...] = ()
    commands: tuple[Command, ...] = ()
    context: Context = ANN

    def given(self, *history: Event) -> Spec:
        return replace(self, history=history)

    def when(self, *commands: Command, by: str = "ann", at: datetime = NOW) -> Spec:
        return replace(self, commands=commands, context=context(by, at))

    def then(self, *expected: Event) -> None:
        state, events = self._run()
        assert events == list(expected)
        again = self.decider.decide(self.commands[-1], state, self.context)
        assert again == [], "a retry must decide nothing"
        stored = [decode(encode(event), type=self.decider.events) for event in events]
        assert stored == events, "an event must survive the codec"

    def then_rejected(self, code: str, **facts: Any) -> None:
        with pytest.raises(Rejected) as refusal:
            self._run()
        assert refusal.value.code == code
        for name, value in facts.items():
            assert refusal.value.facts[name] == value

    def _run(self) -> tuple[Any, list[Event]]:
        state, events = self.decider.replay(self.history), []
        for command in self.commands:
            decided = self.decider.decide(command, state, self.context)
            state = self.decider.replay(decided, state)
            events += decided
        return state, events
