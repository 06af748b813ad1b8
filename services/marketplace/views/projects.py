"""Which projects are there: by phase, district, need and words, and in which state is each?"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.marketplace.domain.project import (
    ProjectDescribed,
    ProjectHidden,
    ProjectPhaseMoved,
    ProjectProposed,
    ProjectPublished,
    ProjectRestored,
    ProjectReturned,
)
from shared.store import Recorded
from shared.text import folded
from shared.view import Change, View, table

projects = table(
    "projects",
    sa.Column("id", sa.Text),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("district", sa.Text, nullable=False),
    sa.Column("picture", sa.Text, nullable=False),
    sa.Column("latitude", sa.Integer),
    sa.Column("longitude", sa.Integer),
    sa.Column("state", sa.Text, nullable=False),  # idea, returned, public, hidden
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("moved", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("search", sa.Text, nullable=False),
)
sa.Index("projects_moved", projects.c.municipality, projects.c.state, projects.c.moved.desc())
sa.Index("projects_counted", projects.c.municipality, projects.c.state, projects.c.phase, projects.c.district)

_PROPOSE = insert(projects)
_UPDATES: dict[tuple[str, ...], sa.Update] = {}


def _update(names: Iterable[str]) -> sa.Update:
    """One statement object for each set of columns, so that equal changes travel together."""
    key = tuple(sorted(names))
    if key not in _UPDATES:
        mine = (projects.c.municipality == sa.bindparam("m")) & (projects.c.id == sa.bindparam("id"))
        _UPDATES[key] = sa.update(projects).where(mine).values({name: sa.bindparam(f"v_{name}") for name in key})
    return _UPDATES[key]


def project(recorded: Recorded) -> Iterable[Change]:
    entry, event = recorded.entry, recorded.event
    row: dict[str, Any] = {}
    match event:
        case ProjectProposed():
            yield _PROPOSE, _proposed(recorded, event)
            return
        case ProjectDescribed(title=title, summary=summary, district=district):
            search = folded(f"{title} {summary}")
            row = {"title": title, "summary": summary, "district": district, "search": search}
        case ProjectReturned(reason=reason):
            row = {"state": "returned", "reason": reason}
        case ProjectPublished(phase=phase):
            row = {"state": "public", "phase": phase, "reason": ""}
        case ProjectPhaseMoved(phase=phase):
            row = {"phase": phase}
        case ProjectHidden(reason=reason):
            row = {"state": "hidden", "reason": reason}
        case ProjectRestored():
            row = {"state": "public", "reason": ""}
    if row:
        row |= {"moved": entry.recorded_at, "version": entry.version}
        values = {f"v_{name}": value for name, value in row.items()}
        yield _update(row), {"m": entry.municipality, "id": recorded.id, **values}


def _proposed(recorded: Recorded, event: ProjectProposed) -> dict[str, Any]:
    return {
        "municipality": recorded.entry.municipality,
        "id": recorded.id,
        "title": event.title,
        "summary": event.summary,
        "district": event.district,
        "picture": event.picture,
        "latitude": event.latitude,
        "longitude": event.longitude,
        "state": "idea",
        "phase": "",
        "reason": "",
        "proposed_by": event.by,
        "moved": recorded.entry.recorded_at,
        "version": recorded.entry.version,
        "search": folded(f"{event.title} {event.summary}"),
    }


PROJECTS = View("projects", 2, "log", (projects,), project)
