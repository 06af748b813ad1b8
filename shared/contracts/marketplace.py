"""What the marketplace tells: municipalities, roles, projects, teams, needs."""

from typing import TypeAlias

from msgspec import Struct

from shared.message import Fact


class MunicipalityOpened(Fact):
    """Told in the reserved municipality `deployment`; from then on its facts have a stream of their own."""

    opened: str


class District(Struct, frozen=True):
    """A part of the town; `x` and `y` (0 to 100) place it on the schematic map."""

    key: str
    name: str
    x: int = 50
    y: int = 50


class MunicipalityDescribed(Fact):
    """The official words about a town: no person's words stand in it."""

    name: str
    land: str
    town: str
    districts: list[District]


class RoleGranted(Fact):
    person: str
    role: str
    until: str | None = None


class RoleRevoked(Fact):
    person: str
    role: str


class ProjectPublished(Fact):
    """The project may be shown to everybody; `phase` is that of its publication, the title is in the directory."""

    phase: str
    district: str


class ProjectPhaseMoved(Fact):
    phase: str


class ProjectHidden(Fact):
    pass


class MemberJoined(Fact):
    person: str
    role: str


class MemberLeft(Fact):
    person: str


class NeedPublished(Fact):
    need: str
    kind: str


class OfferMade(Fact):
    """Somebody could help with a need; who, its team alone sees."""

    need: str
    offer: str


class OfferWithdrawn(Fact):
    need: str
    offer: str


class NeedFulfilled(Fact):
    """`by` accepted an offer for it; "" in facts that were told before this was."""

    need: str
    by: str = ""


class NeedWithdrawn(Fact):
    """`by` as in `NeedFulfilled`."""

    need: str
    by: str = ""


MarketplaceFact: TypeAlias = (
    MunicipalityOpened
    | MunicipalityDescribed
    | RoleGranted
    | RoleRevoked
    | ProjectPublished
    | ProjectPhaseMoved
    | ProjectHidden
    | MemberJoined
    | MemberLeft
    | NeedPublished
    | OfferMade
    | OfferWithdrawn
    | NeedFulfilled
    | NeedWithdrawn
)
