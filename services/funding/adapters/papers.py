"""Letters and statements, kept by their digest beside the log, which says what the digest is."""

from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.fenced import fence

papers = sa.Table(
    "papers",
    sa.MetaData(schema="vault"),
    sa.Column("municipality", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
)
PRIVATE = (papers,)


class Papers:
    """Documents by the SHA-256 of their bytes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(self, municipality: str, body: bytes) -> str:
        """Stores a document once; its digest, hex."""
        digest = sha256(body).hexdigest()
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            row = {"municipality": municipality, "digest": digest, "bytes": body}
            await connection.execute(insert(papers).values(**row).on_conflict_do_nothing())
        return digest

    async def read(self, municipality: str, digest: str) -> bytes | None:
        """The document; None where it is not kept. Raises ValueError if it was changed."""
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            mine = (papers.c.municipality == municipality) & (papers.c.digest == digest)
            body: bytes | None = await connection.scalar(sa.select(papers.c.bytes).where(mine))
        if body is not None and sha256(body).hexdigest() != digest:
            raise ValueError(f"the document {digest} has been changed")
        return body
