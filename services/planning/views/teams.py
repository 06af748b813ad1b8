"""Who is in a project's team? Read from the standing that every service keeps."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.access.standing import members


async def team_of(connection: AsyncConnection, municipality: str, project: str) -> list[str]:
    """The pseudonyms of a project's team."""
    query = sa.select(members.c.person).where(members.c.municipality == municipality, members.c.project == project)
    return list((await connection.execute(query)).scalars())
