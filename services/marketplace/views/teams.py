"""Who is in which team, who asks to join, who is invited?"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.marketplace.domain.team import (
    InvitationDeclined,
    JoinAsked,
    JoinDeclined,
    MemberInvited,
    MemberJoined,
    MemberLeft,
    RoleGiven,
    TeamFounded,
)
from shared.store import Recorded
from shared.view import Change, View, table

teams = table(
    "teams",
    sa.Column("project", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("state", sa.Text, nullable=False),  # asking, invited, member
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    key=("project", "person"),
)
_insert = insert(teams).values(
    municipality=sa.bindparam("m"),
    project=sa.bindparam("id"),
    person=sa.bindparam("person"),
    state=sa.bindparam("state"),
    role=sa.bindparam("role"),
    since=sa.bindparam("since"),
)
_PUT = _insert.on_conflict_do_update(
    index_elements=["municipality", "project", "person"],
    set_={name: _insert.excluded[name] for name in ("state", "role", "since")},
)
_DROP = sa.delete(teams).where(
    teams.c.municipality == sa.bindparam("m"),
    teams.c.project == sa.bindparam("id"),
    teams.c.person == sa.bindparam("person"),
)


def project(recorded: Recorded) -> Iterable[Change]:
    entry = recorded.entry
    key = {"m": entry.municipality, "id": recorded.id}
    match recorded.event:
        case TeamFounded(lead=person):
            yield _PUT, key | {"person": person, "state": "member", "role": "lead", "since": entry.recorded_at}
        case MemberJoined(person=person, role=role) | RoleGiven(person=person, role=role):
            yield _PUT, key | {"person": person, "state": "member", "role": role, "since": entry.recorded_at}
        case JoinAsked(person=person):
            yield _PUT, key | {"person": person, "state": "asking", "role": "", "since": entry.recorded_at}
        case MemberInvited(person=person):
            yield _PUT, key | {"person": person, "state": "invited", "role": "", "since": entry.recorded_at}
        case JoinDeclined(person=person) | InvitationDeclined(person=person) | MemberLeft(person=person):
            yield _DROP, key | {"person": person}


TEAMS = View("teams", 1, "log", (teams,), project)
