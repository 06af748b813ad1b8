"""Puts the titles of public projects into the directory, where the pages of other services read them."""

from collections.abc import Sequence

import sqlalchemy as sa

from services.marketplace.domain import project
from services.marketplace.views.projects import projects
from shared.access.directory import Directory
from shared.projector import LOG
from shared.service import Service
from shared.store import Recorded

_SHOWING = (project.ProjectPublished, project.ProjectRestored, project.ProjectDescribed)


class Titles:
    """Follows the log: a title appears with the publication, changes with the project, and goes when it is hidden."""

    def __init__(self, service: Service, directory: Directory) -> None:
        self._service = service
        self._directory = directory

    async def __call__(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        touched = {r.id for r in recorded if isinstance(r.event, (*_SHOWING, project.ProjectHidden))}
        if not touched:
            return
        # The view may be behind the log, and would still show an idea.
        await self._service.projector.catch_up(municipality, LOG, recorded[-1].entry.position)
        mine = (projects.c.municipality == municipality) & projects.c.id.in_(touched)
        async with self._service.reading(municipality) as connection:
            rows = (
                await connection.execute(sa.select(projects.c.id, projects.c.title, projects.c.state).where(mine))
            ).all()
        for row in rows:
            key = (municipality, "project", row.id)
            if row.state != "public":
                await self._directory.forget(*key)
            elif await self._directory.read(*key) != row.title:
                await self._directory.write(row.title, *key)
