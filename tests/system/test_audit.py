"""The log from outside: checkpoints, proofs and entries belong together, and auditors alone read entries."""

import asyncio
from hashlib import sha256

import httpx
import pytest
from msgspec import convert
from msgspec.json import decode
from msgspec.structs import replace

from deploy.witness import Witness
from deploy.witness.memory import Memory
from shared.audit import merkle
from shared.audit.cosigning import trust
from shared.audit.entries import read_bundle
from shared.audit.leaf import Header, leaf_hash
from shared.audit.merkle import EMPTY_ROOT, root_of
from shared.audit.notes import WITNESS, Note, cosign, key_of, read_key, read_note, verify
from shared.audit.proofs import read_growth, read_inclusion, signed_in
from shared.audit.tiles import WIDTH, hashes, tile_path
from shared.bus.connection import connect
from shared.bus.signals import listen
from shared.ids import new_id
from tests.deployment import PUBLIC
from tests.examples import IDEA
from tests.infra import eventually


@pytest.fixture(scope="module")
async def aldo(deployment):
    return await deployment.citizen("Aldo A.", "dresden", "auditor")


async def checkpoint(deployment, service, town="dresden"):
    answer = await deployment.client().get(f"/{town}/audit/{service}/checkpoint")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    found = signed_in(answer.text)
    return found.origin, found.size, found.root


async def signed(deployment, service, size, town="dresden"):
    """Waits until that many entries are signed."""
    return await eventually(lambda: _reaches(deployment, service, size, town), 30)


async def _reaches(deployment, service, size, town):
    found = await checkpoint(deployment, service, town)
    return found if found[1] >= size else None


async def entries(auditor, service, limit=500):
    """The whole export, page by page."""
    found, after = [], 0
    while after is not None:
        page = (await auditor.get(f"/audit/{service}/entries?after={after}&limit={limit}")).json()
        found += page["entries"]
        after = page["next"]
    return found


async def test_the_root_of_the_exported_entries_is_that_of_the_checkpoint(deployment, aldo):
    for _ in range(3):
        await aldo.submit("/projects/new", id=new_id(), **IDEA)
    written = len(await entries(aldo, "marketplace"))
    origin, size, root = await signed(deployment, "marketplace", written)
    exported = (await entries(aldo, "marketplace", limit=2))[:size]
    assert origin == "127.0.0.1:8000/dresden/audit/marketplace"
    headers = [convert(one["header"], Header) for one in exported]
    assert [header.position for header in headers] == list(range(1, size + 1))
    for one, header in zip(exported, headers, strict=True):
        assert sha256(one["body"].encode()).hexdigest() == header.body
        assert leaf_hash(header).hex() == one["leaf"]
    assert root_of(leaf_hash(header) for header in headers) == root


async def test_one_changed_letter_gives_another_root(deployment, aldo):
    await aldo.submit("/projects/new", id=new_id(), **IDEA)
    _, size, root = await checkpoint(deployment, "marketplace")
    headers = [one["header"] for one in await entries(aldo, "marketplace")][:size]
    headers[0]["actor"] += "x"
    assert root_of(leaf_hash(convert(header, Header)) for header in headers) != root


async def test_a_log_without_entries_has_the_root_of_nothing(deployment):
    assert (await checkpoint(deployment, "realtime"))[1:] == (0, EMPTY_ROOT)


async def test_entries_are_for_auditors_and_coordinators(deployment, aldo):
    anna = await deployment.citizen("Anna B.", "dresden")
    carl = await deployment.citizen("Carl K.", "dresden", "coordinator")
    for service in ("marketplace", "funding", "events"):
        path = f"/audit/{service}/entries"
        assert (await deployment.client().get(f"/dresden{path}")).status_code == 303
        assert (await anna.get(path)).status_code == 403
        assert (await carl.get(path)).status_code == (await aldo.get(path)).status_code == 200
        assert (await aldo.client.get(f"/detmold{path}")).status_code in (303, 403)


async def test_strange_questions_are_answered_in_good_order(aldo):
    for query, status in (("after=-5", 200), (f"after={2**70}", 200), ("limit=0", 200), ("after=x", 400)):
        assert (await aldo.get(f"/audit/marketplace/entries?{query}")).status_code == status
    assert (await aldo.get(f"/audit/marketplace/entries?after={2**70}")).json() == {"entries": [], "next": None}


