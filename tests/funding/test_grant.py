from msgspec.structs import replace

from services.funding.domain.application import ApplicationWithdrawn
from services.funding.domain.balance import CommitmentReleased, MoneyPaid, MoneyReturned
from services.funding.domain.filing import application
from services.funding.domain.grant import (
    AcceptDecision,
    ConditionFulfilled,
    DecisionAccepted,
    FulfilCondition,
    GrantClosed,
    InstalmentPaid,
    ProofChecked,
    ProofSubmitted,
    RepaymentReceived,
    SpentLine,
    SubmitProof,
)
from services.funding.domain.payment import CheckProof, PayInstalment, RecordRepayment
from services.funding.domain.verdict import (
    AnswerObjection,
    DecisionRevoked,
    IssueLetter,
    IssueRevocationLetter,
    LetterIssued,
    ObjectionAnswered,
    ObjectionRecorded,
    RecordObjection,
    RevocationLetterIssued,
    RevocationProposed,
)
from tests.funding.files import ACCEPTED, COMMITTED, DECIDED, REVIEWED, proposal
from tests.funding.joint import paying
from tests.spec import Spec

spec = Spec(application)
first = PayInstalment(payment_id="one", amount_cents=16_320)
second = PayInstalment(payment_id="two", amount_cents=10_880)
FIRST = InstalmentPaid(payment_id="one", number=1, amount_cents=16_320)
MOVED = MoneyPaid(application_id="app", payment_id="one", amount_cents=16_320)
insured = ConditionFulfilled(condition_id="insurance", by="otto")
proof = SubmitProof(proof_id="n-1", spent_cents=15_000, receipts=12, digest="d9")
proven = ProofSubmitted(proof_id="n-1", spent_cents=15_000, receipts=12, digest="d9", by="ann")
letter = LetterIssued(letter_id="l-1", digest="d3")


def test_the_team_accepts_once():
    spec.given(*DECIDED).when(AcceptDecision(), AcceptDecision()).then(DecisionAccepted(by="ann"))
    spec.given(*DECIDED).when(AcceptDecision(), by="otto").then_rejected("not_on_the_team")
    spec.given(*REVIEWED).when(AcceptDecision()).then_rejected("not_possible_now")


def test_an_instalment_leaves_the_pot_once():
    paying.given(ACCEPTED, COMMITTED).when(first, first, by="tina").then((FIRST,), (MOVED,))


def test_nothing_is_paid_before_the_decision_is_accepted():
    paying.given(DECIDED, COMMITTED).when(first, by="tina").then_rejected("decision_not_accepted")


def test_the_team_does_not_pay_itself():
    paying.given(ACCEPTED, COMMITTED).when(first, by="bob").then_rejected("on_the_team")


def test_more_than_the_grant_is_never_paid():
    much = replace(first, amount_cents=27_201)
    paying.given(ACCEPTED, COMMITTED).when(much, by="tina").then_rejected("beyond_the_grant", left_cents=27_200)
    paying.given((*ACCEPTED, insured, FIRST), (*COMMITTED, MOVED)).when(
        replace(second, amount_cents=10_881), by="tina"
    ).then_rejected("beyond_the_grant", left_cents=10_880)


def test_a_condition_holds_back_the_second_instalment_until_it_is_fulfilled():
    paying.given((*ACCEPTED, FIRST), (*COMMITTED, MOVED)).when(second, by="tina").then_rejected(
        "condition_open", instalment=2
    )
    spec.given(*ACCEPTED).when(FulfilCondition(condition_id="insurance"), by="otto").then(insured)
    paying.given((*ACCEPTED, FIRST, insured), (*COMMITTED, MOVED)).when(second, by="tina").then(
        (InstalmentPaid(payment_id="two", number=2, amount_cents=10_880),),
        (MoneyPaid(application_id="app", payment_id="two", amount_cents=10_880),),
    )


def test_an_unknown_condition_cannot_be_fulfilled():
    spec.given(*ACCEPTED).when(FulfilCondition(condition_id="x"), by="otto").then_rejected("unknown_condition")


def test_a_proof_that_spent_less_gives_back_and_frees_what_was_not_paid():
    paid = ((*ACCEPTED, FIRST), (*COMMITTED, MOVED))
    spec.given(*paid[0]).when(proof).then(proven)
    checked = ProofChecked(proof_id="n-1", accepted_cents=15_000, due_cents=1_320, by="otto")
    rest = CommitmentReleased(application_id="app", amount_cents=10_880)
    check = CheckProof(proof_id="n-1", accepted_cents=15_000)
    paying.given((*paid[0], proven), paid[1]).when(check, by="otto").then((checked,), (rest,))
    back = RecordRepayment(return_id="b-1", amount_cents=1_320)
    after = ((*paid[0], proven, checked), (*paid[1], rest))
    paying.given(*after).when(replace(back, amount_cents=1_321), by="tina").then_rejected(
        "beyond_what_is_due", due_cents=1_320
    )
    paying.given(*after).when(back, by="tina").then(
        (RepaymentReceived(return_id="b-1", amount_cents=1_320), GrantClosed()),
        (MoneyReturned(application_id="app", return_id="b-1", amount_cents=1_320),),
    )
    over = ((*after[0], insured), after[1])
    paying.given(*over).when(second, by="tina").then_rejected("beyond_the_grant", left_cents=0)


