"""What is written in meetings lies in PostgreSQL too, without the names of guests once the evening is over."""

from contextlib import asynccontextmanager

import pytest
from pycrdt import Doc, Map, Text

from deploy.embedded import start
from services.events.adapters import archive as archive_module
from services.events.adapters.archive import Archive
from services.events.app import CARD
from shared.bus.connection import connect
from shared.bus.documents import STREAM, Documents
from shared.bus.edits import FORM, Edit, Edits, encode
from shared.documents import read_meeting
from shared.ids import new_id
from shared.installation import install_views
from shared.loops import Loops
from tests.counter import create_service_database
from tests.infra import drop_database, eventually, open_folder
from tests.pair import Place as Database
from tests.pair import built, forget_facts, open_municipalities

TOWN = "dresden"


@pytest.fixture(scope="module")
def servers():
    """Servers of these tests alone: one of them loses all its documents."""
    with open_folder() as folder, start(folder) as running:
        yield running


@pytest.fixture(autouse=True)
def short_times(monkeypatch):
    monkeypatch.setattr(archive_module, "QUIET", 0.1)
    monkeypatch.setattr(archive_module, "LATEST", 0.5)


@pytest.fixture
async def house(servers):
    migrator, application = await create_service_database(servers.infra, "events")
    await install_views(migrator, CARD.views, CARD.private)
    client, js = await connect(servers.infra.nats_url, name="test")
    await forget_facts(js)
    await open_municipalities(servers.infra, TOWN)
    async with built(servers.infra, CARD, Database(migrator, application)) as service:
        await service.start()
        yield House(service, js, await Documents.open(client, js))
    await client.close()
    await drop_database(servers.infra, application)


class House:
    """Events with its archives, and a gateway's side of one meeting's document."""

    def __init__(self, service, js, documents):
        self.service, self.js, self.documents = service, js, documents
        self.meeting, self.doc = new_id(), Doc(client_id=4711)

    @asynccontextmanager
    async def archive(self):
        archive, loops = Archive(self.service, self.documents), Loops("archive")
        loops.run("follow", archive.follow)
        loops.run("keep", archive.keep_for_ever)
        try:
            yield archive
        finally:
            await loops.stop()

    async def card(self, text, author="guest-1", name="Gerd"):
        made = []
        watching = self.doc.observe(lambda event: made.append(event.update))
        with self.doc.transaction():
            row = {"text": Text(text), "author": author, "name": name, "order": text}
            self.doc.get("cards", type=Map)[new_id()] = Map(row)
        self.doc.unobserve(watching)
        edits = Edits(FORM, 0, "gateway", [Edit(author, made[0], (4711,))])
        return await self.documents.publish(TOWN, f"meeting-{self.meeting}", edits)

    async def kept(self, archive, *texts):
        async def there():
            found = await archive.shelf.read(TOWN, self.meeting)
            return found and [card.text for card in read_meeting(found.state)[0].cards] == list(texts) and found

        return await eventually(there, 15)


async def test_what_is_typed_comes_to_lie_beside_the_log(house):
    async with house.archive() as archive:
        await house.card("a Baum")
        last = await house.card("b Bank")
        found = await house.kept(archive, "a Baum", "b Bank")
    assert (found.stream, found.sequence, found.owners) == (house.documents.stream, last, {4711: "guest-1"})
    assert await house.service.store.entries(TOWN, 0, 10) == []


async def test_a_new_start_reads_on_where_the_former_one_stood(house):
    async with house.archive() as archive:
        last = await house.card("a")
        await house.kept(archive, "a")

        async def noted():
            return (await archive.shelf.reached())[1] >= last

        await eventually(noted, 15)
    await house.card("b")
    async with house.archive() as archive:
        await house.kept(archive, "a", "b")
    await archive.shelf.note("another", 0)  # if the place is lost, what is there is joined with itself
    async with house.archive() as archive, house.archive():
        await house.card("c")
        await house.kept(archive, "a", "b", "c")


async def test_a_broker_that_lost_its_documents_gets_them_back(house):
    async with house.archive() as archive:
        await house.card("a")
        await house.kept(archive, "a")
    former = house.documents.stream
    await house.js.delete_stream(STREAM)
    await house.js.purge_stream("KV_snapshots")
    found = await Archive(house.service, house.documents).content(TOWN, house.meeting)
    assert [card.text for card in read_meeting(found.state)[0].cards] == ["a"]
    async with house.archive() as archive:
        snapshot = await eventually(lambda: house.documents.snapshot(TOWN, f"meeting-{house.meeting}"), 15)
        await house.card("b")
        await house.kept(archive, "a", "b")
    assert (snapshot.stream, snapshot.owners) == (former, {4711: "guest-1"})
    assert (await house.documents.load(TOWN, f"meeting-{house.meeting}")).lost


async def test_the_end_takes_guests_names_off_their_cards_everywhere(house):
    async with house.archive() as archive:
        await house.card("a", name="Zacharias")
        await house.card("b", author=new_id(), name="Clara K.")
        await house.kept(archive, "a", "b")
        for _ in range(2):
            await archive.close(TOWN, house.meeting)
    found = await archive.content(TOWN, house.meeting)
    assert [(card.text, card.name) for card in read_meeting(found.state)[0].cards] == [("a", ""), ("b", "Clara K.")]
    kept, loaded = (
        await archive.shelf.read(TOWN, house.meeting),
        await house.documents.load(TOWN, f"meeting-{house.meeting}"),
    )
    assert kept.nameless
    everywhere = [kept.state, encode(loaded.snapshot), *(encode(stored.edits) for stored in loaded.tail)]
    stream = await house.js.stream_info(STREAM, subjects_filter=f"docs.{TOWN}.meeting-{house.meeting}")
    assert sum(stream.state.subjects.values()) == 1
    last = await house.js.get_last_msg(STREAM, f"docs.{TOWN}.meeting-{house.meeting}")
    assert not [data for data in (*everywhere, last.data) if b"Zacharias" in data]
