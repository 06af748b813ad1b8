"""Who someone is in a municipality: roles held there, and the place in a project's team; a view in every service."""

from collections.abc import Callable, Iterable
from datetime import date

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.marketplace import (
    MemberJoined,
    MemberLeft,
    ProjectHidden,
    ProjectPhaseMoved,
    ProjectPublished,
    RoleGranted,
    RoleRevoked,
)
from shared.message import Fact
from shared.store import Recorded
from shared.store.database import Connection
from shared.view import Change, Heard, View, table

roles = table(
    "roles",
    sa.Column("person", sa.Text),
    sa.Column("role", sa.Text),
    sa.Column("until", sa.Text),
    key=("person", "role"),
)
members = table(
    "members",
    sa.Column("project", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("role", sa.Text),
    key=("project", "person"),
)
phases = table("phases", sa.Column("project", sa.Text), sa.Column("phase", sa.Text, nullable=False), key=("project",))

_grant = insert(roles).values(
    municipality=sa.bindparam("m"), person=sa.bindparam("id"), role=sa.bindparam("r"), until=sa.bindparam("u")
)
_GRANT = _grant.on_conflict_do_update(
    index_elements=["municipality", "person", "role"], set_={"until": _grant.excluded.until}
)
_REVOKE = sa.delete(roles).where(
    roles.c.municipality == sa.bindparam("m"), roles.c.person == sa.bindparam("id"), roles.c.role == sa.bindparam("r")
)
_join = insert(members).values(
    municipality=sa.bindparam("m"), project=sa.bindparam("id"), person=sa.bindparam("p"), role=sa.bindparam("r")
)
_JOIN = _join.on_conflict_do_update(
    index_elements=["municipality", "project", "person"], set_={"role": _join.excluded.role}
)
_LEAVE = sa.delete(members).where(
    members.c.municipality == sa.bindparam("m"),
    members.c.project == sa.bindparam("id"),
    members.c.person == sa.bindparam("p"),
)
_phase = insert(phases).values(municipality=sa.bindparam("m"), project=sa.bindparam("id"), phase=sa.bindparam("f"))
_PHASE = _phase.on_conflict_do_update(index_elements=["municipality", "project"], set_={"phase": _phase.excluded.phase})


class Standing(Struct, frozen=True):
    """`relation` is that to the project asked about: lead, member (also spokesperson, treasurer), or none."""

    person: str | None
    roles: frozenset[str] = frozenset()
    relation: str | None = None
    phase: str | None = None


def _changes(municipality: str, project: str, fact: Fact | None) -> Iterable[Change]:
    match fact:
        case RoleGranted(person=person, role=role, until=until):
            yield _GRANT, {"m": municipality, "id": person, "r": role, "u": until}
        case RoleRevoked(person=person, role=role):
            yield _REVOKE, {"m": municipality, "id": person, "r": role}
        case MemberJoined(person=person, role=role):
            yield _JOIN, {"m": municipality, "id": project, "p": person, "r": role}
        case MemberLeft(person=person):
            yield _LEAVE, {"m": municipality, "id": project, "p": person}
        case ProjectPublished(phase=phase) | ProjectPhaseMoved(phase=phase):
            yield _PHASE, {"m": municipality, "id": project, "f": phase}
        case ProjectHidden():
            yield _PHASE, {"m": municipality, "id": project, "f": "hidden"}


def standing_view(told: Callable[[Recorded], Fact | None] | None = None) -> View:
    """The view of every service on the marketplace's facts; the marketplace itself passes what it would tell."""

    def project(one: Recorded | Heard) -> Iterable[Change]:
        if isinstance(one, Heard):
            return _changes(one.municipality, one.project, one.fact)
        return _changes(one.entry.municipality, one.entry.project, told(one) if told else None)

    return View("standing", 1, "log" if told else "marketplace", (roles, members, phases), project)


_STANDING = """
select (select phase from views.phases where municipality = $1 and project = $3) as phase,
       (select role from views.members where municipality = $1 and project = $3 and person = $2) as relation,
       array(select role from views.roles where municipality = $1 and person = $2
              and (until is null or until >= $4)) as roles"""


async def standing(
    connection: Connection, municipality: str, person: str | None, project: str | None, today: date
) -> Standing:
    """What `person` is on the day `today`; a role past its last day is not held any more."""
    asked = (municipality, person or "", project or "", today.isoformat())
    found = await connection.fetchrow(_STANDING, *asked)
    assert found
    relation = found["relation"] and ("lead" if found["relation"] == "lead" else "member")
    return Standing(person, frozenset(found["roles"]), relation, found["phase"])
