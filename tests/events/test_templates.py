"""The pages of events with everything on them, and with nothing yet."""

from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest

from services.events.domain.holidays import Land
from services.events.domain.schedule import dates, place
from services.events.drawings import timeline
from services.events.minutes import digest, minutes, read, text
from services.events.outline import public_holidays, rows, span
from services.events.screens import Broken, Coming, Course, ListedStep, Paper, Part, Quarter, Remedy
from services.events.session_screens import AgendaLine, Answer, Clock, Live, Mine, Result, Speaking, Straw, Table, Voice
from services.events.weeks import weeks_from
from shared.contracts.documents import Block, Card, Column, Meeting, Span
from shared.municipalities import Municipality
from shared.web.problems import Problem
from shared.web.render import Me, Page, Renderer
from shared.web.visit import Refused
from tests.events.shipped import shipped

TEMPLATE, ANCHOR = shipped("zukunftstisch"), date(2027, 1, 28)
KIM = Me("kim", "Kim O.", frozenset({"coordinator"}))
MEETING = Coming(
    id="m1",
    title="Strategie-Tisch <Regenwasser>",
    format="strategy_table",
    mode="hybrid",
    starts=datetime(2027, 1, 28, 16, tzinfo=UTC),
    ends=datetime(2027, 1, 28, 18, 30, tzinfo=UTC),
    place="Rathaus am Markt",
    stage="running",
    free=7,
)
POLL = Straw(
    id="p1",
    question="Soll die Stadt Zisternen fördern?",
    open=True,
    mine="yes",
    answers=(Answer(option_id="yes", text="Ja", site=7, screen=4), Answer(option_id="no", text="Nein", site=1)),
)
FULL = Live(
    meeting=MEETING,
    news=7,
    agenda=(
        AgendaLine(item_id="a", title="Ankommen", minutes=15, at="17:00", state="done"),
        AgendaLine(item_id="b", title="Karten", minutes=30, at="17:15", state="now"),
        AgendaLine(item_id="c", title="Optionen", minutes=30, at="17:45", state="later"),
    ),
    clock=Clock(item_id="b", title="Karten", number=2, elapsed=1098, total=1800),
    speaking=Speaking(
        speaker=Voice(ask_id="1", person="gerd", name="Gerd", way="site", since="1:24", table="Tisch 1"),
        waiting=(Voice(ask_id="2", person="kim", name="Kim O.", way="screen", since="seit 2 Min."),),
        site_seconds=71,
        screen_seconds=29,
    ),
    polls=(POLL, Straw(id="p2", question="Weiter?", open=False, answers=POLL.answers)),
    results=(Result(kind="option", text="Zisternen fördern"),),
    tables=(Table(id="t1", name="Tisch 1", guests=4, code="REGEN-47"),),
    on_site=14,
    at_screen=6,
    mine=Mine(section="hall", place="queue", queue=3, way="site", table="Tisch 3"),
)
EMPTY = Live(meeting=Coming(
    id="m2", title="Kneipenabend", format="pub_evening", mode="online", starts=MEETING.starts, ends=MEETING.ends,
    place="", stage="announced",
), news=0)  # fmt: skip
MINUTES = minutes(
    FULL,
    Meeting(
        minutes={"b": (Block(kind="paragraph", spans=(Span(text="Zisternen <lohnen> sich."),)),)},
        columns=(Column(id="c", label="Ideen"),),
        cards=(Card(id="1", text="Regentonnen", column="c"), Card(id="2", text="Schilf", column="gone")),
    ),
)
PARTS = (
    Part(key="hall", way="site", capacity=24, free=0, waiting=2),
    Part(key="screen", way="screen", capacity=None, free=None),
)
REFUSED = Refused(Problem(status=409, code="meeting_is_over"), {})
COURSE = Course(
    id="p", topic="Regenwasser", template="Zukunftstisch", anchor=ANCHOR, done=2, total=9,
    next_title="Expertisen-Tisch", next_day=date(2027, 1, 7), gaps_broken=1,
)  # fmt: skip


