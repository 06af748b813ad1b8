"""What is fast, told by comparison: `gemeinwerk bench` runs the groups named here, each a module with `measure`."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import uvloop

from tests.bench.rows import Row, Say

GROUPS = ("log", "http", "realtime", "pages", "audit", "desk", "footprint", "print")
WITH_DATA = ("realtime",)
DATA = Path("../shared/data")


def run(groups: Sequence[str], *, quick: bool, say: Say, data: Path = DATA) -> list[Row]:
    """The rows of the named groups (none: of all). `quick` shrinks the amounts, `say` gets lines of progress, `data` is
    the folder of recorded data, for those of `WITH_DATA`."""
    return uvloop.run(_run(groups or GROUPS, quick, say, data))


async def _run(groups: Sequence[str], quick: bool, say: Say, data: Path) -> list[Row]:
    rows: list[Row] = []
    for group in groups:
        more = {"data": data} if group in WITH_DATA else {}
        rows += await import_module(f"tests.bench.{group}").measure(quick=quick, say=say, **more)
    return rows
