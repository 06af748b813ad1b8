"""Co-editing: from one person's keystroke to the others' screens, stored durably before anybody sees it."""

from shared.ids import new_id
from tests.bench.coedit import gateway_process, tickets
from tests.bench.coedit import measure as let_type
from tests.bench.rows import Row, Say, at_most
from tests.infra import infrastructure

LOADS = ((30, 5), (50, 20), (200, 5))
BARS = {(50, 20): 25.0}  # ms from send to receipt, with the generator beside it on two cores
SAVED = 50.0


async def measure(*, quick: bool, say: Say) -> list[Row]:
    """p99 in ms of receipt for each load, of `saved` at 50 × 20, and whether anything was lost."""
    rows: list[Row] = []
    with infrastructure("embedded") as infra:
        async with gateway_process(infra.nats_url) as (port, _):
            for editors, rate in LOADS:
                found = await let_type(tickets(port, f"plan-{new_id()}"), editors, rate, 3 if quick else 10)
                say(f"{editors} editors × {rate} edits/s")
                name = f"coedit_{editors}x{rate}"
                bar = BARS.get((editors, rate))
                p99 = found["p99"]
                rows.append(at_most(f"{name}_p99", p99, bar) if bar else Row(id=f"{name}_p99", figure=p99))
                rows.append(at_most(f"{name}_lost", found["lost"] + found["unsaved"], 0))
                if (editors, rate) == (50, 20):
                    rows.append(at_most("saved_p99", found["saved_p99"], SAVED))
    return rows
