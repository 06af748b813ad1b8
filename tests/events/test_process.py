"""The process: started from a template, moved, gone through."""

from datetime import date

from services.events.domain.holidays import Land
from services.events.domain.process import ProcessStarted, ProcessStopped, StartProcess, StopProcess, process
from services.events.domain.progress import (
    AttachDocument,
    BeginStep,
    CompleteStep,
    DocumentAttached,
    SkipStep,
    StepBegun,
    StepCompleted,
    StepSkipped,
)
from services.events.domain.schedule import BrokenGap, dates, place
from services.events.domain.template import digest
from services.events.domain.timetable import AnchorMoved, MoveAnchor, RescheduleStep, StepRescheduled
from tests.events.shipped import shipped
from tests.spec import Spec

TEMPLATE = shipped("zukunftstisch")
ANCHOR = date(2027, 1, 28)
TOO_LATE = date(2027, 1, 7)  # three weeks before table 2
FILE = "ab" * 32
spec = Spec(process)
start = StartProcess(template=TEMPLATE, topic="Regenwasser in der Stadt", land=Land.NW, anchor=ANCHOR, goal="3")
started = ProcessStarted(
    template=TEMPLATE,
    digest=digest(TEMPLATE),
    topic="Regenwasser in der Stadt",
    land=Land.NW,
    anchor=ANCHOR,
    dates=dates(TEMPLATE, ANCHOR, Land.NW),
    goal="3",
)
short = BrokenGap("table_1", "table_2", -28, -21)
table_1_moved = StepRescheduled(
    step="table_1", dated=place(TEMPLATE.step("table_1"), TOO_LATE), broken=(short,), reason="Weihnachtsferien"
)


def test_a_process_starts_with_all_its_dates_and_its_template_inside():
    spec.when(start).then(started)
    assert started.dates["preparation"].day == date(2026, 11, 19)


def test_a_process_does_not_start_twice_with_another_topic():
    other = StartProcess(template=TEMPLATE, topic="Mobilität", land=Land.NW, anchor=ANCHOR)
    spec.given(started).when(other).then_rejected("not_possible_now")


def test_a_step_moves_freely_as_long_as_every_gap_holds():
    dated = place(TEMPLATE.step("decision"), date(2027, 3, 4))
    move = RescheduleStep(step="decision", day=date(2027, 3, 4))
    spec.given(started).when(move).then(StepRescheduled(step="decision", dated=dated))


def test_a_broken_gap_is_refused_and_named():
    spec.given(started).when(RescheduleStep(step="table_1", day=TOO_LATE)).then_rejected(
        "gap_too_short", step="Expertisen-Tisch", to="Strategie-Tisch", required_days=28, actual_days=21
    )


def test_every_broken_gap_is_named():
    early = RescheduleStep(step="table_1", day=date(2026, 12, 24))
    late_start = StepRescheduled(step="preparation", dated=place(TEMPLATE.step("preparation"), date(2026, 11, 12)))
    spec.given(started, late_start).when(RescheduleStep(step="table_1", day=date(2026, 12, 17))).then_rejected(
        "gap_too_short", gaps=[
            {"step": "Vorbereitung mit Kernteam", "to": "Expertisen-Tisch", "required_days": 42, "actual_days": 35}
        ],
    )  # fmt: skip
    spec.given(started, late_start).when(early).then(
        StepRescheduled(step="table_1", dated=place(TEMPLATE.step("table_1"), date(2026, 12, 24)))
    )


def test_a_broken_gap_with_a_reason_is_recorded_with_both():
    move = RescheduleStep(step="table_1", day=TOO_LATE, reason="Weihnachtsferien")
    spec.given(started).when(move).then(table_1_moved)


def test_spaces_are_no_reason():
    move = RescheduleStep(step="table_1", day=TOO_LATE, reason="  ")
    spec.given(started).when(move).then_rejected("gap_too_short")


