"""Many at the same moment, through the handler and a store: no place too many, every person counted once."""

import asyncio
from datetime import UTC, datetime

from services.events.domain.agenda import agenda
from services.events.domain.announcement import AnnounceMeeting, Section
from services.events.domain.live import live_poll
from services.events.domain.meeting import EndMeeting, StartMeeting, meeting
from services.events.domain.poll import ClosePoll, OpenPoll, Option, PollClosed, VotePoll, poll
from services.events.domain.process import process
from services.events.domain.registration import registration, registration_id
from services.events.domain.roster import roster
from services.events.domain.seating import CancelRegistration, Register, seating
from services.events.domain.speaking import speaking
from shared.category import Category
from shared.decider import Rejected
from shared.message import Context
from shared.store.codec import Codec
from shared.store.memory import MemoryStore

CODEC = Codec([process, meeting, roster, registration, agenda, speaking, poll])
NOW = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
HALL = Section(key="hall", way="site", capacity=5)


def by(person: str, number: int = 1) -> Context:
    return Context(by=person, municipality="detmold", at=NOW, command_id=f"{person}-{number}")


class Evening:
    """A meeting with five places, and the handlers around it."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.meetings = Category(self.store, CODEC, meeting)
        self.seats = Category(self.store, CODEC, seating)
        self.polls = Category(self.store, CODEC, live_poll)
        self.rosters = Category(self.store, CODEC, roster)

    async def announce(self) -> None:
        announcement = AnnounceMeeting(
            title="Tisch",
            format="strategy_table",
            mode="on_site",
            starts=datetime(2026, 4, 14, 15, tzinfo=UTC),
            ends=datetime(2026, 4, 14, 17, tzinfo=UTC),
            sections=(HALL,),
            place="Rathaus",
        )
        await self.meetings.handle("m", announcement, by("kim"))

    async def register(self, person: str) -> None:
        place = (registration_id("m", person), "m.hall", "m")
        await self.seats.handle(place, Register(meeting="m", section="hall"), by(person))

    async def cancel(self, person: str) -> None:
        place = (registration_id("m", person), "m.hall", "m")
        await self.seats.handle(place, CancelRegistration(meeting="m", section="hall"), by(person, 2))

    async def vote(self, person: str, option: str, number: int = 1) -> None:
        vote = VotePoll(meeting="m", option_id=option, way="site")
        await self.polls.handle(("p", "m"), vote, by(person, number))


async def test_thirty_people_at_once_get_five_places_and_twenty_five_wait():
    evening = Evening()
    await evening.announce()
    people = [f"person-{number}" for number in range(30)]
    await asyncio.gather(*(evening.register(person) for person in people))
    state, _ = await evening.rosters.state("m.hall", "detmold")
    assert len(state.seated) == 5
    assert len(state.waiting) == 25
    assert state.seated | set(state.waiting) == set(people)


async def test_places_given_up_at_once_are_all_handed_on():
    evening = Evening()
    await evening.announce()
    for number in range(8):
        await evening.register(f"person-{number}")
    await asyncio.gather(*(evening.cancel(f"person-{number}") for number in range(4)))
    state, _ = await evening.rosters.state("m.hall", "detmold")
    assert state.seated == {f"person-{number}" for number in range(4, 8)}
    assert state.waiting == ()


async def test_a_hundred_votes_at_once_are_counted_once_each():
    evening = Evening()
    await evening.announce()
    await evening.meetings.handle("m", StartMeeting(), by("kim", 2))
    question = OpenPoll(
        meeting="m", question="?", options=(Option(option_id="yes", text="Ja"), Option(option_id="no", text="Nein"))
    )
    await evening.polls.handle(("p", "m"), question, by("kim", 3))
    votes = [evening.vote(f"person-{number}", "yes" if number % 2 else "no") for number in range(50)]
    retries = [evening.vote(f"person-{number}", "yes" if number % 2 else "no") for number in range(50)]
    await asyncio.gather(*votes, *retries)
    await evening.polls.handle(("p", "m"), ClosePoll(meeting="m"), by("kim", 4))
    *_, last = await evening.store.entries("detmold")
    closed = CODEC.event(last.type, last.form, last.body)
    assert isinstance(closed, PollClosed)
    assert [(count.option_id, count.site) for count in closed.counts] == [("yes", 25), ("no", 25)]


async def test_nothing_slips_in_when_the_meeting_ends_in_the_same_moment():
    evening = Evening()
    await evening.announce()
    await evening.meetings.handle("m", StartMeeting(), by("kim", 2))
    options = (Option(option_id="yes", text="Ja"), Option(option_id="no", text="Nein"))
    await evening.polls.handle(("p", "m"), OpenPoll(meeting="m", question="?", options=options), by("kim", 3))
    votes = [evening.vote(f"person-{number}", "yes") for number in range(20)]
    ending = evening.meetings.handle("m", EndMeeting(), by("kim", 4))
    outcomes = await asyncio.gather(*votes[:10], ending, *votes[10:], return_exceptions=True)
    types = [entry.type for entry in await evening.store.entries("detmold")]
    assert "PollVoted" not in types[types.index("MeetingEnded") :]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(error, Rejected) and error.code == "meeting_not_running" for error in refused)
    assert types.count("PollVoted") == 20 - len(refused)
