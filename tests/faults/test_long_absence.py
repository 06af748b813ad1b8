"""Fault 40: away for long while documents are compacted, gateways cut off from each other, one by one replaced."""

import asyncio
import random
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from urllib.parse import urlsplit

import msgspec
from pycrdt import Array, Map

from services.realtime.sync.gateway import Gateway
from services.realtime.sync.intake import Limits
from services.realtime.sync.protocol import Closing
from shared.access.tickets import public_key
from shared.bus.edits import FORM, Edits
from shared.ids import new_id
from tests.faults.sizes import sizes
from tests.faults.typists import equal, typists
from tests.infra import eventually
from tests.realtime.page import ORIGIN, SEED
from tests.realtime.world import Client, Hall, Log


class Office:
    """A document whose gateway is replaced every day, which begins with what the one before compacted."""

    def __init__(self):
        self.log, self.days = Log(), 0
        self.hall = Hall(self.log, "day-0")

    def next_day(self):
        self.hall.settle()
        self.log.snapshot = self.hall.room.snapshot("s") or self.log.snapshot
        self.days += 1
        self.hall = Hall(self.log, f"day-{self.days}")

    def visit(self, client, deed):
        client.connect(self.hall)
        meet([self.hall], client)
        deed()
        meet([self.hall], client)
        assert client.closed is None, client.closed
        client.cut()


def edits(client, chance, words):
    """Types, deletes and changes rows; every word is typed once in a document's life."""
    costs = client.doc.get("finance.costs", type=Map)
    for _ in range(chance.randrange(1, 6)):
        text = str(client.text)
        at, deed = chance.randrange(len(text) + 1), chance.randrange(5)
        begin, end = (len(text[:each].encode()) for each in (at, at + chance.randrange(1, 30)))  # pycrdt counts bytes
        if deed < 3:
            words.append(f"{client.number}.{len(words)}😀")
            client.text.insert(begin, f"{words[-1]} ")
        elif deed == 3 and begin < end:
            del client.text[begin:end]
        elif (row := f"k{chance.randrange(6)}") in costs and chance.random() < 0.4:
            del costs[row]
        else:
            costs[row] = Map({"label": str(chance.random()), "order": chance.random()})


def type_only(client, words):
    """Words that nobody else can take away."""
    for _ in range(3):
        words.append(f"{client.number}.{len(words)}")
        client.doc.get("work.tasks", type=Array).append(words[-1])


@sizes("seeds", 12, 200)
def test_who_was_offline_for_a_month_comes_back_to_a_document_that_was_compacted_every_day(seeds, verdict):
    for seed in range(seeds):
        chance, office = random.Random(seed), Office()
        anna, *others = (Client(name, number) for number, name in enumerate(("Anna", "Ben", "Cem"), 101))
        everybody, words = (anna, *others), []
        office.visit(anna, lambda: edits(anna, chance, []))  # noqa: B023 - called at once
        for _ in range(30):
            edits(anna, chance, [])
            type_only(anna, words)
            for each in others:
                office.visit(each, lambda each=each: (edits(each, chance, []), type_only(each, words)))  # noqa: B023
            office.next_day()
        for each in everybody:
            each.connect(office.hall)
        meet([office.hall], *everybody)
        assert [each.closed for each in everybody] == [None] * 3
        assert anna.saved == office.hall.room.seats[anna.seat].received
        office.next_day()
        eve = Client("Eve", 900)
        office.visit(eve, lambda: None)
        found = [content(each) for each in (*everybody, eve)]
        assert found == found[:1] * 4
        assert sorted(found[0][2]) == sorted(words)
    verdict(
        40,
        f"a page that was offline for 30 days of compaction and new gateways, {seeds} times",
        "it merges; nothing doubled or lost",
        "all have the same, every word once, and so has whoever opens it afterwards",
    )


def content(client):
    rows, tasks = client.doc.get("finance.costs", type=Map), client.doc.get("work.tasks", type=Array)
    return str(client.text), rows.to_py(), tasks.to_py()


