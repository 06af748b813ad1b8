"""A plan opens once; its revisions are numbered, each frozen once. A stretch of edits is recorded once."""

from msgspec.structs import replace

from services.planning.domain.edits import Burst, EditsRecorded, RecordEdits, edits
from services.planning.domain.plan import (
    MOST,
    DeclareReady,
    FreezeRevision,
    OpenPlan,
    PlanDeclaredReady,
    PlanOpened,
    RevisionFrozen,
    plan,
)
from shared.contracts.plan import CostLine, FinancePlan
from shared.ids import following
from tests.spec import Spec

PLAN, EDITS = Spec(plan), Spec(edits)
FINANCE = FinancePlan(
    costs=[CostLine(id="a", label="Holz", category="material", quantity=1000, unit_price_cents=800_00, month="2027-04")]
)


def revision(number: int) -> str:
    return following("revision", number)


def freeze(number: int, name: str = "vor der Beratung") -> FreezeRevision:
    return FreezeRevision(revision=revision(number), name=name, digest="ab" * 32, sequence=7, finance=FINANCE)


def frozen(number: int, by: str = "ann") -> RevisionFrozen:
    return RevisionFrozen(
        revision=revision(number),
        number=number,
        name="vor der Beratung",
        by=by,
        digest="ab" * 32,
        sequence=7,
        finance=FINANCE,
    )


def test_a_plan_opens_with_its_project():
    PLAN.given().when(OpenPlan()).then(PlanOpened())
    PLAN.given(PlanOpened()).when(OpenPlan()).then()


def test_revisions_are_numbered_and_say_who_froze_them():
    PLAN.given(PlanOpened()).when(freeze(1)).then(frozen(1))
    PLAN.given(PlanOpened(), frozen(1)).when(freeze(2), by="ben").then(frozen(2, "ben"))


def test_a_revision_is_frozen_once_whatever_came_after_it():
    PLAN.given(PlanOpened(), frozen(1), frozen(2)).when(freeze(1, "anders")).then()


def test_without_a_plan_nothing_is_frozen():
    PLAN.given().when(freeze(1)).then_rejected("not_possible_now")


def test_a_plan_has_so_many_revisions_and_no_more():
    history = (PlanOpened(), *(frozen(number) for number in range(1, MOST + 1)))
    PLAN.given(*history[:-1]).when(freeze(MOST)).then(frozen(MOST))
    PLAN.given(*history).when(freeze(MOST + 1)).then_rejected("revisions_exhausted", most=MOST)


def test_the_team_stands_by_one_revision():
    ready = PlanDeclaredReady(revision=revision(1), by="ann")
    PLAN.given(PlanOpened(), frozen(1)).when(DeclareReady(revision=revision(1))).then(ready)
    PLAN.given(PlanOpened(), frozen(1), ready).when(DeclareReady(revision=revision(1)), by="ben").then()
    other = PlanDeclaredReady(revision=revision(2), by="ann")
    PLAN.given(PlanOpened(), frozen(1), ready, frozen(2)).when(DeclareReady(revision=revision(2))).then(other)


def test_nobody_stands_by_what_is_not_frozen():
    PLAN.given(PlanOpened(), frozen(1)).when(DeclareReady(revision=revision(2))).then_rejected("revision_unknown")
    PLAN.given().when(DeclareReady(revision=revision(1))).then_rejected("not_possible_now")


def test_a_stretch_is_recorded_once():
    recorded = EditsRecorded(project="p", stream="s", since=1, until=4, bursts=(Burst("ann", "AAA=", ()),))
    command = RecordEdits(project="p", stream="s", since=1, until=4, bursts=recorded.bursts)
    EDITS.given().when(command).then(recorded)
    EDITS.given(recorded).when(replace(command, until=9)).then()
