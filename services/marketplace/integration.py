"""What the marketplace tells others, and what it does when others tell."""

from services.marketplace.domain import municipality, need, person, project, team
from shared.contracts import marketplace as told
from shared.message import Fact
from shared.store import Recorded


def publish(recorded: Recorded) -> Fact | None:
    """Event → fact: what others need to know, without a word that a person wrote."""
    match recorded.event:
        case municipality.MunicipalityOpened(opened=name):
            return told.MunicipalityOpened(opened=name)
        case municipality.MunicipalityDescribed(name=name, land=land, town=town, districts=districts):
            seen = [told.District(district.key, district.name, district.x, district.y) for district in districts]
            return told.MunicipalityDescribed(name=name, land=land, town=town, districts=seen)
        case person.RoleGranted(role=role, until=until):
            return told.RoleGranted(person=recorded.id, role=role, until=until)
        case person.RoleRevoked(role=role):
            return told.RoleRevoked(person=recorded.id, role=role)
        case (
            project.ProjectPublished(phase=phase, district=district)
            | project.ProjectRestored(phase=phase, district=district)
        ):
            return told.ProjectPublished(phase=phase, district=district)
        case project.ProjectPhaseMoved(phase=phase):
            return told.ProjectPhaseMoved(phase=phase)
        case project.ProjectHidden():
            return told.ProjectHidden()
        case team.TeamFounded(lead=lead):
            return told.MemberJoined(person=lead, role="lead")
        case team.MemberJoined(person=joined, role=role) | team.RoleGiven(person=joined, role=role):
            return told.MemberJoined(person=joined, role=role)
        case team.MemberLeft(person=left):
            return told.MemberLeft(person=left)
        case need.NeedPublished(kind=kind):
            return told.NeedPublished(need=recorded.id, kind=kind)
        case need.OfferMade(offer=offer):
            return told.OfferMade(need=recorded.id, offer=offer)
        case need.OfferWithdrawn(offer=offer):
            return told.OfferWithdrawn(need=recorded.id, offer=offer)
        case need.OfferAccepted():
            return told.NeedFulfilled(need=recorded.id, by=recorded.entry.actor)
        case need.NeedWithdrawn():
            return told.NeedWithdrawn(need=recorded.id, by=recorded.entry.actor)
    return None
