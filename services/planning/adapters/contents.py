"""Contents of frozen revisions: kept by their digest beside the log, which says what the digest is."""

import sqlalchemy as sa
from msgspec.json import Decoder, Encoder
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.planning.domain.plan import FreezeRevision
from shared.contracts.documents import Plan
from shared.fenced import fence
from shared.papers import Papers, papers_table

contents = papers_table("contents")
freezes = sa.Table(
    "freezes",
    sa.MetaData(schema="vault"),
    sa.Column("municipality", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, primary_key=True),
    sa.Column("revision", sa.Text, primary_key=True),
    sa.Column("command", sa.LargeBinary, nullable=False),
)
PRIVATE = (contents, freezes)

_encoder, _decoder, _commands = Encoder(order="sorted"), Decoder(Plan), Decoder(FreezeRevision)


class Contents:
    """Plans by the SHA-256 of their canonical JSON."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._papers = Papers(engine, contents)

    async def keep(self, municipality: str, plan: Plan) -> str:
        """Stores a plan's content once; its digest, hex."""
        return await self._papers.keep(municipality, _encoder.encode(plan))

    async def read(self, municipality: str, digest: str) -> Plan | None:
        """The content, checked against its digest; None where it is not kept. Raises ValueError if it was changed."""
        body = await self.body(municipality, digest)
        return None if body is None else _decoder.decode(body)

    async def body(self, municipality: str, digest: str) -> bytes | None:
        """The same as it lies there: canonical JSON whose SHA-256 is the digest."""
        return await self._papers.read(municipality, digest)

    async def begin(self, municipality: str, project: str, command: FreezeRevision) -> FreezeRevision:
        """Notes what a revision freezes before it is frozen; the first note of a revision counts, and is given back."""
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            row = {"municipality": municipality, "project": project, "revision": command.revision}
            await connection.execute(
                insert(freezes).values(**row, command=_encoder.encode(command)).on_conflict_do_nothing()
            )
        return await self.begun(municipality, project, command.revision) or command

    async def begun(self, municipality: str, project: str, revision: str) -> FreezeRevision | None:
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            mine = (freezes.c.municipality == municipality) & (freezes.c.project == project)
            query = sa.select(freezes.c.command).where(mine, freezes.c.revision == revision)
            body = await connection.scalar(query)
        return None if body is None else _commands.decode(body)
