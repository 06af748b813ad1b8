"""What is written in meetings, and signed minutes, kept by their digest beside the log."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.events.adapters.archive import Archive
from services.events.minutes import digest
from shared.contracts.documents import Meeting
from shared.documents import read_meeting
from shared.fenced import fence

signed = sa.Table(
    "signed_minutes",
    sa.MetaData(schema="vault"),
    sa.Column("municipality", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
)
PRIVATE = (signed,)


class Papers:
    """What is written in meetings, and what has been signed of it."""

    def __init__(self, engine: AsyncEngine, archive: Archive) -> None:
        self._engine = engine
        self._archive = archive

    async def written(self, municipality: str, meeting: str) -> Meeting:
        """Minutes and cards as they are saved now; empty where nobody has written. Raises where they cannot be read."""
        return read_meeting((await self._archive.content(municipality, meeting)).state)[0]

    async def keep(self, municipality: str, body: bytes) -> str:
        """Stores minutes once; their digest, hex."""
        row = {"municipality": municipality, "digest": digest(body), "bytes": body}
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            await connection.execute(insert(signed).values(**row).on_conflict_do_nothing())
        return digest(body)

    async def read(self, municipality: str, known: str) -> bytes | None:
        """The minutes with this digest; None where they are not kept. Raises ValueError if they were changed."""
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            mine = (signed.c.municipality == municipality) & (signed.c.digest == known)
            body = await connection.scalar(sa.select(signed.c.bytes).where(mine))
        if body is not None and digest(body) != known:
            raise ValueError(f"the minutes {known} have been changed")
        return body
