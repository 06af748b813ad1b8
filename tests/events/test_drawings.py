"""Pictures: what stands where, in both cuts, and that nothing typed becomes markup."""

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from services.events import drawings
from services.events.bars import clock_ring, poll_bar, shares, speaking_meter, time_meter
from services.events.domain.holidays import Land
from services.events.domain.schedule import dates, place
from services.events.drawings import timeline
from services.events.outline import Break, DrawnStep, public_holidays, rows, span
from services.events.weeks import in_weeks, weeks_from
from tests.events.shipped import shipped

TEMPLATE = shipped("zukunftstisch")
ANCHOR = date(2027, 1, 28)
TODAY = date(2026, 11, 22)
HOLIDAYS = Break(date(2026, 12, 23), date(2027, 1, 6), "Ferien")


def detmold() -> list[DrawnStep]:
    """The process of the mock: table 1 three weeks before table 2."""
    found = dates(TEMPLATE, ANCHOR, Land.NW)
    found["table_1"] = place(TEMPLATE.step("table_1"), date(2027, 1, 7))
    return rows(TEMPLATE, found, {"preparation": "begun"})


def cuts(drawing: Markup) -> tuple[ElementTree.Element, ElementTree.Element]:
    wide, phone = ElementTree.fromstring(f"<p>{drawing}</p>")
    return wide, phone


def having(svg: ElementTree.Element, css: str) -> list[ElementTree.Element]:
    return [shape for shape in svg.iter() if css in shape.get("class", "").split()]


def words(svg: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in svg.iter("text")]


def test_both_cuts_stand_side_by_side_and_say_where_the_list_is():
    wide, phone = cuts(timeline(detmold(), TODAY, [HOLIDAYS]))
    assert wide.get("class") == "gw-draw gw-desk"
    assert phone.get("class") == "gw-draw gw-phone"
    label = "Zeitstrahl von Woche −10 bis +5, dieselben Angaben stehen in der Liste darunter"
    assert wide.get("aria-label") == phone.get("aria-label") == label
    assert wide.get("viewBox") == "0 0 1160 484"
    assert phone.get("viewBox") == "0 0 334 570"


def test_the_weeks_stand_where_the_mock_has_them():
    wide, phone = cuts(timeline(detmold(), TODAY, [HOLIDAYS]))
    assert [text for text in words(wide) if text in ("−10", "0", "+5")] == ["−10", "0", "+5"]
    (anchor,) = having(wide, "d-mile--anchor")
    assert anchor.get("d", "").startswith("M849.0 ")
    (narrow,) = having(phone, "d-mile--anchor")
    assert narrow.get("d", "").startswith("M221.2 ")
    (free,) = having(wide, "d-hol")
    assert (free.get("x"), free.get("width")) == ("552.8", "123.4")


def test_a_gap_too_short_is_drawn_and_said():
    wide, phone = cuts(timeline(detmold(), TODAY))
    (band,) = having(wide, "d-badband")
    assert (band.get("x"), band.get("width")) == ("676.2", "172.8")
    assert len(having(wide, "d-mile--bad")) == len(having(phone, "d-mile--bad")) == 1
    assert "3 statt 4 Wochen" in words(wide)
    assert "3 statt 4 Wochen" in words(phone)


def test_the_weeks_before_that_participation_keeps_are_drawn():
    wide, _ = cuts(timeline(detmold()))
    assert len(having(wide, "d-goodline")) == 1
    assert "6 Wochen vorher" in words(wide)


def test_today_is_drawn_inside_the_picture_only():
    wide, phone = cuts(timeline(detmold(), TODAY))
    assert len(having(wide, "d-today")) == 1
    assert len(having(phone, "d-today")) == 9
    assert not having(cuts(timeline(detmold(), date(2028, 1, 1)))[0], "d-today")


