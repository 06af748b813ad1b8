"""A plan that is written back says what it said; what nobody changed is not touched."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pycrdt import Doc, Map

from shared.contracts.documents import Block, Cost, Milestone, Plan, Profile, Span
from shared.documents import Replica, read_plan, seed_plan
from shared.documents.writing import restoring
from tests.planning.samples import CONTENT

ROOT = "finance.costs"


def document(plan: Plan, client: int = 7) -> bytes:
    return Replica(seed_plan(), restoring(seed_plan(), plan, client) or seed_plan()).state()


def restored(state: bytes, plan: Plan) -> Plan:
    return Replica(state, restoring(state, plan, 99) or state).plan()


def test_a_plan_comes_back_whole_and_without_anything_left_out():
    plan, left_out = read_plan(document(CONTENT))
    assert left_out == []
    assert plan == CONTENT
    assert restored(document(CONTENT), Plan()) == Plan()
    assert restored(document(Plan()), CONTENT) == CONTENT


def test_who_has_nothing_to_change_writes_nothing():
    assert restoring(document(CONTENT), CONTENT, 99) is None


def test_only_what_is_different_is_touched():
    before = document(CONTENT)
    dearer = replace(CONTENT, costs=(replace(CONTENT.costs[0], unit_price_cents=1), *CONTENT.costs[1:]))
    assert restored(before, dearer) == dearer
    assert len(restoring(before, dearer, 99) or b"") < 80


def test_what_others_change_meanwhile_stays():
    before = document(CONTENT)
    dearer = replace(CONTENT, costs=(replace(CONTENT.costs[0], unit_price_cents=1), *CONTENT.costs[1:]))
    other = Doc(client_id=11)
    other.apply_update(before)
    other.get(ROOT, type=Map)["new"] = Map({"label": "Neu", "order": "zz"})
    both = Replica(before, restoring(before, dearer, 99) or before, other.get_update()).plan()
    assert both.costs[0].unit_price_cents == 1
    assert both.costs[-1].label == "Neu"


def test_rich_text_keeps_lists_in_lists_styles_links_and_breaks():
    bold, link = Span(text="fett 😀 ä", bold=True), Span(text="hier", link="https://example.org/")
    prose = (
        Block(kind="heading", spans=(Span(text="Ziel"),), depth=2),
        Block(kind="paragraph", spans=(Span(text="Erst "), bold, Span(text="\ndann "), link, Span(text="."))),
        Block(kind="item", spans=(Span(text="eins"),), depth=1),
        Block(kind="numbered", spans=(Span(text="eins a"),), depth=2),
        Block(kind="item", spans=(Span(text="zwei"),), depth=1),
        Block(kind="numbered", spans=(Span(text="erstens", italic=True),), depth=1),
        Block(kind="quote", spans=(Span(text="So sprach sie."),), depth=1),
        Block(kind="paragraph", spans=(Span(text="Ende"),)),
    )
    plan = Plan(profile=Profile(texts={"goal": prose}))
    assert restored(document(Plan()), plan) == plan
    assert restored(document(plan), Plan()) == Plan()


ROWS = st.dictionaries(st.sampled_from("abcde"), st.tuples(st.text("xyzä😀", max_size=5), st.integers(0, 10**9)))


def _plan(rows: dict[str, tuple[str, int]], days: dict[str, str]) -> Plan:
    costs = [Cost(id=id, order=id, label=label, unit_price_cents=cents) for id, (label, cents) in rows.items()]
    miles = [Milestone(id=id, order=id, day=day) for id, day in days.items()]
    return Plan(
        costs=tuple(sorted(costs, key=lambda row: row.id)), milestones=tuple(sorted(miles, key=lambda row: row.id))
    )


DAYS = st.dictionaries(st.sampled_from("fgh"), st.sampled_from(["", "2027-01-01", "2027-02-01"]))
PLANS = st.builds(_plan, ROWS, DAYS)


@settings(max_examples=60, deadline=None)
@given(PLANS, PLANS)
def test_from_any_plan_to_any_other(before: Plan, after: Plan):
    assert restored(document(before), after) == after