def test_lines_of_a_proof_add_up_and_stand_there_once():
    history = (*ACCEPTED, FIRST)
    bikes = SpentLine(line_id="k1", spent_cents=14_000, receipts=10)
    lock = SpentLine(line_id="k2", spent_cents=1_000, receipts=2)
    spec.given(*history).when(replace(proof, lines=(bikes, lock))).then(replace(proven, lines=(bikes, lock)))
    spec.given(*history).when(replace(proof, lines=(bikes,))).then_rejected("lines_do_not_add_up", lines_cents=14_000)
    spec.given(*history).when(replace(proof, lines=(bikes, bikes))).then_rejected("line_twice")


def test_accepting_less_than_was_spent_needs_a_reason():
    paid = ((*ACCEPTED, FIRST, proven), (*COMMITTED, MOVED))
    check = CheckProof(proof_id="n-1", accepted_cents=14_000)
    paying.given(*paid).when(check, by="otto").then_rejected("reduction_without_reason", spent_cents=15_000)
    why = "Bewirtung wird nicht gefördert."
    reduced = ProofChecked(proof_id="n-1", accepted_cents=14_000, due_cents=2_320, by="otto", reason=why)
    rest = CommitmentReleased(application_id="app", amount_cents=10_880)
    paying.given(*paid).when(replace(check, reason=why), by="otto").then((reduced,), (rest,))


def test_a_proof_that_spent_all_closes_the_grant():
    all_paid = InstalmentPaid(payment_id="one", number=1, amount_cents=27_200)
    moved = replace(MOVED, amount_cents=27_200)
    check = CheckProof(proof_id="n-1", accepted_cents=27_200)
    paying.given((*ACCEPTED, all_paid, proven), (*COMMITTED, moved)).when(check, by="otto").then(
        (ProofChecked(proof_id="n-1", accepted_cents=27_200, due_cents=0, by="otto"), GrantClosed())
    )


def test_only_a_proof_that_is_there_is_checked_and_not_beyond_what_was_paid():
    check = CheckProof(proof_id="n-1", accepted_cents=16_321)
    paying.given((*ACCEPTED, FIRST), (*COMMITTED, MOVED)).when(check, by="otto").then_rejected("no_such_proof")
    paying.given((*ACCEPTED, FIRST, proven), (*COMMITTED, MOVED)).when(check, by="otto").then_rejected(
        "beyond_what_was_paid", paid_cents=16_320
    )
    spec.given(*DECIDED).when(proof).then_rejected("decision_not_accepted")


def test_every_revocation_gets_one_letter_whatever_happened_since():
    asked = RevocationProposed(proposal_id="v-1", legal_basis="§ 49 VwVfG", reason="Auflage verfehlt", by="otto")
    revoked = DecisionRevoked(
        decision_id="p-1", proposal_id="v-1", legal_basis="§ 49 VwVfG", proposed_by="otto", by="olga"
    )
    issue = IssueRevocationLetter(letter_id="l-2", revocation_id="v-1", digest="d4")
    issued = RevocationLetterIssued(letter_id="l-2", revocation_id="v-1", digest="d4")
    for since in ((), (replace(proposal, proposal_id="p-2"),), (ApplicationWithdrawn(by="ann"),)):
        spec.given(*DECIDED, asked, revoked, *since).when(issue, by="funding").then(issued)
    spec.given(*DECIDED, asked, revoked).when(issue, by="otto").then_rejected("only_by_the_service")
    spec.given(*DECIDED, asked).when(issue, by="funding").then_rejected("not_possible_now")


def test_a_letter_is_issued_and_opens_the_way_to_an_objection():
    spec.given(*DECIDED).when(IssueLetter(letter_id="l-1", digest="d3"), by="funding").then(letter)
    object_ = RecordObjection(objection_id="o-1", received_on="2026-04-02")
    objected = ObjectionRecorded(objection_id="o-1", received_on="2026-04-02", by="ann")
    spec.given(*DECIDED).when(object_).then_rejected("letter_not_issued")
    spec.given(*DECIDED, letter).when(object_).then(objected)
    other = replace(object_, objection_id="o-2")
    spec.given(*DECIDED, letter, objected).when(other).then_rejected("objection_open")
    answer = AnswerObjection(objection_id="o-1", answer="decision_upheld", reason="Kein neuer Umstand.")
    answered = ObjectionAnswered(objection_id="o-1", answer="decision_upheld", reason="Kein neuer Umstand.", by="olga")
    spec.given(*DECIDED, letter, objected).when(answer, by="olga").then(answered)
    contrary = replace(answer, answer="decision_changed")
    spec.given(*DECIDED, letter, objected, answered).when(contrary, by="olga").then_rejected(
        "objection_answered_already"
    )
