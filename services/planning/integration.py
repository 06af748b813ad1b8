"""What planning tells others, and what it does when others tell."""

from collections.abc import Iterable

from services.planning.domain import edits, plan
from shared.card import Reaction
from shared.contracts import marketplace as heard_from_marketplace
from shared.contracts import planning as told
from shared.message import Fact
from shared.remarks import TALK
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
        case edits.EditsRecorded() as recorded_edits:
            return _mentioned(recorded_edits)
    return None


def _mentioned(recorded: edits.EditsRecorded) -> told.PeopleMentioned | None:
    """Who is named in what was said, by the person whose edit it was: what a remark itself says of its author is only
    typed."""
    found = [
        told.Mention(comment=change.row, by=burst.person, part=change.part, people=people)
        for burst in recorded.bursts
        for change in burst.changes
        if change.table == TALK and change.kind == "added"
        if (people := sorted(set(str(change.new).split()) - {burst.person}))
    ]
    return told.PeopleMentioned(mentions=found) if found else None


def react(heard: Heard) -> Iterable[Reaction]:
    """A plan opens when its project becomes public."""
    if isinstance(heard.fact, heard_from_marketplace.ProjectPublished):
        yield Reaction("plan", heard.project, plan.OpenPlan())
