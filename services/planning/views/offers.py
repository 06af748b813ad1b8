"""Which offers on the marketplace stand open for a need that a row of a plan became?"""

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.marketplace import NeedFulfilled, NeedWithdrawn, OfferMade, OfferWithdrawn
from shared.view import Change, Heard, View, table

MARKETPLACE: Final = "marketplace"
"""Who marks a row for which there is an offer: who offers, the team alone may know, and others read plans, too."""

offers = table("offers", sa.Column("id", sa.Text), sa.Column("need", sa.Text, nullable=False))
_MADE = insert(offers).on_conflict_do_nothing()
_GONE = sa.delete(offers).where(offers.c.municipality == sa.bindparam("m"), offers.c.id == sa.bindparam("id"))
_SETTLED = sa.delete(offers).where(offers.c.municipality == sa.bindparam("m"), offers.c.need == sa.bindparam("need"))


def project(heard: Heard) -> Iterable[Change]:
    match heard.fact:
        case OfferMade(need=need, offer=offer):
            yield _MADE, {"municipality": heard.municipality, "id": offer, "need": need}
        case OfferWithdrawn(offer=offer):
            yield _GONE, {"m": heard.municipality, "id": offer}
        case NeedFulfilled(need=need) | NeedWithdrawn(need=need):
            yield _SETTLED, {"m": heard.municipality, "need": need}


async def is_offered(connection: AsyncConnection, municipality: str, need: str) -> bool:
    mine = (offers.c.municipality == municipality) & (offers.c.need == need)
    return bool(await connection.scalar(sa.select(sa.func.count()).select_from(offers).where(mine)))


OFFERS = View("offers", 1, "marketplace", (offers,), project)
