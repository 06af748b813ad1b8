"""Places, the queue, and who is there."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain.announcement import MeetingAnnounced, Section, SectionResized
from services.events.domain.attendance import CheckIn, JoinTable
from services.events.domain.attendance import attendance as attendance_decision
from services.events.domain.meeting import MeetingCancelled, MeetingEnded, MeetingStarted
from services.events.domain.registration import CheckedIn, Registered, RegistrationCancelled, registration_id
from services.events.domain.roster import (
    PlaceGivenUp,
    PlacesAdded,
    PlaceTaken,
    QueueJoined,
    QueueLeft,
    Roster,
    evolve,
    fill,
    give_up,
    take,
)
from services.events.domain.seating import (
    CancelRegistration,
    Register,
    ResizeSection,
)
from services.events.domain.seating import resizing as resizing_decision
from services.events.domain.seating import seating as seating_decision
from services.events.domain.table import TableClosed, TableOpened
from tests.events.joint import joint
from tests.spec import NOW, Spec

STARTS, ENDS = datetime(2026, 4, 14, 15, tzinfo=UTC), datetime(2026, 4, 14, 17, tzinfo=UTC)
HALL = Section(key="hall", way="site", capacity=2)
SCREEN = Section(key="screen", way="screen")
CODE = "ab" * 32
announced = MeetingAnnounced(
    title="Tisch",
    format="strategy_table",
    mode="hybrid",
    starts=STARTS,
    ends=ENDS,
    sections=(HALL, SCREEN),
    place="Rathaus",
)
over = (announced, MeetingStarted(at=NOW), MeetingEnded(at=NOW))
full = (announced, PlaceTaken(person="bob"), PlaceTaken(person="cem"))
mine = Registered(meeting="m", person="ann", section="hall")
seating = Spec(joint(seating_decision))
resizing = Spec(joint(resizing_decision))
attendance = Spec(joint(attendance_decision))
register, cancel = Register(meeting="m", section="hall"), CancelRegistration(meeting="m", section="hall")


def test_whoever_registers_first_has_a_place():
    seating.given(announced).when(register).then(mine, PlaceTaken(person="ann"))


def test_nobody_gets_a_place_too_many():
    seating.given(*full).when(register).then(mine, QueueJoined(person="ann"))


def test_where_there_is_room_for_all_nobody_is_counted():
    seating.given(announced).when(Register(meeting="m", section="screen")).then(
        Registered(meeting="m", person="ann", section="screen")
    )


def test_a_place_given_up_goes_to_whoever_waits_longest():
    waiting = (QueueJoined(person="dana"), QueueJoined(person="eli"))
    history = (announced, mine, PlaceTaken(person="ann"), PlaceTaken(person="bob"), *waiting)
    seating.given(*history).when(cancel).then(
        RegistrationCancelled(section="hall"), PlaceGivenUp(person="ann", moved_up="dana")
    )


def test_a_place_given_up_with_nobody_waiting_is_free():
    seating.given(announced, mine, PlaceTaken(person="ann")).when(cancel).then(
        RegistrationCancelled(section="hall"), PlaceGivenUp(person="ann")
    )


def test_leaving_the_queue_moves_nobody():
    seating.given(*full, mine, QueueJoined(person="ann")).when(cancel).then(
        RegistrationCancelled(section="hall"), QueueLeft(person="ann")
    )


def test_after_calling_off_one_may_come_again():
    gone = (mine, PlaceTaken(person="ann"), RegistrationCancelled(section="hall"), PlaceGivenUp(person="ann"))
    seating.given(announced, *gone).when(register).then(mine, PlaceTaken(person="ann"))


def test_one_person_has_one_place():
    elsewhere = Registered(meeting="m", person="ann", section="screen")
    seating.given(announced, elsewhere).when(register).then_rejected("registered_elsewhere", section="screen")
    assert registration_id("m", "ann") == registration_id("m", "ann") != registration_id("m", "bob")


@pytest.mark.parametrize("command", [register, cancel])
def test_the_list_is_closed_when_the_meeting_is_over_or_called_off(command):
    seating.given(*over).when(command).then_rejected("meeting_is_over")
    seating.given(announced, MeetingCancelled(reason="Sturm")).when(command).then_rejected("meeting_is_over")


def test_what_does_not_exist_takes_no_registration():
    seating.when(register).then_rejected("meeting_unknown")
    seating.given(announced).when(Register(meeting="m", section="roof")).then_rejected("section_unknown")


def test_a_guest_of_the_evening_does_not_register():
    seating.given(announced).when(register, by="guest-1").then_rejected("guests_do_not_register")


def test_more_places_let_people_move_up_in_order():
    waiting = tuple(QueueJoined(person=person) for person in ("dana", "eli", "finn"))
    resizing.given(*full, *waiting).when(ResizeSection(section="hall", capacity=4)).then(
        SectionResized(section="hall", capacity=4), PlacesAdded(moved_up=("dana", "eli"))
    )
    resizing.given(*full, *waiting).when(ResizeSection(section="hall", capacity=None)).then(
        SectionResized(section="hall", capacity=None), PlacesAdded(moved_up=("dana", "eli", "finn"))
    )


def test_fewer_places_take_none_away_but_move_nobody_up_until_they_fit():
    smaller = SectionResized(section="hall", capacity=1)
    resizing.given(*full).when(ResizeSection(section="hall", capacity=1)).then(smaller)
    history = (announced, mine, PlaceTaken(person="ann"), PlaceTaken(person="bob"), QueueJoined(person="dana"))
    seating.given(*history, smaller).when(cancel).then(
        RegistrationCancelled(section="hall"), PlaceGivenUp(person="ann")
    )


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.sampled_from(["take", "give_up", "resize"]), st.sampled_from("abcdefgh"), st.integers(1, 8))),
)
def test_a_roster_is_never_over_full_nor_has_a_free_place_while_somebody_waits(capacity, actions):
    state, arrived = Roster(), []
    for action, person, wanted in actions:
        before = len(state.seated)
        if action == "take":
            events = take(state, person, capacity)
        elif action == "give_up":
            events = give_up(state, person, capacity)
        else:
            capacity, events = wanted, fill(state, wanted)
        for event in events:
            state = evolve(state, event)
        arrived = [known for known in arrived if known in state.waiting]
        arrived += [waiting for waiting in state.waiting if waiting not in arrived]
        assert len(state.seated) <= max(capacity, before)
        assert not (state.waiting and len(state.seated) < capacity)
        assert list(state.waiting) == arrived, "the queue keeps its order"
        assert not state.seated & set(state.waiting)


opened = TableOpened(table_id="t3", name="Tisch 3", code_digest=CODE)
guest_there = CheckedIn(meeting="m", person="guest-1", way="site", table="t3")
join = JoinTable(meeting="m", table="t3", code_digest=CODE)


def test_a_guest_joins_an_open_table_once():
    attendance.given(announced, opened).when(join, join, by="guest-1").then(guest_there)


def test_a_wrong_code_or_a_closed_table_lets_nobody_in():
    wrong = JoinTable(meeting="m", table="t3", code_digest="cd" * 32)
    attendance.given(announced, opened).when(wrong, by="guest-1").then_rejected("table_code_wrong")
    attendance.given(announced, opened, TableClosed(table_id="t3")).when(join, by="guest-1").then_rejected(
        "table_code_wrong"
    )
    attendance.given(announced, opened, *over[1:]).when(join, by="guest-1").then_rejected("meeting_is_over")
    attendance.when(join, by="guest-1").then_rejected("meeting_unknown")


def test_whoever_comes_is_there_in_the_way_of_her_section():
    attendance.given(announced).when(CheckIn(meeting="m", section="screen")).then(
        CheckedIn(meeting="m", person="ann", way="screen")
    )


def test_from_the_screen_into_the_room():
    at_screen = CheckedIn(meeting="m", person="ann", way="screen")
    attendance.given(announced, at_screen).when(CheckIn(meeting="m", section="hall")).then(
        CheckedIn(meeting="m", person="ann", way="site")
    )


def test_a_guest_comes_in_by_the_table():
    attendance.given(announced).when(CheckIn(meeting="m", section="hall"), by="guest-1").then_rejected(
        "guests_join_a_table"
    )
