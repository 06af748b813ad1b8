"""Which frozen revisions of a plan may an application be pinned to?"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import convert, to_builtins
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.plan import FinancePlan, SchedulePlan
from shared.contracts.planning import RevisionFrozen
from shared.view import Change, Heard, View, table

revisions = table(
    "revisions",
    sa.Column("id", sa.Text),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("finance", JSONB, nullable=False),
    sa.Column("schedule", JSONB),
)
_FREEZE = insert(revisions).on_conflict_do_nothing()


def project(heard: Heard) -> Iterable[Change]:
    if isinstance(heard.fact, RevisionFrozen):
        fact = heard.fact
        row = {"project": heard.project, "number": fact.number, "digest": fact.digest, "at": heard.at}
        content = {"finance": to_builtins(fact.finance), "schedule": to_builtins(fact.schedule)}
        yield _FREEZE, {"municipality": heard.municipality, "id": fact.revision, **row, **content}


async def revision(connection: AsyncConnection, municipality: str, id: str) -> Any | None:
    mine = (revisions.c.municipality == municipality) & (revisions.c.id == id)
    return (await connection.execute(sa.select(revisions).where(mine))).first()


async def revisions_of(connection: AsyncConnection, municipality: str, project: str) -> Sequence[Any]:
    """The frozen revisions of a project's plan, newest first."""
    mine = (revisions.c.municipality == municipality) & (revisions.c.project == project)
    return (await connection.execute(sa.select(revisions).where(mine).order_by(revisions.c.number.desc()))).all()


def finance_of(row: Any) -> FinancePlan:
    return convert(row.finance, FinancePlan)


def schedule_of(row: Any) -> SchedulePlan | None:
    return None if row.schedule is None else convert(row.schedule, SchedulePlan)


REVISIONS = View("revisions", 1, "planning", (revisions,), project)
