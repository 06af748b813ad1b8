"""The bundle by URL: for auditors and coordinators, verified with the keys that anybody reads."""

import io
from zipfile import ZipFile

import pytest

from deploy.bundle import NothingSigned, write
from shared.audit.notes import read_key
from shared.audit.verify import verify_bundle
from shared.ids import new_id
from tests.examples import IDEA


@pytest.fixture(scope="module")
async def aldo(deployment):
    return await deployment.citizen("Aldo B.", "dresden", "auditor")


async def verified(deployment, auditor, tmp_path, query=""):
    """The report on the marketplace's bundle, and the names in it."""
    keys = (await deployment.client().get("/dresden/audit/marketplace/keys")).text.split()
    answer = await auditor.get(f"/audit/marketplace/bundle.zip{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"].startswith('attachment; filename="dresden-marketplace-')
    path = tmp_path / "bundle.zip"
    path.write_bytes(answer.content)
    return verify_bundle(path, [read_key(key) for key in keys]), ZipFile(io.BytesIO(answer.content)).namelist()


async def test_an_auditor_takes_the_whole_log_home_and_verifies_it(deployment, aldo, tmp_path):
    await aldo.submit("/projects/new", id=new_id(), **IDEA)
    report, names = await verified(deployment, aldo, tmp_path)
    assert report.holds, report.fault
    (log,) = report.logs
    assert (log.whole, log.entries, log.origin) == (True, log.size, "127.0.0.1:8000/dresden/audit/marketplace")
    assert log.size > 0
    assert names[:4] == ["bundle.json", "keys.txt", "marketplace/checkpoint.txt", "marketplace/entries.tsv"]


async def test_one_stream_comes_with_a_proof_for_each_entry(deployment, aldo, tmp_path):
    project = new_id()
    await aldo.submit("/projects/new", id=project, **IDEA)
    await deployment.site("marketplace").signer.sign("dresden")
    report, _ = await verified(deployment, aldo, tmp_path, f"?stream=project-{project}")
    assert report.holds, report.fault
    (log,) = report.logs
    assert not log.whole
    assert 0 < log.entries < log.size


async def test_a_bundle_is_for_auditors_and_coordinators(deployment, aldo):
    anna = await deployment.citizen("Anna C.", "dresden")
    carl = await deployment.citizen("Carl L.", "dresden", "coordinator")
    path = "/audit/funding/bundle.zip"
    assert (await deployment.client().get(f"/dresden{path}")).status_code == 303
    assert (await anna.get(path)).status_code == 403
    assert (await carl.get(path)).status_code == 200
    assert (await aldo.client.get(f"/detmold{path}")).status_code in (303, 403)
    for stream in ("x", "project-none", "../x", "project-%00"):
        assert (await aldo.get(f"{path}?stream={stream}")).status_code in (400, 404)


async def test_the_operator_writes_all_logs_of_a_town_into_one_file(deployment, aldo, tmp_path):
    await aldo.submit("/projects/new", id=new_id(), **IDEA)
    sites = {name: deployment.site(name) for name in ("marketplace", "planning", "funding", "events", "realtime")}
    for site in sites.values():
        await site.signer.sign("dresden")
    settings = {name: site.settings for name, site in sites.items()}
    said: list[str] = []
    await write(settings, "dresden", "", tmp_path / "all.zip", said.append)
    (key,) = sites["planning"].signer.keyring.keys("any.example")
    report = verify_bundle(tmp_path / "all.zip", [key])
    assert report.holds, report.fault
    assert [log.service for log in report.logs] == list(sites)
    assert sum(line.startswith("marketplace: ") for line in said) >= 1
    with pytest.raises(NothingSigned):
        await write(settings, "nowhere", "", tmp_path / "none.zip", said.append)
    assert [file.name for file in tmp_path.iterdir()] == ["all.zip"]
