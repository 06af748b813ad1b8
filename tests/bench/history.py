"""A recorded history of 26,000 transactions by two people: opened, and typed anew over lines that break.

Source: `friendsforever` of github josephg/editing-traces (CC BY 4.0), read from the folder that the caller names.
"""

import gzip
import random
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from time import perf_counter

from msgspec import Struct, json
from pycrdt import Doc, Text, merge_updates

from services.realtime.sync import protocol
from services.realtime.sync.awareness import Person
from services.realtime.sync.room import Room
from services.realtime.sync.seats import Seat
from shared.access.tickets import new_nonce
from shared.bus.connection import connect
from shared.bus.documents import Documents
from shared.bus.edits import FORM, Edit, Edits, Loaded, Snapshot, Stored, decode_snapshot, encode
from shared.ids import new_id
from tests.bench.rows import Row, Say, at_most
from tests.bench.servers import gateway_process
from tests.infra import eventually
from tests.realtime.page import MUNICIPALITY, Page
from tests.realtime.world import ROOT

BURST = 20
_NAMES = ("p-1", "p-2")
_OPENINGS = 15
_CUTS = 0.04  # the chance that a burst is typed without network


class Transaction(Struct):
    """`patches`: (place, how many characters go, what comes) in the text that all `parents` give."""

    agent: int
    parents: list[int]
    patches: list[tuple[int, int, str]]


class Trace(Struct, rename={"end": "endContent", "transactions": "txns"}):
    end: str
    transactions: list[Transaction]


class Burst(Struct):
    """Transactions of one agent as one Yjs update; `upon`: the state vector of what they rest on."""

    agent: int
    update: bytes
    upon: dict[int, int]


