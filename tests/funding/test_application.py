from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from services.funding.domain.application import (
    ApplicationCorrected,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    BiasDeclared,
    CorrectionAsked,
    FormalCheckCompleted,
    RecommendationRecorded,
    TeamNoted,
)
from services.funding.domain.applying import StartApplication, SubmitApplication, WithdrawApplication
from services.funding.domain.attachment import AttachmentAdded, AttachmentRemoved
from services.funding.domain.balance import ReservationReleased
from services.funding.domain.checks import Finding
from services.funding.domain.filing import (
    AskForCorrection,
    CompleteFormalCheck,
    Correct,
    DeclareBias,
    NoteTeam,
    PinRevision,
    application,
)
from services.funding.domain.jury import RecordRecommendation, RecordReview
from services.funding.domain.pot import ApplicationGone, ApplicationReceived, CallClosed, CallOpened, PotClosed
from shared.message import Command
from tests.funding.files import (
    DECIDED,
    DRAFT,
    POT,
    PROPOSED,
    RESERVED,
    REVIEWED,
    SCORES,
    SUBMITTED,
    broken,
    examined,
    fine,
    opened,
    pinned,
    reviewed,
    ruled,
    started,
    submitted,
    team,
)
from tests.funding.joint import asking
from tests.spec import Spec

spec = Spec(application)
start = StartApplication(
    application_id="app", project_id="bikes", pot_id="fund", applicant="association", rules_version=1
)
pin = PinRevision(revision_id="rev-9", digest="d1", finance_digest="d2", amount_cents=34_000, findings=(fine,))
received = ApplicationReceived(application_id="app", project_id="bikes")
review = RecordReview(review_id="r-1", scores=SCORES)
ask = AskForCorrection(correction_id="c-1", items=("Versicherungsangebot fehlt",))
asked = CorrectionAsked(correction_id="c-1", items=("Versicherungsangebot fehlt",), by="otto")


def test_an_application_starts_on_the_rules_in_force():
    asking.given(pot=POT).when(start).then(application=(started,))


def test_a_retried_start_starts_once():
    asking.given(pot=POT).when(start, start).then(application=(started,))


def test_an_application_cannot_start_on_old_rules_or_another_pot():
    asking.given(pot=POT).when(replace(start, rules_version=7)).then_rejected("rules_outdated", version=1)
    asking.given(pot=(opened,)).when(start).then_rejected("rules_outdated")
    asking.given(pot=POT).when(replace(start, pot_id="other")).then_rejected("other_pot")
    asking.given(pot=()).when(start).then_rejected("pot_not_open")
    asking.given(pot=(*POT, PotClosed())).when(start).then_rejected("pot_closed")


def test_a_pot_for_associations_refuses_a_company():
    asking.given(pot=POT).when(replace(start, applicant="company")).then_rejected("applicant_not_eligible")


def test_the_service_notes_who_is_on_the_team_and_only_what_is_new():
    spec.given(started).when(NoteTeam(members=("ann", "bob")), by="funding").then(team)
    spec.given(*DRAFT).when(NoteTeam(members=("bob",)), by="funding").then()


def test_nobody_else_says_who_is_on_the_team():
    spec.given(started).when(NoteTeam(members=("rita",)), by="ann").then_rejected("only_by_the_service")


def test_a_revision_is_pinned_by_the_team_or_by_the_service_for_it():
    spec.given(*DRAFT).when(pin, by="bob").then(pinned)
    spec.given(*DRAFT).when(pin, by="funding").then(pinned)
    spec.given(*DRAFT).when(pin, by="carl").then_rejected("not_on_the_team")


def test_a_draft_may_be_pinned_anew_but_not_for_nothing():
    other = replace(pin, revision_id="rev-10")
    spec.given(*DRAFT, pinned).when(other).then(replace(pinned, revision_id="rev-10"))
    spec.given(*DRAFT).when(replace(pin, amount_cents=0)).then_rejected("amount_not_positive")


def test_a_submission_needs_a_revision_that_breaks_no_rule():
    asking.given(DRAFT, POT).when(SubmitApplication()).then_rejected("no_revision_pinned")
    faulty = replace(pinned, findings=(broken, fine))
    asking.given((*DRAFT, faulty), POT).when(SubmitApplication()).then_rejected(
        "rules_broken", count=1, codes="category_ineligible"
    )
    asking.given((*DRAFT, pinned), POT).when(SubmitApplication()).then((submitted,), (received,))


