"""The log from outside: checkpoint and exported entries belong together, and auditors alone read entries."""

from base64 import b64decode
from hashlib import sha256

import pytest
from msgspec import convert

from shared.audit.leaf import Header, leaf_hash
from shared.audit.merkle import EMPTY_ROOT, root_of
from shared.ids import new_id
from tests.examples import IDEA


@pytest.fixture(scope="module")
async def aldo(deployment):
    return await deployment.citizen("Aldo A.", "dresden", "auditor")


async def checkpoint(deployment, service, town="dresden"):
    answer = await deployment.client().get(f"/{town}/audit/{service}/checkpoint")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    origin, size, root, rest = answer.text.split("\n")
    assert rest == ""
    return origin, int(size), b64decode(root)


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
    origin, size, root = await checkpoint(deployment, "marketplace")
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
