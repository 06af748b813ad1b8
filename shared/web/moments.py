"""A moment as somebody asks for it in an address: a day, a time of day in Germany, or a moment of the log."""

from datetime import UTC, datetime, time, timedelta

from shared.web.forms import Fault, Invalid
from shared.web.render import BERLIN


def asked_moment(text: str, now: datetime) -> datetime:
    """`2026-03-04` is the end of that day, `2026-03-04T10:20` the end of that minute; "" is `now`. Raises `Invalid`.

    Without an offset the clock is the one in Germany, as in a field of a page.
    """
    if not text:
        return now
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # an offset's plus, unless it was encoded
        if len(text) <= len("2026-03-04"):
            found = datetime.combine(found.date(), time.max)
        elif len(text) <= len("2026-03-04T10:20"):
            found += timedelta(seconds=59, microseconds=999_999)
        return (found if found.tzinfo else found.replace(tzinfo=BERLIN)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid({"at": Fault("wrong_form")}) from None


def iso(moment: datetime) -> str:
    """As facts write their moments, so that texts can be compared."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def for_field(moment: datetime) -> str:
    """What a `datetime-local` field shows."""
    return f"{moment.astimezone(BERLIN):%Y-%m-%dT%H:%M}"
