"""Turns a Yjs document into plain values, tolerantly: what does not fit its form is named, never a reason to fail."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, TypeVar

import msgspec
from msgspec.structs import fields
from pycrdt import Doc, Map, Text, XmlElement, XmlFragment, XmlText, merge_updates

from shared.contracts.documents import (
    FIELDS,
    FIELDS_ROOT,
    MEETING_TABLES,
    PLAN_TABLES,
    SECTIONS,
    TALK_TABLES,
    Block,
    BlockKind,
    Comment,
    Meeting,
    Plan,
    Profile,
    Prose,
    Row,
    Span,
)
from shared.documents.spans import clean, join, level, styled
from shared.documents.tables import table

_SEEDER = 1  # the client id of what a document begins with; browsers draw theirs from 2^32
_DATES, _YEARS = {"starts", "ends", "day", "month"}, (1900, 2199)
_DEEPEST = 40  # the gateway refuses documents deeper than 32
_LISTS: dict[str, BlockKind] = {"bulletList": "item", "orderedList": "numbered", "blockquote": "quote"}

R = TypeVar("R", bound=Row)


def seed_plan() -> bytes:
    """The update with which every plan begins, always the same bytes: one empty paragraph in each section.

    Two people who begin to write at once then write into the same paragraph.
    """
    doc: Doc[Any] = Doc(client_id=_SEEDER)
    with doc.transaction():
        for section in SECTIONS:
            doc.get(f"{FIELDS_ROOT}.{section}", type=XmlFragment).children.append(XmlElement("paragraph"))
    return doc.get_update()


def read_plan(update: bytes) -> tuple[Plan, list[str]]:
    """The plan in a document's encoded state, and where in it lies what does not fit (`<root>/<row>/<field>`)."""
    reader = _Reader(update, FIELDS_ROOT, *(root for root, _ in (PLAN_TABLES | TALK_TABLES).values()))
    texts = reader.prose(FIELDS_ROOT)
    for unknown in texts.keys() - set(SECTIONS):
        reader.left_out.append(f"{FIELDS_ROOT}.{unknown}")
    profile = reader.record(
        FIELDS_ROOT, Profile, FIELDS, texts={name: texts[name] for name in SECTIONS if name in texts}
    )
    tables: dict[str, Any] = {name: reader.table(root, kind) for name, (root, kind) in PLAN_TABLES.items()}
    return Plan(profile=profile, **tables), reader.left_out


def read_comments(update: bytes) -> tuple[Comment, ...]:
    """What is said about a plan in its document, oldest first."""
    rows = _Reader(update).table(*TALK_TABLES["comments"])
    return tuple(sorted((row for row in rows if isinstance(row, Comment)), key=lambda row: (row.at, row.id)))


def read_meeting(update: bytes) -> tuple[Meeting, list[str]]:
    """The meeting in a document's encoded state, and where in it lies what does not fit."""
    reader = _Reader(update, *(root for root, _ in MEETING_TABLES.values()))
    tables: dict[str, Any] = {name: reader.table(root, kind) for name, (root, kind) in MEETING_TABLES.items()}
    return Meeting(minutes=reader.prose("minutes"), **tables), reader.left_out


def merged(updates: Sequence[bytes]) -> bytes:
    """Updates (V1) as one; what depends on others stays so."""
    return merge_updates(*updates) if len(updates) > 1 else updates[0]


class Replica:
    """A document's state, moved on by updates (V1) in any order; what still waits for another one is kept."""

    def __init__(self, *updates: bytes) -> None:
        self._doc: Doc[Any] = Doc()
        for update in updates:
            self.apply(update)

    def apply(self, update: bytes) -> None:
        """Raises ValueError where the update is none."""
        try:
            self._doc.apply_update(update)
        except RuntimeError as error:
            raise ValueError(str(error)) from error

    def state(self) -> bytes:
        """Everything as one update."""
        return self._doc.get_update()

    def holds(self, vector: bytes) -> bool:
        """Whether everything that was added up to a state vector (V1) is here; deletions have no part in it.

        Raises ValueError for bytes that are no state vector.
        """
        here = _clocks(self._doc.get_state())
        return all(here.get(client, 0) >= clock for client, clock in _clocks(vector).items())

    def plan(self) -> Plan:
        return read_plan(self.state())[0]


def _clocks(vector: bytes) -> dict[int, int]:
    """Client id → clock of an encoded state vector: a count, then pairs, as variable-length integers of 7 bits."""
    numbers, number, shift = list[int](), 0, 0
    for byte in vector:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(number)
            number = shift = 0
    if shift or not numbers or len(numbers) != 1 + 2 * numbers[0]:
        raise ValueError("no state vector")
    return dict(zip(numbers[1::2], numbers[2::2], strict=True))


