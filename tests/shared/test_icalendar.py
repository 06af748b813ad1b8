"""Calendar files that other programs read."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from shared.icalendar import Entry, calendar

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TABLE = Entry(
    uid="meeting-1@detmold.example",
    starts=datetime(2027, 1, 28, 17, 0, tzinfo=timezone(timedelta(hours=1))),
    ends=datetime(2027, 1, 28, 19, 30, tzinfo=timezone(timedelta(hours=1))),
    summary="Strategie-Tisch: Regenwasser, Dürre; was tun?",
    location="Rathaus am Markt",
    url="https://gemeinwerk.example/detmold/events/meetings/1",
    sequence=2,
)


def lines(file: bytes) -> list[str]:
    """Unfolded (3.1)."""
    return file.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda pair: "\n" if pair[1] == "n" else pair[1], text)


def test_a_meeting_in_local_time_is_told_in_utc():
    assert lines(calendar("Detmold", [TABLE], NOW)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Gemeinwerk//Termine//DE",
        "CALSCALE:GREGORIAN",
        "NAME:Detmold",
        "X-WR-CALNAME:Detmold",
        "BEGIN:VEVENT",
        "UID:meeting-1@detmold.example",
        "DTSTAMP:20261122T093000Z",
        "DTSTART:20270128T160000Z",
        "DTEND:20270128T183000Z",
        "SUMMARY:Strategie-Tisch: Regenwasser\\, Dürre\\; was tun?",
        "LOCATION:Rathaus am Markt",
        "URL:https://gemeinwerk.example/detmold/events/meetings/1",
        "SEQUENCE:2",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_step_of_whole_days_ends_on_the_day_after_its_last():
    step = Entry(
        uid="1", starts=date(2026, 12, 17), ends=date(2027, 1, 14), summary="Online-Beteiligung", cancelled=True
    )
    told = lines(calendar("Detmold", [step], NOW))
    assert "DTSTART;VALUE=DATE:20261217" in told
    assert "DTEND;VALUE=DATE:20270115" in told
    assert "STATUS:CANCELLED" in told


def test_nobody_smuggles_a_line_in():
    step = Entry(
        uid="1", starts=NOW, ends=NOW, summary="x\r\nATTENDEE:y", url="https://a.example/\r\nX:1", location="\x00a"
    )
    told = lines(calendar("a\nMETHOD:PUBLISH", [step], NOW))
    assert "SUMMARY:x\\nATTENDEE:y" in told
    assert "URL:https://a.example/X:1" in told
    assert "LOCATION:a" in told
    assert not [line for line in told if line.startswith(("ATTENDEE", "X:1", "METHOD"))]


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.just("\n"), max_size=300))
def test_every_text_survives_folding_and_no_line_is_too_long(text: str):
    file = calendar("x", [Entry(uid="1", starts=NOW, ends=NOW, summary=text)], NOW)
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert file.decode()  # no character was cut in two on the way
    (told,) = (line for line in lines(file) if line.startswith("SUMMARY:"))
    assert unescaped(told.removeprefix("SUMMARY:")) == text
