"""What events tells others; it needs nobody's facts but the marketplace's, for towns and roles."""

from collections.abc import Iterable
from datetime import UTC, datetime

from services.events.domain import announcement, meeting, outcome, poll, process, timetable
from services.events.domain.schedule import BrokenGap
from shared.contracts import events as told
from shared.message import Fact
from shared.store import Recorded


def publish(recorded: Recorded) -> Fact | None:
    """Event → fact: ids, dates and numbers; titles and topics are asked for at the API."""
    of = recorded.id
    match recorded.event:
        case process.ProcessStarted() as began:
            return _started(of, began)
        case timetable.StepRescheduled(step=step, dated=dated, broken=gaps):
            return told.StepRescheduled(process=of, step=step, day=dated.day.isoformat(), broken=_gaps(gaps))
        case timetable.AnchorMoved(anchor=anchor, broken=gaps):
            return told.AnchorMoved(process=of, anchor=anchor.isoformat(), broken=_gaps(gaps))
        case announcement.MeetingAnnounced() as said:
            return _announced(of, said)
        case announcement.MeetingMoved(starts=starts, ends=ends):
            return told.MeetingMoved(meeting=of, starts=_utc(starts), ends=_utc(ends))
        case meeting.MeetingCancelled():
            return told.MeetingCancelled(meeting=of)
        case meeting.MeetingStarted():
            return told.MeetingStarted(meeting=of)
        case meeting.MeetingEnded():
            return told.MeetingEnded(meeting=of)
        case outcome.MinutesSignedOff(minutes=minutes):
            return told.MinutesSignedOff(meeting=of, minutes=minutes)
        case poll.PollClosed(meeting=evening, counts=counts):
            votes = tuple(told.Votes(option=one.option_id, site=one.site, screen=one.screen) for one in counts)
            return told.PollClosed(meeting=evening, poll=of, counts=votes)
    return None


def _started(id: str, event: process.ProcessStarted) -> told.ProcessStarted:
    return told.ProcessStarted(
        process=id,
        template=event.template.key,
        anchor=event.anchor.isoformat(),
        version=event.template.version,
        digest=event.digest,
    )


def _announced(id: str, event: announcement.MeetingAnnounced) -> told.MeetingAnnounced:
    return told.MeetingAnnounced(
        meeting=id,
        format=event.format,
        starts=_utc(event.starts),
        ends=_utc(event.ends),
        mode=event.mode,
        process=event.process,
        step=event.step,
    )


def _gaps(gaps: Iterable[BrokenGap]) -> tuple[told.Gap, ...]:
    return tuple(
        told.Gap(step=gap.step, to=gap.to, required_days=gap.required_days, actual_days=gap.actual_days) for gap in gaps
    )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
