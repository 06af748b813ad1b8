"""Holidays against the published calendars."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain.holidays import Land, easter, holiday, holidays, is_working_day


@pytest.mark.parametrize(
    "sunday",
    ["1818-03-22", "1943-04-25", "1954-04-18", "1981-04-19", "2000-04-23", "2022-04-17", "2024-03-31", "2025-04-20",
     "2026-04-05", "2027-03-28", "2038-04-25", "2049-04-18", "2076-04-19"],
)  # fmt: skip
def test_easter_falls_on_its_published_date(sunday: str):
    assert easter(int(sunday[:4])) == date.fromisoformat(sunday)


@given(st.integers(1583, 4099))
def test_easter_is_a_sunday_between_22_march_and_25_april(year: int):
    sunday = easter(year)
    assert sunday.weekday() == 6
    assert date(year, 3, 22) <= sunday <= date(year, 4, 25)


def test_north_rhine_westphalia_2026_is_complete():
    assert sorted(day.isoformat()[5:] for day in holidays(2026, Land.NW)) == [
        "01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "06-04", "10-03", "11-01", "12-25", "12-26",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "land", "name"),
    [
        ("2022-04-15", Land.NW, "Karfreitag"),
        ("2022-11-16", Land.SN, "Buß- und Bettag"),
        ("2023-11-22", Land.SN, "Buß- und Bettag"),
        ("2026-11-18", Land.SN, "Buß- und Bettag"),
        ("2026-11-18", Land.NW, None),
        ("2026-10-31", Land.SN, "Reformationstag"),
        ("2026-10-31", Land.NW, None),
        ("2017-10-31", Land.BY, "Reformationstag"),
        ("2017-10-31", Land.HH, "Reformationstag"),
        ("2016-10-31", Land.HH, None),
        ("2026-03-08", Land.MV, "Internationaler Frauentag"),
        ("2022-03-08", Land.MV, None),
        ("2025-05-08", Land.BE, "Tag der Befreiung"),
        ("2026-05-08", Land.BE, None),
        ("2026-06-04", Land.HE, "Fronleichnam"),
        ("2026-09-20", Land.TH, "Weltkindertag"),
        ("2026-04-05", Land.BB, "Ostersonntag"),
        ("2026-04-05", Land.BE, None),
        ("2026-08-15", Land.SL, "Mariä Himmelfahrt"),
        ("2026-01-06", Land.ST, "Heilige Drei Könige"),
    ],
)
def test_each_land_keeps_its_own_days(day: str, land: Land, name: str | None):
    assert holiday(date.fromisoformat(day), land) == name


@pytest.mark.parametrize("land", list(Land))
def test_every_land_has_at_least_the_nine_common_days(land: Land):
    assert len(holidays(2026, land)) >= 9


def test_a_working_day_is_neither_weekend_nor_holiday():
    assert is_working_day(date(2022, 4, 14), Land.NW)
    assert not is_working_day(date(2022, 4, 15), Land.NW)
    assert not is_working_day(date(2022, 4, 16), Land.NW)
