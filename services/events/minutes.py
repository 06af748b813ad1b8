"""The minutes of a meeting as the very bytes that are signed: what was on, how it was answered, what came out."""

from hashlib import sha256

from services.events.screens import Live
from shared.store.codec import encode


def minutes(live: Live) -> bytes:
    """Canonical JSON (RFC 8785), the same for everybody; nobody's name is in it."""
    return encode(
        {
            "meeting": live.meeting.id,
            "title": live.meeting.title,
            "starts": live.meeting.starts.isoformat(),
            "agenda": [{"title": line.title, "minutes": line.minutes, "state": line.state} for line in live.agenda],
            "results": [{"kind": result.kind, "text": result.text} for result in live.results],
            "polls": [
                {
                    "question": poll.question,
                    "answers": [
                        {"text": answer.text, "site": answer.site, "screen": answer.screen} for answer in poll.answers
                    ],
                }
                for poll in live.polls
            ],
            "present": {"site": live.on_site, "screen": live.at_screen},
        }
    )


def digest(live: Live) -> str:
    """SHA-256 of the minutes, hex: what `SignOffMinutes` carries."""
    return sha256(minutes(live)).hexdigest()
