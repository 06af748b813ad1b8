"""The minutes of a meeting: what was on, what was written and answered, what came out; the bytes that are signed."""

from hashlib import sha256

from msgspec import Struct
from msgspec.json import Decoder

from services.events.session_screens import Live
from shared.contracts.documents import Meeting
from shared.store.codec import encode


class Point(Struct, frozen=True, kw_only=True):
    """An item of the agenda with what was written down under it, a paragraph each."""

    title: str
    minutes: int
    state: str
    text: tuple[str, ...] = ()


class Pile(Struct, frozen=True, kw_only=True):
    """A column of the board with the texts of its cards; those not sorted lie in one without a label."""

    label: str
    cards: tuple[str, ...]


class Outcome(Struct, frozen=True, kw_only=True):
    kind: str
    text: str


class Choice(Struct, frozen=True, kw_only=True):
    text: str
    site: int
    screen: int


class Mood(Struct, frozen=True, kw_only=True):
    question: str
    answers: tuple[Choice, ...]


class Minutes(Struct, frozen=True, kw_only=True):
    """Nobody's name stands in them; `site` and `screen` say how many were there."""

    meeting: str
    title: str
    starts: str
    agenda: tuple[Point, ...]
    board: tuple[Pile, ...]
    results: tuple[Outcome, ...]
    polls: tuple[Mood, ...]
    site: int
    screen: int


_decoder = Decoder(Minutes)


def minutes(live: Live, written: Meeting) -> Minutes:
    """What a live session and its document leave behind."""
    return Minutes(
        meeting=live.meeting.id,
        title=live.meeting.title,
        starts=live.meeting.starts.isoformat(),
        agenda=tuple(
            Point(title=line.title, minutes=line.minutes, state=line.state, text=_paragraphs(written, line.item_id))
            for line in live.agenda
        ),
        board=_board(written),
        results=tuple(Outcome(kind=result.kind, text=result.text) for result in live.results),
        polls=tuple(
            Mood(
                question=poll.question,
                answers=tuple(Choice(text=one.text, site=one.site, screen=one.screen) for one in poll.answers),
            )
            for poll in live.polls
        ),
        site=live.on_site,
        screen=live.at_screen,
    )


def text(of: Minutes) -> bytes:
    """Canonical JSON (RFC 8785), the same for everybody. Raises `NotCanonical`."""
    return encode(of)


def digest(body: bytes) -> str:
    """SHA-256 of the minutes' text, hex: what `SignOffMinutes` carries."""
    return sha256(body).hexdigest()


def read(body: bytes) -> Minutes:
    return _decoder.decode(body)


def _paragraphs(written: Meeting, item: str) -> tuple[str, ...]:
    return tuple(block.text for block in written.minutes.get(item, ()) if block.text.strip())


def _board(written: Meeting) -> tuple[Pile, ...]:
    piles = []
    known = {column.id for column in written.columns}
    for id, label in (*((column.id, column.label) for column in written.columns), ("", "")):
        cards = (card for card in written.cards if (card.column if card.column in known else "") == id)
        if texts := tuple(card.text for card in cards if card.text.strip()):
            piles.append(Pile(label=label, cards=texts))
    return tuple(piles)
