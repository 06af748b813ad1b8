"""Who was named, or answered, in the talk about a plan?"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.marketplace.views.projects import projects
from shared.contracts.planning import PeopleMentioned
from shared.view import Change, Heard, View, table

mentions = table(
    "mentions",
    sa.Column("comment", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    key=("comment", "person"),
)
sa.Index("mentions_person", mentions.c.municipality, mentions.c.person)
_TELL = insert(mentions).on_conflict_do_nothing()


def project(heard: Heard) -> Iterable[Change]:
    if isinstance(heard.fact, PeopleMentioned):
        for one in heard.fact.mentions:
            place = {"municipality": heard.municipality, "project": heard.project, "at": heard.at}
            for person in one.people:
                yield _TELL, {"comment": one.comment, "person": person, "by": one.by, "part": one.part, **place}


async def named(connection: AsyncConnection, municipality: str, person: str, limit: int = 20) -> Sequence[Any]:
    """The last talks about public projects in which others named or answered a person, newest first, with titles."""
    joined = (projects.c.municipality == mentions.c.municipality) & (projects.c.id == mentions.c.project)
    query = (
        sa.select(mentions, projects.c.title)
        .join(projects, joined)
        .where(mentions.c.municipality == municipality, mentions.c.person == person, projects.c.state == "public")
        .order_by(mentions.c.at.desc(), mentions.c.comment)
        .limit(limit)
    )
    return (await connection.execute(query)).all()


MENTIONS = View("mentions", 1, "planning", (mentions,), project)
