"""Who is, or was, on the team of a project, and when? Whoever asks for money never decides on it."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.marketplace import MemberJoined, MemberLeft
from shared.view import Change, Heard, View, table

teams = table(
    "teams",
    sa.Column("project", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("until", sa.Text, nullable=False),  # the moment of leaving, ISO; "" while on the team
    key=("project", "person"),
)
_join = insert(teams).values(
    municipality=sa.bindparam("m"), project=sa.bindparam("id"), person=sa.bindparam("p"), until=""
)
_JOIN = _join.on_conflict_do_update(index_elements=["municipality", "project", "person"], set_={"until": ""})
_MINE = (teams.c.municipality == sa.bindparam("m")) & (teams.c.project == sa.bindparam("id"))
_LEAVE = sa.update(teams).where(_MINE & (teams.c.person == sa.bindparam("p"))).values(until=sa.bindparam("at"))


def project(heard: Heard) -> Iterable[Change]:
    row = {"m": heard.municipality, "id": heard.project}
    match heard.fact:
        case MemberJoined(person=person):
            yield _JOIN, row | {"p": person}
        case MemberLeft(person=person):
            yield _LEAVE, row | {"p": person, "at": heard.at}


async def team_since(connection: AsyncConnection, municipality: str, project: str, since: str) -> list[str]:
    """Everybody who was on the team at `since` (ISO) or came later, also those who have left again."""
    mine = (teams.c.municipality == municipality) & (teams.c.project == project)
    stayed = (teams.c.until == "") | (teams.c.until >= since)
    return sorted((await connection.scalars(sa.select(teams.c.person).where(mine, stayed))).all())


async def projects_of(connection: AsyncConnection, municipality: str, person: str) -> Sequence[Any]:
    """The projects whose team a person is on."""
    mine = (teams.c.municipality == municipality) & (teams.c.person == person) & (teams.c.until == "")
    return (await connection.scalars(sa.select(teams.c.project).where(mine).order_by(teams.c.project))).all()


TEAMS = View("teams", 1, "marketplace", (teams,), project)
