from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from services.funding.domain.checks import Finding, check, eligible_costs, with_papers
from services.funding.domain.known_pots import nachbarschaftsfonds, stadtbezirk, zukunftsstadt_fonds
from services.funding.domain.rules import Category, Criterion, Deadline, PotRules, day_of, deadline_for, flaw
from shared.contracts.plan import CostLine, FinancePlan, IncomeLine, SchedulePlan

TODAY = date(2026, 11, 22)
SCHEDULE = SchedulePlan(starts="2027-04-01", ends="2028-04-30")


def cost(id: str, category: str, cents: int, quantity: int = 1000, month: str = "2027-05") -> CostLine:
    return CostLine(id=id, label=id, category=category, quantity=quantity, unit_price_cents=cents, month=month)


def income(id: str, kind: str, cents: int, hours: int | None = None) -> IncomeLine:
    return IncomeLine(id=id, label=id, kind=kind, amount_cents=cents, month="2027-04", hours=hours)  # type: ignore[arg-type]


COSTS = [
    cost("r1", "Sachkosten", 185_00, 24_000),
    cost("r2", "Investition", 6_900_00),
    cost("r3", "Raum", 780_00, 12_000),
    cost("r4", "Honorar", 28_00, 320_000),
    cost("r5", "Sachkosten", 25_00, 40_000),
    cost("r6", "Öffentlichkeit", 1_350_00),
    cost("r7", "Bewirtung", 7_00, 120_000),
    cost("r8", "Eigenleistung", 15_00, 240_000),
]
INCOMES = [
    income("e1", "applied", 24_800_00),
    income("e2", "own", 2_250_00),
    income("e3", "donation", 3_000_00),
    income("e4", "volunteer", 3_600_00, 240_000),
    income("e5", "in_kind", 2_000_00),
]
PLAN = FinancePlan(costs=COSTS, incomes=INCOMES)
SOUND = FinancePlan(
    costs=COSTS[:6] + COSTS[7:], incomes=[*INCOMES[:2], income("e3", "donation", 2_960_00), *INCOMES[3:]]
)


def found(code: str, findings: list[Finding]) -> Finding:
    (only,) = [finding for finding in findings if finding.code == code]
    return only


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def failing(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings if finding.failing]


def zukunft(finance: FinancePlan = PLAN, amount: int = 24_800_00) -> list[Finding]:
    return check(zukunftsstadt_fonds(), finance, SCHEDULE, amount, TODAY, "association")


def test_the_plan_of_the_material_store_names_its_two_faults_first():
    assert failing(zukunft()) == codes(zukunft())[:2] == ["income_missing", "category_ineligible"]


def test_a_line_of_an_ineligible_category_is_named_with_the_number_of_the_rule():
    line = found("category_ineligible", zukunft())
    assert (line.line, line.line_id, line.rule) == ("K7", "r7", "4.2")
    assert line.facts == {"amount_cents": 840_00, "category": "Bewirtung"}


def test_what_is_missing_to_balance_is_said_in_cents():
    assert found("income_missing", zukunft()).facts == {"missing_cents": 800_00}
    richer = FinancePlan(costs=COSTS, incomes=[*INCOMES, income("e6", "other", 900_00)])
    assert found("income_beyond_costs", zukunft(richer)).facts == {"missing_cents": 100_00}


def test_a_sound_plan_shows_what_is_kept():
    findings = zukunft(SOUND)
    assert failing(findings) == []
    assert found("cap_kept", findings).facts == {"cap_cents": 50_000_00}
    assert found("own_contribution_kept", findings).facts["percent"] == 30
    assert found("hour_rate_kept", findings).facts == {"hour_rate_cents": 15_00}
    assert "applicant_eligible" in codes(findings)


def test_the_cap_holds_to_the_cent():
    assert "cap_kept" in codes(zukunft(amount=50_000_00))
    assert "cap_exceeded" in failing(zukunft(amount=50_000_01))


