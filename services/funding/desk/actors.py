"""Who appears on the desk's pages: the team by name, offices by number, and by name where the reader may."""

from collections.abc import Iterable, Mapping

from services.funding.domain.application import (
    ApplicationEvent,
    BiasDeclared,
    RecommendationRecorded,
    ReviewRecorded,
)
from services.funding.domain.grant import InstalmentPaid, RepaymentReceived
from services.funding.domain.impartiality import SERVICE

_OFFICES = {"auditor": "Revision", "reviewer": "Jury", "treasurer": "Kasse", "funding_officer": "Förderstelle"}


class Actors:
    """Gives everybody in office a number, in the order in which they act: four eyes can be counted without names.

    `team`: names by pseudonym, open to every reader. `office`: names of those in office, None where the reader may
    not know them.
    """

    def __init__(self, team: Mapping[str, str], office: Mapping[str, str] | None = None) -> None:
        self.team = team
        self._office = office
        self._numbers: dict[str, dict[str, int]] = {}

    def label(self, person: str, office: str) -> str:
        if person in self.team:
            return self.team[person]
        if person == SERVICE:
            return "Gemeinwerk, von selbst"
        if self._office is not None:
            return f"{self._office.get(person, 'Jemand')}, {office}"
        known = self._numbers.setdefault(office, {})
        return f"{office}, {known.setdefault(person, len(known) + 1)}. Person"


def office_of(event: ApplicationEvent) -> str:
    """In which office somebody who is not on the team caused an event."""
    match event:
        case ReviewRecorded() | RecommendationRecorded():
            return "Jury"
        case BiasDeclared():
            return "Amt oder Jury"
        case InstalmentPaid() | RepaymentReceived():
            return "Kasse"
    return "Förderstelle"


def office_named(offices: Iterable[str]) -> str:
    """The name of the first of some roles; auditors look as auditors, whatever else they are."""
    held = set(offices)
    return next((name for role, name in _OFFICES.items() if role in held), "Amt")
