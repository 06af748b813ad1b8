import pytest
from msgspec.structs import replace

from services.funding.domain.application import BiasDeclared, TeamNoted
from services.funding.domain.balance import CommitmentReleased, ReservationReleased
from services.funding.domain.decision import (
    ConfirmDecision,
    ContradictDecision,
    ProposeDecision,
    ProposeRevocation,
    WithdrawProposal,
)
from services.funding.domain.grant import InstalmentPaid
from services.funding.domain.pot import PotClosed, PotOpened
from services.funding.domain.verdict import DecisionConfirmed, DecisionRevoked, ProposalDropped, RevocationProposed
from tests.funding.files import (
    ACCEPTED,
    COMMITTED,
    DECIDED,
    INSURANCE,
    POT,
    PROPOSED,
    REASONS,
    RESERVED,
    REVIEWED,
    SUBMITTED,
    committed,
    confirmed,
    examined,
    proposal,
    reserved,
    reviewed,
)
from tests.funding.joint import deciding

propose = ProposeDecision(
    proposal_id="p-1",
    outcome="partly",
    amount_cents=27_200,
    conditions=(INSURANCE,),
    reasons=REASONS,
    summary="Vier Räder im ersten Jahr.",
)
reject = replace(propose, outcome="rejected", amount_cents=0, conditions=())
confirm = ConfirmDecision(proposal_id="p-1")
freed = ReservationReleased(application_id="app", amount_cents=27_200)
revocation = RevocationProposed(proposal_id="v-1", legal_basis="§ 49 VwVfG", reason="Auflage verfehlt", by="otto")


def test_the_first_officer_proposes_and_the_pot_reserves():
    deciding.given(REVIEWED, POT).when(propose, by="otto").then((proposal,), (reserved,))


def test_a_retried_proposal_reserves_once():
    deciding.given(REVIEWED, POT).when(propose, propose, by="otto").then((proposal,), (reserved,))


def test_the_second_officer_confirms_and_the_pot_commits():
    deciding.given(PROPOSED, RESERVED).when(confirm, by="olga").then((confirmed,), (committed,))


def test_a_retried_confirmation_commits_once():
    deciding.given(PROPOSED, RESERVED).when(confirm, confirm, by="olga").then((confirmed,), (committed,))


def test_four_eyes_are_not_two_eyes_twice():
    deciding.given(PROPOSED, RESERVED).when(confirm, by="otto").then_rejected("same_officer")
    deciding.given(REVIEWED, POT).when(propose, by="otto", on_behalf_of="olga").then_rejected("decide_in_person")
    deciding.given(PROPOSED, RESERVED).when(confirm, by="otto", on_behalf_of="olga").then_rejected("decide_in_person")


@pytest.mark.parametrize(
    ("who", "code"), [("ann", "on_the_team"), ("bob", "on_the_team"), ("rita", "reviewed_it_yourself")]
)
def test_neither_team_nor_jury_decides(who: str, code: str):
    deciding.given(REVIEWED, POT).when(propose, by=who).then_rejected(code)
    deciding.given(PROPOSED, RESERVED).when(confirm, by=who).then_rejected(code)


def test_who_is_biased_does_not_decide():
    biased = BiasDeclared(by="olga")
    deciding.given((*PROPOSED, biased), RESERVED).when(confirm, by="olga").then_rejected("bias_declared")


@pytest.mark.parametrize("news", [TeamNoted(members=("otto",)), BiasDeclared(by="otto")])
def test_a_proposal_does_not_stand_when_its_author_turns_out_to_be_barred(news: TeamNoted | BiasDeclared):
    deciding.given((*PROPOSED, news), RESERVED).when(confirm, by="olga").then_rejected("proposer_barred")


def test_a_decision_that_would_overdraw_the_pot_is_refused_with_its_figures():
    small = (PotOpened(pot_id="fund", title="F", purpose="P", source="S", year=2026, budget_cents=27_199), *POT[1:])
    deciding.given(REVIEWED, small).when(propose, by="otto").then_rejected(
        "pot_overdrawn", wanted_cents=27_200, available_cents=27_199
    )


def test_a_second_application_gets_only_what_the_first_left():
    other = replace(reserved, application_id="other", amount_cents=80_000)
    deciding.given(REVIEWED, (*POT, other)).when(propose, by="otto").then_rejected(
        "pot_overdrawn", available_cents=20_000
    )


@pytest.mark.parametrize(
    ("outcome", "cents"), [("granted", 33_999), ("partly", 34_000), ("partly", 0), ("rejected", 1), ("granted", 34_001)]
)
def test_amount_and_outcome_must_fit(outcome: str, cents: int):
    odd = replace(propose, outcome=outcome, amount_cents=cents, conditions=())
    deciding.given(REVIEWED, POT).when(odd, by="otto").then_rejected("amount_does_not_fit", asked_cents=34_000)


def test_every_criterion_gets_its_reason():
    deciding.given(REVIEWED, POT).when(replace(propose, reasons=REASONS[:1]), by="otto").then_rejected(
        "criteria_incomplete", missing="feasibility"
    )


def test_conditions_are_named_once_and_only_on_grants():
    twice = replace(propose, conditions=(INSURANCE, INSURANCE))
    deciding.given(REVIEWED, POT).when(twice, by="otto").then_rejected("condition_twice")
    odd = replace(reject, conditions=(INSURANCE,))
    deciding.given(REVIEWED, POT).when(odd, by="otto").then_rejected("condition_on_a_rejection")


def test_a_decision_waits_for_formal_check_and_jury():
    deciding.given(SUBMITTED, POT).when(propose, by="otto").then_rejected("formal_check_open")
    unread = (*SUBMITTED, examined)
    deciding.given(unread, POT).when(propose, by="otto").then_rejected("reviews_missing", needed=1, there=0)
    deciding.given((*unread, reviewed), POT).when(propose, by="otto").then((proposal,), (reserved,))


