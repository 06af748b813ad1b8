"""Which plans are there, which revisions were frozen, and who changed what?"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import convert, to_builtins
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.planning.domain.edits import Changed, EditsRecorded
from services.planning.domain.plan import PlanDeclaredReady, PlanOpened, RevisionFrozen
from shared.store import Recorded
from shared.view import Change, View, table

plans = table(
    "plans",
    sa.Column("id", sa.Text),
    sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ready", sa.Text, nullable=False),  # the revision that the team stands by, or ""
)
revisions = table(
    "revisions",
    sa.Column("id", sa.Text),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    key=("project", "id"),  # whoever freezes chooses the id: another plan may have the same
)
bursts = table(
    "bursts",
    sa.Column("project", sa.Text),
    sa.Column("stream", sa.Text),
    sa.Column("until", sa.BigInteger),
    sa.Column("number", sa.Integer),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("parts", JSONB, nullable=False),
    sa.Column("changes", JSONB, nullable=False),
    sa.Column("more", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),  # of the log
    key=("project", "stream", "until", "number"),
)
sa.Index("revisions_project", revisions.c.municipality, revisions.c.project)

_OPEN, _FREEZE, _EDIT = insert(plans).on_conflict_do_nothing(), insert(revisions), insert(bursts)
_MINE = (plans.c.municipality == sa.bindparam("m")) & (plans.c.id == sa.bindparam("id"))
_READY = sa.update(plans).where(_MINE).values(ready=sa.bindparam("r"))


def project(recorded: Recorded) -> Iterable[Change]:
    of, at = recorded.entry.municipality, recorded.entry.recorded_at
    match recorded.event:
        case PlanOpened():
            yield _OPEN, {"municipality": of, "id": recorded.id, "opened": at, "ready": ""}
        case PlanDeclaredReady(revision=revision):
            yield _READY, {"m": of, "id": recorded.id, "r": revision}
        case RevisionFrozen() as frozen:
            row = {"number": frozen.number, "name": frozen.name, "person": frozen.by, "digest": frozen.digest}
            yield _FREEZE, {"municipality": of, "id": frozen.revision, "project": recorded.id, "at": at, **row}
        case EditsRecorded(project=plan, stream=stream, until=until, bursts=made):
            for number, burst in enumerate(made):
                row = {"person": burst.person, "changes": to_builtins(burst.changes), "more": burst.more}
                parts = sorted({change.part for change in burst.changes})
                key = {"municipality": of, "project": plan, "stream": stream, "until": until, "number": number}
                yield _EDIT, {**key, **row, "parts": parts, "at": at, "position": recorded.entry.position}


async def is_open(connection: AsyncConnection, municipality: str, project: str) -> bool:
    mine = (plans.c.municipality == municipality) & (plans.c.id == project)
    return bool(await connection.scalar(sa.select(sa.func.count()).select_from(plans).where(mine)))


async def revisions_of(connection: AsyncConnection, municipality: str, project: str) -> Sequence[Any]:
    """Frozen revisions, newest first; `ready` tells whether the team stands by it."""
    of = (plans.c.municipality == revisions.c.municipality) & (plans.c.id == revisions.c.project)
    query = (
        sa.select(revisions, (plans.c.ready == revisions.c.id).label("ready"))
        .join(plans, of)
        .where(revisions.c.municipality == municipality, revisions.c.project == project)
    )
    return (await connection.execute(query.order_by(revisions.c.number.desc()))).all()


async def authors_of(connection: AsyncConnection, municipality: str, project: str) -> list[str]:
    """Everybody who has ever changed the plan."""
    query = sa.select(bursts.c.person).where(bursts.c.municipality == municipality, bursts.c.project == project)
    return list((await connection.execute(query.distinct())).scalars())


async def bursts_of(
    connection: AsyncConnection, municipality: str, project: str, *, person: str = "", part: str = "", limit: int = 50
) -> Sequence[Any]:
    """Who changed what, newest first; of one person or one part, if wanted."""
    query = sa.select(bursts).where(bursts.c.municipality == municipality, bursts.c.project == project)
    if person:
        query = query.where(bursts.c.person == person)
    if part:
        query = query.where(bursts.c.parts.contains([part]))
    query = query.order_by(bursts.c.at.desc(), bursts.c.until.desc(), bursts.c.number.desc()).limit(limit)
    return (await connection.execute(query)).all()


async def bursts_on(connection: AsyncConnection, municipality: str, project: str, row: str) -> Sequence[Any]:
    """Who changed a row of the plan, newest first."""
    query = sa.select(bursts).where(
        bursts.c.municipality == municipality, bursts.c.project == project, bursts.c.changes.contains([{"row": row}])
    )
    query = query.order_by(bursts.c.at.desc(), bursts.c.until.desc(), bursts.c.number.desc())
    return (await connection.execute(query)).all()


async def state_set_last(
    connection: AsyncConnection, municipality: str, project: str, row: str
) -> tuple[str, datetime] | None:
    """Who set the state of a row of the plan last, and when; None if it stands as it was added."""
    for burst in await bursts_on(connection, municipality, project, row):
        if any(change.row == row and change.field == "state" for change in changes_of(burst)):
            return burst.person, burst.at
    return None


def changes_of(row: Any) -> tuple[Changed, ...]:
    return convert(row.changes, tuple[Changed, ...])


PLANS = View("plans", 4, "log", (plans, revisions, bursts), project)
