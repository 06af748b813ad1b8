"""What a benchmark says: a row a figure, each against a peer or a bar of the same run."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from msgspec import Struct

Say: TypeAlias = Callable[[str], None]


class Row(Struct, frozen=True, kw_only=True):
    """`figure` and `peer` are rates per s, times in ms or sizes in MB; `ratio` is figure ÷ peer.

    `bar` is what the ratio (where it is below 1,000 and there is a peer) or the figure has to reach or may not exceed;
    without one the row is there to be looked at, and holds.
    """

    id: str
    figure: float
    peer: float | None = None
    ratio: float | None = None
    bar: float | None = None
    holds: bool = True


def times_peer(id: str, figure: float, peer: float, bar: float | None = None) -> Row:
    """A rate that has to be at least `bar` times its peer's."""
    return Row(id=id, figure=figure, peer=peer, ratio=figure / peer, bar=bar, holds=bar is None or figure / peer >= bar)


def at_least(id: str, figure: float, bar: float, peer: float | None = None) -> Row:
    """A rate that has to reach `bar`; a peer is shown beside it."""
    return Row(id=id, figure=figure, peer=peer, ratio=figure / peer if peer else None, bar=bar, holds=figure >= bar)


def at_most(id: str, figure: float, bar: float, peer: float | None = None) -> Row:
    """A time or size that may not exceed `bar`; a peer is shown beside it."""
    return Row(id=id, figure=figure, peer=peer, ratio=figure / peer if peer else None, bar=bar, holds=figure <= bar)


def table(rows: Iterable[Row]) -> str:
    """The rows for a person at a console."""
    lines = [f"{'id':24}{'figure':>12}{'peer':>12}{'ratio':>9}{'bar':>12}  holds"]
    for row in rows:
        cells = (_number(row.figure), _number(row.peer), _number(row.ratio), _number(row.bar))
        lines.append(
            f"{row.id:24}{cells[0]:>12}{cells[1]:>12}{cells[2]:>9}{cells[3]:>12}  {'yes' if row.holds else 'NO'}"
        )
    return "\n".join(lines)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
