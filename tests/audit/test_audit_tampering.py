"""Whatever is done to a bundle, the verifier names the first thing that does not hold."""

import json

import msgspec
import pytest

from shared.audit.verify import verify_bundle
from shared.audit.verify_faults import SENTENCES, Fault
from tests.audit.javascript import build, reports
from tests.audit.tampering import corpus


@pytest.fixture(scope="module")
async def cases():
    return await corpus()


async def test_every_case_is_found_and_named(cases, tmp_path):
    for case in cases:
        path = tmp_path / case.name
        path.write_bytes(case.bundle)
        report = verify_bundle(path, case.keys, case.own)
        expected = Fault(code=case.code, service=case.service, facts=case.facts) if case.code else None
        assert (case.name, report.fault) == (case.name, expected)
        assert report.holds == (not case.code)
        assert report.fault is None or "{" not in report.fault.sentence


async def test_the_browsers_verifier_says_the_same_of_every_case(cases, tmp_path):
    found = reports(build(tmp_path), cases, tmp_path)
    for case in cases:
        own = msgspec.to_builtins(verify_bundle(tmp_path / f"{case.name}.zip", case.keys, case.own))
        assert (case.name, found[case.name]) == (case.name, json.loads(json.dumps(own)))


async def test_every_fault_is_provoked(cases):
    assert {case.code for case in cases if case.code} == set(SENTENCES)


async def test_the_names_of_the_cases_differ(cases):
    assert len({case.name for case in cases}) == len(cases)