def test_more_than_the_plan_applies_for_is_named():
    facts = found("amount_not_in_plan", zukunft(amount=25_000_00)).facts
    assert facts == {"amount_cents": 25_000_00, "applied_cents": 24_800_00}


def test_documents_are_asked_for_by_amount():
    assert codes(zukunft(SOUND)).count("document_needed") == 2
    assert codes(zukunft(SOUND, 10_000_00)).count("document_needed") == 1


def test_a_paper_that_is_attached_is_ticked():
    held = with_papers(zukunft(SOUND), {"offers"})
    assert "document_attached" in codes(held)
    assert failing(held) == codes(held)[:1] == ["document_missing"]
    assert (held[0].rule, held[0].facts["title"]) == ("6.1", "Projektprofil")
    assert failing(with_papers(zukunft(SOUND), {"offers", "profile"})) == []


def test_an_applicant_of_another_kind_is_refused():
    findings = check(zukunftsstadt_fonds(), SOUND, SCHEDULE, 24_800_00, TODAY, "company")
    assert failing(findings) == ["applicant_not_eligible"]


@pytest.mark.parametrize(("percent", "fails"), [(10, False), (11, True)])
def test_the_own_contribution_is_compared_in_cents_not_in_rounded_percent(percent: int, fails: bool):
    rules = PotRules(title="R", own_contribution_percent=percent)
    plan = FinancePlan(
        costs=[cost("k", "x", 100_00)], incomes=[income("o", "own", 10_99), income("a", "applied", 89_01)]
    )
    assert bool(failing(check(rules, plan, None, 89_01, TODAY))) is fails


def test_volunteer_hours_above_the_rate_are_named_by_their_income_line():
    plan = FinancePlan(costs=[], incomes=[income("o", "own", 1), income("v", "volunteer", 151_00, 10_000)])
    line = found("hour_rate_exceeded", check(zukunftsstadt_fonds(), plan, None, 1, TODAY))
    assert (line.line, line.facts["allowed_cents"]) == ("E2", 150_00)


def test_volunteer_hours_that_nobody_counted_are_only_mentioned():
    plan = FinancePlan(costs=[], incomes=[income("v", "volunteer", 151_00)])
    assert not found("hours_unknown", check(zukunftsstadt_fonds(), plan, None, 1, TODAY)).failing


def test_a_cost_outside_the_project_and_a_project_begun_or_too_long_are_named():
    rules = zukunftsstadt_fonds()
    plan = FinancePlan(costs=[cost("late", "Raum", 1, month="2030-01")])
    long = SchedulePlan(starts="2026-11-22", ends="2028-12-01")
    findings = check(rules, plan, long, 1, TODAY)
    assert found("line_outside_project", findings).line == "K1"
    assert found("begun_already", findings).rule == "5.1"
    assert found("too_long", findings).facts == {"months": 25, "longest": 24}
    assert "duration_kept" in codes(check(rules, plan, SCHEDULE, 1, TODAY))


def corridor(amount: int, costs: list[CostLine]) -> list[str]:
    total = FinancePlan(costs=costs).totals().costs_cents
    incomes = [income("a", "applied", amount), income("o", "own", total - amount)]
    return failing(check(nachbarschaftsfonds(), FinancePlan(costs=costs, incomes=incomes), SCHEDULE, amount, TODAY))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (1_999_99, ["minimum_missed"]),
        (2_000_00, []),
        (10_000_00, []),
        (10_000_01, ["cap_exceeded", "share_exceeded"]),
    ],
)
def test_the_corridor_from_2000_to_10000(amount: int, expected: list[str]):
    assert corridor(amount, [cost("k", "Raum", 20_000_00)]) == expected


def test_at_most_half_of_the_eligible_costs():
    assert corridor(3_000_00, [cost("k", "Raum", 6_000_00)]) == []
    assert corridor(3_000_01, [cost("k", "Raum", 6_000_00)]) == ["share_exceeded"]
    assert corridor(3_000_00, [cost("k", "Raum", 5_999_99)]) == ["share_exceeded"]


