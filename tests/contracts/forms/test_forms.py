"""Every form that was ever stored or told is still read, and what is written today is on record (see corpus.py)."""

import pytest
from msgspec.json import decode

from shared.contracts import FACTS, fact_of
from shared.store.codec import Codec, UnknownType
from tests.contracts.forms import corpus

SERVICES = sorted(corpus.deciders())
SOURCES = sorted({source for source, _ in FACTS})
RECORDED = [(service, line) for service in SERVICES for line in corpus.lines(corpus.FORMS / f"{service}.jsonl")]
TOLD = [(source, line) for source in SOURCES for line in corpus.lines(corpus.TOLD / f"{source}.jsonl")]


def named(cases):
    return [pytest.param(owner, line, id=f"{owner}-{line.type}-{line.form}") for owner, line in cases]


@pytest.fixture(scope="module")
def codecs():
    return {service: Codec(deciders) for service, deciders in corpus.deciders().items()}


@pytest.mark.parametrize(("service", "line"), named(RECORDED))
def test_a_form_that_was_stored_is_read(codecs, service, line):
    assert line.honest, "the bytes are not those that were recorded: lines are added, never changed"
    event = codecs[service].event(line.type, line.form, line.body.encode())
    assert type(event).__name__ == line.type
    assert sum(_owns(decider, event) for decider in corpus.deciders()[service]) == 1


def _owns(decider, event):
    return type(event) in (getattr(decider.events, "__args__", None) or (decider.events,))


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_stored_today_is_on_record(service):
    add = "".join(corpus.written(line) + "\n" for line in corpus.missing_forms(service))
    assert not add, f"add to tests/contracts/forms/{service}.jsonl (see corpus.py):\n{add}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_outdated_form_is_on_record(codecs, service):
    recorded = {(line.type, line.form) for owner, line in RECORDED if owner == service}
    wanted = {(type_, form) for type_, present in codecs[service].forms.items() for form in range(1, present + 1)}
    assert wanted <= recorded


@pytest.mark.parametrize(("source", "line"), named(TOLD))
def test_a_fact_that_was_told_is_heard(source, line):
    assert line.honest, "the bytes are not those that were recorded: lines are added, never changed"
    assert type(fact_of(source, line.type, line.body.encode())).__name__ == line.type


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_told_today_is_on_record(source):
    add = "".join(corpus.written(line) + "\n" for line in corpus.missing_facts(source))
    assert not add, f"add to tests/contracts/facts/{source}.jsonl (see corpus.py):\n{add}"


@pytest.mark.parametrize("source", SOURCES)
def test_a_fact_is_flat_enough_to_be_carried(source):
    for line in corpus.lines(corpus.TOLD / f"{source}.jsonl"):
        assert isinstance(decode(line.body), dict)
        assert len(line.body.encode()) < 64 * 1024


@pytest.mark.parametrize("service", SERVICES)
def test_an_unknown_type_or_a_later_form_halts(codecs, service):
    line = next(line for owner, line in RECORDED if owner == service)
    for type_, form in (("NeverHeardOf", 1), (line.type, line.form + 1)):
        with pytest.raises(UnknownType):
            codecs[service].event(type_, form, line.body.encode())
