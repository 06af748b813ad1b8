from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from nats.js import JetStreamContext

from shared.access import directory
from shared.access.directory import people, titles
from shared.bus.connection import connect
from shared.ids import new_id

SECRET = bytes(range(32))


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def js(nats_url: str) -> AsyncIterator[JetStreamContext]:
    client, js = await connect(nats_url, name="test")
    yield js
    await client.close()


async def test_every_service_reads_the_name_that_marketplace_wrote(js):
    writer, reader, person = await people(js, SECRET), await people(js, SECRET), new_id()
    await writer.write("Änne Größer 🌳", "dresden", person)
    assert await reader.read("dresden", person) == "Änne Größer 🌳"
    assert await reader.read("detmold", person) is None


async def test_nothing_on_the_broker_shows_the_name(js):
    written, person = await people(js, SECRET), new_id()
    await written.write("Planted-Mark", "dresden", person)
    stored = await (await js.key_value("people")).get(f"dresden.{person}")
    assert stored.value
    assert b"Planted" not in stored.value


async def test_a_sealed_name_opens_with_its_key_and_at_its_place_alone(js):
    written, person, other = await people(js, SECRET), new_id(), new_id()
    await written.write("Ann", "dresden", person)
    bucket = await js.key_value("people")
    stolen = (await bucket.get(f"dresden.{person}")).value
    assert stolen
    await bucket.put(f"dresden.{other}", stolen)
    await bucket.put(f"detmold.{person}", b"short")
    assert await (await people(js, SECRET)).read("dresden", other) is None
    assert await (await people(js, SECRET)).read("detmold", person) is None
    assert await (await people(js, bytes(32))).read("dresden", person) is None
    assert await (await titles(js, SECRET)).read("dresden", person) is None


async def test_a_forgotten_name_is_gone_from_the_broker_at_once_and_everywhere_within_a_minute(js):
    clock, person = Clock(), new_id()
    writer, reader = await people(js, SECRET), await people(js, SECRET, clock=clock)
    await writer.write("Ann", "dresden", person)
    await reader.read("dresden", person)
    await writer.forget("dresden", person)
    assert await writer.read("dresden", person) is None
    info = await js.stream_info("KV_people", subjects_filter=f"$KV.people.dresden.{person}")
    assert info.state.subjects == {f"$KV.people.dresden.{person}": 1}, "only the mark of the gap is left"
    clock.now = 59.9
    assert await reader.read("dresden", person) == "Ann"
    clock.now = 60.0
    assert await reader.read("dresden", person) is None


async def test_who_was_unknown_is_asked_for_again_soon(js):
    clock, person = Clock(), new_id()
    writer, reader = await people(js, SECRET), await people(js, SECRET, clock=clock)
    assert await reader.read("dresden", person) is None
    await writer.write("Ann", "dresden", person)
    clock.now = 2.0
    assert await reader.read("dresden", person) == "Ann"


async def test_the_cache_has_a_bound(js, monkeypatch):
    monkeypatch.setattr(directory, "LARGEST_CACHE", 3)
    names = await people(js, SECRET)
    persons = [new_id() for _ in range(5)]
    for number, person in enumerate(persons):
        await names.write(str(number), "dresden", person)
    assert len(names._cache) == 3
    assert await names.read("dresden", persons[0]) == "0"


async def test_a_page_asks_for_all_its_titles_at_once(js):
    shown, project, pot = await titles(js, SECRET), new_id(), new_id()
    await shown.write("Gemüsegarten", "dresden", "project", project)
    await shown.write("Zukunftsstadt-Fonds", "dresden", "pot", pot)
    keys = [("dresden", "project", project), ("dresden", "pot", pot), ("dresden", "pot", new_id())]
    found = await (await titles(js, SECRET)).read_all(keys + keys)
    assert found == {keys[0]: "Gemüsegarten", keys[1]: "Zukunftsstadt-Fonds"}


@pytest.mark.parametrize("key", [("dresden",), ("dresden", ""), ("dresden", "*"), ("dresden", "a.b"), ("dresden", ">")])
async def test_a_key_cannot_reach_into_others(js, key):
    names = await people(js, SECRET)
    with pytest.raises(ValueError, match="no key"):
        await names.read(*key)


async def test_a_short_secret_is_refused(js):
    with pytest.raises(ValueError, match="32 bytes"):
        await people(js, b"short")