def test_what_runs_is_filled_up_to_today_and_what_may_fall_out_is_dashed():
    wide, _ = cuts(timeline(detmold(), TODAY))
    assert (len(having(wide, "d-crit")), len(having(wide, "d-done")), len(having(wide, "d-opt"))) == (1, 1, 1)


def test_titles_never_become_markup():
    evil = DrawnStep(number="1", title='<script>"&', day=ANCHOR, starts=ANCHOR, ends=ANCHOR, is_anchor=True)
    drawing = timeline([evil], ANCHOR, [Break(ANCHOR, ANCHOR + timedelta(days=5), "<b>")])
    assert "<script" not in drawing
    assert "<b>" not in drawing
    assert any('<script>"&' in text for text in words(cuts(drawing)[0]))


def test_english_pages_get_english_pictures():
    wide, _ = cuts(timeline(detmold(), TODAY, (), drawings.ENGLISH))
    assert {"today", "3 instead of 4 weeks", "Week 0: Strategie-Tisch"} <= set(words(wide))


@pytest.mark.parametrize("key", ["zukunftstisch", "stadtgespraech", "zukunftsstadt"])
@pytest.mark.parametrize("anchor", [date(2027, 1, 28), date(2024, 4, 9), date(2030, 12, 31)])
def test_every_template_stays_inside_its_frame(key: str, anchor: date):
    template = shipped(key)
    steps = rows(template, dates(template, anchor, Land.SN), {})
    first, last = span(steps)
    for svg in cuts(timeline(steps, anchor, public_holidays(first, last, Land.SN))):
        width = float(svg.get("viewBox", "").split()[2])
        for shape in svg.iter("rect"):
            left = float(shape.get("x", 0))
            assert left >= 0
            assert left + float(shape.get("width", 0)) <= width + 0.1
        titles = [text for text in words(svg) if any(text.endswith(step.title[-8:]) for step in steps)]
        assert len(titles) >= len(steps)


def test_the_rows_stand_in_the_order_of_their_days_with_lead_and_week():
    steps = detmold()
    assert [weeks_from(ANCHOR, step.day) for step in steps] == ["−10", "−6", "−3", "−3", "−2", "0", "+2", "+4", "+5"]
    assert steps[0].lead == ("Fachbereich", "Koordination")
    assert [step.title for step in steps if step.broken] == ["Expertisen-Tisch"]


def test_weeks_are_whole_or_have_one_decimal():
    assert [in_weeks(21), in_weeks(24), in_weeks(24, "en")] == ["3", "3,4", "3.4"]


def test_holidays_on_weekdays_only():
    days = {each.starts for each in public_holidays(date(2026, 12, 1), date(2027, 1, 31), Land.NW)}
    assert days == {date(2026, 12, 25), date(2027, 1, 1)}


def test_a_bar_shows_room_and_screen_of_the_same_whole():
    bar = ElementTree.fromstring(poll_bar(7, 4, 20))
    site, screen = bar
    assert bar.get("aria-label") == "7 im Saal, 4 am Bildschirm"
    assert (site.get("width"), screen.get("x"), screen.get("width")) == ("70", "71", "39")
    assert ElementTree.fromstring(poll_bar(0, 0, 0))[0].get("width") == "0"


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_shares_add_up(site: int, screen: int):
    assert sum(shares(site, screen)) == (100 if site + screen else 0)
    assert f"Saal {shares(site, screen)[0]} Prozent" in speaking_meter(site, screen)


@pytest.mark.parametrize(("elapsed", "total", "dash"), [(0, 1800, "502.7"), (900, 1800, "251.3"), (2000, 1800, "0.0")])
def test_the_ring_shows_the_time_that_is_left(elapsed: int, total: int, dash: str):
    assert f'stroke-dasharray="{dash} 502.7"' in clock_ring(elapsed, total)


def test_the_meter_shows_the_time_that_is_over():
    assert 'aria-label="61 Prozent der Zeit sind um"' in time_meter(1098, 1800)
    assert 'width="100"' in time_meter(4000, 1800)
