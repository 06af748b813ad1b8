"""A decision over several streams, told as one decider, so that given/when/then and the retry check hold for it."""

from typing import Any, Union, get_args

from shared.decider import Decider, JointDecider
from shared.message import Command, Context, Event


def joint(decision: JointDecider) -> Decider[Any]:
    streams = decision.deciders
    kinds = [get_args(stream.events) for stream in streams]

    def evolve(states: tuple[Any, ...], event: Event) -> tuple[Any, ...]:
        return tuple(
            stream.evolve(state, event) if isinstance(event, known) else state
            for stream, known, state in zip(streams, kinds, states, strict=True)
        )

    def alone(command: Command, states: tuple[Any, ...], context: Context) -> list[Event]:
        owned = decision.decide(command, states, context)
        assert all(isinstance(event, kinds[owner]) for owner, event in owned), "an event lies in its own stream"
        return [event for _, event in owned]

    events: Any = Union[tuple(kind for known in kinds for kind in known)]  # noqa: UP007
    return Decider("joint", events, (), tuple(stream.initial for stream in streams), alone, evolve)
