"""Every page of the marketplace is sound HTML at every stage, says what it should, and weighs little."""

import re
from collections import Counter
from html.parser import HTMLParser

import brotli  # type: ignore[import-untyped]
import pytest

from services.marketplace.views.listing import Found
from shared.web.build import STATIC
from shared.web.render import Renderer
from tests.marketplace.page_samples import SAMPLES, html, market, page
from tests.marketplace.town import COUNTS, PHASE_COUNTS, PROJECTS

VOID = {"meta", "link", "input", "br", "img", "hr"}
FIRST_VIEW = 60_000  # bytes over the wire, without pictures and fonts


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


class Sound(HTMLParser):
    """Raises for a tag that closes what is not open; collects ids, references to them, and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.pointed: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            self.seen.add(name)
            if name == "id":
                self.ids[value or ""] += 1
            if name in ("for", "aria-labelledby", "aria-describedby"):
                self.pointed |= set((value or "").split())

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_is_sound(renderer: Renderer, name: str) -> None:
    sound = Sound()
    sound.feed(html(renderer, name))
    assert sound.open == []
    assert [id for id, count in sound.ids.items() if count > 1] == []
    assert sound.pointed <= set(sound.ids)
    assert "style" not in sound.seen
    assert not {attribute for attribute in sound.seen if attribute.startswith("on")}


def test_the_first_view_is_light(renderer: Renderer) -> None:
    twelve = Found(PROJECTS * 2, 27, PHASE_COUNTS, COUNTS)
    text = renderer.render("marketplace/start.html", page(nav="projects"), **market(found=twelve)).content
    names = [renderer.assets.url(name).rpartition("/")[2] for name in ("site.css", "site.js", "icons.svg")]
    names += re.findall(r'(?:from|import)"\./([^"]+)"', (STATIC / names[1]).read_text())
    wire = len(brotli.compress(text.encode(), quality=4)) + sum((STATIC / f"{n}.br").stat().st_size for n in names)
    assert wire <= FIRST_VIEW


def test_a_visitor_is_asked_to_sign_in_where_she_can_help(renderer: Renderer) -> None:
    text = html(renderer, "project")
    assert "/sign-in?next=/dresden/projects/1" in text
    assert "<form" not in text


def test_only_the_lead_sees_who_asks_to_join(renderer: Renderer) -> None:
    assert "Möchten mitmachen" in html(renderer, "project-lead")
    assert "Möchten mitmachen" not in html(renderer, "project-member")


def test_what_was_typed_stays_and_the_fault_stands_beside_its_field(renderer: Renderer) -> None:
    text = html(renderer, "propose-refused")
    assert "Ein &lt;b&gt;Satz&lt;/b&gt;" in text
    assert 'id="title-error"' in text
    assert "Bitte mindestens 3 Zeichen." in text


def test_an_empty_town_says_what_to_do_first(renderer: Renderer) -> None:
    assert "Mach den Anfang" in html(renderer, "start-detmold")


def test_late_news_are_announced(renderer: Renderer) -> None:
    assert "Einen Moment" in html(renderer, "nothing-found")