async def test_the_auditors_page_brings_in_a_piece_of_every_service(deployment):
    client = deployment.client()
    page = (await client.get("/dresden/audit")).text
    for service in ("marketplace", "funding", "events"):
        assert f'hx-get="/dresden/audit/{service}"' in page
        piece = (await client.get(f"/dresden/audit/{service}")).text
        assert "<html" not in piece
        assert "Prüfpunkt als Text" in piece


async def text(client, path, status=200):
    answer = await client.get(f"/dresden/audit/marketplace/{path}")
    assert answer.status_code == status, path
    return answer.text if status == 200 else ""


async def test_every_entry_proves_to_anybody(deployment, aldo):
    await aldo.submit("/projects/new", id=new_id(), **IDEA)
    client, all_of_them = deployment.client(), await entries(aldo, "marketplace")
    await signed(deployment, "marketplace", len(all_of_them))
    keys = [read_key(key) for key in (await text(client, "keys")).split()]
    for one in all_of_them:
        position = one["header"]["position"]
        proof = read_inclusion(await text(client, f"proof/{position}"))
        assert proof.index == position - 1
        assert proof.extra == b""
        assert proof.holds(bytes.fromhex(one["leaf"]))
        assert verify(read_note(proof.checkpoint), keys)
    for beyond in (0, -1, len(all_of_them) + 1000, 2**70):
        await text(client, f"proof/{beyond}", 404)


async def test_an_auditor_gets_the_entry_with_its_proof_and_one_changed_letter_breaks_it(deployment, aldo):
    await signed(deployment, "marketplace", 1)
    answer = await aldo.get("/audit/marketplace/proof/1")
    assert answer.headers["cache-control"] == "no-store"
    proof = read_inclusion(answer.text)
    header = convert(decode(proof.extra)["header"], Header)
    assert sha256(decode(proof.extra)["body"].encode()).hexdigest() == header.body
    assert proof.holds(leaf_hash(header))
    assert not proof.holds(leaf_hash(replace(header, actor=header.actor + "x")))


