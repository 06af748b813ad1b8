"""Every page says what it should, at every stage, and is sound HTML without inline style or script."""

from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest
from msgspec.structs import replace

from shared.web.problems import Problem
from shared.web.render import Renderer
from shared.web.visit import Refused
from tests.funding.page_samples import SAMPLES, application, case, page, proposed

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Sound(HTMLParser):
    """Raises for a tag that closes what is not open; collects ids, labels and attributes."""

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
            if name in ("for", "aria-labelledby"):
                self.pointed.add(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"


def html(template: str, context: dict[str, Any], person: str | None = "ann", nav: str = "funding") -> str:
    return Renderer().render(f"funding/{template}", page("Seite", nav, person), **context).content


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_is_sound(name: str):
    template, nav, context, person = SAMPLES[name]
    sound = Sound()
    text = html(template, context, person, nav)
    sound.feed(text)
    assert sound.open == []
    assert [id for id, count in sound.ids.items() if count > 1] == []
    assert sound.pointed <= set(sound.ids)
    assert "style" not in sound.seen
    assert not {name for name in sound.seen if name.startswith("on")}
    for unsaid in ("finding.", "stage.", "outcome.", "account.", "event.", "income.", "applicant.", "None"):
        assert unsaid not in text


def test_the_application_names_the_line_that_breaks_a_rule():
    text = html("application.html", application())
    assert "Zeile K7: Bewirtung: 840,00" in text
    assert "Richtlinie Nr. 4.2" in text
    assert "Höchstbetrag 50.000,00" in text
    assert "Antrag einreichen" not in text
    assert "Noch 3 Punkte offen" in text
    assert "Fehlt noch: Projektprofil" in text
    assert "Liegt bei: Drei Vergleichsangebote" in text


def test_an_application_that_breaks_no_rule_can_be_submitted():
    kept = [finding for finding in application()["findings"] if not finding.failing]
    assert "Antrag einreichen" in html("application.html", application(findings=kept))


def test_the_first_officer_may_take_back_and_only_the_second_confirm():
    first, second = html("desk.html", proposed(), "otto"), html("desk.html", proposed(), "olga")
    assert "Vorschlag zurücknehmen" in first
    assert "confirm-decision" not in first
    assert "Als zweite Person bestätigen" in second
    assert "withdraw-proposal" not in second


def test_who_is_biased_sees_no_form_for_a_review():
    assert "record-review" in html("desk.html", case("review"), "rita")
    assert "record-review" not in html("desk.html", case("review", biased=True), "rita")


def test_a_refusal_says_why_and_keeps_what_was_typed():
    problem = Problem(status=409, code="pot_overdrawn", facts={"wanted_cents": 27_200_00, "available_cents": 100})
    refused = Refused(problem, {"summary": "Vier Räder <b>zuerst</b>", "outcome": "partly"})
    text = html("desk.html", case("review", reviews=1) | {"refused": refused}, "otto")
    assert "Im Topf sind noch 1,00" in text
    assert "Vier Räder &lt;b&gt;zuerst&lt;/b&gt;" in text
    assert 'value="partly" checked' in text


def test_texts_of_teams_are_never_markup():
    plan = application()["finance"]
    evil = replace(plan, costs=[replace(plan.costs[0], label="<script>alert(1)</script>")])
    assert "<script>alert" not in html("application.html", application(finance=evil, findings=[]))
