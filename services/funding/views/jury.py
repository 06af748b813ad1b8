"""Who of the jury is asked, has reviewed or is out, for every application; and who is on the jury at all?"""

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.funding.domain.application import ApplicationStarted, BiasDeclared, ReviewRecorded
from services.funding.domain.panel import ReviewerAssigned, ReviewerReleased
from shared.access.standing import roles
from shared.store import Recorded
from shared.view import Change, View, table

jury = table(
    "jury",
    sa.Column("application", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("asked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("given", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("biased", sa.Boolean, nullable=False, server_default=sa.false()),
    key=("application", "person"),
)
needed = table(
    "reviews_needed",
    sa.Column("application", sa.Text),
    sa.Column("reviews", sa.Integer, nullable=False),
    key=("application",),
)
_NEED = insert(needed)


def _note(column: str) -> sa.Executable:
    place: dict[str, sa.BindParameter[str]] = {
        "municipality": sa.bindparam("m"),
        "application": sa.bindparam("id"),
        "person": sa.bindparam("p"),
    }
    row = insert(jury).values(**place, **{column: sa.bindparam("is")})
    key = ["municipality", "application", "person"]
    return row.on_conflict_do_update(index_elements=key, set_={column: row.excluded[column]})


_ASK, _GIVE, _BIASED = _note("asked"), _note("given"), _note("biased")


def project(recorded: Recorded) -> Iterable[Change]:
    row = {"m": recorded.entry.municipality, "id": recorded.id}
    match recorded.event:
        case ApplicationStarted(reviews_needed=reviews):
            yield _NEED, {"municipality": row["m"], "application": row["id"], "reviews": reviews}
        case ReviewerAssigned(reviewer=person):
            yield _ASK, row | {"p": person, "is": True}
        case ReviewerReleased(reviewer=person):
            yield _ASK, row | {"p": person, "is": False}
        case ReviewRecorded(by=person):
            yield _GIVE, row | {"p": person, "is": True}
        case BiasDeclared(by=person):
            yield _BIASED, row | {"p": person, "is": True}


class Progress(Struct, frozen=True):
    """How many reviews count, of how many that are waited for; whether the reader is asked and has not answered."""

    given: int
    awaited: int
    mine: bool


async def progress(
    connection: AsyncConnection, municipality: str, applications: Sequence[str], person: str | None
) -> dict[str, Progress]:
    """By application."""
    counted = jury.c.given & ~jury.c.biased
    asked = jury.c.asked & ~jury.c.biased
    sums = (
        sa.select(
            needed.c.application,
            needed.c.reviews,
            sa.func.count().filter(counted).label("given"),
            sa.func.count().filter(asked).label("asked"),
            sa.func.count().filter(asked & ~jury.c.given & (jury.c.person == person)).label("mine"),
        )
        .outerjoin_from(
            needed,
            jury,
            (jury.c.municipality == needed.c.municipality) & (jury.c.application == needed.c.application),
        )
        .where(needed.c.municipality == municipality, needed.c.application.in_(applications))
        .group_by(needed.c.application, needed.c.reviews)
    )
    rows = (await connection.execute(sums)).all()
    return {row.application: Progress(row.given, max(row.reviews, row.asked), bool(row.mine)) for row in rows}


async def barred(connection: AsyncConnection, municipality: str, person: str | None) -> set[str]:
    """The applications on which somebody has declared bias."""
    mine = (jury.c.municipality == municipality) & (jury.c.person == person) & jury.c.biased
    return set((await connection.scalars(sa.select(jury.c.application).where(mine))).all())


async def reviewers(connection: AsyncConnection, municipality: str, today: date) -> list[str]:
    """Everybody who may review in this town today."""
    held = (roles.c.until.is_(None)) | (roles.c.until >= today.isoformat())
    mine = (roles.c.municipality == municipality) & (roles.c.role == "reviewer") & held
    return sorted((await connection.scalars(sa.select(roles.c.person).where(mine))).all())


JURY = View("jury", 1, "log", (jury, needed), project)
