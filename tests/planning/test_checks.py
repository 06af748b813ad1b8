"""The checks name each line of a plan that is not sound, and nothing else."""

import ast
import re
import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import services.planning.domain.checks
from services.planning.domain.checks import check
from shared.contracts.documents import Cost, Income, Milestone, Plan, Profile, Work
from shared.web.render import Renderer

SOURCE = Path(services.planning.domain.checks.__file__)
WORDS = tomllib.loads((SOURCE.parents[3] / "shared/web/words/planning.toml").read_text("utf-8"))["check"]
TIME = Profile(starts="2027-04-01", ends="2028-03-31")


def found(**parts: object) -> set[tuple[str, str]]:
    plan = Plan(profile=TIME, **parts)  # type: ignore[arg-type]
    return {(finding.line, finding.code) for finding in check(plan)}


def cost(id: str, cents: int, month: str = "2027-05") -> Cost:
    return Cost(id=id, label="Holz", unit_price_cents=cents, month=month)


def income(id: str, cents: int, month: str = "2027-05") -> Income:
    return Income(id=id, label="Fonds", amount_cents=cents, month=month)


def test_an_empty_plan_has_nothing_to_find():
    assert check(Plan()) == []


def test_costs_and_incomes_must_be_equal():
    assert found(costs=(cost("a", 800_00),), incomes=(income("b", 800_00),)) == {("", "balanced")}
    assert ("", "income_missing") in found(costs=(cost("a", 800_00),))
    assert ("", "income_beyond_costs") in found(incomes=(income("b", 1),))
    missing = next(f for f in check(Plan(costs=(cost("a", 800_00),))) if f.code == "income_missing")
    assert missing.facts == {"missing_cents": 800_00}


def test_a_line_without_month_counts_in_the_projects_first_month():
    assert ("K1", "month_missing") not in found(costs=(cost("a", 1, ""),))
    assert ("K1", "month_missing") in {(f.line, f.code) for f in check(Plan(costs=(cost("a", 1, ""),)))}


def test_what_lies_outside_the_projects_time_is_named():
    late = Work(id="w", owner="Anna", starts="2027-03-31", ends="2028-04-01")
    assert found(work=(late,)) == {("A1", "before_the_project"), ("A1", "after_the_project")}
    assert found(milestones=(Milestone(id="m", day="2028-04-01"),)) == {("M1", "after_the_project")}
    inside = (cost("a", 1, "2027-04"), cost("b", 1, "2028-03"))
    assert {line for line, code in found(costs=inside) if code == "month_outside_the_project"} == set()
    outside = (cost("a", 1, "2027-03"), cost("b", 1, "2028-04"))
    assert {line for line, code in found(costs=outside) if code == "month_outside_the_project"} == {"K1", "K2"}


def test_a_line_lies_within_its_own_range():
    costs = [
        Cost(id="a", unit_price_cents=500, month="2027-01", least_cents=400, most_cents=600),
        Cost(id="b", unit_price_cents=500, month="2027-01", most_cents=400),
        Cost(id="c", unit_price_cents=500, month="2027-01", least_cents=501),
        Cost(id="d", unit_price_cents=500, month="2027-01"),
    ]
    found = [(each.line, each.facts) for each in check(Plan(costs=tuple(costs))) if each.code == "outside_its_range"]
    assert found == [("K2", {"total_cents": 500}), ("K3", {"total_cents": 500})]


def test_packages_need_somebody_unless_they_are_done():
    rows = (Work(id="a"), Work(id="b", owner="Anna"), Work(id="c", state="done"), Work(id="d", owner=" "))
    assert found(work=rows) == {("A1", "owner_missing"), ("A4", "owner_missing")}


def test_dates_that_run_backwards_are_named():
    row = Work(id="a", owner="Anna", starts="2027-06-02", ends="2027-06-01")
    assert found(work=(row,)) == {("A1", "ends_before_it_begins")}
    backwards = Plan(profile=Profile(starts="2027-06-02", ends="2027-06-01"))
    assert [f.code for f in check(backwards)] == ["project_ends_before_it_begins"]


def test_only_those_in_the_ring_wait_for_themselves():
    rows = (
        Work(id="a", owner="x", after="c"),
        Work(id="b", owner="x", after="a"),
        Work(id="c", owner="x", after="b"),
        Work(id="d", owner="x", after="c nowhere"),
        Work(id="e", owner="x", after="e"),
    )
    ring = {("A1", "waits_for_itself"), ("A2", "waits_for_itself"), ("A3", "waits_for_itself")}
    assert found(work=rows) == ring | {("A5", "waits_for_itself")}
    through = (Work(id="a", owner="x", after="m"),)
    crossed = found(work=through, milestones=(Milestone(id="m", after="a"),))
    assert crossed == {("A1", "waits_for_itself"), ("M1", "waits_for_itself")}


def test_the_cash_box_is_short_only_while_money_is_still_to_come():
    costs = (cost("a", 100_00, "2027-05"), cost("b", 50_00, "2027-06"))
    late = Plan(profile=TIME, costs=costs, incomes=(income("c", 150_00, "2027-07"),))
    short = next(finding for finding in check(late) if finding.code == "cash_short")
    assert short.facts == {"day": "2027-05-01", "lowest_cents": -150_00}
    early = Plan(profile=TIME, costs=costs, incomes=(income("c", 140_00, "2027-05"),))
    assert "cash_short" not in {f.code for f in check(early)}


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sets(st.sampled_from("abcdef")))))
def test_rings_are_found_as_a_walk_would_find_them(edges: list[tuple[str, set[str]]]):
    waits = dict(edges)
    rows = tuple(Work(id=id, owner="x", after=" ".join(sorted(after))) for id, after in waits.items())
    ring = {f.line_id for f in check(Plan(work=rows)) if f.code == "waits_for_itself"}

    def returns(start: str, here: str, seen: frozenset[str]) -> bool:
        steps = [step for step in waits[here] if step in waits]
        return start in steps or any(returns(start, step, seen | {step}) for step in steps if step not in seen)

    assert ring == {id for id in waits if returns(id, id, frozenset())}


def test_every_finding_has_words_and_can_be_said():
    codes = {
        str(node.value) for node in ast.walk(ast.parse(SOURCE.read_text("utf-8"))) if isinstance(node, ast.Constant)
    }
    assert set(WORDS) <= codes
    said = set(re.findall(r'code="(\w+)"', SOURCE.read_text("utf-8")))
    assert said <= set(WORDS)
    plan = Plan(costs=(cost("a", 800_00),), incomes=(income("b", 1, "2027-09"),))
    words = [Renderer().say(f"check.{f.code}", f.facts) for f in check(plan)]
    assert "Es fehlen 799,99\u00a0€ Einnahmen." in words
