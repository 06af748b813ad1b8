"""Tables in rich text, as blocks: one that says how many columns there are, then cell after cell, row after row."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace
from pycrdt import XmlElement

from shared.contracts.documents import Block, BlockKind, Span
from shared.documents.spans import join

COLUMNS = 20  # more of them nobody could print
_CELLS: dict[str, BlockKind] = {"tableHeader": "head", "tableCell": "cell"}

Spans = Callable[[Any, str], tuple[Span, ...]]


def table(element: Any, path: str, spans: Spans, left_out: list[str]) -> list[Block]:
    """The blocks of a table; rows shorter than others are filled up. `spans` reads a paragraph's words.

    Merged cells stand alone, in the first of their places. What has no place in a table is named in `left_out`.
    """
    rows = []
    for child in element.children:
        if _tag(child) == "tableRow" and (row := list(_row(child, path, spans, left_out))):
            rows.append(row)
        elif _tag(child) != "tableRow":
            left_out.append(f"{path}/{_tag(child) or 'text'}")
    wide = max((len(row) for row in rows), default=0)
    if wide > COLUMNS:
        left_out.append(f"{path}/tableCell")
    wide = min(wide, COLUMNS)
    blocks = [Block(kind="table", depth=wide)] if rows else []
    for row in rows:
        empty = Block(kind="head" if all(cell.kind == "head" for cell in row) else "cell")
        full = (row + [empty] * wide)[:wide]
        blocks += [replace(cell, depth=column) for column, cell in enumerate(full, 1)]
    return blocks


def _row(row: Any, path: str, spans: Spans, left_out: list[str]) -> Iterator[Block]:
    for cell in row.children:
        kind = _CELLS.get(_tag(cell))
        if kind is None:
            left_out.append(f"{path}/{_tag(cell) or 'text'}")
            continue
        attributes = dict(cell.attributes)
        for name in ("colspan", "rowspan"):
            if attributes.get(name) not in (None, 1, 1.0, "1"):
                left_out.append(f"{path}/{_tag(cell)}/{name}")
        yield Block(kind=kind, spans=_words(cell, path, spans, left_out))


def _words(cell: Any, path: str, spans: Spans, left_out: list[str]) -> tuple[Span, ...]:
    """Paragraphs of a cell as lines."""
    words: list[Span] = []
    lines = 0
    for child in cell.children:
        if _tag(child) != "paragraph":
            left_out.append(f"{path}/{_tag(child) or 'text'}")
            continue
        if lines:
            join(words, Span(text="\n"))
        for span in spans(child, path):
            join(words, span)
        lines += 1
    return tuple(words)


def _tag(child: Any) -> str:
    return str(child.tag) if isinstance(child, XmlElement) else ""
