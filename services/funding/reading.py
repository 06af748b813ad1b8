"""Who may read an application's file: its team, and office, jury and audit, whose looks are noted; not the biased."""

from services.funding.domain.look import How
from services.funding.dossier import Dossier
from services.funding.looking import OFFICE as OFFICE
from services.funding.looking import looked
from shared.category import NotFound
from shared.web.visit import Visit


async def may_read(visit: Visit, file: Dossier, how: How = "file") -> None:
    """Raises `NotFound` for everybody else: that there is an application is not told either."""
    standing = await visit.standing(file.started.project_id)
    if standing.relation is not None or visit.person in file.file.team:
        return
    if not file.submitted or not OFFICE & standing.roles or visit.person in file.file.biased:
        raise NotFound(file.id)
    await looked(visit, "application", file.id, how, version=file.version, project=file.started.project_id)


async def may_follow(visit: Visit, file: Dossier, how: How = "file") -> None:
    """The history is open to everybody once there was a decision; before that as the file."""
    if not file.decided:
        await may_read(visit, file, how)
