"""While a meeting runs: agenda, speaking list, straw poll."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain.agenda import (
    AgendaItemEnded,
    AgendaItemExtended,
    AgendaItemPaused,
    AgendaItemResumed,
    AgendaItemStarted,
    AgendaPlanned,
    EndAgendaItem,
    ExtendAgendaItem,
    Item,
    PauseAgendaItem,
    PlanAgenda,
    ResumeAgendaItem,
    StartAgendaItem,
    agenda,
)
from services.events.domain.announcement import MeetingAnnounced, Section
from services.events.domain.live import live_agenda, live_poll, while_running
from services.events.domain.meeting import MeetingEnded, MeetingStarted
from services.events.domain.poll import (
    ClosePoll,
    Count,
    OpenPoll,
    Option,
    PollClosed,
    PollOpened,
    PollVoted,
    VotePoll,
    poll,
)
from services.events.domain.speaking import (
    AskToSpeak,
    EndWord,
    GiveWord,
    WithdrawWord,
    WordAsked,
    WordDone,
    WordGiven,
    WordWithdrawn,
    speaking,
)
from tests.events.joint import joint
from tests.spec import NOW, Spec

LATER = NOW + timedelta(minutes=12, seconds=30)
ARRIVE, CARDS = Item(item_id="a", title="Ankommen", minutes=15), Item(item_id="c", title="Karten", minutes=30)
planned = AgendaPlanned(items=(ARRIVE, CARDS))
arriving = AgendaItemStarted(item_id="a", at=NOW)
items = Spec(agenda)


def test_an_agenda_is_planned():
    items.when(PlanAgenda(items=(ARRIVE, CARDS))).then(planned)
    items.when(PlanAgenda(items=(ARRIVE, ARRIVE))).then_rejected("agenda_item_twice")


def test_what_has_begun_stays_in_the_agenda():
    items.given(planned, arriving).when(PlanAgenda(items=(CARDS,))).then_rejected("agenda_item_has_begun")
    items.given(planned, arriving).when(PlanAgenda(items=(ARRIVE,))).then(AgendaPlanned(items=(ARRIVE,)))


def test_starting_the_next_item_ends_the_one_that_is_on():
    items.given(planned, arriving).when(StartAgendaItem(item_id="c"), at=LATER).then(
        AgendaItemEnded(item_id="a", at=LATER, seconds=750), AgendaItemStarted(item_id="c", at=LATER)
    )


def test_pauses_do_not_count():
    paused = AgendaItemPaused(item_id="a", at=NOW + timedelta(seconds=60))
    resumed = AgendaItemResumed(item_id="a", at=NOW + timedelta(seconds=600))
    items.given(planned, arriving).when(PauseAgendaItem(item_id="a"), at=paused.at).then(paused)
    items.given(planned, arriving, paused).when(ResumeAgendaItem(item_id="a"), at=resumed.at).then(resumed)
    items.given(planned, arriving, paused, resumed).when(EndAgendaItem(item_id="a"), at=LATER).then(
        AgendaItemEnded(item_id="a", at=LATER, seconds=60 + 150)
    )
    items.given(planned, arriving, paused).when(EndAgendaItem(item_id="a"), at=LATER).then(
        AgendaItemEnded(item_id="a", at=LATER, seconds=60)
    )


def test_five_more_minutes_count_once():
    longer = ExtendAgendaItem(extension_id="x1", item_id="a", minutes=5)
    items.given(planned, arriving).when(longer, longer).then(
        AgendaItemExtended(extension_id="x1", item_id="a", minutes=5)
    )
    extended = AgendaItemExtended(extension_id="x1", item_id="a", minutes=5)
    assert agenda.replay([planned, extended]).items["a"].minutes == 20


def test_an_item_that_is_over_does_not_come_back():
    done = AgendaItemEnded(item_id="a", at=LATER, seconds=750)
    items.given(planned, arriving, done).when(StartAgendaItem(item_id="a")).then_rejected(
        "agenda_item_not_on", title="Ankommen"
    )
    items.given(planned).when(EndAgendaItem(item_id="a")).then_rejected("agenda_item_not_on")
    items.given(planned).when(StartAgendaItem(item_id="z")).then_rejected("agenda_item_unknown")


asked = WordAsked(ask_id="1", person="gerd", way="site", at=NOW)
asked_too = WordAsked(ask_id="2", person="amir", way="screen", at=NOW)
given_word = WordGiven(ask_id="1", at=NOW)
words = Spec(speaking)


def test_whoever_asks_stands_on_the_list_once():
    ask = AskToSpeak(ask_id="1", way="site")
    words.when(ask, ask, by="gerd").then(asked)
    words.given(asked).when(AskToSpeak(ask_id="9", way="site"), by="gerd").then_rejected("word_asked_already")


def test_giving_the_word_ends_the_speech_that_is_on():
    words.given(asked, asked_too, given_word).when(GiveWord(ask_id="2"), at=LATER).then(
        WordDone(ask_id="1", way="site", at=LATER, seconds=750), WordGiven(ask_id="2", at=LATER)
    )


def test_the_time_of_room_and_screen_is_kept_apart():
    done = WordDone(ask_id="1", way="site", at=LATER, seconds=750)
    words.given(asked, asked_too, given_word).when(EndWord(ask_id="1"), at=LATER).then(done)
    state = speaking.replay(
        [asked, asked_too, given_word, done, WordGiven(ask_id="2", at=LATER),
         WordDone(ask_id="2", way="screen", at=LATER, seconds=250)]
    )  # fmt: skip
    assert (state.site_seconds, state.screen_seconds) == (750, 250)


def test_a_wish_is_withdrawn_and_a_late_retry_does_not_bring_it_back():
    words.given(asked).when(WithdrawWord(ask_id="1"), by="gerd").then(WordWithdrawn(ask_id="1"))
    words.given(asked, WordWithdrawn(ask_id="1")).when(AskToSpeak(ask_id="1", way="site"), by="gerd").then()
    words.given(asked, WordWithdrawn(ask_id="1")).when(GiveWord(ask_id="1")).then_rejected("not_possible_now")


def test_whoever_has_spoken_may_ask_again():
    done = WordDone(ask_id="1", way="site", at=LATER, seconds=750)
    words.given(asked, given_word, done).when(AskToSpeak(ask_id="3", way="site"), by="gerd").then(
        WordAsked(ask_id="3", person="gerd", way="site", at=NOW)
    )


YES, NO = Option(option_id="yes", text="Ja, für alle"), Option(option_id="no", text="Nein")
opened = PollOpened(meeting="m", question="Soll die Stadt Zisternen fördern?", options=(YES, NO))
polls = Spec(poll)


def vote(option: str, way: str = "site") -> VotePoll:
    return VotePoll(meeting="m", option_id=option, way=way)  # type: ignore[arg-type]


def test_a_poll_is_opened():
    question = OpenPoll(meeting="m", question="Soll die Stadt Zisternen fördern?", options=(YES, NO))
    polls.when(question).then(opened)
    polls.when(OpenPoll(meeting="m", question="?", options=(YES, YES))).then_rejected("poll_option_twice")


def test_each_person_counts_once_whichever_device():
    voted = PollVoted(person="ann", option_id="yes", way="site")
    polls.given(opened).when(vote("yes"), vote("yes")).then(voted)
    changed = PollVoted(person="ann", option_id="no", way="screen")
    polls.given(opened, voted, changed).when(ClosePoll(meeting="m")).then(
        PollClosed(
            counts=(Count(option_id="yes", site=0, screen=0), Count(option_id="no", site=0, screen=1)), meeting="m"
        )
    )


def test_nobody_votes_without_end():
    history = [PollVoted(person="ann", option_id="no" if number % 2 else "yes", way="site") for number in range(6)]
    polls.given(opened, *history).when(vote("yes")).then_rejected("poll_vote_settled", times=5)


def test_a_closed_poll_takes_no_vote():
    closed = PollClosed(counts=())
    polls.given(opened, closed).when(vote("yes")).then_rejected("poll_is_closed")
    polls.given(opened, closed).when(ClosePoll(meeting="m")).then()


def test_an_unknown_option_or_another_meeting_is_refused():
    polls.given(opened).when(vote("maybe")).then_rejected("poll_option_unknown")
    polls.given(opened).when(VotePoll(meeting="x", option_id="yes", way="site")).then_rejected("poll_unknown")


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["yes", "no"]), st.sampled_from(["site", "screen"])))
)
def test_the_sum_of_a_poll_is_the_number_of_people(votes):
    state = poll.replay([opened, *(PollVoted(person=who, option_id=what, way=way) for who, what, way in votes)])
    (closed,) = poll.decide(ClosePoll(meeting="m"), state, polls.context)
    assert sum(count.site + count.screen for count in closed.counts) == len({who for who, _, _ in votes})


announced = MeetingAnnounced(
    title="Tisch",
    format="strategy_table",
    mode="online",
    starts=datetime(2026, 4, 14, 15, tzinfo=UTC),
    ends=datetime(2026, 4, 14, 17, tzinfo=UTC),
    sections=(Section(key="screen", way="screen"),),
)
started, ended = MeetingStarted(at=NOW), MeetingEnded(at=NOW)


@pytest.mark.parametrize(
    ("part", "before", "command"),
    [
        (agenda, planned, StartAgendaItem(item_id="a")),
        (speaking, asked, GiveWord(ask_id="1")),
        (poll, opened, vote("yes")),
    ],
)
def test_live_things_happen_only_while_the_meeting_runs(part, before, command):
    live = Spec(joint(while_running(part)))
    live.given(announced, before).when(command).then_rejected("meeting_not_running")
    live.given(announced, started, ended, before).when(command).then_rejected("meeting_not_running")
    live.given(before).when(command).then_rejected("meeting_not_running")


def test_the_agenda_is_planned_beforehand_and_what_was_on_is_closed_afterwards():
    Spec(joint(live_agenda)).given(announced).when(PlanAgenda(items=(ARRIVE, CARDS))).then(planned)
    Spec(joint(live_poll)).given(announced, started, ended, opened).when(ClosePoll(meeting="m")).then(
        PollClosed(
            counts=(Count(option_id="yes", site=0, screen=0), Count(option_id="no", site=0, screen=0)), meeting="m"
        )
    )
