"""What travels: commands, events, facts, and the circumstances of a command."""

from datetime import datetime
from typing import ClassVar, dataclass_transform

from msgspec import Struct


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Command(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request. Strict: an unknown field is the caller's mistake."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Event(Struct, frozen=True, tag=True, kw_only=True):
    """What happened; stored for ever. Tolerant: old readers ignore fields added later.

    `form` counts the stored forms of a type; a changed form gets the next number and an upcaster at its decider.
    """

    form: ClassVar[int] = 1


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Fact(Struct, frozen=True, kw_only=True):
    """What a service tells others: flat, self-contained, additive; ids, numbers, dates and enumerations only."""


class Context(Struct, frozen=True, kw_only=True):
    """Who asks, where, for whom and when; filled in at the edge, never by the client.

    `by` and `on_behalf_of` are pseudonyms of the municipality, or the name of a service that reacts to a fact.
    """

    by: str
    municipality: str
    at: datetime
    command_id: str
    on_behalf_of: str | None = None
    correlation: str | None = None
    cause: str | None = None
