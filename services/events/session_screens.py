"""What the rooms of a running meeting show: plain values, with everything already worked out."""

from typing import Literal, TypeAlias

from markupsafe import Markup
from msgspec import Struct

from services.events.bars import clock_ring, poll_bar, shares, speaking_meter, time_meter
from services.events.domain.announcement import Way
from services.events.domain.outcome import ResultKind
from services.events.screens import Coming

ItemState: TypeAlias = Literal["done", "now", "later"]


class AgendaLine(Struct, frozen=True, kw_only=True):
    item_id: str
    title: str
    minutes: int
    at: str
    state: ItemState


class Clock(Struct, frozen=True, kw_only=True):
    """The item that is on, in seconds."""

    item_id: str
    title: str
    number: int
    elapsed: int
    total: int
    paused: bool = False

    @property
    def left(self) -> str:
        """`11:42`, with a true minus once the time is over."""
        rest = self.total - self.elapsed
        return f"{'−' if rest < 0 else ''}{abs(rest) // 60}:{abs(rest) % 60:02d}"

    @property
    def ring(self) -> Markup:
        return clock_ring(self.elapsed, self.total)

    @property
    def meter(self) -> Markup:
        return time_meter(self.elapsed, self.total)


class Voice(Struct, frozen=True, kw_only=True):
    """Somebody on the speaking list; `since` in words, or the time spoken so far."""

    ask_id: str
    person: str
    name: str
    way: Way
    since: str
    table: str = ""


class Speaking(Struct, frozen=True, kw_only=True):
    """`spoken`: how long the speaker has had the word, in seconds like the sums of room and screen."""

    speaker: Voice | None = None
    spoken: int = 0
    waiting: tuple[Voice, ...] = ()
    site_seconds: int = 0
    screen_seconds: int = 0

    @property
    def shares(self) -> tuple[int, int]:
        return shares(self.site_seconds, self.screen_seconds)

    @property
    def meter(self) -> Markup:
        return speaking_meter(self.site_seconds, self.screen_seconds)

    def ask_of(self, person: str | None) -> str:
        """The id of the wish with which a person waits, or ""."""
        return next((voice.ask_id for voice in self.waiting if voice.person == person), "")


class Answer(Struct, frozen=True, kw_only=True):
    option_id: str
    text: str
    site: int = 0
    screen: int = 0

    @property
    def votes(self) -> int:
        return self.site + self.screen


class Straw(Struct, frozen=True, kw_only=True):
    """A straw poll. `mine` is the answer of whoever looks, or ""; nobody sees that of another person."""

    id: str
    question: str
    answers: tuple[Answer, ...]
    open: bool
    mine: str = ""

    @property
    def site(self) -> int:
        return sum(answer.site for answer in self.answers)

    @property
    def screen(self) -> int:
        return sum(answer.screen for answer in self.answers)

    def bar(self, answer: Answer) -> Markup:
        """Its bar; the whole width stands for all votes."""
        return poll_bar(answer.site, answer.screen, self.site + self.screen)


class Result(Struct, frozen=True, kw_only=True):
    kind: ResultKind
    text: str


class Table(Struct, frozen=True, kw_only=True):
    """`code` is shown to those who lead the meeting."""

    id: str
    name: str
    guests: int = 0
    code: str = ""


class Mine(Struct, frozen=True, kw_only=True):
    """What whoever looks is to the meeting. `place`: "seat", "queue" or ""; `queue` counts from 1."""

    section: str = ""
    place: Literal["seat", "queue", ""] = ""
    queue: int = 0
    way: Way | None = None
    table: str = ""


class Live(Struct, frozen=True, kw_only=True):
    """All that moves while a meeting runs; `news` changes with every change of it."""

    meeting: Coming
    news: int
    agenda: tuple[AgendaLine, ...] = ()
    clock: Clock | None = None
    speaking: Speaking = Speaking()
    polls: tuple[Straw, ...] = ()
    results: tuple[Result, ...] = ()
    tables: tuple[Table, ...] = ()
    on_site: int = 0
    at_screen: int = 0
    mine: Mine = Mine()

    @property
    def next_item(self) -> AgendaLine | None:
        return next((line for line in self.agenda if line.state == "later"), None)

    @property
    def open_polls(self) -> tuple[Straw, ...]:
        return tuple(poll for poll in self.polls if poll.open)
