"""Which applications are there, at which stage, and what was decided?"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.funding.domain.application import (
    ApplicationCorrected,
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CorrectionAsked,
    FormalCheckCompleted,
    RevisionPinned,
)
from services.funding.domain.grant import GrantClosed
from services.funding.domain.verdict import (
    DecisionConfirmed,
    DecisionProposed,
    DecisionRevoked,
    ProposalDropped,
    RevocationProposed,
)
from shared.store import Recorded
from shared.view import Change, View, table

applications = table(
    "applications",
    sa.Column("id", sa.Text),
    sa.Column("pot", sa.Text, nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),  # as replay.Stage
    sa.Column("amount", sa.BigInteger, nullable=False),  # asked for, in cents
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),  # at this stage
    sa.Column("waits", sa.Boolean, nullable=False),  # for the office, the jury or the treasury
    sa.Column("decision", sa.Text, nullable=False),  # the one that stands, or ""
)
decisions = table(
    "decisions",
    sa.Column("id", sa.Text),
    sa.Column("application", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),  # cents
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("revoked", sa.Boolean, nullable=False),
)
sa.Index("applications_pot", applications.c.municipality, applications.c.pot)

_START, _DECIDE = insert(applications), insert(decisions)
_MINE = (applications.c.municipality == sa.bindparam("m")) & (applications.c.id == sa.bindparam("id"))
_STAGE = (
    sa.update(applications)
    .where(_MINE)
    .values(stage=sa.bindparam("s"), since=sa.bindparam("at"), waits=sa.bindparam("w"))
)
_STAND = sa.update(applications).where(_MINE).values(decision=sa.bindparam("d"))
_DROP = (  # a dropped revocation leaves the decision standing
    sa.update(applications)
    .where(_MINE)
    .values(
        stage=sa.case((applications.c.decision == "", "review"), else_="decided"),
        since=sa.bindparam("at"),
        waits=True,
    )
)
_AMOUNT = sa.update(applications).where(_MINE).values(amount=sa.bindparam("cents"))
_REVOKE = (
    sa.update(decisions)
    .where(decisions.c.municipality == sa.bindparam("m"), decisions.c.id == sa.bindparam("id"))
    .values(revoked=True)
)
_STAGES: dict[type, tuple[str, bool]] = {  # event → (stage, whether somebody in office has to act)
    ApplicationSubmitted: ("submitted", True),
    CorrectionAsked: ("correction", False),
    ApplicationCorrected: ("submitted", True),
    FormalCheckCompleted: ("review", True),
    DecisionProposed: ("proposed", True),
    RevocationProposed: ("proposed", True),
    DecisionRevoked: ("review", True),
    ApplicationWithdrawn: ("withdrawn", False),
    GrantClosed: ("decided", False),
}


def project(recorded: Recorded) -> Iterable[Change]:
    entry, event = recorded.entry, recorded.event
    m, at = entry.municipality, entry.recorded_at
    row: dict[str, Any] = {"m": m, "id": recorded.id}
    match event:
        case ApplicationStarted():
            yield _START, _started(recorded, event)
        case RevisionPinned(amount_cents=cents):
            yield _AMOUNT, row | {"cents": cents}
        case ProposalDropped():
            yield _DROP, row | {"at": at}
        case DecisionConfirmed(decision_id=decision, outcome=outcome, amount_cents=cents):
            made = {"application": recorded.id, "outcome": outcome, "amount": cents, "at": at, "revoked": False}
            yield _DECIDE, {"municipality": m, "id": decision, **made}
            yield _STAND, row | {"d": decision}
            yield _STAGE, row | {"s": "decided", "at": at, "w": outcome != "rejected"}
        case DecisionRevoked(decision_id=decision):
            yield _REVOKE, {"m": m, "id": decision}
            yield _STAND, row | {"d": ""}
    if known := _STAGES.get(type(event)):
        yield _STAGE, row | {"s": known[0], "at": at, "w": known[1]}


def _started(recorded: Recorded, event: ApplicationStarted) -> dict[str, Any]:
    return {
        "municipality": recorded.entry.municipality,
        "id": recorded.id,
        "pot": event.pot_id,
        "project": event.project_id,
        "stage": "draft",
        "amount": 0,
        "since": recorded.entry.recorded_at,
        "waits": False,
        "decision": "",
    }


async def queue(connection: AsyncConnection, municipality: str) -> Sequence[Any]:
    """What waits for the desk, the longest wait first; `granted` by the decision that stands, if there is one."""
    mine = (applications.c.municipality == municipality) & applications.c.waits
    stands = (decisions.c.municipality == applications.c.municipality) & (decisions.c.id == applications.c.decision)
    query = sa.select(applications, decisions.c.amount.label("granted")).outerjoin(decisions, stands).where(mine)
    return (await connection.execute(query.order_by(applications.c.since))).all()


async def of_pot(connection: AsyncConnection, municipality: str, pot: str) -> Sequence[Any]:
    """All applications to a pot, the oldest first."""
    mine = (applications.c.municipality == municipality) & (applications.c.pot == pot)
    return (await connection.execute(sa.select(applications).where(mine).order_by(applications.c.since))).all()


async def of_projects(connection: AsyncConnection, municipality: str, projects: Sequence[str]) -> Sequence[Any]:
    """All applications of some projects, the latest moved first."""
    mine = (applications.c.municipality == municipality) & applications.c.project.in_(projects)
    return (await connection.execute(sa.select(applications).where(mine).order_by(applications.c.since.desc()))).all()


async def decided(
    connection: AsyncConnection, municipality: str, *, pot: str = "", outcome: str = "", id: str = ""
) -> Sequence[Any]:
    """Decisions with their application, newest first: all, or those of a pot, an outcome, or one."""
    of = (applications.c.municipality == decisions.c.municipality) & (applications.c.id == decisions.c.application)
    asked = applications.c.amount.label("asked")
    query = (
        sa.select(decisions, applications.c.pot, applications.c.project, asked)
        .join(applications, of)
        .where(decisions.c.municipality == municipality)
        .order_by(decisions.c.at.desc())
    )
    for column, wanted in ((applications.c.pot, pot), (decisions.c.outcome, outcome), (decisions.c.id, id)):
        if wanted:
            query = query.where(column == wanted)
    return (await connection.execute(query)).all()


APPLICATIONS = View("applications", 1, "log", (applications, decisions), project)