async def measure(nats_url: str, folder: Path, *, quick: bool, say: Say) -> list[Row]:
    """None where the recorded trace is absent."""
    path = folder / "friendsforever.json.gz"
    if not path.exists():
        say(f"no history opened: {path} is not there")
        return []
    trace = json.decode(gzip.decompress(path.read_bytes()), type=Trace)
    typed = list(bursts(trace))
    say(f"a history of {len(trace.transactions)} transactions in {len(typed)} bursts")
    snapshot = stored(typed)
    opened, applied = _median(lambda: open_room(snapshot)), _median(lambda: Doc().apply_update(snapshot.state))
    rows = [
        Row(id="open_history", figure=opened, peer=applied, ratio=opened / applied, bar=2, holds=opened <= 2 * applied),
        Row(id="open_history_over_the_wire", figure=await over_the_wire(nats_url, snapshot)),
    ]
    some = typed[: len(typed) // 10] if quick else typed
    wrong, cuts = await retyped(nats_url, some, text_of(some) if quick else trace.end)
    say(f"typed anew in {len(some)} bursts with {cuts} cuts")
    return [*rows, at_most("retyped_wrong", wrong, 0)]


def bursts(trace: Trace) -> Iterator[Burst]:
    """What each agent typed, upon what it had of the other's text at that time; at most `BURST` transactions each.

    The agents are the client ids 1 and 2: with these, Yjs puts what was typed at one place into the recorded order.
    """
    docs: list[Doc[Text]] = [Doc(client_id=1), Doc(client_id=2)]
    made: list[list[tuple[int, bytes]]] = [[], []]  # by agent: last transaction and update of each burst
    heard, seen = [0, 0], [[-1, -1] for _ in trace.transactions]
    for agent, numbers in _runs(trace, seen):
        doc, other = docs[agent], 1 - agent
        wanted = seen[numbers[0]][other]
        while heard[agent] < len(made[other]) and made[other][heard[agent]][0] <= wanted:
            doc.apply_update(made[other][heard[agent]][1])
            heard[agent] += 1
        before = doc.get_state()
        text = doc.get(ROOT, type=Text)
        with doc.transaction():
            for number in numbers:
                for place, gone, come in trace.transactions[number].patches:
                    if gone:
                        del text[place : place + gone]
                    if come:
                        text.insert(place, come)
        update = doc.get_update(before)
        made[agent].append((numbers[-1], update))
        yield Burst(agent, update, protocol.state_vector(before))


def _runs(trace: Trace, seen: list[list[int]]) -> Iterator[tuple[int, list[int]]]:
    """Transactions of one agent in a row that rest on the same text of the other, cut where the other rests on them."""
    for number, one in enumerate(trace.transactions):
        for parent in one.parents:
            for agent in (0, 1):
                seen[number][agent] = max(seen[number][agent], seen[parent][agent])
        seen[number][one.agent] = number
    joints = {known[1 - one.agent] for one, known in zip(trace.transactions, seen, strict=True)}
    run: list[int] = []
    for number, one in enumerate(trace.transactions):
        last = trace.transactions[run[-1]] if run else one
        same = not run or (last.agent == one.agent and seen[run[-1]][1 - one.agent] == seen[number][1 - one.agent])
        if run and (not same or run[-1] in joints or len(run) == BURST):
            yield last.agent, run
            run = []
        run.append(number)
    if run:
        yield trace.transactions[run[-1]].agent, run


def stored(typed: list[Burst]) -> Snapshot:
    """The document's snapshot as a gateway writes it that has heard every burst."""
    room = Room("bench", lambda _: True)
    room.load(Loaded())
    for sequence, burst in enumerate(typed, 1):
        edit = Edit(_NAMES[burst.agent], burst.update, (burst.agent + 1,))
        room.follow(Stored(sequence, Edits(FORM, 0, "another", [edit])))
    snapshot = room.snapshot("stream")
    assert snapshot
    return decode_snapshot(encode(snapshot))


def text_of(typed: list[Burst]) -> str:
    doc: Doc[Text] = Doc()
    doc.apply_update(merge_updates(*(burst.update for burst in typed)))
    return str(doc.get(ROOT, type=Text))


def open_room(snapshot: Snapshot) -> None:
    """From what is stored to the answer to somebody who has nothing yet."""
    room = Room("bench", lambda _: True)
    room.load(Loaded(snapshot))
    room.join(Seat(number=1, who=Person(person="p-1", name="", hue=1)))
    room.receive(1, protocol.step_1(b"\x00"), 0.0)
    assert any(len(getattr(wish, "message", b"")) > len(snapshot.state) for wish in room.out)


async def over_the_wire(nats_url: str, snapshot: Snapshot) -> float:
    """The same with ticket, websocket and broker: ms until a page has the document, median."""
    client, js = await connect(nats_url, name="bench")
    documents, taken = await Documents.open(client, js), []
    async with gateway_process(nats_url) as (port, _):
        for _ in range(_OPENINGS):
            document = f"plan-{new_id()}"
            kept = Snapshot(FORM, 0, documents.stream, 0, snapshot.state, snapshot.owners, snapshot.index)
            await documents.keep(MUNICIPALITY, document, kept)
            page = Page(port, document, nonce=new_nonce())
            begun = perf_counter()
            async with page:
                await page.synced.wait()
                taken.append(perf_counter() - begun)
    await client.close()
    return 1000 * sorted(taken)[len(taken) // 2]


async def retyped(nats_url: str, typed: list[Burst], end: str) -> tuple[int, int]:
    """Types everything anew through two live pages, each of which loses its line now and then.

    Gives how many texts (of both pages, and of one that comes later) are not `end`, and how many cuts there were.
    """
    chance, document, cuts = random.Random(7), f"plan-{new_id()}", 0
    async with gateway_process(nats_url) as (port, _):
        pages = [Page(port, document, name) for name in _NAMES]
        for page in pages:
            await page.__aenter__()
        for agent, some in groupby(typed, key=lambda burst: burst.agent):
            page, cut, mine = pages[agent], chance.random() < _CUTS, list(some)
            await eventually(lambda page=page, mine=mine, other=2 - agent: _has(page, mine[-1].upon, other), 60)
            if cut:
                cuts += 1
                page.socket.transport.abort()
                await page.gone()
            for burst in mine:
                page.doc.apply_update(burst.update)
                if not cut:
                    await page.flush()
                    await _room_for(page)
            if cut:
                await page.__aenter__()
        await eventually(lambda: all(page.all_saved for page in pages), 60)
        async with Page(port, document, "p-3", "read") as late:
            await late.synced.wait()
            texts = [str(page.text) for page in (*pages, late)]
            if any(text != end for text in texts):
                await eventually(lambda: all(str(page.text) == end for page in pages))
            texts = [str(page.text) for page in (*pages, late)]
        for page in pages:
            await page.__aexit__()
    return sum(text != end for text in texts), cuts


def _has(page: Page, upon: dict[int, int], other: int) -> bool:
    """Whether it has received all of the other client's text that is built on."""
    return protocol.state_vector(page.doc.get_state()).get(other, 0) >= upon.get(other, 0)


async def _room_for(page: Page) -> None:
    """Waits while more is on its way than the gateway would take at once."""
    await eventually(lambda: page.sent - page.saved < 3 * BURST, 60)


def _median(work: Callable[[], object]) -> float:
    """In ms."""
    taken = []
    for _ in range(_OPENINGS):
        begun = perf_counter()
        work()
        taken.append(perf_counter() - begun)
    return 1000 * sorted(taken)[_OPENINGS // 2]
