"""The meeting: announced, held, signed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.events.domain.announcement import (
    AnnounceMeeting,
    MeetingAnnounced,
    MeetingMoved,
    MoveMeeting,
    Section,
)
from services.events.domain.meeting import (
    CancelMeeting,
    EndMeeting,
    MeetingCancelled,
    MeetingEnded,
    MeetingStarted,
    StartMeeting,
    meeting,
)
from services.events.domain.outcome import MinutesSignedOff, RecordResult, ResultRecorded, SignOffMinutes
from services.events.domain.table import CloseTable, OpenTable, TableClosed, TableOpened
from tests.spec import NOW, Spec

STARTS = datetime(2026, 4, 14, 15, 0, tzinfo=UTC)
ENDS = datetime(2026, 4, 14, 17, 30, tzinfo=UTC)
HALL = Section(key="hall", way="site", capacity=24)
SCREEN = Section(key="screen", way="screen")
CODE, OTHER = "ab" * 32, "cd" * 32
spec = Spec(meeting)


def announcement(**changes: object) -> AnnounceMeeting:
    given: dict[str, object] = {
        "title": "Strategie-Tisch Regenwasser",
        "format": "strategy_table",
        "mode": "hybrid",
        "starts": STARTS,
        "ends": ENDS,
        "place": "Rathaus am Markt",
        "sections": (HALL, SCREEN),
        "process": "p1",
        "step": "table_2",
    }
    return AnnounceMeeting(**(given | changes))  # type: ignore[arg-type]


announced = MeetingAnnounced(
    title="Strategie-Tisch Regenwasser",
    format="strategy_table",
    mode="hybrid",
    starts=STARTS,
    ends=ENDS,
    sections=(HALL, SCREEN),
    place="Rathaus am Markt",
    process="p1",
    step="table_2",
)
running = (announced, MeetingStarted(at=NOW))
ended = (*running, MeetingEnded(at=NOW))
finding = ResultRecorded(result_id="r1", kind="finding", text="Zisternen fördern", poll_id="poll-1")


def test_a_meeting_is_announced():
    spec.when(announcement()).then(announced)


def test_times_are_kept_in_utc():
    berlin = timezone(timedelta(hours=2))
    spec.when(announcement(starts=STARTS.astimezone(berlin), ends=ENDS.astimezone(berlin))).then(announced)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends": STARTS}, "ends_before_it_starts"),
        ({"starts": NOW - timedelta(hours=1)}, "starts_in_the_past"),
        ({"place": " "}, "place_missing"),
        ({"sections": (HALL,)}, "sections_do_not_fit_mode"),
        ({"mode": "online"}, "sections_do_not_fit_mode"),
        ({"sections": (HALL, Section(key="hall", way="screen"))}, "section_twice"),
    ],
)
def test_an_announcement_must_hold_together(changes: dict[str, object], code: str):
    spec.when(announcement(**changes)).then_rejected(code)


def test_an_online_meeting_needs_no_place():
    online = announcement(mode="online", place="", sections=(SCREEN,))
    spec.when(online).then(
        MeetingAnnounced(
            title=online.title, format=online.format, mode="online", starts=STARTS, ends=ENDS, sections=(SCREEN,),
            process="p1", step="table_2",
        )
    )  # fmt: skip


def test_a_meeting_moves_before_it_starts_and_not_after():
    later = MoveMeeting(starts=STARTS + timedelta(days=7), ends=ENDS + timedelta(days=7), place="Stadthalle")
    moved = MeetingMoved(starts=later.starts, ends=later.ends, place="Stadthalle")
    spec.given(announced).when(later).then(moved)
    spec.given(*running).when(later).then_rejected("not_possible_now")


def test_a_meeting_is_called_off_only_before_it_starts():
    spec.given(announced).when(CancelMeeting(reason="Sturm")).then(MeetingCancelled(reason="Sturm"))
    spec.given(*running).when(CancelMeeting(reason="Sturm")).then_rejected("not_possible_now")
    spec.given(announced, MeetingCancelled(reason="x")).when(StartMeeting()).then_rejected("not_possible_now")


def test_a_meeting_starts_and_ends_once():
    spec.given(announced).when(StartMeeting(), StartMeeting()).then(MeetingStarted(at=NOW))
    spec.given(*running).when(EndMeeting(), EndMeeting()).then(MeetingEnded(at=NOW))


def test_a_table_opens_with_a_digest_and_never_with_its_code():
    opened = TableOpened(table_id="t3", name="Tisch 3", code_digest=CODE)
    spec.given(announced).when(OpenTable(table_id="t3", name="Tisch 3", code_digest=CODE)).then(opened)
    again = OpenTable(table_id="t4", name="Tisch 4", code_digest=CODE)
    spec.given(announced, opened).when(again).then_rejected("table_code_in_use")
    spec.given(*running, opened).when(CloseTable(table_id="t3")).then(TableClosed(table_id="t3"))
    spec.given(announced).when(CloseTable(table_id="t9")).then_rejected("table_unknown")


def test_a_code_is_free_again_when_its_table_is_closed():
    opened, closed = TableOpened(table_id="t3", name="Tisch 3", code_digest=CODE), TableClosed(table_id="t3")
    spec.given(announced, opened, closed).when(OpenTable(table_id="t4", name="Tisch 4", code_digest=CODE)).then(
        TableOpened(table_id="t4", name="Tisch 4", code_digest=CODE)
    )


def test_results_are_recorded_while_it_runs_and_until_the_minutes_are_signed():
    record = RecordResult(result_id="r1", kind="finding", text="Zisternen fördern", poll_id="poll-1")
    spec.given(*running).when(record).then(finding)
    spec.given(*ended).when(record).then(finding)
    spec.given(announced).when(record).then_rejected("not_possible_now")
    signed = MinutesSignedOff(minutes=CODE, by="kim")
    spec.given(*ended, signed).when(record).then_rejected("not_possible_now")


def test_minutes_are_signed_after_the_end_and_a_new_text_is_signed_anew():
    spec.given(*ended).when(SignOffMinutes(minutes=CODE), by="kim").then(MinutesSignedOff(minutes=CODE, by="kim"))
    spec.given(*running).when(SignOffMinutes(minutes=CODE)).then_rejected("not_possible_now")
    spec.given(*ended, MinutesSignedOff(minutes=CODE, by="kim")).when(SignOffMinutes(minutes=OTHER), by="kim").then(
        MinutesSignedOff(minutes=OTHER, by="kim")
    )