def test_a_document_seeded_anew_takes_nothing_of_the_former_from_those_who_were_away(verdict):
    log = Log()
    halls = [Hall(log, "g1"), Hall(log, "g2")]
    anna, ben, cem = (Client(name, number) for number, name in enumerate(("Anna", "Ben", "Cem"), 1))
    for client, hall in ((anna, halls[0]), (ben, halls[1]), (cem, halls[1])):
        client.connect(hall)
        client.settle()
        client.type(f"{client.who.name} ")
        meet(halls, anna, ben, cem)
    cem.cut()
    cem.type("ohne Netz ")
    anna.type("gerade noch ")  # is under way when the document is seeded
    anna.settle()
    seeded = halls[0].room.snapshot("s")
    fresh = Client("Seed", 7)
    fresh.type("neu")
    log.snapshot = msgspec.structs.replace(
        seeded,
        epoch=1,
        sequence=len(log.messages) + 1,
        state=fresh.doc.get_update(),
        owners={1: "", 2: "", 3: ""},
        index=b"",
    )
    log.publish(Edits(FORM, 1, "restore", []))
    meet(halls, anna, ben)
    assert [each.closed[1] for each in (anna, ben)] == ["new_epoch"] * 2
    for client in (anna, ben, cem):
        client.connect(halls[0])
        meet(halls, client)
        assert client.closed == (Closing.REFUSED, "foreign_client")
    for number, hall in enumerate([*halls, Hall(log, "g3")]):
        eve = Client("Eve", 900 + number)
        eve.connect(hall)
        meet([*halls, hall], eve)
        assert str(eve.text) == "neu"
    verdict(40, "a document seeded anew", "nobody's former text comes back", "refused to all three, by three gateways")


def meet(halls, *clients):
    for _ in range(4):
        for client in clients:
            client.settle()
        for hall in halls:
            hall.settle()
    for client in clients:
        client.settle()


class Line:
    """A way to the broker that can be cut and mended."""

    def __init__(self, url):
        self._to, self._ways, self._port = urlsplit(url), set(), 0

    async def __aenter__(self):
        await self.mend()
        whom = self._to.netloc.rpartition("@")[0]
        self.url = self._to._replace(netloc=f"{whom}{'@' if whom else ''}127.0.0.1:{self._port}").geturl()
        return self

    async def __aexit__(self, *_):
        self.cut()

    async def mend(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def cut(self):
        self._server.close()
        for way in list(self._ways):
            way.transport.abort()

    async def _serve(self, reader, writer):
        there = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._ways |= {writer, there[1]}
        await asyncio.gather(self._carry(reader, there[1]), self._carry(there[0], writer))
        self._ways -= {writer, there[1]}

    async def _carry(self, reader, writer):
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def gateway(nats_url):
    running = Gateway(nats_url, [public_key(SEED)], [ORIGIN], limits=Limits(patience=1.0), compare_every=0.5)
    await running.start()
    try:
        yield running
    finally:
        await running.drain()


@sizes("apart", 2, 120)
async def test_a_gateway_that_was_cut_off_from_the_others_comes_back_with_nothing_doubled_or_lost(
    infra, apart, verdict
):
    document = f"plan-{new_id()}"
    async with (
        Line(infra.nats_url) as line,
        gateway(infra.nats_url) as one,
        gateway(line.url) as two,
        typists([one.port], document, 3) as here,
        typists([two.port], document, 3, first=10) as there,
    ):
        people = [*here, *there]
        await asyncio.gather(*(each.type_words(10) for each in people))
        await eventually(lambda: equal(people), 30)
        line.cut()
        begun = time.monotonic()
        promised = [each.promised for each in there]
        while time.monotonic() < begun + apart:
            await asyncio.gather(*(each.type_words(5) for each in people))
        assert [each.promised for each in there] == promised  # nothing is called saved that nobody else has
        await eventually(lambda: all(each.all_saved for each in here), 30)
        await line.mend()
        healed = time.monotonic()
        await eventually(lambda: equal(people), 60)
        took = time.monotonic() - healed
    words = sum(len(each.words) for each in people)
    verdict(
        40,
        f"two gateways cut off from each other for {apart} s, people typing at both",
        "nothing doubled or lost, nothing called saved that was not stored",
        f"{words} words there once, all equal {took:.1f} s after the line was back",
    )


@sizes("rounds", 1, 3)
async def test_gateways_are_replaced_one_by_one_while_people_type(infra, rounds, verdict):
    document, ports = f"plan-{new_id()}", []
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(gateway(infra.nats_url)) for _ in range(2)]
        ports += [each.port for each in running]
        people = await stack.enter_async_context(typists(ports, document, 6))
        typing = [asyncio.create_task(each.type_words(40 * rounds)) for each in people]
        for _ in range(rounds):
            for number, each in enumerate(running):
                known = sum(person.promised for person in people)
                await eventually(lambda known=known: sum(person.promised for person in people) > known, 30)
                running[number] = await stack.enter_async_context(gateway(infra.nats_url))
                ports[number] = running[number].port
                await each.drain()
        await asyncio.gather(*typing)
        await eventually(lambda: equal(people), 30)
        codes = {code for person in people for code in person.closed}
        assert Closing.RESTART in codes
        assert not any(4400 <= code < 4500 for code in codes)  # nobody was told that coming back is of no use
        moved = sum(person.returns for person in people) - len(people)
    verdict(
        40,
        f"both gateways replaced, {rounds} times, while {len(people)} type",
        "everybody is sent to the other one (1012), nothing doubled or lost",
        f"{moved} moves, {len(people) * 40 * rounds} words there once",
    )
