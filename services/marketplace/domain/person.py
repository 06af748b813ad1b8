"""A person of a municipality, known to the log by a pseudonym, and the roles that she holds there."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from shared.decider import Decider
from shared.message import Command, Context, Event

Role: TypeAlias = Literal[
    "coordinator",
    "department_contact",
    "council_member",
    "facilitator",
    "reviewer",
    "funding_officer",
    "treasurer",
    "auditor",
    "integrator",
]
Day: TypeAlias = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]


# Events: stored for ever. The name and the address live in the vault.
class PersonRegistered(Event):
    pass


class RoleGranted(Event):
    role: str
    until: str | None = None


class RoleRevoked(Event):
    role: str


PersonEvent: TypeAlias = PersonRegistered | RoleGranted | RoleRevoked


# State
class Person(Struct, frozen=True):
    registered: bool = False
    roles: dict[str, str | None] = {}  # role → last day


def evolve(state: Person, event: PersonEvent) -> Person:
    match event:
        case PersonRegistered():
            return replace(state, registered=True)
        case RoleGranted(role=role, until=until):
            return replace(state, roles=state.roles | {role: until})
        case RoleRevoked(role=role):
            return replace(state, roles={r: until for r, until in state.roles.items() if r != role})


# Decisions
class RegisterPerson(Command):
    pass


class GrantRole(Command):
    role: Role
    until: Day | None = None


class RevokeRole(Command):
    role: Role


PersonCommand: TypeAlias = RegisterPerson | GrantRole | RevokeRole


def decide(command: PersonCommand, state: Person, context: Context) -> list[Event]:
    match command:
        case RegisterPerson():
            return [] if state.registered else [PersonRegistered()]
        case GrantRole(role=role, until=until):
            same = role in state.roles and state.roles[role] == until
            return [] if same else [RoleGranted(role=role, until=until)]
        case RevokeRole(role=role):
            return [RoleRevoked(role=role)] if role in state.roles else []


person: Decider[Person] = Decider("person", PersonEvent, PersonCommand, Person(), decide, evolve)
