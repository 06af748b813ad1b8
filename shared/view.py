"""A view answers one question: a table, and how what happened changes it. Dropping and replaying it is normal."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.sql.visitors import replacement_traverse

from shared.fenced import run
from shared.store import Recorded
from shared.store.database import Connection

Change = tuple[sa.Executable, dict[str, Any]]


class Heard(Struct, frozen=True, kw_only=True):
    """A fact of another service as this one heard it. `fact` is its decoded Struct, `position` that of its source."""

    id: str
    municipality: str
    source: str
    position: int
    project: str
    at: str
    fact: Any


class Taken(Struct, frozen=True):
    """What was new among facts of a source: after position `before`, with reactions done up to `reacted`."""

    before: int
    reacted: int
    fresh: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class View:
    """`source` is "log" for the service's own events, or the service whose facts are heard; one source a view.

    `project` yields (statement, row) for one `Recorded` or `Heard`. Equal statements go to the server together, and
    only what has the same `id` in its row keeps its order; a row without `id` keeps its place among all others.
    A change of `tables` or `project` gets the next `version` and is rebuilt at the next start.
    """

    name: str
    version: int
    source: str
    tables: Sequence[sa.Table]
    project: Callable[[Any], Iterable[Change]]


def table(name: str, *columns: sa.Column[Any], key: Sequence[str] = ("id",)) -> sa.Table:
    """A view's table: the municipality comes first in its key, and a row-level fence stands around it.

    Every table has its own metadata: five services in one process may use the same names.
    """
    of = sa.Column("municipality", sa.Text, nullable=False)
    return sa.Table(name, sa.MetaData(schema="views"), of, *columns, sa.PrimaryKeyConstraint("municipality", *key))


def grouped(changes: Iterable[Change]) -> list[tuple[sa.Executable, list[dict[str, Any]]]]:
    """Orders changes into few groups of equal statements without ever reordering two changes of one `id`."""
    groups: list[tuple[sa.Executable, list[dict[str, Any]]]] = []
    latest: dict[Any, int] = {}  # statement and columns (of several rows the first one's are taken) → its last group
    reached: dict[Any, int] = {}  # id → the last group that holds a change of it
    floor = 0  # no change may go before this group: one without id stands there
    for statement, row in changes:
        key = row.get("id")
        earliest = max(reached.get(key, 0), floor) if key is not None else len(groups)
        kind = (id(statement), tuple(row))
        place = latest.get(kind, -1)
        if place < earliest:
            place = len(groups)
            groups.append((statement, []))
            latest[kind] = place
        groups[place][1].append(row)
        if key is None:
            floor = place + 1
        else:
            reached[key] = place
    return groups


async def apply(connection: Connection, changes: Iterable[Change]) -> None:
    """Runs changes in groups, each one round trip."""
    for statement, rows in grouped(changes):
        await run(connection, *(_keyed(statement, rows) if isinstance(statement, sa.Update) else (statement, rows)))


_KEY = "key_of_row"


def _keyed(statement: sa.Update, rows: list[dict[str, Any]]) -> tuple[sa.Update, list[dict[str, Any]]]:
    """The same with `:id` under another name: SQLAlchemy keeps `:id` of an UPDATE for a new value of `id`."""
    return _renamed(statement), [{_KEY if name == "id" else name: value for name, value in row.items()} for row in rows]


@cache
def _renamed(statement: sa.Update) -> sa.Update:
    def renamed(part: Any, **_: Any) -> Any:
        of_row = isinstance(part, sa.BindParameter) and part.key == "id"
        return sa.bindparam(_KEY, type_=part.type) if of_row else None

    traverse: Any = replacement_traverse
    return cast("sa.Update", traverse(statement, {}, renamed))


def changes_of(view: View, seen: Sequence[Recorded] | Sequence[Heard]) -> list[Change]:
    """All changes that `seen` makes to a view; what has been redacted changes nothing."""
    return [
        change for one in seen if not (isinstance(one, Recorded) and one.event is None) for change in view.project(one)
    ]
