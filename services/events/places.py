"""Where a command acts: which streams it touches, and to which project its meeting belongs."""

from services.events.domain.attendance import CheckIn, JoinTable
from services.events.domain.registration import registration_id
from services.events.domain.seating import CancelRegistration, Register, ResizeSection
from services.events.views.calendar import Evening, evening
from shared.category import NotFound
from shared.message import Command
from shared.web.forms import Fault, Invalid
from shared.web.problems import Forbidden
from shared.web.visit import Place, Visit


async def place_of(visit: Visit, category: str, id: str, command: Command) -> Place:
    """The place of `command`; `id` is that of the process, of the poll, or else of the meeting.

    Raises `NotFound`, `Forbidden` for a guest of another meeting, `Invalid` where the address and the command name
    two meetings.
    """
    if category == "process":
        return Place(id)
    if category == "meeting" and not await _known(visit, id):
        return Place(id, getattr(command, "project", None))  # about to be announced
    named = getattr(command, "meeting", None)
    if named is not None and named != id and category != "live_poll":
        raise Invalid({"meeting": Fault("wrong_form")})
    meeting = await meeting_of(visit, named or id)
    own_meeting(visit, meeting.coming.id)
    return Place(_streams(visit, category, id, meeting.coming.id, command), meeting.project)


async def meeting_of(visit: Visit, id: str) -> Evening:
    """Raises `NotFound`."""
    found = await _known(visit, id)
    if found is None:
        raise NotFound(id)
    return found


def own_meeting(visit: Visit, meeting: str) -> None:
    """A guest belongs to one evening only. Raises `Forbidden`."""
    guest = visit.session.guest if visit.session else None
    if guest and guest.meeting != meeting:
        raise Forbidden("another meeting")


async def _known(visit: Visit, id: str) -> Evening | None:
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        return await evening(connection, visit.town.id, id)


def _streams(visit: Visit, category: str, id: str, meeting: str, command: Command) -> str | tuple[str, ...]:
    match category, command:
        case "seating", Register(section=section) | CancelRegistration(section=section):
            return registration_id(meeting, visit.signed_in()), f"{meeting}.{section}", meeting
        case "resizing", ResizeSection(section=section):
            return meeting, f"{meeting}.{section}"
        case "attendance", CheckIn() | JoinTable():
            return registration_id(meeting, visit.signed_in()), meeting
        case "live_poll", _:
            return id, meeting
        case "live_agenda" | "live_speaking", _:
            return meeting, meeting
    return meeting
