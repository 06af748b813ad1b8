"""The feed of facts for integrators: after a cursor, in order for each source, as CloudEvents."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Raw, Struct

from shared.ids import is_name
from shared.store.database import Connection

PAGE = 500


class CloudEvent(Struct, frozen=True, omit_defaults=True):
    """A fact in the JSON format of CloudEvents 1.0; `position` and `after` are extension attributes.

    `position` is that of its event in the log of its source, `after` that of the source's fact before it.
    """

    id: str
    source: str
    type: str
    time: str
    position: int
    after: int
    data: Raw
    subject: str = ""
    specversion: str = "1.0"
    datacontenttype: str = "application/json"


class BadCursor(ValueError):
    """A cursor that this feed did not give."""


def parse_cursor(text: str) -> dict[str, int]:
    """`marketplace:12,planning:3` → the last position seen of each source; "" is the beginning. Raises `BadCursor`."""
    cursor = {}
    for part in filter(None, text.split(",")):
        source, _, position = part.partition(":")
        if not (is_name(source) and position.isdecimal() and len(position) < 16):
            raise BadCursor(text)
        cursor[source] = int(position)
    return cursor


def cursor_text(cursor: Mapping[str, int]) -> str:
    return ",".join(f"{source}:{position}" for source, position in sorted(cursor.items()))


async def facts_after(
    connection: Connection, municipality: str, cursor: Mapping[str, int], sources: Sequence[str]
) -> tuple[list[CloudEvent], dict[str, int]]:
    """At most a page of facts that the cursor has not seen, oldest first, and the cursor after them.

    A fact never comes before one of its own source that was told earlier; between sources the time orders.
    """
    seen = [cursor.get(source, 0) for source in sources]
    after, told = dict(cursor), []
    for row in await connection.fetch(_UNSEEN, municipality, list(sources), seen, PAGE):
        told.append(_cloud_event(municipality, row, after.get(row["source"], 0)))
        after[row["source"]] = row["position"]
    return told, after


_UNSEEN = """
select heard.* from views.heard join unnest($2::text[], $3::bigint[]) as reader (source, position) using (source)
 where municipality = $1 and heard.position > reader.position
 order by at, source, heard.position limit $4"""


def _cloud_event(municipality: str, row: Any, after: int) -> CloudEvent:
    return CloudEvent(
        id=row["id"],
        source=f"/{municipality}/{row['source']}",
        type=f"gemeinwerk.{row['source']}.{row['name']}",
        time=row["at"],
        position=row["position"],
        after=after,
        data=Raw(row["body"]),
        subject=row["project"],
    )
