"""Opening a municipality and giving people their roles: what an operator does, without a page."""

from datetime import UTC, datetime

from msgspec import Struct

from services.marketplace.domain.municipality import DescribeMunicipality, District, OpenMunicipality
from services.marketplace.domain.person import GrantRole, Role
from shared.ids import following, new_id
from shared.message import Context
from shared.service import DEPLOYMENT, Service
from shared.web.site import Site

OPERATOR = "operator"


class Town(Struct, frozen=True):
    """A municipality as it is opened: `land` for its holidays, `look` the key of its colours, districts on a map."""

    id: str
    name: str
    land: str
    look: str
    districts: tuple[District, ...]


def by_operator(municipality: str, command_id: str | None = None) -> Context:
    return Context(by=OPERATOR, municipality=municipality, at=datetime.now(UTC), command_id=command_id or new_id())


async def open_town(service: Service, town: Town) -> None:
    """Opens and describes a municipality in the marketplace; a second time changes nothing."""
    opened = OpenMunicipality(municipality=town.id)
    await service.handle("municipality", town.id, opened, by_operator(DEPLOYMENT, following(town.id, "open")))
    described = DescribeMunicipality(name=town.name, land=town.land, town=town.look, districts=list(town.districts))
    await service.handle("municipality", town.id, described, by_operator(town.id))


async def grant(site: Site, town: str, person: str, role: Role) -> None:
    """Gives a person a role in a town. Pages ask the log's view, so that open sessions need no change."""
    await site.service.handle("person", person, GrantRole(role=role), by_operator(town))
