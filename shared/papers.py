"""Documents kept by the SHA-256 of their bytes, beside a log that says what each digest is."""

from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.fenced import fence


def papers_table(name: str) -> sa.Table:
    """The private table of a service's documents; a value is stored in pieces by PostgreSQL itself (TOAST)."""
    return sa.Table(
        name,
        sa.MetaData(schema="vault"),
        sa.Column("municipality", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )


class Papers:
    """The documents in a table of `papers_table`."""

    def __init__(self, engine: AsyncEngine, table: sa.Table) -> None:
        self._engine = engine
        self._table = table

    async def keep(self, municipality: str, body: bytes) -> str:
        """Stores a document once; its digest, hex."""
        digest = sha256(body).hexdigest()
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            row = {"municipality": municipality, "digest": digest, "bytes": body}
            await connection.execute(insert(self._table).values(**row).on_conflict_do_nothing())
        return digest

    async def read(self, municipality: str, digest: str) -> bytes | None:
        """The document; None where it is not kept. Raises ValueError if it was changed."""
        of = self._table.c
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            mine = (of.municipality == municipality) & (of.digest == digest)
            body: bytes | None = await connection.scalar(sa.select(of.bytes).where(mine))
        if body is not None and sha256(body).hexdigest() != digest:
            raise ValueError(f"the document {digest} in {self._table.name} has been changed")
        return body
