"""Who of the jury is asked to review an application."""

from typing import TypeAlias

from shared.message import Event


# Events: stored for ever in the stream of the application. Add optional fields; never rename, retype or remove.
class ReviewerAssigned(Event):
    reviewer: str
    by: str


class ReviewerReleased(Event):
    reviewer: str
    by: str


PanelEvent: TypeAlias = ReviewerAssigned | ReviewerReleased


def evolve_panel(assigned: frozenset[str], event: PanelEvent) -> frozenset[str]:
    match event:
        case ReviewerAssigned(reviewer=reviewer):
            return assigned | {reviewer}
        case ReviewerReleased(reviewer=reviewer):
            return assigned - {reviewer}
