"""Dates from an anchor: the Detmold example, the Dortmund year, holidays, gaps."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain.holidays import Land, holiday, is_working_day
from services.events.domain.schedule import BrokenGap, anchor_for, broken, dates, mended, place, week
from tests.events.shipped import shipped

ZUKUNFTSTISCH = shipped("zukunftstisch")
STADTGESPRAECH = shipped("stadtgespraech")
ANY_DAY = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize("day", [11, 12, 13, 14, 15, 16])
def test_the_detmold_example_comes_out_in_its_calendar_weeks(day: int):
    """Smart City, table 2 in KW 15 of 2022, on any day but the Sunday: two weeks after it, 1 May moves the motion."""
    found = dates(ZUKUNFTSTISCH, date(2022, 4, day), Land.NW)
    numbered = [found[step.key] for step in ZUKUNFTSTISCH.steps if step.number]
    assert [week(dated.day) for dated in numbered] == [(2022, kw) for kw in (5, 11, 12, 13, 15, 17, 19, 20)]
    assert broken(ZUKUNFTSTISCH, found) == ()


def test_the_detmold_participation_starts_in_week_9_and_ends_when_the_material_leaves():
    found = dates(ZUKUNFTSTISCH, date(2022, 4, 14), Land.NW)
    assert (found["participation"].starts, found["participation"].ends) == (date(2022, 3, 3), date(2022, 3, 31))
    assert found["material"].ends == date(2022, 3, 31)


def test_the_council_of_week_20_of_the_example_keeps_every_gap():
    """The document gives KW 19 and, in brackets, a session in KW 20: later than the least distance is allowed."""
    found = dates(ZUKUNFTSTISCH, date(2022, 4, 14), Land.NW)
    later = found | {"decision": place(ZUKUNFTSTISCH.step("decision"), date(2022, 5, 19))}
    assert broken(ZUKUNFTSTISCH, later) == ()


def test_the_dortmund_year_comes_out_in_its_calendar_weeks():
    found = dates(STADTGESPRAECH, date(2024, 4, 9), Land.NW)
    public = {
        "opening": date(2024, 4, 9),
        "forum_welcome": date(2024, 5, 28),
        "forum_1": date(2024, 6, 5),
        "stakeholders_1": date(2024, 6, 4),
        "administration_1": date(2024, 6, 21),
        "politics_1": date(2024, 6, 26),
        "conference_start": date(2024, 9, 28),
    }
    assert {key: week(found[key].day) for key in public} == {key: week(day) for key, day in public.items()}
    assert date(2024, 10, 1) <= found["interim"].day <= date(2024, 12, 31)
    assert found["conference_goals"].day.year == 2025
    assert (found["closing"].day.month, found["final"].day.month, found["final"].day.year) == (5, 5, 2025)


def test_planning_back_from_the_council():
    anchor = anchor_for(ZUKUNFTSTISCH, "decision", date(2022, 5, 19))
    assert dates(ZUKUNFTSTISCH, anchor, Land.NW)["decision"].day == date(2022, 5, 19)


def test_a_holiday_moves_a_step_away_from_the_anchor_and_says_so():
    found = dates(ZUKUNFTSTISCH, date(2026, 4, 16), Land.NW)  # four weeks later is Ascension Day, 14 May
    assert (found["decision"].day, found["decision"].avoids) == (date(2026, 5, 15), "Christi Himmelfahrt")


def test_what_keeps_a_distance_to_a_moved_step_moves_along():
    anchor = date(2027, 4, 30)  # four weeks before is Easter Monday's week: Good Friday is 26 March
    found = dates(ZUKUNFTSTISCH, date(2027, 4, 23), Land.NW)  # table 1 would fall on Good Friday
    assert (found["table_1"].day, found["table_1"].avoids) == (date(2027, 3, 25), "Karfreitag")
    assert found["preparation"].day <= found["table_1"].day - timedelta(weeks=6)
    assert dates(ZUKUNFTSTISCH, anchor, Land.NW)["table_1"].avoids is None


@given(ANY_DAY, st.sampled_from(list(Land)), st.sampled_from([ZUKUNFTSTISCH, STADTGESPRAECH, shipped("zukunftsstadt")]))
def test_whatever_the_anchor_no_gap_is_broken_and_no_step_falls_on_a_holiday(anchor, land, template):
    found = dates(template, anchor, land)
    assert broken(template, found) == ()
    assert found[template.anchor].day == anchor
    for step in template.steps:
        nominal = anchor + timedelta(weeks=step.offset)
        assert abs((found[step.key].day - nominal).days) <= 14
        if step.key != template.anchor:
            assert holiday(found[step.key].day, land) is None


def _with(step: str, day: date):
    found = dates(ZUKUNFTSTISCH, date(2027, 1, 28), Land.NW)
    return found | {step: place(ZUKUNFTSTISCH.step(step), day)}


def test_a_gap_too_short_is_named_with_both_steps_and_the_days():
    moved = _with("table_1", date(2027, 1, 7))
    assert broken(ZUKUNFTSTISCH, moved) == (BrokenGap("table_1", "table_2", -28, -21),)


def test_the_remedies_move_one_step_or_the_other():
    moved = _with("table_1", date(2027, 1, 7))
    (gap,) = broken(ZUKUNFTSTISCH, moved)
    assert mended(ZUKUNFTSTISCH, moved, gap, Land.NW, "table_1") == date(2026, 12, 31)
    assert mended(ZUKUNFTSTISCH, moved, gap, Land.NW, "table_2") == date(2027, 2, 4)


@given(ANY_DAY, st.integers(-40, 40), st.sampled_from(["table_1", "material", "decision", "evaluation", "motion"]))
def test_a_remedy_mends_the_gap_on_a_working_day(anchor, shift, key):
    found = dates(ZUKUNFTSTISCH, anchor, Land.NW)
    step = ZUKUNFTSTISCH.step(key)
    moved = found | {key: place(step, found[key].day + timedelta(days=shift))}
    for gap in broken(ZUKUNFTSTISCH, moved):
        for move in (gap.step, gap.to):
            day = mended(ZUKUNFTSTISCH, moved, gap, Land.NW, move)
            again = broken(ZUKUNFTSTISCH, moved | {move: place(ZUKUNFTSTISCH.step(move), day)})
            assert is_working_day(day, Land.NW)
            assert (gap.step, gap.to) not in {(still.step, still.to) for still in again}
