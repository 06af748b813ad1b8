from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.access.codes import LIFE, TRIES, issue, judge

NOW = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
KEY, PURPOSE = b"k" * 32, "sign-in/ann"


def test_the_right_digits_count_once():
    digits, row = issue(KEY, PURPOSE, NOW)
    verdict, spent = judge(KEY, PURPOSE, row, digits, NOW)
    assert verdict == "right"
    assert judge(KEY, PURPOSE, spent, digits, NOW) == ("spent", spent)


def test_blanks_between_the_digits_do_not_matter():
    digits, row = issue(KEY, PURPOSE, NOW)
    assert judge(KEY, PURPOSE, row, f" {digits[:3]} {digits[3:]}\n", NOW)[0] == "right"


@given(st.text())
def test_anything_else_is_wrong_and_counts(typed):
    digits, row = issue(KEY, PURPOSE, NOW)
    if "".join(typed.split()) == digits:
        return
    verdict, tried = judge(KEY, PURPOSE, row, typed, NOW)
    assert verdict == "wrong"
    assert tried.attempts == 1


def test_after_five_tries_even_the_right_digits_are_refused():
    digits, row = issue(KEY, PURPOSE, NOW)
    for _ in range(TRIES):
        verdict, row = judge(KEY, PURPOSE, row, "wrong", NOW)
        assert verdict == "wrong"
    assert judge(KEY, PURPOSE, row, digits, NOW) == ("blocked", row)


@pytest.mark.parametrize(("later", "verdict"), [(LIFE - timedelta(seconds=1), "right"), (LIFE, "expired")])
def test_a_code_lives_ten_minutes(later, verdict):
    digits, row = issue(KEY, PURPOSE, NOW)
    assert judge(KEY, PURPOSE, row, digits, NOW + later)[0] == verdict


def test_a_row_serves_its_own_purpose_and_key_alone():
    digits, row = issue(KEY, PURPOSE, NOW)
    assert judge(KEY, "sign-in/bob", row, digits, NOW)[0] == "wrong"
    assert judge(b"x" * 32, PURPOSE, row, digits, NOW)[0] == "wrong"


def test_codes_are_six_digits_and_rows_tell_nothing():
    issued = [issue(KEY, PURPOSE, NOW) for _ in range(50)]
    assert all(len(digits) == 6 and digits.isdecimal() for digits, _ in issued)
    assert len({row.salt for _, row in issued}) == 50
