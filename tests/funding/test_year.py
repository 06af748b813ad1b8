from datetime import UTC, datetime

from msgspec.structs import replace

from services.funding.domain.balance import MoneyLapsed, MoneyPaid
from services.funding.domain.pot import AddMoney, Open, pot
from services.funding.domain.year import CloseYear, YearClosed
from tests.funding.files import COMMITTED, POT, RESERVED
from tests.spec import Spec

spec = Spec(pot)
DECEMBER = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
close = CloseYear(closing_id="c-26", year=2026, carried_cents=50_000)
paid = MoneyPaid(application_id="app", payment_id="one", amount_cents=7_200)
lapsed = MoneyLapsed(closing_id="c-26", amount_cents=22_800)
closed = YearClosed(
    closing_id="c-26",
    year=2026,
    carried_cents=50_000,
    lapsed_cents=22_800,
    committed_cents=20_000,
    paid_cents=7_200,
    returned_cents=0,
)


def test_a_year_closes_with_what_is_carried_over_and_what_lapses():
    spec.given(*COMMITTED, paid).when(close, at=DECEMBER).then(lapsed, closed)


def test_what_is_promised_stays_promised_in_the_next_year():
    state = pot.replay((*COMMITTED, paid, lapsed, closed))
    assert isinstance(state, Open)
    balance = state.balance
    assert (state.year, balance.available, balance.committed, balance.paid) == (2027, 50_000, 20_000, 7_200)
    assert balance.budget == 77_200
    spec.given(*COMMITTED, paid, lapsed, closed).when(close, at=DECEMBER).then()


def test_without_a_rest_nothing_lapses():
    everything = replace(close, carried_cents=100_000)
    without = replace(closed, carried_cents=100_000, lapsed_cents=0, committed_cents=0, paid_cents=0)
    spec.given(*POT).when(everything, at=DECEMBER).then(without)


def test_a_year_closes_once_and_not_before_december():
    spec.given(*POT).when(close, at=datetime(2026, 11, 30, 22, 0, tzinfo=UTC)).then_rejected("year_not_ending")
    spec.given(*POT).when(replace(close, year=2027), at=DECEMBER).then_rejected("other_year", year=2026)
    again = replace(close, closing_id="c-26b")
    spec.given(*COMMITTED, paid, lapsed, closed).when(again, at=DECEMBER).then_rejected("other_year", year=2027)


def test_no_more_is_carried_over_than_there_is_and_nothing_while_it_is_reserved():
    spec.given(*POT).when(replace(close, carried_cents=100_001), at=DECEMBER).then_rejected("beyond_available")
    spec.given(*RESERVED).when(close, at=DECEMBER).then_rejected("money_still_reserved", reserved_cents=27_200)


def test_money_is_added_in_the_new_year():
    more = AddMoney(addition_id="new", amount_cents=100, source="Haushalt 2027")
    state = pot.replay((*COMMITTED, paid, lapsed, closed))
    assert len(pot.decide(more, state, spec.context)) == 1
