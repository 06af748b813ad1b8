"""Where a command acts: which streams it touches, and to which project its meeting belongs."""

from services.events.domain.announcement import AnnounceMeeting, Way
from services.events.domain.registration import registration_id
from services.events.domain.seating import GUEST
from services.events.views.calendar import Evening, evening, mine
from shared.category import NotFound
from shared.message import Command
from shared.web.forms import Fault, Invalid
from shared.web.problems import Forbidden
from shared.web.visit import Place, Visit


async def place_of(visit: Visit, category: str, id: str, command: Command) -> Place:
    """The place of `command`; `id` is that of the process, of the poll, or else of the meeting.

    Raises `NotFound`, `Forbidden` for a guest of another meeting, `Invalid` where the address and the command name
    two meetings, or where somebody says she is in the room and is not.
    """
    if category == "process":
        return Place(id)
    named = getattr(command, "meeting", None) or id
    if named != id and category != "live_poll":
        raise Invalid({"meeting": Fault("wrong_form")})
    if category == "meeting" and (project := getattr(command, "project", None)):
        return Place(id, project)  # about to be announced
    if category == "meeting" and await _known(visit, id) is None:
        return Place(id, private=not isinstance(command, AnnounceMeeting))
    found = await own_meeting(visit, named)
    way = getattr(command, "way", None)
    if way is not None and way != await way_of(visit, named):
        raise Invalid({"way": Fault("not_a_choice")})
    section = getattr(command, "section", "")
    return Place(streams(visit, category, id, named, section), found.project)


async def own_meeting(visit: Visit, id: str) -> Evening:
    """The meeting. Raises `NotFound`, and `Forbidden` for a guest, who belongs to one evening only."""
    found = await meeting_of(visit, id)
    guest = visit.session.guest if visit.session else None
    if guest and guest.meeting != id:
        raise Forbidden("another meeting")
    return found


async def meeting_of(visit: Visit, id: str) -> Evening:
    """Raises `NotFound`."""
    found = await _known(visit, id)
    if found is None:
        raise NotFound(id)
    return found


async def way_of(visit: Visit, meeting: str) -> Way:
    """How whoever asks is there: as she checked in; a guest in the room, everybody else at the screen."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        there = await mine(connection, visit.town.id, meeting, visit.person)
    return there.way or ("site" if (visit.person or "").startswith(GUEST) else "screen")


async def _known(visit: Visit, id: str) -> Evening | None:
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        return await evening(connection, visit.town.id, id)


def streams(visit: Visit, category: str, id: str, meeting: str, section: str = "") -> str | tuple[str, ...]:
    """The ids of a decision's streams; `id` is that of the poll, if it is about one."""
    match category:
        case "seating":
            return registration_id(meeting, visit.signed_in()), f"{meeting}.{section}", meeting
        case "resizing":
            return meeting, f"{meeting}.{section}"
        case "attendance":
            return registration_id(meeting, visit.signed_in()), meeting
        case "live_poll":
            return id, meeting
        case "live_agenda" | "live_speaking":
            return meeting, meeting
    return meeting
