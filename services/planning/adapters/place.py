"""Where the follower stands in the stream of documents: everything up to there is in the log."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

places = sa.Table(
    "followed",
    sa.MetaData(schema="vault"),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
PRIVATE = (places,)
_DOCUMENTS = "documents"


class Place:
    """One place for all municipalities, since their documents share a stream; a lost one costs a reading anew."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self) -> tuple[str, int]:
        """The stream and the sequence in it; ("", 0) before the first."""
        async with self._engine.begin() as connection:
            query = sa.select(places.c.stream, places.c.sequence).where(places.c.name == _DOCUMENTS)
            row = (await connection.execute(query)).first()
        return (row.stream, row.sequence) if row else ("", 0)

    async def note(self, stream: str, sequence: int) -> None:
        new = insert(places).values(name=_DOCUMENTS, stream=stream, sequence=sequence)
        values = {"stream": new.excluded.stream, "sequence": new.excluded.sequence}
        async with self._engine.begin() as connection:
            await connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=values))