def test_a_rejection_moves_no_money():
    proposed = replace(proposal, outcome="rejected", amount_cents=0, conditions=())
    deciding.given(REVIEWED, POT).when(reject, by="otto").then((proposed,))
    decided = DecisionConfirmed(decision_id="p-1", outcome="rejected", amount_cents=0, proposed_by="otto", by="olga")
    deciding.given((*REVIEWED, proposed), POT).when(confirm, by="olga").then((decided,))


def test_a_closed_pot_still_rejects_but_grants_no_more():
    closed = (*POT, PotClosed())
    deciding.given(REVIEWED, closed).when(propose, by="otto").then_rejected("pot_closed")
    proposed = replace(proposal, outcome="rejected", amount_cents=0, conditions=())
    deciding.given(REVIEWED, closed).when(reject, by="otto").then((proposed,))


def test_a_contrary_second_decision_is_refused():
    contrary = replace(reject, proposal_id="p-2")
    deciding.given(PROPOSED, RESERVED).when(contrary, by="olga").then_rejected("proposal_open")
    deciding.given(DECIDED, COMMITTED).when(contrary, by="olga").then_rejected("decided_already", outcome="partly")


def test_what_is_confirmed_is_what_was_proposed():
    deciding.given(PROPOSED, RESERVED).when(ConfirmDecision(proposal_id="p-0"), by="olga").then_rejected(
        "proposal_changed"
    )


def test_the_second_officer_contradicts_and_the_money_is_free():
    contradict = ContradictDecision(proposal_id="p-1", reason="Die Erlaubnis liegt vor.")
    dropped = ProposalDropped(proposal_id="p-1", reason="Die Erlaubnis liegt vor.", by="olga")
    deciding.given(PROPOSED, RESERVED).when(contradict, by="olga").then((dropped,), (freed,))
    deciding.given(PROPOSED, RESERVED).when(contradict, by="otto").then_rejected("same_officer")
    deciding.given(DECIDED, COMMITTED).when(contradict, by="olga").then_rejected("decided_already")


def test_the_first_officer_may_think_again():
    again = WithdrawProposal(proposal_id="p-1")
    dropped = ProposalDropped(proposal_id="p-1", reason="", by="otto")
    deciding.given(PROPOSED, RESERVED).when(again, by="otto").then((dropped,), (freed,))
    deciding.given(PROPOSED, RESERVED).when(again, by="olga").then_rejected("not_your_proposal")


def test_a_dropped_proposal_cannot_be_confirmed_and_another_may_follow():
    dropped = ProposalDropped(proposal_id="p-1", reason="", by="otto")
    deciding.given((*PROPOSED, dropped), (*RESERVED, freed)).when(confirm, by="olga").then_rejected("proposal_gone")
    second = replace(propose, proposal_id="p-2")
    deciding.given((*PROPOSED, dropped), (*RESERVED, freed)).when(second, by="olga").then(
        (replace(proposal, proposal_id="p-2", by="olga"),), (reserved,)
    )


def test_a_revocation_is_an_event_of_its_own_with_legal_basis_and_four_eyes():
    ask = ProposeRevocation(proposal_id="v-1", legal_basis="§ 49 VwVfG", reason="Auflage verfehlt")
    deciding.given(DECIDED, COMMITTED).when(ask, by="otto").then((revocation,))
    revoked = DecisionRevoked(
        decision_id="p-1", proposal_id="v-1", legal_basis="§ 49 VwVfG", proposed_by="otto", by="olga"
    )
    back = CommitmentReleased(application_id="app", amount_cents=27_200)
    yes = ConfirmDecision(proposal_id="v-1")
    deciding.given((*DECIDED, revocation), COMMITTED).when(yes, by="otto").then_rejected("same_officer")
    deciding.given((*DECIDED, revocation), COMMITTED).when(yes, by="olga").then((revoked,), (back,))
    deciding.given((*DECIDED, revocation, revoked), (*COMMITTED, back)).when(yes, by="olga").then_nothing()
    anew = replace(propose, proposal_id="p-2")
    deciding.given((*DECIDED, revocation, revoked), (*COMMITTED, back)).when(anew, by="otto").then(
        (replace(proposal, proposal_id="p-2"),), (reserved,)
    )


def test_a_revocation_that_is_contradicted_leaves_the_decision_as_it_was():
    no = ContradictDecision(proposal_id="v-1", reason="Auflage ist erfüllt.")
    dropped = ProposalDropped(proposal_id="v-1", reason="Auflage ist erfüllt.", by="olga")
    deciding.given((*DECIDED, revocation), COMMITTED).when(no, by="olga").then((dropped,))
    deciding.given((*DECIDED, revocation, dropped), COMMITTED).when(confirm, by="olga").then_nothing()


def test_money_that_was_paid_is_reclaimed_before_the_decision_is_revoked():
    ask = ProposeRevocation(proposal_id="v-1", legal_basis="§ 49 VwVfG", reason="Auflage verfehlt")
    paid = (*ACCEPTED, InstalmentPaid(payment_id="one", number=1, amount_cents=5_000))
    deciding.given(paid, COMMITTED).when(ask, by="otto").then_rejected("money_to_reclaim", paid_cents=5_000)


def test_an_application_is_decided_with_its_own_pot():
    other = (replace(POT[0], pot_id="other"), *POT[1:])
    deciding.given(REVIEWED, other).when(propose, by="otto").then_rejected("other_pot")
    deciding.given((), POT).when(propose, by="otto").then_rejected("not_possible_now")
