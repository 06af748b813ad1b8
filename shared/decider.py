"""A decider turns commands into events, and events into state. Pure: no clock, no I/O."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Generic, TypeVar

from shared.message import Command, Context, Event

S = TypeVar("S")


def no_project(_id: str, _state: Any) -> str | None:
    """For aggregates outside any project."""
    return None


Upcast = Callable[[dict[str, Any]], dict[str, Any]]


NOT_POSSIBLE = "not_possible_now"


class Rejected(Exception):
    """A rule of the domain forbids this command in this state.

    `code` names the rule; the web turns it into words of the reader's language. `facts` fill the words.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return self.code + "".join(f" {name}={value!r}" for name, value in self.facts.items())


@dataclass(frozen=True, slots=True)
class Decider(Generic[S]):
    """One aggregate. `category` names its streams: `<category>-<id>`.

    `project` says from an aggregate's id and state to which project its events belong, if to any.
    `upcasts` maps (type, form) of an outdated stored form to a function that lifts its body one form up.
    """

    category: str
    events: Any  # the union of its events; the codec reads their tags
    commands: Any  # the union of its commands; the API offers one address each
    initial: S
    decide: Callable[[Any, S, Context], list[Event]]
    evolve: Callable[[S, Any], S]
    project: Callable[[str, Any], str | None] = no_project
    upcasts: Mapping[tuple[str, int], Upcast] = field(default_factory=dict)

    def replay(self, history: Iterable[Event], state: S | None = None) -> S:
        """Folds `history` onto `state`, or onto the initial state."""
        return reduce(self.evolve, history, self.initial if state is None else state)


JointDecide = Callable[[Any, tuple[Any, ...], Context], list[tuple[int, Event]]]


@dataclass(frozen=True, slots=True)
class JointDecider:
    """A decision over several streams at once: `decide` sees the tuple of their states and says whose event it is."""

    deciders: tuple[Decider[Any], ...]
    commands: Any
    decide: JointDecide


def nothing_new(command: Command, state: object) -> Rejected:
    """The answer for a pair of command and state that no rule of the decision table covers."""
    return Rejected(NOT_POSSIBLE, command=type(command).__name__, state=type(state).__name__)
