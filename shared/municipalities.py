"""What is this town called, and which districts has it? A view that every service keeps."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from msgspec import Struct, convert, to_builtins
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.marketplace import District, MunicipalityDescribed
from shared.message import Fact
from shared.store import Recorded
from shared.view import Change, Heard, View, table

municipalities = table(
    "municipalities",
    sa.Column("id", sa.Text),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("land", sa.Text, nullable=False),
    sa.Column("town", sa.Text, nullable=False),
    sa.Column("districts", JSONB, nullable=False),
)
_insert = insert(municipalities)
_DESCRIBE = _insert.on_conflict_do_update(
    index_elements=["municipality", "id"],
    set_={name: _insert.excluded[name] for name in ("name", "land", "town", "districts")},
)


class Municipality(Struct, frozen=True):
    """`town` is the key of its colours; `land` the ISO 3166-2 code after `DE-`, for its holidays."""

    id: str
    name: str
    land: str
    town: str
    districts: tuple[District, ...]

    def district(self, key: str) -> str:
        return next((district.name for district in self.districts if district.key == key), key)


def municipalities_view(told: Callable[[Recorded], Fact | None] | None = None) -> View:
    """The view of every service on the marketplace's facts; the marketplace itself passes what it would tell."""

    def project(one: Recorded | Heard) -> Iterable[Change]:
        fact = one.fact if isinstance(one, Heard) else told(one) if told else None
        of = one.municipality if isinstance(one, Heard) else one.entry.municipality
        if isinstance(fact, MunicipalityDescribed):
            row = {"name": fact.name, "land": fact.land, "town": fact.town, "districts": to_builtins(fact.districts)}
            yield _DESCRIBE, {"municipality": of, "id": of, **row}

    return View("municipalities", 1, "log" if told else "marketplace", (municipalities,), project)


async def municipality(connection: AsyncConnection, id: str) -> Municipality | None:
    """The municipality as described, None before that."""
    row = (await connection.execute(sa.select(municipalities).where(municipalities.c.municipality == id))).first()
    if row is None:
        return None
    return Municipality(row.id, row.name, row.land, row.town, tuple(convert(d, District) for d in row.districts))