async def test_growth_is_proved_from_every_size_before(deployment, aldo):
    client, all_of_them = deployment.client(), await entries(aldo, "marketplace")
    await signed(deployment, "marketplace", len(all_of_them))
    leaves = [bytes.fromhex(one["leaf"]) for one in all_of_them]
    for size in {0, 1, len(leaves) // 2, len(leaves)}:
        assert read_growth(await text(client, f"consistency/{size}")).holds(root_of(leaves[:size]))
    await text(client, f"consistency/{2**70}", 404)


async def test_tiles_hold_the_leaves_and_auditors_get_what_they_are_made_from(deployment, aldo):
    client, all_of_them = deployment.client(), await entries(aldo, "marketplace")
    size = (await signed(deployment, "marketplace", len(all_of_them)))[1]
    number, width = divmod(size - 1, WIDTH)
    place = tile_path(number, width + 1)
    tile = await client.get(f"/dresden/audit/marketplace/tile/0/{place}")
    assert (tile.status_code, tile.headers["content-type"]) == (200, "application/octet-stream")
    assert "public" in tile.headers["cache-control"]
    behind = await aldo.get(f"/audit/marketplace/tile/entries/{place}")
    assert behind.headers["cache-control"] == "no-store"
    found = read_bundle(behind.content)
    assert [leaf.hex() for leaf in hashes(tile.content)] == [merkle.leaf_hash(entry).hex() for entry in found]
    assert len(found) == width + 1
    assert (await client.get(f"/dresden/audit/marketplace/tile/entries/{place}")).status_code == 303
    for wrong in (
        f"0/{tile_path(number + 1)}",
        f"0/{tile_path(number + 2, 1)}",
        f"1/{tile_path(number + 1, 1)}",
        "64/000",
        "0/x",
        "0/x000/000",
        f"0/{'x999/' * 900}999",
    ):
        await text(client, f"tile/{wrong}", 404)


async def test_a_cosignature_of_a_trusted_witness_is_served(deployment, aldo):
    client, signer = deployment.client(), deployment.site("events").signer
    note = read_note((await client.get("/dresden/audit/events/checkpoint")).text)
    seed, name = bytes([7]) * 32, "rechnungshof.example/witness"
    line = cosign(note.text, seed, name, 1767225600)

    async def send(*lines, text=note.text):
        sent = Note(text, lines).render()
        return await client.post(
            "/dresden/audit/events/cosignatures", content=sent, headers={"accept": "application/json"}
        )

    unknown = await send(*note.signatures, line)
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_witness")
    trust(signer.folder, key_of(seed, name, WITNESS))
    assert (await send(line)).json()["code"] == "not_our_checkpoint"
    assert (await send(*note.signatures, cosign(note.text + "x\n", seed, name, 1))).status_code == 400
    taken = await send(*note.signatures, line)
    assert (taken.status_code, taken.text) == (200, Note(note.text, (*note.signatures, line)).render())
    assert (await client.get("/dresden/audit/events/checkpoint/cosigned")).text == taken.text
    later = cosign(note.text, seed, name, 1767229200)
    assert (await send(*note.signatures, later)).text == Note(note.text, (*note.signatures, later)).render()
    piece = (await client.get("/dresden/audit/events")).text
    assert "Bezeugt von rechnungshof.example/witness" in piece
    assert (await client.get("/detmold/audit/events/checkpoint/cosigned")).status_code == 404
    for nonsense in (b"", b"\xff", b"x" * 20_000):
        answer = await client.post("/dresden/audit/events/cosignatures", content=nonsense)
        assert answer.status_code == 400


class Stuck(dict):
    """The signer, which signs beside this test, does not get it out of here."""

    def pop(self, *_):
        return None


async def test_a_halted_log_is_read_and_not_written_to(deployment, aldo):
    signer = deployment.site("marketplace").signer
    signer.halted = Stuck(dresden="it has 3 entries, but 5 were signed")
    try:
        headers = {"x-csrf-token": aldo.csrf, "accept": "application/json"}
        answer = await aldo.client.post(
            "/dresden/projects/new", data={"csrf": aldo.csrf, "id": new_id(), **IDEA}, headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "log_halted")
        assert (await aldo.get("/projects")).status_code == 200
    finally:
        signer.halted = {}
    assert (await aldo.submit("/projects/new", id=new_id(), **IDEA)).status_code == 303


class Bridge(httpx.BaseTransport):
    """Lets a program that waits for its answers ask a deployment on the test's own loop."""

    def __init__(self, app):
        self._inner, self._loop = httpx.ASGITransport(app), asyncio.get_running_loop()

    def handle_request(self, request):
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result(30)

    async def _answer(self, request):
        plain = {**request.headers, "accept-encoding": "identity"}
        asked = httpx.Request(request.method, request.url, headers=plain, content=request.read())
        answer = await self._inner.handle_async_request(asked)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


async def test_a_witness_elsewhere_follows_and_cosigns_what_is_written(deployment, aldo, tmp_path):
    memory = Memory(tmp_path / "witness.json", "detmold.example/witness")
    trust(deployment.site("marketplace").signer.folder, memory.key)
    client = httpx.Client(transport=Bridge(deployment.app), headers={"accept": "application/json"})

    def looking():
        return list(Witness(PUBLIC, memory, client=client).watch(["dresden/marketplace", "dresden/realtime"]))

    sizes = []
    for _ in range(2):
        await aldo.submit("/projects/new", id=new_id(), **IDEA)
        await signed(deployment, "marketplace", len(await entries(aldo, "marketplace")))
        looks = await asyncio.to_thread(looking)
        assert [look.outcome for look in looks] == ["cosigned", "cosigned"], looks
        sizes.append(looks[0].size)
    assert sizes[0] < sizes[1]
    cosigned = read_note((await deployment.client().get("/dresden/audit/marketplace/checkpoint/cosigned")).text)
    assert [key for key, _ in verify(cosigned, [memory.key])] == [memory.key]


async def test_a_new_checkpoint_is_told_to_whoever_listens(deployment, aldo):
    client, _ = await connect(deployment.settings["funding"].nats_url, name="test")
    told = {}
    await listen(client, "checkpoint.dresden.>", lambda subject, payload: told.update({subject: payload.decode()}))
    await client.flush()
    await aldo.submit("/projects/new", id=new_id(), **IDEA)
    await eventually(lambda: "checkpoint.dresden.marketplace" in told, 30)
    await client.close()
    keys = [read_key(key) for key in (await aldo.get("/audit/marketplace/keys")).text.split()]
    assert verify(read_note(told["checkpoint.dresden.marketplace"]), keys)


@pytest.mark.parametrize("service", ["marketplace", "planning", "events"])
async def test_who_reads_entries_or_takes_a_bundle_along_is_in_that_log_once_a_day(deployment, aldo, service):
    for _ in range(2):
        assert (await aldo.get(f"/audit/{service}/bundle.zip")).status_code == 200
        noted = [entry for entry in await entries(aldo, service) if entry["header"]["type"] == "LogRead"]
        by_aldo = [decode(entry["body"]) for entry in noted if entry["header"]["actor"] == aldo.person]
        assert [(body["of"], body["offices"]) for body in by_aldo] == [("", ["auditor"])]