def process_page(*, with_gap: bool) -> dict[str, object]:
    found = dates(TEMPLATE, ANCHOR, Land.NW)
    if with_gap:
        found["table_1"] = place(TEMPLATE.step("table_1"), date(2027, 1, 7))
    steps = rows(TEMPLATE, found, {"preparation": "begun"} if with_gap else {})
    listed = [
        ListedStep(
            drawn=step,
            week=weeks_from(ANCHOR, step.day),
            optional=TEMPLATE.step(step.key).optional,
            papers=(Paper(title="Fahrplan", due=step.day), Paper(title="Fragen", file="ab" * 32)) if with_gap else (),
            meeting=MEETING if with_gap and step.is_anchor else None,
        )
        for step in steps
    ]
    remedies = (
        Remedy(step="table_1", title="Expertisen-Tisch", day=date(2026, 12, 31), moves_anchor=False),
        Remedy(step="table_2", title="Strategie-Tisch", day=date(2027, 2, 4), moves_anchor=True),
    )
    gap = Broken(
        step="Expertisen-Tisch", to="Strategie-Tisch", step_day=date(2027, 1, 7), required="4", actual="3", before=True,
        remedies=remedies,
    )  # fmt: skip
    return {
        "id": "p",
        "topic": "Regenwasser in der Stadt",
        "blueprint": TEMPLATE,
        "anchor": ANCHOR,
        "goal": "3" if with_gap else None,
        "version": 3,
        "steps": listed,
        "done": 0,
        "total": 9,
        "drawing": timeline(steps, date(2026, 11, 22), public_holidays(*span(steps), Land.NW)),
        "broken": [gap] if with_gap else [],
        "refused": REFUSED if with_gap else None,
        "may_manage": with_gap,
    }


FILLED: dict[str, dict[str, object]] = {
    "events": {
        "coming": [MEETING],
        "past": [MEETING],
        "quarters": [Quarter(name="1. Quartal 2027", courses=(COURSE,))],
        "chosen": "",
        "formats": {"expert_table", "pub_evening"},
        "may_start": True,
        "may_announce": True,
    },
    "process": process_page(with_gap=True),
    "meeting": {
        "live": FULL,
        "parts": PARTS,
        "process": COURSE,
        "minutes": MINUTES,
        "digest": "ab" * 32,
        "reason": "",
        "refused": REFUSED,
        "may_manage": True,
        "version": 1,
    },
    "live": {"live": FULL, "parts": PARTS, "may_facilitate": True, "refused": REFUSED},
    "facilitate": {"live": FULL, "refused": REFUSED},
    "projector": {"live": FULL},
    "table": {"live": FULL, "refused": REFUSED},
    "join": {"code": "REGEN-47", "fault": REFUSED.problem, "first_name": "Lena"},
}
FILLED["meeting"] |= {"may_facilitate": True, "minutes": MINUTES, "digest": "ab" * 32}
BARE: dict[str, dict[str, object]] = {
    "events": {"coming": [], "past": [], "quarters": [], "chosen": "pub_evening", "formats": set()},
    "process": process_page(with_gap=False),
    "meeting": {
        "live": EMPTY,
        "parts": PARTS,
        "process": None,
        "minutes": None,
        "digest": "",
        "reason": "",
        "refused": None,
        "may_manage": False,
    },
    "live": {"live": EMPTY, "parts": PARTS, "may_facilitate": False, "refused": None},
    "facilitate": {"live": EMPTY, "refused": None},
    "projector": {"live": EMPTY},
    "table": {"live": EMPTY, "refused": None},
    "join": {"code": "", "fault": None, "first_name": ""},
}
BARE["events"] |= {"may_start": False, "may_announce": False}
BARE["meeting"] |= {"may_facilitate": False, "minutes": None, "digest": ""}


