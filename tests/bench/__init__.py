"""What is fast, told by comparison: `gemeinwerk bench` runs the groups named here, each a module with `measure`."""

from collections.abc import Sequence
from importlib import import_module

import uvloop

from tests.bench.rows import Row, Say

GROUPS = ("log", "http", "realtime", "footprint", "print")


def run(groups: Sequence[str], *, quick: bool, say: Say) -> list[Row]:
    """The rows of the named groups (none: of all). `quick` shrinks the amounts, `say` gets lines of progress."""
    return uvloop.run(_run(groups or GROUPS, quick, say))


async def _run(groups: Sequence[str], quick: bool, say: Say) -> list[Row]:
    rows: list[Row] = []
    for group in groups:
        rows += await import_module(f"tests.bench.{group}").measure(quick=quick, say=say)
    return rows
