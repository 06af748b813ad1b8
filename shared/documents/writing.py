"""Writes a plan back into its document, as the edits of one person: only what is different is touched."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from msgspec.structs import fields
from pycrdt import Doc, Map, Text, XmlElement, XmlFragment, XmlText

from shared.contracts.documents import (
    FIELDS,
    FIELDS_ROOT,
    PLAN_TABLES,
    SECTIONS,
    TALK_TABLES,
    Block,
    Comment,
    Plan,
    Row,
    Span,
)
from shared.documents import read_plan

_LISTS = {"item": "bulletList", "numbered": "orderedList"}
_CELLS = {"head": "tableHeader", "cell": "tableCell"}


def restoring(state: bytes, plan: Plan, client: int) -> bytes | None:
    """The update (V1) that makes of a document in `state` one that says what `plan` says; None if it does.

    `client`: the client id under which it is written, new to the document.
    """
    doc: Doc[Any] = Doc(client_id=client)
    doc.apply_update(state)
    present, vector = read_plan(state)[0], doc.get_state()
    with doc.transaction():
        for name, (root, kind) in PLAN_TABLES.items():
            before = {row.id: row for row in getattr(present, name)}
            _table(doc.get(root, type=Map), kind, before, getattr(plan, name))
        profile = doc.get(FIELDS_ROOT, type=Map)
        for field in FIELDS:
            if getattr(present.profile, field) != (value := getattr(plan.profile, field)):
                profile[field] = value
        for section in SECTIONS:
            if present.profile.texts.get(section, ()) != (prose := plan.profile.texts.get(section, ())):
                _prose(doc.get(f"{FIELDS_ROOT}.{section}", type=XmlFragment), prose)
    return None if present == plan else doc.get_update(vector)


def commenting(client: int, *comments: Comment) -> bytes:
    """The update (V1) that adds comments to any document, written under the client id `client`, new to it."""
    doc: Doc[Any] = Doc(client_id=client)
    root, _ = TALK_TABLES["comments"]
    with doc.transaction():
        for comment in comments:
            fields = {name: getattr(comment, name) for name in comment.__struct_fields__ if name != "id"}
            doc.get(root, type=Map)[comment.id] = Map(fields)
    return doc.get_update()


def _table(rows: Map[Any], kind: type[Row], before: dict[str, Any], after: Sequence[Row]) -> None:
    live = {field.name for field in fields(kind) if _is_live(field.type)}
    for id in before.keys() - {row.id for row in after}:
        del rows[id]
    for row in after:
        values = {name: getattr(row, name) for name in row.__struct_fields__ if name != "id"}
        if row.id not in before:
            rows[row.id] = Map({name: Text(value) if name in live else value for name, value in values.items()})
            continue
        for name, value in values.items():
            if getattr(before[row.id], name) != value:
                _field(rows[row.id], name, value, name in live)


def _is_live(form: Any) -> bool:
    return any((meta.extra or {}).get("live") for meta in getattr(form, "__metadata__", ()))


def _field(row: Map[Any], name: str, value: Any, live: bool) -> None:
    there = row.get(name, None)
    if live and isinstance(there, Text):
        del there[:]
        there += value
    else:
        row[name] = Text(value) if live else value


def _prose(fragment: XmlFragment, prose: Sequence[Block]) -> None:
    """Written anew: a text that is restored says what it said, whatever has been typed into it since."""
    while len(fragment.children):
        del fragment.children[len(fragment.children) - 1]
    _blocks(fragment, prose or [Block(kind="paragraph")])


def _blocks(parent: Any, blocks: Sequence[Block]) -> None:
    for kind, some in groupby(blocks, key=_family):
        if kind == "list":
            _lists(parent, list(some), 1)
            continue
        if kind == "cells":
            _cells(_added(parent, "table"), some)
            continue
        if kind == "table":
            continue  # its cells say it
        around = _added(parent, "blockquote") if kind == "quote" else parent
        for block in some:
            heading = block.kind == "heading"
            tag, attributes = ("heading", {"level": block.depth}) if heading else ("paragraph", {})
            _spans(_added(around, tag, attributes), block.spans)


def _family(block: Block) -> str:
    return "list" if block.kind in _LISTS else "cells" if block.kind in _CELLS else block.kind


def _cells(table: XmlElement, cells: Iterable[Block]) -> None:
    row = None
    for cell in cells:
        if row is None or cell.depth == 1:
            row = _added(table, "tableRow")
        _spans(_added(_added(row, _CELLS[cell.kind]), "paragraph"), cell.spans)


def _lists(parent: Any, items: Sequence[Block], depth: int) -> None:
    """Items deeper than their list stand in a list of their own, within the item before them."""
    for kind, families in groupby(_families(items, depth), key=lambda family: family[0].kind):
        around = _added(parent, _LISTS[kind])
        for own, *inner in families:
            item = _added(around, "listItem")
            _spans(_added(item, "paragraph"), own.spans)
            if inner:
                _lists(item, inner, depth + 1)


def _families(items: Sequence[Block], depth: int) -> list[list[Block]]:
    """Each item of the list with the deeper ones that follow it."""
    families: list[list[Block]] = []
    for item in items:
        if item.depth > depth and families:
            families[-1].append(item)
        else:
            families.append([item])
    return families


def _added(parent: Any, tag: str, attributes: dict[str, Any] | None = None) -> XmlElement:
    parent.children.append(XmlElement(tag, attributes or {}))
    added: XmlElement = parent.children[len(parent.children) - 1]
    return added


def _spans(block: XmlElement, spans: Sequence[Span]) -> None:
    for span in spans:
        for number, line in enumerate(span.text.split("\n")):
            if number:
                _added(block, "hardBreak")
            if line:
                _words(block, line, span)


def _words(block: XmlElement, words: str, span: Span) -> None:
    if not len(block.children) or not isinstance(block.children[len(block.children) - 1], XmlText):
        block.children.append(XmlText())
    text: Any = block.children[len(block.children) - 1]
    style: dict[str, Any] = {name: {} for name in ("bold", "italic") if getattr(span, name)}
    style |= {"link": {"href": span.link}} if span.link else {}
    end = sum(len(part.encode()) for part, _ in text.diff() if isinstance(part, str))
    text.insert(end, words, style)
