"""What is on the agenda of a meeting, what is on now, and how long has it taken?"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.events.domain.agenda import (
    AgendaItemEnded,
    AgendaItemExtended,
    AgendaItemPaused,
    AgendaItemResumed,
    AgendaItemStarted,
    AgendaPlanned,
)
from shared.store import Recorded
from shared.view import Change, View, table

_moment = sa.DateTime(timezone=True)
items = table(
    "agenda_items",
    sa.Column("meeting", sa.Text),
    sa.Column("item", sa.Text),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # later, now, done
    sa.Column("began", _moment),
    sa.Column("since", _moment),  # of the present stretch; nothing while it stands still
    sa.Column("seconds", sa.Integer, nullable=False),  # before that stretch
    key=("meeting", "item"),
)

_mine = (items.c.municipality == sa.bindparam("m")) & (items.c.meeting == sa.bindparam("id"))
_one = _mine & (items.c.item == sa.bindparam("i"))
_plan = insert(items).values(
    municipality=sa.bindparam("m"),
    meeting=sa.bindparam("id"),
    item=sa.bindparam("i"),
    number=sa.bindparam("n"),
    title=sa.bindparam("t"),
    minutes=sa.bindparam("k"),
    state="later",
    seconds=0,
)
_PLAN = _plan.on_conflict_do_update(
    index_elements=["municipality", "meeting", "item"],
    set_={name: _plan.excluded[name] for name in ("number", "title", "minutes")},
)
_DROP = sa.delete(items).where(_mine, items.c.item != sa.all_(sa.bindparam("kept", type_=ARRAY(sa.Text))))
_START = sa.update(items).where(_one).values(state="now", began=sa.bindparam("at"), since=sa.bindparam("at"))
_EXTEND = sa.update(items).where(_one).values(minutes=items.c.minutes + sa.bindparam("k"))
_stretch = sa.func.extract("epoch", sa.bindparam("at", type_=_moment) - items.c.since)
_elapsed = sa.cast(sa.func.floor(_stretch), sa.Integer)
_PAUSE = sa.update(items).where(_one).values(since=None, seconds=items.c.seconds + _elapsed)
_RESUME = sa.update(items).where(_one).values(since=sa.bindparam("at"))
_END = sa.update(items).where(_one).values(state="done", since=None, seconds=sa.bindparam("s"))


def project(recorded: Recorded) -> Iterable[Change]:
    key: dict[str, Any] = {"m": recorded.entry.municipality, "id": recorded.id}
    match recorded.event:
        case AgendaPlanned(items=planned):
            yield _DROP, key | {"kept": [item.item_id for item in planned]}
            for number, item in enumerate(planned, 1):
                yield _PLAN, key | {"i": item.item_id, "n": number, "t": item.title, "k": item.minutes}
        case AgendaItemStarted(item_id=item_id, at=at):
            yield _START, key | {"i": item_id, "at": at}
        case AgendaItemExtended(item_id=item_id, minutes=minutes):
            yield _EXTEND, key | {"i": item_id, "k": minutes}
        case AgendaItemPaused(item_id=item_id, at=at):
            yield _PAUSE, key | {"i": item_id, "at": at}
        case AgendaItemResumed(item_id=item_id, at=at):
            yield _RESUME, key | {"i": item_id, "at": at}
        case AgendaItemEnded(item_id=item_id, seconds=seconds):
            yield _END, key | {"i": item_id, "s": seconds}


AGENDAS = View("agendas", 1, "log", (items,), project)
