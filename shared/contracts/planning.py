"""What planning tells: plans and their frozen revisions."""

from typing import TypeAlias

from shared.contracts.plan import FinancePlan, SchedulePlan
from shared.message import Fact


class PlanOpened(Fact):
    pass


class RevisionFrozen(Fact):
    """A revision that never changes again: what others judge. `digest` is the SHA-256 of its content, hex."""

    revision: str
    number: int
    digest: str
    finance: FinancePlan
    schedule: SchedulePlan | None = None


class PlanDeclaredReady(Fact):
    """The team stands by this revision."""

    revision: str


PlanningFact: TypeAlias = PlanOpened | RevisionFrozen | PlanDeclaredReady
