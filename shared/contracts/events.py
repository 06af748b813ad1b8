"""What events tells: processes, meetings, sessions."""

from typing import TypeAlias

from msgspec import Struct

from shared.message import Fact


class Gap(Struct, frozen=True, kw_only=True):
    """A least distance that was given up; both in days, negative for `step` before `to`."""

    step: str
    to: str
    required_days: int
    actual_days: int


class Votes(Struct, frozen=True, kw_only=True):
    """Votes for an option in the room and at the screens."""

    option: str
    site: int
    screen: int


class ProcessStarted(Fact):
    process: str
    template: str
    anchor: str
    version: int = 1
    digest: str = ""


class StepRescheduled(Fact):
    process: str
    step: str
    day: str
    broken: tuple[Gap, ...] = ()


class AnchorMoved(Fact):
    process: str
    anchor: str
    broken: tuple[Gap, ...] = ()


class MeetingAnnounced(Fact):
    """`starts` and `ends` are UTC."""

    meeting: str
    format: str
    starts: str
    ends: str
    mode: str = ""
    process: str | None = None
    step: str | None = None


class MeetingMoved(Fact):
    meeting: str
    starts: str
    ends: str


class MeetingCancelled(Fact):
    meeting: str


class MeetingStarted(Fact):
    meeting: str


class MeetingEnded(Fact):
    meeting: str


class PollClosed(Fact):
    meeting: str
    poll: str
    counts: tuple[Votes, ...]


class MinutesSignedOff(Fact):
    """`minutes` is the SHA-256 of what was signed, hex."""

    meeting: str
    minutes: str


EventsFact: TypeAlias = (
    ProcessStarted
    | StepRescheduled
    | AnchorMoved
    | MeetingAnnounced
    | MeetingMoved
    | MeetingCancelled
    | MeetingStarted
    | MeetingEnded
    | PollClosed
    | MinutesSignedOff
)