def test_costs_that_are_not_eligible_do_not_raise_the_share():
    costs = [cost("k", "Raum", 4_000_00), cost("b", "Bewirtung", 4_000_00)]
    assert eligible_costs(nachbarschaftsfonds(), FinancePlan(costs=costs)) == 4_000_00
    assert corridor(2_000_01, costs) == ["category_ineligible", "share_exceeded"]


def test_a_category_outside_a_closed_list_stays_out_of_the_facts():
    findings = check(nachbarschaftsfonds(), FinancePlan(costs=[cost("k", "Feuerwerk", 1)]), None, 0, TODAY)
    line = found("category_not_listed", findings)
    assert (line.line, line.rule, line.facts) == ("K1", "4.1", {"amount_cents": 1})


@pytest.mark.parametrize(
    ("amount", "until"),
    [
        (3_000_00, "2027-10-15"),
        (3_000_01, "2027-04-01"),
        (5_000_00, "2027-04-01"),
        (5_000_01, "2026-12-01"),
    ],
)
def test_the_deadline_depends_on_the_amount(amount: int, until: str):
    rules = stadtbezirk(2027)
    assert deadline_for(rules, amount, SCHEDULE) == until
    last = date.fromisoformat(until)
    assert "deadline_kept" in codes(check(rules, PLAN, SCHEDULE, amount, last))
    after = check(rules, PLAN, SCHEDULE, amount, date.fromordinal(last.toordinal() + 1))
    assert found("deadline_missed", after).facts == {"until": until}


def test_a_deadline_may_count_back_from_the_beginning_of_the_project():
    rules = PotRules(title="R", deadlines=(Deadline(above_cents=0, weeks_before_start=8),))
    assert deadline_for(rules, 1, SCHEDULE) == "2027-02-04"
    assert deadline_for(PotRules(title="R"), 1, SCHEDULE) is None


def test_a_deadline_ends_with_the_day_in_germany():
    assert day_of(datetime(2026, 3, 31, 21, 59, tzinfo=UTC)) == "2026-03-31"
    assert day_of(datetime(2026, 3, 31, 22, 0, tzinfo=UTC)) == "2026-04-01"


def test_rules_that_contradict_themselves_are_named():
    rules = zukunftsstadt_fonds()
    assert [flaw(known) for known in (rules, nachbarschaftsfonds(), stadtbezirk(2027))] == [None, None, None]
    heavy = (Criterion(key="a", title="A", weight=60), Criterion(key="b", title="B", weight=60))
    twice = (Criterion(key="a", title="A", weight=50), Criterion(key="a", title="B", weight=50))
    assert flaw(replace(rules, criteria=heavy)) == "weights_not_100"
    assert flaw(replace(rules, criteria=twice)) == "criterion_twice"
    assert flaw(replace(rules, minimum_cents=60_000_00)) == "minimum_above_cap"
    assert flaw(replace(rules, deadlines=(Deadline(above_cents=0),))) == "deadline_without_day"
    assert flaw(replace(rules, criteria=())) == "jury_without_criteria"


def test_categories_are_known_by_key_and_title_whatever_their_case():
    rules = PotRules(title="R", ineligible=(Category(key="catering", title="Bewirtung", rule="4.2"),))
    for name in ("catering", " bewirtung ", "BEWIRTUNG"):
        assert eligible_costs(rules, FinancePlan(costs=[cost("k", name, 1)])) == 0


def test_totals_are_exact_and_rounded_once_a_line():
    assert PLAN.totals().costs_cents == 36_450_00
    assert cost("k", "x", 333, 1_500).total() == 500  # 499.5 rounds up
    assert cost("k", "x", 1, 499).total() == 0
    assert PLAN.totals().by_kind["applied"] == 24_800_00
