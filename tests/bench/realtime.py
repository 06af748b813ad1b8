"""Co-editing beside its peers: from one person's keystroke to the others' screens, durable before anybody sees it.

Every load is given to every server in turn, and that a few times over; what counts is the median of the runs.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from msgspec import Struct

from shared.bus.connection import connect
from shared.bus.documents import Documents
from shared.bus.edits import FORM, Edit, Edits
from shared.ids import new_id
from tests.bench import history, rooms
from tests.bench.coedit import measure as let_type
from tests.bench.rows import Row, Say, at_most
from tests.bench.servers import OURS, PEERS, server
from tests.infra import infrastructure
from tests.realtime.page import MUNICIPALITY

FIGURES = ("p50", "p95", "p99", "frames_per_s", "cpu", "mb", "lost")
SAVED, DENSE = 50.0, 100.0  # ms
_TRIES = 2  # a peer that leaves somebody without an answer may try once more

Runs = dict[tuple[str, str], list[dict[str, Any]]]  # load, server → what was found


class Load(Struct, frozen=True):
    """`every`: only every n-th socket notes receipts; `peers`: who is given it, too."""

    editors: int
    rate: int
    seconds: int
    readers: int = 0
    every: int = 0
    peers: tuple[str, ...] = PEERS

    @property
    def name(self) -> str:
        return f"{self.editors}x{self.rate}" + (f"_{self.readers}_readers" if self.readers else "")


LOADS = (
    Load(30, 5, 10),
    Load(50, 20, 10),
    Load(200, 5, 10),
    Load(200, 20, 6, every=20),
    Load(400, 20, 5, every=20, peers=("hocuspocus",)),  # where the best of them breaks down; the others long have
    Load(20, 10, 10, readers=500, every=26),
)


async def measure(*, quick: bool, say: Say, data: Path) -> list[Row]:
    """Times in ms, CPU in s, memory in MB. `data`: where the recorded editing traces lie."""
    with infrastructure("embedded") as infra:
        publish = await _publish(infra.nats_url, 200 if quick else 2_000)
        found: Runs = defaultdict(list)
        for run in range(1 if quick else 3):
            for load in LOADS:
                for name in (OURS, *load.peers):
                    if one := await _run(load, name, infra.nats_url, 2 if quick else load.seconds, say):
                        found[load.name, name].append(one)
                        say(f"run {run + 1}, {load.name}, {name}: p99 {one.get('p99', 0):.1f} ms, lost {one['lost']}")
        rows = [Row(id="publish_p99", figure=publish)]
        for load in LOADS:
            rows += _rows(load.name, found, publish)
        rows += await rooms.measure(infra.nats_url, quick=quick, say=say)
        return rows + await history.measure(infra.nats_url, data / "editing-traces", quick=quick, say=say)


async def _run(load: Load, name: str, nats_url: str, seconds: float, say: Say) -> dict[str, Any] | None:
    noting = range(0, load.editors + load.readers, load.every) if load.every else None
    for _ in range(_TRIES):
        try:
            async with server(name, nats_url, say) as running:
                return await let_type(running, load.editors, load.rate, seconds, readers=load.readers, receivers=noting)
        except RuntimeError as error:
            if name == OURS:
                raise
            say(f"{name} with {load.name}: {error}")
    return None


async def _publish(nats_url: str, times: int) -> float:
    """p99 in ms of one durable publish alone."""
    client, js = await connect(nats_url, name="bench")
    documents, document = await Documents.open(client, js), f"plan-{new_id()}"
    taken = []
    for _ in range(times):
        begun = perf_counter()
        await documents.publish(MUNICIPALITY, document, Edits(FORM, 0, "bench", [Edit("p-1", b"x" * 100)]))
        taken.append(perf_counter() - begun)
    await client.close()
    return 1000 * sorted(taken)[len(taken) * 99 // 100]


def _rows(load: str, found: Runs, publish: float) -> Iterator[Row]:
    for figure in FIGURES:
        ours = _median(found[load, OURS], figure)
        others = {peer: _median(found[load, peer], figure) for peer in PEERS if found[load, peer]}
        best = _best(figure, others.values())
        yield _judged(f"coedit_{load}_{figure.removesuffix('_per_s')}", load, figure, ours, best, publish)
        for peer, value in others.items():
            yield Row(id=f"coedit_{load}_{figure.removesuffix('_per_s')}_{peer}", figure=value)
    if load == "50x20":
        yield at_most("saved_p99", _median(found[load, OURS], "saved_p99"), SAVED)
    yield at_most(f"coedit_{load}_unsaved", _median(found[load, OURS], "unsaved"), 0)


def _judged(id: str, load: str, figure: str, ours: float, best: float | None, publish: float) -> Row:
    if figure == "lost":
        return at_most(id, ours, 0)
    if figure == "p99" and best is not None:
        if load in ("30x5", "50x20"):
            return at_most(id, ours, 1.5 * best + 2 * publish, best)
        if load in ("200x5", "400x20"):
            return at_most(id, ours, best / 50, best)
        if load == "200x20":
            return at_most(id, ours, DENSE, best)
    return Row(id=id, figure=ours, peer=best, ratio=ours / best if best else None)


def _median(runs: Iterable[dict[str, Any]], figure: str) -> float:
    """What was lost in any run is lost; a figure of which there is none (nobody received anything) is endless."""
    values = [float(run.get(figure, "inf")) for run in runs]
    return max(values) if figure in ("lost", "unsaved") else median(values)


def _best(figure: str, values: Iterable[float]) -> float | None:
    return None if figure == "lost" else min(values, default=None)