class _Reader:
    """Reads a document's roots; `left_out` names what it could not take."""

    def __init__(self, update: bytes, *known: str) -> None:
        self.left_out: list[str] = []
        self._known: dict[Any, dict[str, Any]] = {}
        self._doc: Doc[Any] = Doc()
        self._doc.apply_update(update)
        self._roots = sorted(self._doc.keys())
        for root in self._roots:
            if root not in known and not root.startswith(("profile.", "minutes.")):
                self.left_out.append(root)

    def table(self, root: str, kind: type[R]) -> tuple[R, ...]:
        """The rows of a table in their order; two with the same key in that of their ids."""
        rows: Map[Any] = self._doc.get(root, type=Map)
        with self._doc.transaction():  # one for all reads instead of one each: three times as fast
            read = [self._row(root, id, rows[id], kind) for id in sorted(rows.keys())]
        return tuple(sorted((row for row in read if row), key=lambda row: (row.order, row.id)))

    def _row(self, root: str, id: str, row: Any, kind: type[R]) -> R | None:
        if not isinstance(row, Map) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", id):
            self.left_out.append(f"{root}/{id[:64]}")
            return None
        names = [name for name in self._forms(kind) if name != "id"]
        filled: R = self._filled(f"{root}/{id}", row, kind, names, id=id)
        return filled

    def record(self, root: str, kind: type[Any], names: tuple[str, ...], **given: Any) -> Any:
        """A Struct from the map at `root`."""
        return self._filled(root, self._doc.get(root, type=Map), kind, list(names), **given)

    def _filled(self, path: str, row: Map[Any], kind: type[Any], names: list[str], **given: Any) -> Any:
        forms = self._forms(kind)
        for name in sorted(row.keys()):
            if name not in names:
                self.left_out.append(f"{path}/{name[:64]}")
                continue
            try:
                given[name] = _possible(name, msgspec.convert(_plain(row[name]), forms[name]))
            except msgspec.ValidationError as error:
                self.left_out.append(f"{path}/{name}")
                if most := re.search(r"length <= (\d+)", str(error)):  # of a text too long, the beginning is kept
                    with suppress(msgspec.ValidationError):  # it may be more than too long
                        given[name] = msgspec.convert(_plain(row[name])[: int(most[1])], forms[name])
        return kind(**given)

    def _forms(self, kind: Any) -> dict[str, Any]:
        """Name → form of a Struct's fields; msgspec works them out anew each time."""
        if kind not in self._known:
            self._known[kind] = {field.name: field.type for field in fields(kind)}
        return self._known[kind]

    def prose(self, root: str) -> dict[str, Prose]:
        """The rich texts `<root>.<name>` by name; those without a word are not there."""
        found = {}
        for name in self._roots:
            if name.startswith(f"{root}."):
                blocks = tuple(self._blocks(self._doc.get(name, type=XmlFragment), name))
                if any(block.text.strip() for block in blocks):
                    found[name.removeprefix(f"{root}.")] = blocks
        return found

    def _blocks(
        self, parent: Any, path: str, kind: BlockKind = "paragraph", depth: int = 0, deep: int = 0
    ) -> Iterator[Block]:
        if deep > _DEEPEST:
            self.left_out.append(f"{path}/…")
            return
        for child in parent.children:
            tag = child.tag if isinstance(child, XmlElement) else ""
            if tag == "paragraph":
                yield Block(kind=kind, spans=self._spans(child, path), depth=depth)
            elif tag == "heading":
                yield Block(kind="heading", spans=self._spans(child, path), depth=level(dict(child.attributes)))
            elif tag in _LISTS:
                yield from self._blocks(child, path, _LISTS[tag], depth + 1, deep + 1)
            elif tag == "table":
                yield from table(child, path, self._spans, self.left_out)
            elif tag == "listItem":
                yield from self._blocks(child, path, kind, depth, deep + 1)
            else:
                self.left_out.append(f"{path}/{tag or 'text'}")

    def _spans(self, block: XmlElement, path: str) -> tuple[Span, ...]:
        spans: list[Span] = []
        for child in block.children:
            if isinstance(child, XmlText):
                for text, style in child.diff():
                    if isinstance(text, str):
                        join(spans, styled(text, style or {}))
            elif isinstance(child, XmlElement) and child.tag == "hardBreak":
                join(spans, Span(text="\n"))
            else:
                self.left_out.append(f"{path}/{getattr(child, 'tag', 'text')}")
        return tuple(spans)


def _possible(name: str, value: Any) -> Any:
    """Raises `msgspec.ValidationError` for a day or month that no calendar has, or that no view could draw."""
    if name in _DATES and value:
        try:
            year = date.fromisoformat(f"{value}-01"[:10]).year
        except ValueError as error:
            raise msgspec.ValidationError(str(error)) from error
        if not _YEARS[0] <= year <= _YEARS[1]:
            raise msgspec.ValidationError("year")
    return value


def _plain(value: Any) -> Any:
    """What Yjs holds as our types have it: its numbers arrive as floats, its texts as objects."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Text):
        value = str(value)
    return clean(value) if isinstance(value, str) else value
