"""Which pots could this plan be made for, and which version of their rules holds? Their titles are in the directory."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.funding import PotClosed, PotOpened, PotRulesSet
from shared.view import Change, Heard, View, table

pots = table("pots", sa.Column("id", sa.Text), sa.Column("version", sa.Integer, nullable=False))
_MINE = (pots.c.municipality == sa.bindparam("m")) & (pots.c.id == sa.bindparam("id"))
_OPEN = insert(pots).values(municipality=sa.bindparam("m"), id=sa.bindparam("id"), version=0)
_SET = sa.update(pots).where(_MINE).values(version=sa.bindparam("v"))
_CLOSE = sa.delete(pots).where(_MINE)


def project(heard: Heard) -> Iterable[Change]:
    match heard.fact:
        case PotOpened(pot=pot):
            yield _OPEN, {"m": heard.municipality, "id": pot}
        case PotRulesSet(pot=pot, version=version):
            yield _SET, {"m": heard.municipality, "id": pot, "v": version}
        case PotClosed(pot=pot):
            yield _CLOSE, {"m": heard.municipality, "id": pot}


async def with_rules(connection: AsyncConnection, municipality: str) -> Sequence[Any]:
    """Open pots whose rules a plan can be checked against: id, version."""
    mine = (pots.c.municipality == municipality) & (pots.c.version > 0)
    return (await connection.execute(sa.select(pots.c.id, pots.c.version).where(mine).order_by(pots.c.id))).all()


POTS = View("pots", 1, "funding", (pots,), project)