def test_a_submission_needs_the_papers_that_the_rules_ask_for():
    offers = Finding(
        code="document_needed", failing=False, rule="6.1", facts={"document": "offers", "title": "Drei Angebote"}
    )
    asked_for = (*DRAFT, replace(pinned, findings=(fine, offers)))
    other = AttachmentAdded(attachment_id="a", digest="ab" * 32, kind="pdf", size=9, document="", by="ann")
    there = replace(other, attachment_id="b", document="offers")
    for lacking in ((), (other,), (there, AttachmentRemoved(attachment_id="b", by="ann"))):
        asking.given((*asked_for, *lacking), POT).when(SubmitApplication()).then_rejected(
            "papers_missing", papers="Drei Angebote (6.1)"
        )
    asking.given((*asked_for, there), POT).when(SubmitApplication()).then((submitted,), (received,))
    sent = (*asked_for, submitted, asked)
    spec.given(*sent).when(Correct(correction_id="c-1")).then_rejected("papers_missing")
    spec.given(*sent, there).when(Correct(correction_id="c-1")).then(
        ApplicationCorrected(correction_id="c-1", by="ann")
    )


def test_a_coordinator_submits_on_behalf_of_a_member():
    by_post = ApplicationSubmitted(call_id="spring", by="cora")
    asking.given((*DRAFT, pinned), POT).when(SubmitApplication(), by="cora", on_behalf_of="bob").then(
        (by_post,), (received,)
    )
    asking.given((*DRAFT, pinned), POT).when(SubmitApplication(), by="cora").then_rejected("not_on_the_team")


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime(2026, 3, 31, 21, 59, tzinfo=UTC), None),
        (datetime(2026, 3, 31, 22, 1, tzinfo=UTC), "outside_the_call"),
        (datetime(2025, 12, 31, 22, 59, tzinfo=UTC), "outside_the_call"),
    ],
)
def test_a_call_counts_german_days(moment: datetime, code: str | None):
    run = asking.given((*DRAFT, pinned), POT).when(SubmitApplication(), at=moment)
    if code:
        run.then_rejected(code, closes="2026-03-31")
    else:
        run.then((submitted,), (received,))


def test_a_submission_needs_an_open_call():
    asking.given((*DRAFT, pinned), (opened, ruled)).when(SubmitApplication()).then_rejected("no_open_call")
    over = (*POT, CallClosed(call_id="spring"))
    asking.given((*DRAFT, pinned), over).when(SubmitApplication()).then_rejected("no_open_call")


def test_the_deadline_of_the_amount_holds_inside_the_call():
    early = replace(pinned, until="2026-03-01")
    asking.given((*DRAFT, early), POT).when(SubmitApplication()).then_rejected("deadline_missed", until="2026-03-01")


def test_an_application_is_withdrawn_and_a_reservation_set_free():
    gone = ApplicationWithdrawn(by="ann")
    asking.given(SUBMITTED, POT).when(WithdrawApplication()).then(application=(gone,))
    free = ReservationReleased(application_id="app", amount_cents=27_200)
    asking.given(PROPOSED, RESERVED).when(WithdrawApplication()).then((gone,), (free,))
    asking.given(DECIDED, RESERVED).when(WithdrawApplication()).then_rejected("decided_already")
    spec.given(*SUBMITTED, gone).when(CompleteFormalCheck(), by="otto").then_rejected("application_withdrawn")


def test_a_project_asks_once_in_a_call():
    other = replace(started, application_id="other")
    again = (other, team, pinned)
    asking.given(again, (*POT, received)).when(SubmitApplication()).then_rejected("project_has_applied")
    gone = ApplicationGone(application_id="app", project_id="bikes")
    ours = ApplicationReceived(application_id="other", project_id="bikes")
    asking.given(again, (*POT, received, gone)).when(SubmitApplication()).then((submitted,), (ours,))
    autumn = CallOpened(call_id="spring", opens="2026-01-01", closes="2026-12-31")
    closed = CallClosed(call_id="spring")
    asking.given(again, (*POT, received, closed, autumn)).when(SubmitApplication()).then((submitted,), (ours,))
    left = ApplicationWithdrawn(by="ann")
    asking.given(SUBMITTED, (*POT, received)).when(WithdrawApplication()).then((left,), (gone,))


