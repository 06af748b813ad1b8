"""What did the other services tell of a project, and when? A table for each of them, in the order of its log."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import to_builtins
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.view import Change, Heard, View, table

SOURCES = ("marketplace", "planning", "events")
_ELSEWHERE = ("finance", "schedule")  # of a frozen revision: they lie in the view of revisions


def _chronicle(source: str) -> sa.Table:
    made = table(
        f"chronicle_{source}",
        sa.Column("position", sa.BigInteger),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        key=("position",),
    )
    sa.Index(f"chronicle_{source}_project", made.c.municipality, made.c.project)
    return made


_TABLES = {source: _chronicle(source) for source in SOURCES}


def _keeping(made: sa.Table) -> Callable[[Any], Iterable[Change]]:
    keep = insert(made).on_conflict_do_nothing()

    def project(heard: Heard) -> Iterable[Change]:
        if heard.project:
            facts = {name: value for name, value in to_builtins(heard.fact).items() if name not in _ELSEWHERE}
            where = {"municipality": heard.municipality, "position": heard.position, "project": heard.project}
            yield keep, {**where, "at": heard.at, "name": type(heard.fact).__name__, "facts": facts}

    return project


async def told_of(
    connection: AsyncConnection, municipality: str, project: str, source: str, until: str = "9"
) -> Sequence[Any]:
    """What a service told of a project up to the moment `until` (ISO, UTC), in order."""
    kept = _TABLES[source]
    mine = (kept.c.municipality == municipality) & (kept.c.project == project) & (kept.c.at <= until)
    return (await connection.execute(sa.select(kept).where(mine).order_by(kept.c.position))).all()


CHRONICLES = tuple(View(f"chronicle_{source}", 1, source, (made,), _keeping(made)) for source, made in _TABLES.items())
