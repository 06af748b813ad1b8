"""A moment asked for in an address: German time without an offset, the end of a day or minute, and nothing else."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.forms import Invalid
from shared.web.moments import asked_moment, for_field, iso

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "2026-07-01T12:00:00.000000Z"),
        ("2026-03-04", "2026-03-04T22:59:59.999999Z"),
        ("2026-07-04T10:20", "2026-07-04T08:20:59.999999Z"),
        ("2026-07-04T10:20:05", "2026-07-04T08:20:05.000000Z"),
        ("2026-07-04T10:20:05.123456Z", "2026-07-04T10:20:05.123456Z"),
        ("2026-07-04T10:20:05+00:00", "2026-07-04T10:20:05.000000Z"),
        ("2026-07-04T10:20:05 00:00", "2026-07-04T10:20:05.000000Z"),
    ],
)
def test_a_moment_is_understood(text: str, found: str) -> None:
    assert iso(asked_moment(text, NOW)) == found


@pytest.mark.parametrize("text", ["gestern", "2026-02-30", "0001-01-01T00:00", "9999-12-31T23:59:59-14:00", "١٢", "-"])
def test_what_is_no_moment_is_named(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked_moment(text, NOW)
    assert set(refused.value.faults) == {"at"}


@given(st.text(max_size=40))
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    with suppress(Invalid):
        assert asked_moment(text, NOW).tzinfo is not None


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_log_s_own_moments_come_back(at: datetime) -> None:
    assert asked_moment(iso(at), NOW) == at


def test_a_field_shows_german_time() -> None:
    assert for_field(NOW) == "2026-07-01T14:00"
