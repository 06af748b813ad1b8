"""What events tells: processes, meetings, sessions."""

from typing import TypeAlias

from shared.message import Fact


class ProcessStarted(Fact):
    process: str
    template: str
    anchor: str


class MeetingAnnounced(Fact):
    """`starts` and `ends` are UTC."""

    meeting: str
    format: str
    starts: str
    ends: str


class MeetingStarted(Fact):
    meeting: str


class MeetingEnded(Fact):
    meeting: str


EventsFact: TypeAlias = ProcessStarted | MeetingAnnounced | MeetingStarted | MeetingEnded