def test_what_is_submitted_twice_is_submitted_once():
    asking.given((*DRAFT, pinned), POT).when(SubmitApplication(), SubmitApplication()).then((submitted,), (received,))


def test_the_office_asks_for_a_correction_and_the_team_corrects():
    spec.given(*SUBMITTED).when(ask, by="otto").then(asked)
    better = replace(pin, revision_id="rev-10")
    spec.given(*SUBMITTED, asked).when(better).then(replace(pinned, revision_id="rev-10"))
    spec.given(*SUBMITTED, asked).when(Correct(correction_id="c-1")).then(
        ApplicationCorrected(correction_id="c-1", by="ann")
    )


def test_what_was_submitted_stays_pinned_until_a_correction_is_asked():
    better = replace(pin, revision_id="rev-10")
    spec.given(*SUBMITTED).when(better).then_rejected("no_correction_asked")
    spec.given(*SUBMITTED).when(Correct(correction_id="c-1")).then_rejected("no_correction_asked")
    spec.given(*SUBMITTED).when(replace(ask, items=()), by="otto").then_rejected("correction_without_items")


def test_a_correction_must_break_no_rule_either():
    faulty = replace(pinned, revision_id="rev-10", findings=(broken,))
    spec.given(*SUBMITTED, asked, faulty).when(Correct(correction_id="c-1")).then_rejected("rules_broken")


def test_the_formal_check_waits_for_the_correction():
    spec.given(*SUBMITTED).when(CompleteFormalCheck(), by="otto").then(examined)
    spec.given(*SUBMITTED, asked).when(CompleteFormalCheck(), by="otto").then_rejected("correction_open")
    corrected = ApplicationCorrected(correction_id="c-1", by="ann")
    spec.given(*SUBMITTED, asked, corrected).when(CompleteFormalCheck(), by="otto").then(
        FormalCheckCompleted(by="otto")
    )


def test_a_review_scores_every_criterion_once():
    ready = (*SUBMITTED, examined)
    spec.given(*ready).when(review, by="rita").then(reviewed)
    spec.given(*ready).when(replace(review, scores=SCORES[:1]), by="rita").then_rejected(
        "criteria_incomplete", missing="feasibility"
    )
    twice = replace(review, scores=(*SCORES, SCORES[0]))
    spec.given(*ready).when(twice, by="rita").then_rejected("criteria_incomplete")
    high = (replace(SCORES[0], points=6), SCORES[1])
    spec.given(*ready).when(replace(review, scores=high), by="rita").then_rejected("points_out_of_range", most=5)


def test_one_person_reviews_once():
    spec.given(*REVIEWED).when(replace(review, review_id="r-2"), by="rita").then_rejected("reviewed_already")


def test_a_review_waits_for_the_formal_check():
    spec.given(*SUBMITTED).when(review, by="rita").then_rejected("formal_check_open")


@pytest.mark.parametrize("command", [review, CompleteFormalCheck(), ask])
def test_the_team_neither_checks_nor_reviews_itself(command: Command):
    spec.given(*SUBMITTED).when(command, by="bob").then_rejected("on_the_team")


def test_who_declares_bias_is_out():
    biased = BiasDeclared(by="rita")
    spec.given(*SUBMITTED).when(DeclareBias(), by="rita").then(biased)
    spec.given(*SUBMITTED, examined, biased).when(review, by="rita").then_rejected("bias_declared")


def test_a_review_does_not_count_once_its_author_declares_bias():
    biased = BiasDeclared(by="rita")
    recommend = RecordRecommendation(recommendation_id="j-1", outcome="partly", amount_cents=27_200)
    spec.given(*REVIEWED).when(recommend, by="vera").then(
        RecommendationRecorded(recommendation_id="j-1", outcome="partly", amount_cents=27_200, by="vera")
    )
    spec.given(*REVIEWED, biased).when(recommend, by="vera").then_rejected("reviews_missing", needed=1, there=0)


def test_nothing_happens_to_an_application_that_was_never_started():
    spec.when(pin).then_rejected("not_possible_now")


def test_the_events_belong_to_the_project():
    assert application.project("app", application.replay(DRAFT)) == "bikes"
    assert application.project("app", application.initial) is None


def test_who_was_on_the_team_when_it_began_is_on_it():
    assert application.replay((started, TeamNoted(members=("bob", "eve")))).file.team == {"ann", "bob", "eve"}
