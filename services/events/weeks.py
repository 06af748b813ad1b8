"""Days and weeks in words, as pictures and lists of a process say them."""

from datetime import date
from decimal import Decimal

from babel.dates import format_skeleton
from babel.numbers import format_decimal


def short_date(day: date, locale: str = "de") -> str:
    """`28. Jan.`"""
    return format_skeleton("MMMd", day, locale=locale)


def weeks_from(anchor: date, day: date) -> str:
    """Whole weeks from the anchor, signed with a true minus: `−10`, `0`, `+4`."""
    return signed(round((day - anchor).days / 7))


def signed(weeks: int) -> str:
    return f"+{weeks}" if weeks > 0 else f"−{-weeks}" if weeks else "0"


def in_weeks(days: int, locale: str = "de") -> str:
    """Weeks as a number, with one decimal where they are not whole: 21 → `3`, 24 → `3,4`."""
    return format_decimal(Decimal(days) / 7, "0.#", locale=locale)
