"""Who sends too much waits; who does so for long is sent away."""

from services.realtime.sync.allowance import BYTES, MESSAGES, Allowance


def test_a_moment_of_much_costs_nothing() -> None:
    allowance = Allowance(0)
    assert all(allowance.take(1, 100, 0.0) == 0 for _ in range(int(MESSAGES)))
    assert allowance.take(1, 100, 0.0) > 0


def test_sixty_a_second_may_go_on_for_ever() -> None:
    allowance = Allowance(0)
    for number in range(60 * 60):
        assert allowance.take(1, 100, number / 60) == 0
    assert not allowance.over(60)


def test_a_megabyte_a_minute_and_no_more() -> None:
    allowance = Allowance(0)
    assert allowance.take(1, int(BYTES), 0) == 0
    wait = allowance.take(1, 100_000, 0)
    assert 5 < wait < 7
    assert allowance.take(1, 0, wait) == 0


def test_twice_too_much_for_ten_seconds_is_too_long() -> None:
    allowance, now = Allowance(0), 0.0
    while not allowance.over(now) and now < 60:
        now += max(1 / 120, allowance.take(1, 100, now))
    assert 10 < now < 20


def test_a_slip_is_forgiven() -> None:
    allowance = Allowance(0)
    for _ in range(100):
        allowance.take(1, 100, 0)
    assert allowance.take(1, 100, 5) == 0
    allowance.take(100, 100, 11)
    assert not allowance.over(11.1)
