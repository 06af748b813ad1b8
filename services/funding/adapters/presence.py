"""Who of the office has a case open right now: kept for a minute beside the log, for it is no part of any file."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.fenced import fence

present = sa.Table(
    "present",
    sa.MetaData(schema="vault"),
    sa.Column("municipality", sa.Text, primary_key=True),
    sa.Column("application", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
PRIVATE = (present,)
EVERY = 15  # seconds between two signs of life of an open page
_GONE = timedelta(seconds=3 * EVERY)
_FORGOTTEN = timedelta(hours=1)


class Presence:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def meet(self, municipality: str, application: str, person: str, now: datetime) -> list[str]:
        """Notes that `person` has a case open; everybody else who has."""
        mine = (present.c.municipality == municipality) & (present.c.application == application)
        row = {"municipality": municipality, "application": application, "person": person, "at": now}
        seen = insert(present).values(**row)
        seen = seen.on_conflict_do_update(index_elements=["municipality", "application", "person"], set_={"at": now})
        others = sa.select(present.c.person).where(mine, present.c.person != person, present.c.at > now - _GONE)
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            await connection.execute(seen)
            await connection.execute(sa.delete(present).where(mine, present.c.at < now - _FORGOTTEN))
            return list((await connection.scalars(others.order_by(present.c.person))).all())
