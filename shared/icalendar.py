"""Dates as an iCalendar file, for everybody's own calendar (RFC 5545)."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

_FOLD = 75  # octets without the line break (RFC 5545, 3.1)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Entry(Struct, frozen=True, kw_only=True):
    """`starts` and `ends` are both moments, or both days, the last one included; `sequence` grows with every change."""

    uid: str
    starts: datetime | date
    ends: datetime | date
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    sequence: int = 0
    cancelled: bool = False


def calendar(name: str, entries: Iterable[Entry], now: datetime) -> bytes:
    """The whole file; serve it as `text/calendar; charset=utf-8`."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gemeinwerk//Termine//DE", "CALSCALE:GREGORIAN"]
    lines += [f"NAME:{_escaped(name)}", f"X-WR-CALNAME:{_escaped(name)}"]
    for entry in entries:
        lines += _event(entry, now)
    lines.append("END:VCALENDAR")
    return b"".join(folded + b"\r\n" for line in lines for folded in _folded(line))


def _event(entry: Entry, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(entry.uid)}"
    yield f"DTSTAMP:{_moment(now)}"
    if isinstance(entry.starts, datetime) and isinstance(entry.ends, datetime):
        yield f"DTSTART:{_moment(entry.starts)}"
        yield f"DTEND:{_moment(entry.ends)}"
    else:
        yield f"DTSTART;VALUE=DATE:{entry.starts:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{entry.ends + timedelta(days=1):%Y%m%d}"  # the end is the first day after (3.6.1)
    yield f"SUMMARY:{_escaped(entry.summary)}"
    if entry.description:
        yield f"DESCRIPTION:{_escaped(entry.description)}"
    if entry.location:
        yield f"LOCATION:{_escaped(entry.location)}"
    if entry.url:
        yield "URL:" + "".join(_CONTROL.sub("", entry.url).split())  # a URI is no text: not escaped (3.3.13)
    yield f"SEQUENCE:{entry.sequence}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield "END:VEVENT"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """A TEXT value (3.3.11): backslash, semicolon, comma and line break are escaped; other controls are no text."""
    plain = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[bytes]:
    """Lines of at most 75 octets; a continuation begins with a space, and no character is cut in two."""
    part = b""
    for letter in line:
        octets = letter.encode()
        if len(part) + len(octets) > _FOLD:
            yield part
            part = b" "
        part += octets
    yield part
