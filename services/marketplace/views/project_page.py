"""Everything about one project that its page shows, and who of the team may see what."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from services.marketplace.views.needs import needs, offers
from services.marketplace.views.projects import projects
from services.marketplace.views.teams import teams


class Whole(Struct, frozen=True):
    """A project with its team (state, role, person), needs and the offers made for them, as rows of the views."""

    project: Any
    team: Sequence[Any]
    needs: Sequence[Any]
    offers: Sequence[Any]

    def members(self) -> list[Any]:
        return [row for row in self.team if row.state == "member"]

    def asking(self) -> list[Any]:
        return [row for row in self.team if row.state == "asking"]

    def place_of(self, person: str | None) -> str | None:
        """What a person is to the team: lead, member, asking, invited, or None."""
        for row in self.team:
            if row.person == person:
                return "lead" if row.role == "lead" else str(row.state)
        return None


async def whole(connection: AsyncConnection, municipality: str, id: str) -> Whole | None:
    """The project with all that belongs to it; None where there is none."""
    mine = (projects.c.municipality == municipality) & (projects.c.id == id)
    project = (await connection.execute(sa.select(projects).where(mine))).first()
    if project is None:
        return None
    team = sa.select(teams).where(teams.c.municipality == municipality, teams.c.project == id)
    wanted = sa.select(needs).where(needs.c.municipality == municipality, needs.c.project == id)
    made = (
        sa.select(offers)
        .join(needs, (needs.c.municipality == offers.c.municipality) & (needs.c.id == offers.c.need))
        .where(offers.c.municipality == municipality, needs.c.project == id)
    )
    return Whole(
        project,
        (await connection.execute(team.order_by(teams.c.role != "lead", teams.c.since))).all(),
        (await connection.execute(wanted.order_by(needs.c.state != "open", needs.c.published))).all(),
        (await connection.execute(made.order_by(offers.c.made))).all(),
    )


async def project_of_need(connection: AsyncConnection, municipality: str, need: str) -> str | None:
    mine = (needs.c.municipality == municipality) & (needs.c.id == need)
    found: str | None = await connection.scalar(sa.select(needs.c.project).where(mine))
    return found


async def mine(connection: AsyncConnection, municipality: str, person: str) -> Sequence[Any]:
    """The projects of a person: own ideas and teams, with her place in the team."""
    joined = (teams.c.municipality == projects.c.municipality) & (teams.c.project == projects.c.id)
    query = (
        sa.select(projects, teams.c.state.label("place"), teams.c.role)
        .join(teams, joined)
        .where(projects.c.municipality == municipality, teams.c.person == person)
        .order_by(projects.c.moved.desc())
    )
    return (await connection.execute(query)).all()


async def ideas(connection: AsyncConnection, municipality: str) -> Sequence[Any]:
    """What waits for the coordinator: ideas that are not public yet, oldest first."""
    mine = (projects.c.municipality == municipality) & (projects.c.state == "idea")
    return (await connection.execute(sa.select(projects).where(mine).order_by(projects.c.moved))).all()


async def waiting_for(connection: AsyncConnection, municipality: str, person: str) -> Sequence[Any]:
    """Who asks to join a project that this person leads, and who invited her: project, title, person, state."""
    lead = teams.alias("lead")
    joined = (teams.c.municipality == projects.c.municipality) & (teams.c.project == projects.c.id)
    leads = sa.exists().where(
        lead.c.municipality == teams.c.municipality,
        lead.c.project == teams.c.project,
        lead.c.person == person,
        lead.c.role == "lead",
    )
    query = (
        sa.select(teams.c.project, teams.c.person, teams.c.state, teams.c.since, projects.c.title)
        .join(projects, joined)
        .where(
            teams.c.municipality == municipality,
            ((teams.c.state == "asking") & leads) | ((teams.c.state == "invited") & (teams.c.person == person)),
        )
        .order_by(teams.c.since.desc())
    )
    return (await connection.execute(query)).all()
