"""Which pots are there?"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.funding.domain.pot import PotClosed, PotOpened
from shared.store import Recorded
from shared.view import Change, View, table

pots = table(
    "pots",
    sa.Column("id", sa.Text),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
)
_OPEN = insert(pots)
_CLOSE = sa.update(pots).where(pots.c.municipality == sa.bindparam("m"), pots.c.id == sa.bindparam("id"))
_CLOSE = _CLOSE.values(closed=True)


def project(recorded: Recorded) -> Iterable[Change]:
    of, id = recorded.entry.municipality, recorded.id
    match recorded.event:
        case PotOpened(title=title, purpose=purpose, source=source, year=year):
            text = {"title": title, "purpose": purpose, "source": source, "year": year}
            yield _OPEN, {"municipality": of, "id": id, "closed": False, **text}
        case PotClosed():
            yield _CLOSE, {"m": of, "id": id}


async def all_pots(connection: AsyncConnection, municipality: str) -> Sequence[Any]:
    """Every pot, open ones first, by title."""
    mine = pots.c.municipality == municipality
    return (await connection.execute(sa.select(pots).where(mine).order_by(pots.c.closed, pots.c.title))).all()


POTS = View("pots", 1, "log", (pots,), project)
