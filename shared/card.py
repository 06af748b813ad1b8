"""A service on one card: what it owns, shows, tells, hears, and does when it has heard."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from shared.decider import Decider, JointDecider
from shared.message import Command, Fact
from shared.store import Recorded
from shared.view import Heard, View


@dataclass(frozen=True, slots=True)
class Reaction:
    """A command that follows from a fact; its id is made from the fact's, so that it counts once."""

    category: str
    id: str | tuple[str, ...]
    command: Command


@dataclass(frozen=True)
class Card:
    """A service on one card: what it owns, shows, tells and hears."""

    name: str
    deciders: Mapping[str, Decider[Any] | JointDecider]
    views: Sequence[View]
    publish: Callable[[Recorded], Fact | None]
    react: Callable[[Heard], Iterable[Reaction]] = lambda heard: ()
    hears: Sequence[str] = ()
    private: Sequence[sa.Table] = field(default_factory=tuple)
