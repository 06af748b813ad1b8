"""Who in office saw what, and when?"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.funding.domain.look import Looked
from shared.store import Recorded
from shared.view import Change, View, table

looks = table(
    "looks",
    sa.Column("id", sa.Text),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("of", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("offices", sa.Text, nullable=False),  # separated by blanks
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
sa.Index("looks_of", looks.c.municipality, looks.c.kind, looks.c.of)
sa.Index("looks_at", looks.c.municipality, looks.c.position)
_LOOK = insert(looks)


def project(recorded: Recorded) -> Iterable[Change]:
    if isinstance(recorded.event, Looked):
        entry, event = recorded.entry, recorded.event
        row = {name: getattr(event, name) for name in ("kind", "of", "how", "version", "project")}
        who = {"person": event.by, "offices": " ".join(event.offices)}
        where = {"municipality": entry.municipality, "id": recorded.id, "position": entry.position}
        yield _LOOK, {**where, **row, **who, "at": entry.recorded_at}


async def looks_at(connection: AsyncConnection, municipality: str, kind: str, of: str) -> Sequence[Any]:
    """All looks at one thing, the oldest first."""
    mine = (looks.c.municipality == municipality) & (looks.c.kind == kind) & (looks.c.of == of)
    return (await connection.execute(sa.select(looks).where(mine).order_by(looks.c.position))).all()


async def latest_looks(
    connection: AsyncConnection, municipality: str, *, person: str = "", before: int = 0, limit: int = 100
) -> Sequence[Any]:
    """Looks at anything, newest first, before a position of the log; of one person, if wanted."""
    query = sa.select(looks).where(looks.c.municipality == municipality)
    if person:
        query = query.where(looks.c.person == person)
    if before:
        query = query.where(looks.c.position < before)
    return (await connection.execute(query.order_by(looks.c.position.desc()).limit(limit))).all()


LOOKS = View("looks", 1, "log", (looks,), project)
