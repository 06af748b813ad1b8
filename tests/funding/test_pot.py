from msgspec.structs import replace

from services.funding.domain.balance import MoneyAdded, MoneyPaid, MoneyReturned, ReturnsReallotted
from services.funding.domain.pot import (
    AddMoney,
    CallClosed,
    CallOpened,
    CloseCall,
    ClosePot,
    OpenCall,
    OpenPot,
    PotClosed,
    ReallotReturns,
    RulesSet,
    SetRules,
    pot,
)
from tests.funding.files import COMMITTED, POT, RESERVED, RULES, called, opened, ruled
from tests.spec import Spec

spec = Spec(pot)
opening = OpenPot(pot_id="fund", title="Fonds", purpose="Projekte", source="Haushalt", year=2026, budget_cents=100_000)
spring = OpenCall(call_id="spring", opens="2026-01-01", closes="2026-03-31")
gift = AddMoney(addition_id="gift", amount_cents=5_000, source="Spende")
returned = MoneyReturned(application_id="app", return_id="back", amount_cents=700)
paid = MoneyPaid(application_id="app", payment_id="one", amount_cents=700)


def test_a_pot_opens_with_its_budget():
    spec.when(opening).then(opened)


def test_a_retried_opening_opens_once():
    spec.when(opening, opening).then(opened)


def test_rules_are_versions_counted_from_one():
    spec.given(opened).when(SetRules(version=1, rules=RULES)).then(ruled)
    newer = replace(RULES, cap_cents=40_000_00)
    spec.given(opened, ruled).when(SetRules(version=2, rules=newer)).then(RulesSet(version=2, rules=newer))


def test_two_people_cannot_set_the_same_version():
    newer = replace(RULES, cap_cents=40_000_00)
    spec.given(opened, ruled).when(SetRules(version=1, rules=newer)).then_rejected("rules_version_taken", version=1)


def test_rules_that_contradict_themselves_are_refused():
    broken = replace(RULES, minimum_cents=60_000_00)
    spec.given(opened).when(SetRules(version=1, rules=broken)).then_rejected("minimum_above_cap")


def test_a_call_opens_on_rules_and_closes():
    spec.given(opened, ruled).when(spring).then(called)
    spec.given(*POT).when(CloseCall(call_id="spring")).then(CallClosed(call_id="spring"))


def test_a_call_needs_rules_an_end_and_no_other_call():
    spec.given(opened).when(spring).then_rejected("no_rules_yet")
    backwards = OpenCall(call_id="x", opens="2026-05-02", closes="2026-05-01")
    spec.given(opened, ruled).when(backwards).then_rejected("call_ends_before_it_opens")
    later = OpenCall(call_id="summer", opens="2026-06-01", closes="2026-08-31")
    spec.given(*POT).when(later).then_rejected("call_open_already", closes="2026-03-31")
    closed = CallClosed(call_id="spring")
    reopened = CallOpened(call_id="summer", opens="2026-06-01", closes="2026-08-31")
    spec.given(*POT, closed).when(later).then(reopened)


def test_a_call_that_is_not_open_cannot_be_closed():
    spec.given(opened, ruled).when(CloseCall(call_id="spring")).then_rejected("no_open_call")


def test_an_addition_counts_once():
    spec.given(opened).when(gift, gift).then(MoneyAdded(addition_id="gift", amount_cents=5_000, source="Spende"))


def test_an_addition_of_nothing_is_refused():
    spec.given(opened).when(replace(gift, amount_cents=0)).then_rejected("amount_not_positive")


def test_only_what_came_back_is_given_again():
    back = (*COMMITTED, paid, returned)
    again = ReallotReturns(reallotment_id="again", amount_cents=700)
    spec.given(*back).when(again).then(ReturnsReallotted(reallotment_id="again", amount_cents=700))
    spec.given(*back).when(replace(again, amount_cents=701)).then_rejected("beyond_returns", returned_cents=700)


def test_a_pot_closes_with_its_call_and_gives_nothing_more():
    spec.given(*POT).when(ClosePot()).then(CallClosed(call_id="spring"), PotClosed())
    spec.given(*POT, PotClosed()).when(gift).then_rejected("pot_closed")


def test_a_pot_does_not_close_on_a_proposal():
    spec.given(*RESERVED).when(ClosePot()).then_rejected("money_still_reserved", reserved_cents=27_200)


def test_nothing_happens_to_a_pot_that_was_never_opened():
    spec.when(gift).then_rejected("not_possible_now")
