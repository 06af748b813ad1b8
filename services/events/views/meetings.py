"""Which meetings are there, with which places, tables and results, and at which stage is each?"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.events.domain.announcement import MeetingAnnounced, MeetingMoved, SectionResized
from services.events.domain.meeting import MeetingCancelled, MeetingEnded, MeetingStarted
from services.events.domain.outcome import MinutesSignedOff, ResultRecorded
from services.events.domain.table import TableClosed, TableOpened
from shared.store import Recorded
from shared.view import Change, View, table

_moment = sa.DateTime(timezone=True)
meetings = table(
    "meetings",
    sa.Column("id", sa.Text),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("starts", _moment, nullable=False),
    sa.Column("ends", _moment, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("process", sa.Text),
    sa.Column("step", sa.Text),
    sa.Column("project", sa.Text),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("began", _moment),
    sa.Column("reason", sa.Text, nullable=False),  # of the cancellation
    sa.Column("minutes", sa.Text, nullable=False),  # digest of what was signed
    sa.Column("version", sa.Integer, nullable=False),
)
sa.Index("meetings_starts", meetings.c.municipality, meetings.c.starts)
sections = table(
    "sections",
    sa.Column("meeting", sa.Text),
    sa.Column("key", sa.Text),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("capacity", sa.Integer),
    sa.Column("number", sa.Integer, nullable=False),
    key=("meeting", "key"),
)
tables = table(
    "tables",
    sa.Column("id", sa.Text),
    sa.Column("meeting", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("code_digest", sa.Text, nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)
sa.Index("tables_meeting", tables.c.municipality, tables.c.meeting)
sa.Index("tables_code", tables.c.municipality, tables.c.code_digest)
results = table(
    "results",
    sa.Column("id", sa.Text),
    sa.Column("meeting", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("item", sa.Text),
    sa.Column("poll", sa.Text),
    sa.Column("position", sa.BigInteger, nullable=False),
)
sa.Index("results_meeting", results.c.municipality, results.c.meeting)

_mine = (meetings.c.municipality == sa.bindparam("m")) & (meetings.c.id == sa.bindparam("id"))
_ANNOUNCE, _TABLE, _RESULT = insert(meetings), insert(tables), insert(results)
_SECTION = insert(sections).values(
    municipality=sa.bindparam("m"),
    meeting=sa.bindparam("id"),
    key=sa.bindparam("k"),
    way=sa.bindparam("w"),
    capacity=sa.bindparam("c"),
    number=sa.bindparam("n"),
)
_RESIZE = (
    sa.update(sections)
    .where(
        sections.c.municipality == sa.bindparam("m"),
        sections.c.meeting == sa.bindparam("id"),
        sections.c.key == sa.bindparam("k"),
    )
    .values(capacity=sa.bindparam("c"))
)
_COUNT = sa.update(meetings).where(_mine).values(version=sa.bindparam("v"))
_STAGE = sa.update(meetings).where(_mine).values(stage=sa.bindparam("s"))
_START = sa.update(meetings).where(_mine).values(stage="running", began=sa.bindparam("at"))
_CANCEL = sa.update(meetings).where(_mine).values(stage="cancelled", reason=sa.bindparam("r"))
_SIGN = sa.update(meetings).where(_mine).values(stage="signed_off", minutes=sa.bindparam("d"))
_MOVE = (
    sa.update(meetings).where(_mine).values(starts=sa.bindparam("f"), ends=sa.bindparam("t"), place=sa.bindparam("p"))
)
_CLOSE = (
    sa.update(tables)
    .where(tables.c.municipality == sa.bindparam("m"), tables.c.id == sa.bindparam("id"))
    .values(open=False)
)


def project(recorded: Recorded) -> Iterable[Change]:
    entry = recorded.entry
    key: dict[str, Any] = {"m": entry.municipality, "id": recorded.id}
    of = {"municipality": entry.municipality, "meeting": recorded.id, "position": entry.position}
    match recorded.event:
        case MeetingAnnounced() as said:
            yield _ANNOUNCE, _announced(recorded, said)
            for number, part in enumerate(said.sections):
                yield _SECTION, key | {"k": part.key, "w": part.way, "c": part.capacity, "n": number}
            return
        case MeetingMoved(starts=starts, ends=ends, place=place):
            yield _MOVE, key | {"f": starts, "t": ends, "p": place}
        case SectionResized(section=section, capacity=capacity):
            yield _RESIZE, key | {"k": section, "c": capacity}
        case MeetingCancelled(reason=reason):
            yield _CANCEL, key | {"r": reason}
        case MeetingStarted(at=at):
            yield _START, key | {"at": at}
        case MeetingEnded():
            yield _STAGE, key | {"s": "ended"}
        case MinutesSignedOff(minutes=digest):
            yield _SIGN, key | {"d": digest}
        case TableOpened(table_id=id, name=name, code_digest=digest):
            yield _TABLE, of | {"id": id, "name": name, "code_digest": digest, "open": True}
        case TableClosed(table_id=id):
            yield _CLOSE, {"m": entry.municipality, "id": id}
        case ResultRecorded(result_id=id, kind=kind, text=text, item_id=item, poll_id=poll):
            yield _RESULT, of | {"id": id, "kind": kind, "text": text, "item": item, "poll": poll}
        case _:
            return
    yield _COUNT, key | {"v": entry.version}


def _announced(recorded: Recorded, said: MeetingAnnounced) -> dict[str, Any]:
    return {
        "municipality": recorded.entry.municipality,
        "id": recorded.id,
        "title": said.title,
        "format": said.format,
        "mode": said.mode,
        "starts": said.starts,
        "ends": said.ends,
        "place": said.place,
        "process": said.process,
        "step": said.step,
        "project": said.project,
        "stage": "announced",
        "reason": "",
        "minutes": "",
        "version": recorded.entry.version,
    }


MEETINGS = View("meetings", 2, "log", (meetings, sections, tables, results), project)
