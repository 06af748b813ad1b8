"""What planning tells others, and what it does when others tell."""

from collections.abc import Iterable

from services.planning.domain import plan
from shared.contracts import marketplace as heard_from_marketplace
from shared.contracts import planning as told
from shared.message import Fact
from shared.service import Reaction
from shared.store import Recorded
from shared.view import Heard


def publish(recorded: Recorded) -> Fact | None:
    """Event → fact. The frozen finance and schedule travel along, since others judge them."""
    match recorded.event:
        case plan.PlanOpened():
            return told.PlanOpened()
        case plan.RevisionFrozen() as frozen:
            return told.RevisionFrozen(
                revision=frozen.revision,
                number=frozen.number,
                digest=frozen.digest,
                finance=frozen.finance,
                schedule=frozen.schedule,
            )
        case plan.PlanDeclaredReady(revision=revision):
            return told.PlanDeclaredReady(revision=revision)
    return None


def react(heard: Heard) -> Iterable[Reaction]:
    """A plan opens when its project becomes public."""
    if isinstance(heard.fact, heard_from_marketplace.ProjectPublished):
        yield Reaction("plan", heard.project, plan.OpenPlan())
