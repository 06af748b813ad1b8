"""Which pots may be asked for money now, how much is left in each, and until when?"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.funding import CallClosed, CallOpened, PotClosed, PotMoneyMoved, PotOpened, PotRulesSet
from shared.view import Change, Heard, View, table

pots = table(
    "pots",
    sa.Column("id", sa.Text),
    sa.Column("budget", sa.BigInteger, nullable=False),  # all that was ever put in, in cents
    sa.Column("available", sa.BigInteger, nullable=False),
    sa.Column("least", sa.BigInteger),  # that may be asked for, in cents
    sa.Column("most", sa.BigInteger),
    sa.Column("share", sa.Integer),  # percent of the costs
    sa.Column("reviews", sa.Integer, nullable=False),
    sa.Column("closes", sa.Text, nullable=False),  # ISO day; "" without a call
)
_OPEN = insert(pots)
_MINE = (pots.c.municipality == sa.bindparam("m")) & (pots.c.id == sa.bindparam("id"))
_POT = sa.update(pots).where(_MINE)
_RULE = _POT.values({name: sa.bindparam(f"v_{name}") for name in ("least", "most", "share", "reviews")})
_CALL = _POT.values(closes=sa.bindparam("v_closes"))
_MOVE = _POT.values(
    budget=pots.c.budget + sa.bindparam("v_budget"), available=pots.c.available + sa.bindparam("v_available")
)


def project(heard: Heard) -> Iterable[Change]:
    row: dict[str, Any] = {"m": heard.municipality}
    match heard.fact:
        case PotOpened(pot=pot, budget_cents=cents):
            money = {"budget": cents, "available": cents}
            rules = {"least": None, "most": None, "share": None, "reviews": 0, "closes": ""}
            yield _OPEN, {"municipality": heard.municipality, "id": pot, **money, **rules}
        case PotRulesSet(pot=pot) as told:
            limits = {"v_least": told.minimum_cents, "v_most": told.cap_cents, "v_share": told.share_percent}
            yield _RULE, row | {"id": pot, "v_reviews": told.reviews_needed} | limits
        case CallOpened(pot=pot, closes=closes):
            yield _CALL, row | {"id": pot, "v_closes": closes}
        case CallClosed(pot=pot) | PotClosed(pot=pot):
            yield _CALL, row | {"id": pot, "v_closes": ""}
        case PotMoneyMoved(pot=pot, leaves=leaves, enters=enters, amount_cents=cents):
            available = cents * ((enters == "available") - (leaves == "available"))
            yield _MOVE, row | {"id": pot, "v_budget": cents * (leaves == "budget"), "v_available": available}


async def open_pots(connection: AsyncConnection, municipality: str, today: str) -> Sequence[Any]:
    """The pots with an open call on the day `today` (ISO), the one that closes first at the top."""
    mine = (pots.c.municipality == municipality) & (pots.c.closes >= today)
    return (await connection.execute(sa.select(pots).where(mine).order_by(pots.c.closes, pots.c.id).limit(4))).all()


POTS = View("pots", 1, "funding", (pots,), project)
