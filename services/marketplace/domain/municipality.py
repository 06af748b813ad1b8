"""A municipality: opened in the reserved municipality `deployment`, described in its own log."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from shared.decider import Decider, Rejected, nothing_new
from shared.message import Command, Context, Event

RESERVED = frozenset({"assets", "sign-in", "account", "mail", "health", "api", "deployment"})

Key: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}$")]
Label: TypeAlias = Annotated[str, Meta(min_length=1, max_length=80)]


class District(Struct, frozen=True):
    """A part of the town; `x` and `y` (0 to 100) place it on the schematic map."""

    key: Key
    name: Label
    x: Annotated[int, Meta(ge=0, le=100)] = 50
    y: Annotated[int, Meta(ge=0, le=100)] = 50


# Events: stored for ever.
class MunicipalityOpened(Event):
    opened: str


class MunicipalityDescribed(Event):
    name: str
    land: str
    town: str
    districts: list[District]


MunicipalityEvent: TypeAlias = MunicipalityOpened | MunicipalityDescribed


# State
class Municipality(Struct, frozen=True):
    opened: str | None = None
    described: MunicipalityDescribed | None = None


def evolve(state: Municipality, event: MunicipalityEvent) -> Municipality:
    match event:
        case MunicipalityOpened(opened=opened):
            return Municipality(opened, state.described)
        case MunicipalityDescribed():
            return Municipality(state.opened, event)


# Decisions
class OpenMunicipality(Command):
    """Given in `deployment`, on the stream named after the municipality."""

    municipality: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]{1,39}$")]


class DescribeMunicipality(Command):
    """`land` is the ISO 3166-2 code after `DE-`, for its holidays; `town` the key of its colours."""

    name: Label
    land: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
    town: Key
    districts: Annotated[list[District], Meta(max_length=400)]


MunicipalityCommand: TypeAlias = OpenMunicipality | DescribeMunicipality


def decide(command: MunicipalityCommand, state: Municipality, context: Context) -> list[Event]:
    match command:
        case OpenMunicipality(municipality=name):
            if name in RESERVED:
                raise Rejected("name_reserved", name=name)
            if context.municipality != "deployment":
                raise nothing_new(command, state)
            return [] if state.opened else [MunicipalityOpened(opened=name)]
        case DescribeMunicipality(name=name, land=land, town=town, districts=districts):
            if len({district.key for district in districts}) < len(districts):
                raise Rejected("district_twice")
            described = MunicipalityDescribed(name=name, land=land, town=town, districts=districts)
            return [] if described == state.described else [described]


municipality: Decider[Municipality] = Decider(
    "municipality", MunicipalityEvent, MunicipalityCommand, Municipality(), decide, evolve
)
