"""What does which project need, and who offers it?"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.marketplace.domain.need import (
    NeedPublished,
    NeedWithdrawn,
    OfferAccepted,
    OfferMade,
    OfferWithdrawn,
)
from shared.store import Recorded
from shared.text import folded
from shared.view import Change, View, table

needs = table(
    "needs",
    sa.Column("id", sa.Text),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("by_day", sa.Text),
    sa.Column("state", sa.Text, nullable=False),  # open, fulfilled, withdrawn
    sa.Column("published", sa.DateTime(timezone=True), nullable=False),
    sa.Column("search", sa.Text, nullable=False),
)
sa.Index("needs_project", needs.c.municipality, needs.c.project)
sa.Index("needs_newest", needs.c.municipality, needs.c.state, needs.c.published.desc())
offers = table(
    "offers",
    sa.Column("id", sa.Text),
    sa.Column("need", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # open, accepted
    sa.Column("made", sa.DateTime(timezone=True), nullable=False),
)
sa.Index("offers_need", offers.c.municipality, offers.c.need)

_PUBLISH, _OFFER = insert(needs), insert(offers)
_STATE = (
    sa.update(needs)
    .where(needs.c.municipality == sa.bindparam("m"), needs.c.id == sa.bindparam("id"))
    .values(state=sa.bindparam("s"))
)
_ACCEPT = (
    sa.update(offers)
    .where(offers.c.municipality == sa.bindparam("m"), offers.c.id == sa.bindparam("id"))
    .values(state="accepted")
)
_TAKE_BACK = sa.delete(offers).where(offers.c.municipality == sa.bindparam("m"), offers.c.id == sa.bindparam("id"))


def project(recorded: Recorded) -> Iterable[Change]:
    entry = recorded.entry
    m, id, at = entry.municipality, recorded.id, entry.recorded_at
    match recorded.event:
        case NeedPublished(project=of, kind=kind, what=what, by_day=day):
            text = {"project": of, "kind": kind, "what": what, "by_day": day, "search": folded(what)}
            yield _PUBLISH, {"municipality": m, "id": id, "state": "open", "published": at, **text}
        case OfferMade(offer=offer, by=person):
            made = {"need": id, "person": person, "state": "open", "made": at}
            yield _OFFER, {"municipality": m, "id": offer, **made}
        case OfferAccepted(offer=offer):
            yield _ACCEPT, {"m": m, "id": offer}
            yield _STATE, {"m": m, "id": id, "s": "fulfilled"}
        case OfferWithdrawn(offer=offer):
            yield _TAKE_BACK, {"m": m, "id": offer}
        case NeedWithdrawn():
            yield _STATE, {"m": m, "id": id, "s": "withdrawn"}


NEEDS = View("needs", 2, "log", (needs, offers), project)
