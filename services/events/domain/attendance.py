"""Who is there, and how: in the room or at the screen, decided over a registration and the meeting."""

from typing import TypeAlias

from services.events.domain.meeting import Meeting, meeting
from services.events.domain.registration import CheckedIn, Registration, registration
from services.events.domain.seating import GUEST, Owned, open_meeting, section_of
from services.events.domain.template import Key
from shared.decider import JointDecider, Rejected
from shared.message import Command, Context


class CheckIn(Command):
    """Of a person with an account, by herself (QR) or by the facilitator on her behalf; registered or not."""

    meeting: str
    section: Key


class JoinTable(Command):
    """Of a guest of this evening; the edge has turned the code on the beer mat into its digest."""

    meeting: str
    table: str
    code_digest: str


AttendanceCommand: TypeAlias = CheckIn | JoinTable


def decide_attendance(
    command: AttendanceCommand, states: tuple[Registration, Meeting], context: Context
) -> list[Owned]:
    """Once for each person: another device changes nothing, another way in replaces the first."""
    mine, evening = states
    person = context.on_behalf_of or context.by
    match command:
        case CheckIn(meeting=id, section=section):
            if person.startswith(GUEST):
                raise Rejected("guests_join_a_table")
            there = CheckedIn(meeting=id, person=person, way=section_of(evening, section).way)
        case JoinTable(meeting=id, table=table, code_digest=code):
            if open_meeting(evening).tables.open.get(table) != code:
                raise Rejected("table_code_wrong")
            there = CheckedIn(meeting=id, person=person, way="site", table=table)
    return [] if mine.present == (there.way, there.table) else [(0, there)]


attendance = JointDecider((registration, meeting), AttendanceCommand, decide_attendance)
