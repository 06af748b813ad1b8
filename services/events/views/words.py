"""Who has asked for the word in a meeting, who has it, and how long has everybody spoken?"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.events.domain.speaking import WordAsked, WordDone, WordGiven, WordWithdrawn
from shared.store import Recorded
from shared.view import Change, View, table

_moment = sa.DateTime(timezone=True)
words = table(
    "words",
    sa.Column("meeting", sa.Text),
    sa.Column("ask", sa.Text),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # waiting, speaking, done
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("asked", _moment, nullable=False),
    sa.Column("given", _moment),
    sa.Column("seconds", sa.Integer, nullable=False),
    key=("meeting", "ask"),
)

_one = (
    (words.c.municipality == sa.bindparam("m"))
    & (words.c.meeting == sa.bindparam("id"))
    & (words.c.ask == sa.bindparam("a"))
)
_ASK = insert(words).values(
    municipality=sa.bindparam("m"),
    meeting=sa.bindparam("id"),
    ask=sa.bindparam("a"),
    person=sa.bindparam("p"),
    way=sa.bindparam("w"),
    state="waiting",
    position=sa.bindparam("n"),
    asked=sa.bindparam("at"),
    seconds=0,
)
_WITHDRAW = sa.delete(words).where(_one)
_GIVE = sa.update(words).where(_one).values(state="speaking", given=sa.bindparam("at"))
_END = sa.update(words).where(_one).values(state="done", seconds=sa.bindparam("s"))


def project(recorded: Recorded) -> Iterable[Change]:
    key: dict[str, Any] = {"m": recorded.entry.municipality, "id": recorded.id}
    match recorded.event:
        case WordAsked(ask_id=ask, person=person, way=way, at=at):
            yield _ASK, key | {"a": ask, "p": person, "w": way, "n": recorded.entry.position, "at": at}
        case WordWithdrawn(ask_id=ask):
            yield _WITHDRAW, key | {"a": ask}
        case WordGiven(ask_id=ask, at=at):
            yield _GIVE, key | {"a": ask, "at": at}
        case WordDone(ask_id=ask, seconds=seconds):
            yield _END, key | {"a": ask, "s": seconds}


WORDS = View("words", 1, "log", (words,), project)
