"""Records who in office saw what, before it is shown: an entry of the log, once a day for the same thing unchanged."""

from typing import Final, get_args

from services.funding.domain.look import How, Kind, Office, RecordLook
from shared.ids import following
from shared.message import Context
from shared.web.visit import Visit

OFFICES: Final[tuple[Office, ...]] = get_args(Office)
OFFICE = frozenset[str](OFFICES)


async def looked(visit: Visit, kind: Kind, of: str, how: How, *, version: int = 0, project: str = "") -> None:
    """Notes that the reader sees `of` now; nothing is noted of those who hold no office."""
    assert visit.town
    roles = (await visit.standing()).roles
    offices = tuple(office for office in OFFICES if office in roles)
    if visit.person is None or not offices:
        return
    id = following(f"{visit.person}/{kind}/{of}", f"{how} {version} {visit.today.isoformat()} {offices}")
    command = RecordLook(kind=kind, of=of, how=how, offices=offices, version=version, project=project)
    by = Context(by=visit.person, municipality=visit.town.id, at=visit.now, command_id=id)
    await visit.site.service.handle("look", id, command, by)
