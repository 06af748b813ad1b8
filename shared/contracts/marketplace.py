"""What the marketplace tells: municipalities, roles, projects, teams, needs."""

from typing import TypeAlias

from shared.message import Fact


class MunicipalityOpened(Fact):
    """Told in the reserved municipality `deployment`; from then on its facts have a stream of their own."""

    opened: str


class RoleGranted(Fact):
    person: str
    role: str
    until: str | None = None


class RoleRevoked(Fact):
    person: str
    role: str


class ProjectPublished(Fact):
    """`district` is a key of the municipality's districts; the title is to be had from the directory of titles."""

    phase: str
    district: str
    lead: str


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


class NeedFulfilled(Fact):
    need: str


class NeedWithdrawn(Fact):
    need: str


MarketplaceFact: TypeAlias = (
    MunicipalityOpened
    | RoleGranted
    | RoleRevoked
    | ProjectPublished
    | ProjectPhaseMoved
    | ProjectHidden
    | MemberJoined
    | MemberLeft
    | NeedPublished
    | NeedFulfilled
    | NeedWithdrawn
)
