"""What planning tells: plans and their frozen revisions."""

from typing import TypeAlias

from msgspec import Struct

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


class Mention(Struct, frozen=True, kw_only=True):
    """`by` named these people in the remark `comment` on a part of the plan, or answered them."""

    comment: str
    by: str
    part: str
    people: list[str]


class PeopleMentioned(Fact):
    """What was said is in the plan's document; who is named gets to know that it was."""

    mentions: list[Mention]


PlanningFact: TypeAlias = PlanOpened | RevisionFrozen | PlanDeclaredReady | PeopleMentioned
