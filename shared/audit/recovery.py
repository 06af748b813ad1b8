"""A log that lost what was signed goes on, and says so: the event that stands in the log for it."""

from typing import TypeAlias

from msgspec import Struct

from shared.decider import Decider
from shared.message import Command, Context, Event


class LogRecovered(Event):
    """The log goes on after its first `kept_size` entries; `lost_size` were signed. Roots are base64."""

    epoch: int
    lost_size: int
    lost_root: str
    kept_size: int
    kept_root: str


class EntryLost(Event):
    """Stands at a position whose entry was told to others and is lost, so that no other entry ever gets its number."""

    epoch: int


RecoveryEvent: TypeAlias = LogRecovered | EntryLost


class Noted(Struct, frozen=True):
    """Whether the recovery of this epoch stands in the log."""

    done: bool = False


def evolve(state: Noted, event: RecoveryEvent) -> Noted:
    return Noted(True)


class RecordRecovery(Command):
    """What the signed note of a recovery says."""

    epoch: int
    lost_size: int
    lost_root: str
    kept_size: int
    kept_root: str


def decide(command: RecordRecovery, state: Noted, context: Context) -> list[Event]:
    if state.done:
        return []
    said = LogRecovered(
        epoch=command.epoch,
        lost_size=command.lost_size,
        lost_root=command.lost_root,
        kept_size=command.kept_size,
        kept_root=command.kept_root,
    )
    missing = max(0, command.lost_size - command.kept_size - 1)
    return [said, *[EntryLost(epoch=command.epoch)] * missing]


recovery: Decider[Noted] = Decider("log", RecoveryEvent, RecordRecovery, Noted(), decide, evolve)
