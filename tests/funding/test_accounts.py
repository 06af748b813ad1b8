import pytest
from msgspec import convert

from services.funding.accounting import spent_of
from services.funding.domain.grant import ProofSubmitted, SpentLine, SubmitProof
from services.funding.shown.accounts import compared, plan_and_actual
from shared.web.forms import Invalid, from_form
from tests.funding.test_rules import PLAN

FIRST, SECOND = PLAN.costs[0], PLAN.costs[1]


def proof(*lines: SpentLine) -> ProofSubmitted:
    return ProofSubmitted(proof_id="n", spent_cents=0, receipts=0, digest="d", by="ann", lines=lines)


def test_what_is_typed_by_line_becomes_a_proof_that_adds_up():
    typed = {f"spent-{FIRST.id}": "1.200,50", f"receipts-{FIRST.id}": "3", f"spent-{SECOND.id}": "10"}
    fields = {"proof_id": "n", "digest": "ab" * 32, **spent_of(typed, PLAN)}
    command = from_form(SubmitProof, fields)
    assert (command.spent_cents, command.receipts) == (1_210_50, 3)
    assert sum(line.spent_cents for line in command.lines) == command.spent_cents
    assert convert(command.lines, tuple[SpentLine, ...])[0].receipts == 3


def test_what_cannot_be_read_is_named_at_its_line():
    typed = {f"spent-{FIRST.id}": "viel", f"receipts-{SECOND.id}": "-1", f"spent-{SECOND.id}": "-3,00"}
    with pytest.raises(Invalid) as invalid:
        spent_of(typed, PLAN)
    assert set(invalid.value.faults) == {f"spent-{FIRST.id}", f"receipts-{SECOND.id}", f"spent-{SECOND.id}"}


def test_every_line_of_the_plan_stands_beside_what_was_spent():
    rows = compared(PLAN, proof(SpentLine(line_id=FIRST.id, spent_cents=FIRST.total() + 100, receipts=2)))
    assert [row.name for row in rows] == [f"K{number}" for number in range(1, len(PLAN.costs) + 1)]
    assert (rows[0].more_cents, rows[0].receipts) == (100, 2)
    assert rows[1].more_cents == -SECOND.total()


def test_a_proof_that_only_tells_its_sum_is_not_compared():
    assert compared(PLAN, proof()) == []


def test_the_drawing_says_its_figures_and_is_never_empty():
    rows = compared(PLAN, proof(SpentLine(line_id=FIRST.id, spent_cents=FIRST.total() * 2, receipts=2)))
    drawn = plan_and_actual(rows)
    assert drawn.count("<rect") == 2 * len(rows) + 1
    assert "geplant" in drawn
    assert "d-c5" in drawn
