"""What is said about a plan is put down to who said it, and who is named in it gets to know."""

from datetime import UTC, datetime
from types import SimpleNamespace

from msgspec.structs import replace
from pycrdt import Map

from services.planning.bursts import bursts
from services.planning.domain.edits import Burst, Changed, EditsRecorded
from services.planning.integration import publish
from services.planning.reading import right_of
from shared.access.standing import Standing
from shared.bus.edits import Edit
from shared.contracts.documents import Comment, Cost, Plan
from shared.contracts.planning import Mention, PeopleMentioned
from shared.documents import Replica, read_comments, read_plan, seed_plan
from shared.documents.writing import restoring
from shared.remarks import part_of, said, threads
from tests.planning.test_bursts import Desk

PLAN = Plan(costs=(Cost(id="a", label="Holz"), Cost(id="b", label="Farbe")))
ASKED = Comment(
    id="c1", about="finance.costs/b", text="Welche?", author="ann", at="2026-11-22T10:00:00Z", mentions="bob"
)
ANSWER = Comment(id="c2", about="finance.costs/b", text="Grün.", author="bob", at="2026-11-22T10:05:00Z", parent="c1")


class Table(Desk):
    """People who also talk about the plan that they type into."""

    def says(self, person: str, id: str, **fields: str) -> None:
        doc, made = self.docs[person], []
        watching = doc.observe(lambda event: made.append(event.update))
        doc.get("comments", type=Map)[id] = Map(fields)
        doc.unobserve(watching)
        self.edits.append(Edit(person, made[0], (doc.client_id,)))


def test_a_remark_belongs_to_the_part_of_its_row() -> None:
    abouts = ("finance", "finance.costs/k", "schedule/m", "work/w", "profile", "", "elsewhere/x")
    assert [part_of(about) for about in abouts] == [
        "finance", "finance", "schedule", "work", "profile", "profile", "profile"
    ]  # fmt: skip


def test_answers_stand_with_what_they_answer() -> None:
    lost = Comment(id="c3", text="An niemanden", parent="gone", at="2026-11-22T11:00:00Z")
    [thread] = threads([ASKED, ANSWER, lost, Comment(id="c4", text="  ")], PLAN, "finance")
    assert (thread.said, thread.line, thread.open) == ((ASKED, ANSWER), "K2", True)
    assert threads([ASKED, ANSWER], PLAN, "work") == []


def test_answers_stay_although_the_question_was_withdrawn() -> None:
    empty = replace(ASKED, text="")
    [thread] = threads([empty, ANSWER], PLAN)
    assert thread.said == (empty, ANSWER)
    assert threads([empty], PLAN) == []
    assert [each.kind for each in said([ASKED, ANSWER], [empty, ANSWER], PLAN)] == ["removed"]
    assert list(said([empty, ANSWER], [replace(empty, state="resolved"), ANSWER], PLAN)) == []


def test_what_changed_in_the_talk_is_told_line_by_line() -> None:
    done = Comment(**{name: getattr(ASKED, name) for name in ASKED.__struct_fields__} | {"state": "resolved"})
    found = [
        (each.kind, each.line, each.label, each.field, each.old, each.new)
        for each in said([ASKED], [done, ANSWER], PLAN)
    ]
    assert found == [
        ("changed", "K2", "Farbe", "state", "open", "resolved"),
        ("added", "K2", "Farbe", "mentions", "c1", ""),
    ]
    assert [each.kind for each in said([ASKED, ANSWER], [ASKED], PLAN)] == ["removed"]


def test_a_remark_is_hers_whose_edit_it_was_whatever_it_says_of_its_author() -> None:
    table = Table("bob", "ann")
    table.adds("ann", "a", "Holz", 800_00)
    table.says(
        "bob", "c1", about="finance.costs/a", text="Teuer", author="ann", at="2026-11-22T10:00:00Z", mentions="ann dan"
    )
    made = bursts(Replica(seed_plan()), table.edits)
    recorded = EditsRecorded(project="p", stream="s", since=1, until=2, bursts=tuple(made))
    fact = publish(SimpleNamespace(event=recorded))  # type: ignore[arg-type]
    assert fact == PeopleMentioned(mentions=[Mention(comment="c1", by="bob", part="finance", people=["ann", "dan"])])


def test_nobody_is_told_of_what_names_nobody_else() -> None:
    own = Changed(part="work", table="comments", kind="added", row="c", field="mentions", new="bob")
    for change in (
        own,
        Changed(part="work", table="comments", kind="added", row="c"),
        Changed(part="work", table="work", kind="added"),
    ):
        recorded = EditsRecorded(project="p", stream="s", since=1, until=2, bursts=(Burst("bob", "", (change,)),))
        assert publish(SimpleNamespace(event=recorded)) is None  # type: ignore[arg-type]


def test_a_revision_neither_holds_the_talk_nor_takes_it_back() -> None:
    table = Table("ann")
    table.says(
        "ann", "c1", about="finance", text="Bleibt stehen", at=datetime(2026, 11, 22, tzinfo=UTC).isoformat()[:19] + "Z"
    )
    table.adds("ann", "a", "Holz", 800_00)
    state = table.docs["ann"].get_update()
    plan, left_out = read_plan(state)
    assert (len(plan.costs), left_out) == (1, [])
    back = restoring(state, Plan(), 99)
    assert back
    after = Replica(state, back)
    assert after.plan() == Plan()
    assert [each.text for each in read_comments(after.state())] == ["Bleibt stehen"]


def test_a_plan_is_its_teams_and_advisers_comment() -> None:
    assert right_of(Standing("ann", frozenset({"reviewer"}), "member")) == "write"
    assert right_of(Standing("ann", frozenset({"council_member"}))) == "comment"
    assert right_of(Standing("ann", frozenset({"reviewer"}))) == "read"
    assert right_of(Standing(None)) == "read"
