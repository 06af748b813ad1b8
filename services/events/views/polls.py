"""Which straw polls has a meeting, what was answered, and when did anything of it change?

The last change is kept here too: a vote names its poll, and only this view knows to which meeting that belongs.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from msgspec import to_builtins
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.events.domain import agenda, meeting, speaking
from services.events.domain.announcement import MeetingMoved
from services.events.domain.outcome import MinutesSignedOff, ResultRecorded
from services.events.domain.poll import PollClosed, PollOpened, PollVoted
from services.events.domain.registration import CheckedIn
from services.events.domain.table import TableClosed, TableOpened
from shared.store import Recorded
from shared.view import Change, View, table

polls = table(
    "polls",
    sa.Column("id", sa.Text),
    sa.Column("meeting", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("options", JSONB, nullable=False),
    sa.Column("item", sa.Text),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)
sa.Index("polls_meeting", polls.c.municipality, polls.c.meeting)
votes = table(
    "votes",
    sa.Column("poll", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("option", sa.Text, nullable=False),
    sa.Column("way", sa.Text, nullable=False),
    key=("poll", "person"),
)
news = table(
    "news", sa.Column("meeting", sa.Text), sa.Column("position", sa.BigInteger, nullable=False), key=("meeting",)
)

_OPEN = insert(polls)
_vote = insert(votes).values(
    municipality=sa.bindparam("m"),
    poll=sa.bindparam("id"),
    person=sa.bindparam("p"),
    option=sa.bindparam("o"),
    way=sa.bindparam("w"),
)
_VOTE = _vote.on_conflict_do_update(
    index_elements=["municipality", "poll", "person"],
    set_={"option": _vote.excluded.option, "way": _vote.excluded.way},
)
_poll = (polls.c.municipality == sa.bindparam("m")) & (polls.c.id == sa.bindparam("id"))
_CLOSE = sa.update(polls).where(_poll).values(open=False)
_news = insert(news).values(municipality=sa.bindparam("m"), meeting=sa.bindparam("id"), position=sa.bindparam("n"))
_of_poll = insert(news).from_select(
    ["municipality", "meeting", "position"],
    sa.select(polls.c.municipality, polls.c.meeting, sa.bindparam("n", type_=sa.BigInteger)).where(_poll),
)


def _latest(statement: Any) -> Any:
    later = sa.func.greatest(statement.excluded.position, news.c.position)
    return statement.on_conflict_do_update(index_elements=["municipality", "meeting"], set_={"position": later})


_NEWS, _NEWS_OF_POLL = _latest(_news), _latest(_of_poll)
MOVING = (
    agenda.AgendaPlanned,
    agenda.AgendaItemStarted,
    agenda.AgendaItemExtended,
    agenda.AgendaItemPaused,
    agenda.AgendaItemResumed,
    agenda.AgendaItemEnded,
    speaking.WordAsked,
    speaking.WordWithdrawn,
    speaking.WordGiven,
    speaking.WordDone,
    meeting.MeetingStarted,
    meeting.MeetingEnded,
    meeting.MeetingCancelled,
    MeetingMoved,
    ResultRecorded,
    MinutesSignedOff,
    TableOpened,
    TableClosed,
)


def project(recorded: Recorded) -> Iterable[Change]:
    entry, event = recorded.entry, recorded.event
    key: dict[str, Any] = {"m": entry.municipality, "id": recorded.id}
    match event:
        case PollOpened(meeting=of, question=question, options=options, item_id=item):
            row = {"meeting": of, "question": question, "options": to_builtins(options), "item": item}
            place = {"municipality": entry.municipality, "id": recorded.id, "position": entry.position}
            yield _OPEN, place | row | {"open": True}
        case PollVoted(person=person, option_id=option, way=way):
            yield _VOTE, key | {"p": person, "o": option, "w": way}
        case PollClosed():
            yield _CLOSE, key
    if isinstance(event, (PollOpened, PollVoted, PollClosed)):
        yield _NEWS_OF_POLL, key | {"n": entry.position}
    elif isinstance(event, CheckedIn):
        yield _NEWS, {"m": entry.municipality, "id": event.meeting, "n": entry.position}
    elif isinstance(event, MOVING):
        yield _NEWS, key | {"n": entry.position}


POLLS = View("polls", 1, "log", (polls, votes, news), project)
