"""The documents of meetings beside the log: what is typed lies here a few seconds later, and outlives the broker.

Cards bear first names, so nothing of a document is in the log; this table is private, and from the end of a meeting on
no guest's name is in it.
"""

import sqlalchemy as sa
from msgspec import Struct, json
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.documents import Replica
from shared.fenced import fence

meeting_documents = sa.Table(
    "meeting_documents",
    sa.MetaData(schema="vault"),
    sa.Column("municipality", sa.Text, primary_key=True),
    sa.Column("meeting", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("owners", sa.LargeBinary, nullable=False),
    sa.Column("nameless", sa.Boolean, nullable=False),
)
followed = sa.Table(
    "followed",
    sa.MetaData(schema="vault"),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
PRIVATE = (meeting_documents, followed)
_DOCUMENTS = "documents"


class Kept(Struct, frozen=True, kw_only=True):
    """A document after the message `sequence` of the stream that was created at `stream`; `owners`: client id → person.

    `nameless`: the meeting is over, and no guest's name stands in it.
    """

    epoch: int = 0
    stream: str = ""
    sequence: int = 0
    state: bytes
    owners: dict[int, str] = {}
    nameless: bool = False


class Shelf:
    """The documents of all meetings, and how far the stream of documents has been put on the shelf."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, municipality: str, meeting: str, new: Kept) -> None:
        """Joins what is new to what is there; the same again, or something older, changes nothing."""
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            there = await _row(connection, municipality, meeting, lock=True)
            if there and there.epoch > new.epoch:
                return
            kept = _joined(there, new) if there and there.epoch == new.epoch else new
            row = {name: getattr(kept, name) for name in ("epoch", "stream", "sequence", "state", "nameless")}
            row["owners"] = json.encode(kept.owners)
            statement = insert(meeting_documents).values(municipality=municipality, meeting=meeting, **row)
            key = ["municipality", "meeting"]
            await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=row))

    async def read(self, municipality: str, meeting: str) -> Kept | None:
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            return await _row(connection, municipality, meeting)

    async def meetings(self, municipality: str) -> list[str]:
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            mine = meeting_documents.c.municipality == municipality
            return list((await connection.execute(sa.select(meeting_documents.c.meeting).where(mine))).scalars())

    async def reached(self) -> tuple[str, int]:
        """The stream and the sequence up to which all lies here; ("", 0) before the first."""
        async with self._engine.begin() as connection:
            query = sa.select(followed.c.stream, followed.c.sequence).where(followed.c.name == _DOCUMENTS)
            row = (await connection.execute(query)).first()
        return (row.stream, row.sequence) if row else ("", 0)

    async def note(self, stream: str, sequence: int) -> None:
        new = insert(followed).values(name=_DOCUMENTS, stream=stream, sequence=sequence)
        values = {"stream": new.excluded.stream, "sequence": new.excluded.sequence}
        async with self._engine.begin() as connection:
            await connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=values))


def _joined(there: Kept, new: Kept) -> Kept:
    ahead = new if new.stream != there.stream or new.sequence >= there.sequence else there
    return Kept(
        epoch=new.epoch,
        stream=ahead.stream,
        sequence=ahead.sequence,
        state=Replica(there.state, new.state).state(),
        owners=there.owners | new.owners,
        nameless=new.nameless,
    )


async def _row(connection: AsyncConnection, municipality: str, meeting: str, lock: bool = False) -> Kept | None:
    mine = (meeting_documents.c.municipality == municipality) & (meeting_documents.c.meeting == meeting)
    query = sa.select(meeting_documents).where(mine)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    if row is None:
        return None
    owners = json.decode(row.owners, type=dict[int, str])
    fields = {name: getattr(row, name) for name in ("epoch", "stream", "sequence", "state", "nameless")}
    return Kept(**fields, owners=owners)
