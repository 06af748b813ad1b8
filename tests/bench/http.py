"""From a command over HTTP to its fact in another service's view, at a hundred commands a second."""

import asyncio
from time import perf_counter
from typing import Any

import httpx
from msgspec import json

from deploy.demo.towns import DRESDEN
from deploy.walkthrough import own_demo
from deploy.walkthrough.people import Person, sign_in
from shared.ids import new_id
from tests.bench.rows import Row, Say, at_most
from tests.infra import eventually

RATE = 100  # commands a second
IDEA = {"title": "Bank unter der Linde", "summary": "Eine Bank zum Ausruhen, gebaut von der Nachbarschaft."}


async def measure(*, quick: bool, say: Say) -> list[Row]:
    """p50 and p99 in ms between sending a proposal and reading the team's founding in the feed of facts."""
    with own_demo(say) as url:
        people = [await sign_in(url, "dresden", one.address, one.name) for one in DRESDEN.people]
        reader = next(person for person in people if person.name == "Ines T.")
        times = await _times(people, reader, RATE * (2 if quick else 8))
        for person in people:
            await person.client.aclose()
    say(f"{len(times)} commands at {RATE} a second")
    return [
        at_most("command_to_fact_p50", 1000 * times[len(times) // 2], 100),
        at_most("command_to_fact_p99", 1000 * times[len(times) * 99 // 100], 100),
    ]


async def _times(people: list[Person], reader: Person, commands: int) -> list[float]:
    sent: dict[str, float] = {}
    heard: dict[str, float] = {}
    ready = asyncio.Event()
    listening = asyncio.create_task(_listen(reader, heard, ready))
    await ready.wait()
    begun, giving = perf_counter(), []
    for number in range(commands):
        await asyncio.sleep(max(0, begun + number / RATE - perf_counter()))
        giving.append(asyncio.create_task(_propose(people[number % len(people)], sent)))
    for answer in await asyncio.gather(*giving):
        answer.raise_for_status()
    await eventually(lambda: len(heard.keys() & sent.keys()) == commands, 30)
    listening.cancel()
    return sorted(heard[id] - at for id, at in sent.items())


async def _propose(person: Person, sent: dict[str, float]) -> httpx.Response:
    id = new_id()
    sent[id] = perf_counter()
    return await person.give("marketplace", f"project/{id}/propose-project", IDEA | {"district": "neustadt"})


async def _listen(reader: Person, heard: dict[str, float], ready: asyncio.Event) -> None:
    page: Any = await reader.json("/api/facts")
    while page["facts"]:
        page = await reader.json(f"/api/facts?after={page['next']}")
    address = f"/{reader.town}/api/facts/stream?after={page['next']}"
    async with reader.client.stream("GET", address, timeout=None) as stream:
        ready.set()
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                fact = json.decode(line[6:])
                heard.setdefault(fact.get("subject", ""), perf_counter())
