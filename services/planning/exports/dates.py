"""The milestones of a plan for everybody's own calendar."""

from datetime import date

from services.planning.exports.edition import Edition
from shared.icalendar import Entry, calendar


def milestones(edition: Edition) -> bytes:
    """An iCalendar file of whole days; a milestone without a day is not in it."""
    entries = [
        Entry(
            uid=f"milestone-{row.id}@{edition.project}.{edition.municipality}.gemeinwerk",
            starts=date.fromisoformat(row.day),
            ends=date.fromisoformat(row.day),
            summary=f"{row.label or 'Meilenstein'} ({edition.title})",
            url=f"{edition.address}/schedule",
        )
        for row in edition.plan.milestones
        if row.day
    ]
    return calendar(f"Meilensteine: {edition.title}", entries, edition.at)