def test_an_exception_once_given_needs_no_second_reason_for_other_changes():
    day = date(2027, 3, 11)
    spec.given(started, table_1_moved).when(RescheduleStep(step="evaluation", day=day)).then(
        StepRescheduled(step="evaluation", dated=place(TEMPLATE.step("evaluation"), day))
    )


def test_the_anchor_moves_with_all_that_follows_from_it():
    anchor = date(2027, 2, 4)
    spec.given(started).when(MoveAnchor(anchor=anchor)).then(
        AnchorMoved(anchor=anchor, dates=dates(TEMPLATE, anchor, Land.NW))
    )


def test_moving_the_anchor_mends_a_gap_and_leaves_dates_set_by_hand():
    anchor = date(2027, 2, 4)
    expected = dates(TEMPLATE, anchor, Land.NW) | {"table_1": table_1_moved.dated}
    spec.given(started, table_1_moved).when(MoveAnchor(anchor=anchor)).then(AnchorMoved(anchor=anchor, dates=expected))


def test_an_anchor_drawn_too_near_to_what_has_begun_names_the_gap():
    spec.given(started, StepBegun(step="table_1")).when(MoveAnchor(anchor=date(2027, 1, 21))).then_rejected(
        "gap_too_short", step="Expertisen-Tisch", actual_days=21
    )


def test_the_anchor_step_is_not_moved_alone():
    spec.given(started).when(RescheduleStep(step="table_2", day=date(2027, 2, 1))).then_rejected("anchor_moves_all")


def test_the_anchor_stays_once_it_has_begun():
    spec.given(started, StepBegun(step="table_2")).when(MoveAnchor(anchor=date(2027, 2, 4))).then_rejected(
        "step_settled"
    )


def test_what_has_begun_keeps_its_date():
    spec.given(started, StepBegun(step="preparation")).when(
        RescheduleStep(step="preparation", day=date(2026, 11, 12))
    ).then_rejected("step_settled", step="Vorbereitung mit Kernteam")


def test_a_step_begins_and_is_completed():
    spec.given(started).when(BeginStep(step="preparation"), CompleteStep(step="preparation")).then(
        StepBegun(step="preparation"), StepCompleted(step="preparation")
    )


def test_a_step_is_not_completed_before_it_has_begun():
    spec.given(started).when(CompleteStep(step="motion")).then_rejected("step_not_begun", step="Beschlussvorlage")


def test_only_an_optional_step_is_left_out():
    spec.given(started).when(SkipStep(step="factions", reason="Alle sind beteiligt")).then(
        StepSkipped(step="factions", reason="Alle sind beteiligt")
    )
    spec.given(started).when(SkipStep(step="table_1", reason="Keine Zeit")).then_rejected("step_not_optional")


def test_a_step_left_out_breaks_no_gap_any_more():
    skipped = StepSkipped(step="participation", reason="Kein Bedarf")
    state = process.replay([started, skipped])
    assert "participation" not in state.timetable.dates
    spec.given(started, skipped).when(BeginStep(step="participation")).then_rejected("step_settled")


def test_a_document_is_attached_once():
    attach = AttachDocument(document_id="d1", step="material", file=FILE, kind="thesis_paper")
    spec.given(started).when(attach, attach).then(
        DocumentAttached(document_id="d1", step="material", file=FILE, kind="thesis_paper")
    )


def test_a_document_owed_by_another_step_is_refused():
    attach = AttachDocument(document_id="d1", step="table_1", file=FILE, kind="thesis_paper")
    spec.given(started).when(attach).then_rejected("document_not_of_step")


def test_an_unknown_step_is_named():
    spec.given(started).when(BeginStep(step="party")).then_rejected("step_unknown", step="party")


def test_a_stopped_process_goes_no_further():
    stop = StopProcess(reason="Thema erledigt")
    spec.given(started).when(stop).then(ProcessStopped(reason="Thema erledigt"))
    spec.given(started, ProcessStopped(reason="x")).when(BeginStep(step="material")).then_rejected("not_possible_now")
