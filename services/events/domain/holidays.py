"""Public holidays of the German Länder, computed for any year."""

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from msgspec import Struct


class Land(StrEnum):
    """The sixteen Länder by their ISO 3166-2 letters."""

    BW = "BW"
    BY = "BY"
    BE = "BE"
    BB = "BB"
    HB = "HB"
    HH = "HH"
    HE = "HE"
    MV = "MV"
    NI = "NI"
    NW = "NW"
    RP = "RP"
    SL = "SL"
    SN = "SN"
    ST = "ST"
    SH = "SH"
    TH = "TH"


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the anonymous algorithm (Meeus, Astronomical Algorithms, ch. 8)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    skipped, skipped_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - skipped - correction + 15) % 30
    leaps, leap_rest = divmod(rest, 4)
    to_sunday = (32 + 2 * skipped_rest + 2 * leaps - epact - leap_rest) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _after_easter(days: int) -> Callable[[int], date]:
    return lambda year: easter(year) + timedelta(days=days)


def _repentance(year: int) -> date:
    """The Wednesday before 23 November."""
    before = date(year, 11, 22)
    return before - timedelta(days=(before.weekday() - 2) % 7)


class _Rule(Struct, frozen=True):
    name: str
    day: Callable[[int], date]
    lands: str = ""  # all of them
    years: range = range(1, 9999)


_RULES = (
    _Rule("Neujahr", _fixed(1, 1)),
    _Rule("Heilige Drei Könige", _fixed(1, 6), "BW BY ST"),
    _Rule("Internationaler Frauentag", _fixed(3, 8), "BE", range(2019, 9999)),
    _Rule("Internationaler Frauentag", _fixed(3, 8), "MV", range(2023, 9999)),
    _Rule("Karfreitag", _after_easter(-2)),
    _Rule("Ostersonntag", _after_easter(0), "BB"),
    _Rule("Ostermontag", _after_easter(1)),
    _Rule("Tag der Arbeit", _fixed(5, 1)),
    _Rule("Tag der Befreiung", _fixed(5, 8), "BE", range(2020, 2026, 5)),
    _Rule("Christi Himmelfahrt", _after_easter(39)),
    _Rule("Pfingstsonntag", _after_easter(49), "BB"),
    _Rule("Pfingstmontag", _after_easter(50)),
    _Rule("Fronleichnam", _after_easter(60), "BW BY HE NW RP SL"),
    _Rule("Jahrestag des Volksaufstands", _fixed(6, 17), "BE", range(2028, 2029)),
    _Rule("Mariä Himmelfahrt", _fixed(8, 15), "BY SL"),  # in Bavaria: where most are Catholic
    _Rule("Weltkindertag", _fixed(9, 20), "TH", range(2019, 9999)),
    _Rule("Tag der Deutschen Einheit", _fixed(10, 3)),
    _Rule("Reformationstag", _fixed(10, 31), "", range(2017, 2018)),
    _Rule("Reformationstag", _fixed(10, 31), "BB MV SN ST TH"),
    _Rule("Reformationstag", _fixed(10, 31), "HB HH NI SH", range(2018, 9999)),
    _Rule("Allerheiligen", _fixed(11, 1), "BW BY NW RP SL"),
    _Rule("Buß- und Bettag", _repentance, "SN"),
    _Rule("1. Weihnachtstag", _fixed(12, 25)),
    _Rule("2. Weihnachtstag", _fixed(12, 26)),
)


@cache
def holidays(year: int, land: Land) -> dict[date, str]:
    """The public holidays of a year in a Land with their German names, after its Feiertagsgesetz as of 2026."""
    return {
        rule.day(year): rule.name
        for rule in _RULES
        if year in rule.years and (not rule.lands or land in rule.lands.split())
    }


def holiday(day: date, land: Land) -> str | None:
    """The name of the public holiday on this day, if it is one."""
    return holidays(day.year, land).get(day)


def is_working_day(day: date, land: Land) -> bool:
    """Monday to Friday and no public holiday."""
    return day.weekday() < 5 and holiday(day, land) is None