class Outline(HTMLParser):
    """Ids, headings, labels and unclosed elements of a page."""

    VOID = frozenset({"meta", "link", "input", "br", "path", "rect", "circle", "use", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.open: list[str] = []
        self.headings: list[int] = []
        self.posts: list[str] = []
        self.csrf = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert "style" not in found, "a strict policy forbids inline style"
        assert not any(name.startswith("on") for name in found), "and inline script"
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))
        if tag == "form" and found.get("method") == "post":
            self.posts.append(str(found["action"]))
        if tag == "input" and found.get("name") == "csrf":
            self.csrf += 1
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if dict(attrs).get("id"):
            self.ids.append(str(dict(attrs)["id"]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def render(renderer: Renderer, name: str, me: Me | None, context: dict[str, object]) -> str:
    town = Municipality("detmold", "Detmold", "NW", "detmold", ())
    page = Page(title="Termine", path="/detmold/events", town=town, me=me, account=bool(me), csrf="x", command_id="c")
    return str(renderer.render(f"events/{name}.html", page, **context).content)


@pytest.mark.parametrize("name", FILLED)
@pytest.mark.parametrize(("context", "me"), [(FILLED, KIM), (BARE, None), (BARE, KIM), (FILLED, None)])
def test_every_page_is_well_formed(renderer, name, context, me):
    outline = Outline(render(renderer, name, me, context[name]))
    assert not outline.open
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.headings.count(1) == 1
    assert all(deeper - higher <= 1 for higher, deeper in zip(outline.headings, outline.headings[1:], strict=False))
    assert outline.csrf == len(outline.posts)


def test_titles_are_escaped_everywhere(renderer):
    for name in ("events", "meeting", "live", "facilitate", "projector"):
        html = render(renderer, name, KIM, FILLED[name])
        assert "<Regenwasser>" not in html
        assert "&lt;Regenwasser&gt;" in html


def test_a_visitor_sees_no_button_that_only_others_may_use(renderer):
    html = render(renderer, "process", None, BARE["process"])
    assert "reschedule-step" not in html
    assert "Veranstaltung ankündigen" not in render(renderer, "events", None, BARE["events"])


def test_the_facilitator_gives_the_word_and_the_guest_may_take_hers_back(renderer):
    assert "/detmold/live/m1/give-word" in Outline(render(renderer, "facilitate", KIM, FILLED["facilitate"])).posts
    assert "/detmold/live/m1/withdraw-word" in Outline(render(renderer, "table", KIM, FILLED["table"])).posts


def test_the_waiting_list_says_the_place(renderer):
    assert "Du stehst auf Platz 3 der Warteliste" in render(renderer, "meeting", KIM, FILLED["meeting"])


@pytest.mark.parametrize(("elapsed", "left"), [(0, "30:00"), (1098, "11:42"), (1801, "−0:01")])
def test_the_clock_counts_down_and_says_when_time_is_over(elapsed, left):
    assert Clock(item_id="a", title="x", number=1, elapsed=elapsed, total=1800).left == left


def test_the_calendar_tells_local_time(renderer):
    assert "Donnerstag, 28. Januar 2027, 17:00 bis 19:30 Uhr" in render(renderer, "events", None, FILLED["events"])
    assert MEETING.ends - MEETING.starts == timedelta(hours=2, minutes=30)


def test_minutes_hold_what_was_written_and_nobodys_name():
    body = text(MINUTES)
    assert read(body) == MINUTES
    assert [(pile.label, pile.cards) for pile in MINUTES.board] == [("Ideen", ("Regentonnen",)), ("", ("Schilf",))]
    assert next(point.text for point in MINUTES.agenda if point.title == "Karten") == ("Zisternen <lohnen> sich.",)
    assert b"Gerd" not in body
    assert len(digest(body)) == 64
