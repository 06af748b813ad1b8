from msgspec.structs import replace

from services.funding.shown.ranking import Ranked, placed

ONE = Ranked(
    application_id="a", title="A", stage="review", place=0, tenths=40, top=5, given=2, awaited=2,
    asked_cents=500, wanted_cents=500, outcome=None,
)  # fmt: skip


def test_the_best_stands_first_and_equals_share_a_place():
    rows = [
        replace(ONE, application_id="c", tenths=None),
        replace(ONE, application_id="b", tenths=35),
        ONE,
        replace(ONE, application_id="d", tenths=40),
    ]
    shown = [(one.application_id, one.place) for one in placed(rows, 10_000)]
    assert shown == [("a", 1), ("d", 1), ("b", 3), ("c", 0)]


def test_the_money_reaches_as_far_as_it_is_free():
    rows = [ONE, replace(ONE, application_id="b", tenths=30), replace(ONE, application_id="c", tenths=20)]
    assert [one.reaches for one in placed(rows, 1_000)] == [True, True, False]


def test_what_is_decided_takes_nothing_more():
    rows = [replace(ONE, outcome="granted", stage="decided"), replace(ONE, application_id="b", tenths=30)]
    assert [one.reaches for one in placed(rows, 500)] == [True, True]
