"""Edits are put down to those who made them, and the updates in the bursts alone rebuild the document."""

from base64 import b64decode

from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Map, Text

from services.planning.bursts import bursts
from shared.bus.edits import Edit
from shared.documents import Replica, seed_plan
from shared.plans import Change, joined

ROOT = "finance.costs"


class Desk:
    """People who type into one plan, each with a document of her own; `edits` is the order of the stream."""

    def __init__(self, *people: str) -> None:
        self.docs = {person: Doc(client_id=number) for number, person in enumerate(people, 10)}
        self.edits: list[Edit] = []
        for doc in self.docs.values():
            doc.apply_update(seed_plan())

    def types(self, person, change):
        doc, made = self.docs[person], []
        watching = doc.observe(lambda event: made.append(event.update))
        with doc.transaction():
            change(doc.get(ROOT, type=Map))
        doc.unobserve(watching)
        for update in made:
            self.edits.append(Edit(person, update, (doc.client_id,)))
            for other in self.docs.values():
                if other is not doc:
                    other.apply_update(update)

    def adds(self, person, row, label, cents=0):
        self.types(person, lambda rows: rows.__setitem__(row, _row(row, label, cents)))

    def sets(self, person, row, field, value):
        self.types(person, lambda rows: rows[row].__setitem__(field, value))

    def made(self):
        return bursts(Replica(seed_plan()), self.edits)


def _row(row, label, cents):
    return Map({"order": row, "label": Text(label), "quantity": 1000, "unit_price_cents": cents, "month": "2027-04"})


def words(burst):
    return [(change.kind, change.label, change.field, change.old, change.new) for change in burst.changes]


def test_each_change_is_hers_who_made_it():
    desk = Desk("bob", "ann")
    desk.adds("ann", "a", "Holz", 800_00)
    desk.sets("bob", "a", "unit_price_cents", 950_00)
    desk.sets("ann", "a", "month", "2027-05")
    ann, bob = desk.made()
    assert (ann.person, bob.person) == ("ann", "bob")
    assert words(ann) == [("added", "Holz", "", "", "")]
    assert words(bob) == [("changed", "Holz", "unit_price_cents", 800_00, 950_00)]
    assert (ann.clients, bob.clients) == ((11,), (10,))


def test_who_builds_on_what_another_one_added_is_not_put_before_her():
    desk = Desk("ann", "bob")
    desk.adds("ann", "a", "Holz")
    desk.adds("bob", "b", "Nägel")
    desk.sets("ann", "b", "unit_price_cents", 3_00)
    ann, bob = desk.made()
    assert words(ann) == [("added", "Holz", "", "", ""), ("changed", "Nägel", "unit_price_cents", 0, 3_00)]
    assert words(bob) == [("added", "Nägel", "", "", "")]


def test_a_word_typed_letter_by_letter_is_one_change():
    desk = Desk("ann", "bob")
    desk.adds("ann", "a", "H")
    desk.edits.clear()
    start = Replica(seed_plan())
    start.apply(desk.docs["ann"].get_update())
    for letter in "olz":
        desk.types("ann", lambda rows, letter=letter: rows["a"]["label"].__iadd__(letter))
    (ann,) = bursts(start, desk.edits)
    assert words(ann) == [("changed", "Holz", "label", "H", "Holz")]


def test_very_many_turns_are_read_in_few_readings(monkeypatch):
    desk, readings = Desk("ann", "bob"), []
    for number in range(60):
        desk.adds("ann", f"r{number}", str(number))
        desk.sets("bob", "r0", "unit", str(number))
    monkeypatch.setattr(Replica, "plan", _counting(readings, Replica.plan))
    made = desk.made()
    assert len(readings) <= 2 * 24 + 1
    ann, bob = made
    assert (len(ann.changes), ann.more) == (40, 20)
    assert words(bob) == [("changed", "0", "unit", "", "59")]


def test_of_a_big_plan_fewer_readings_are_made(monkeypatch):
    readings, desk = [], Desk("ann", "bob")
    desk.adds("ann", "k", "Holz")
    for number in range(60):
        desk.sets(("ann", "bob")[number % 2], "k", "unit_price_cents", number)
    monkeypatch.setattr("services.planning.bursts._READ", 1_000)
    monkeypatch.setattr(Replica, "plan", _counting(readings, Replica.plan))
    assert [burst.person for burst in desk.made()] == ["ann", "bob"]
    assert len(readings) <= 2 * 4 + 1


def _counting(readings, plan):
    def counted(self):
        readings.append(1)
        return plan(self)

    return counted


ROWS = st.sampled_from("abcd")
STEPS = st.lists(st.tuples(st.sampled_from(["ann", "bob", "eve"]), ROWS, st.sampled_from(["add", "set", "drop"])))


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(min_value=1, max_value=5))
def test_the_bursts_alone_rebuild_the_document(steps, stretch):
    desk = Desk("ann", "bob", "eve")
    for number, (person, row, step) in enumerate(steps):
        there = row in desk.docs[person].get(ROOT, type=Map)
        if step == "add":
            desk.adds(person, row, f"Zeile {number}", number)
        elif there and step == "set":
            desk.sets(person, row, "unit_price_cents", number)
        elif there:
            desk.types(person, lambda rows, row=row: rows.__delitem__(row))
    live, rebuilt = Replica(seed_plan()), Replica(seed_plan())
    for at in range(0, len(desk.edits), stretch):
        for burst in bursts(live, desk.edits[at : at + stretch]):
            rebuilt.apply(b64decode(burst.update))
    assert rebuilt.plan() == live.plan() == Replica(desk.docs["ann"].get_update()).plan()


def change(kind, **more):
    return Change(part="finance", table="costs", kind=kind, row="a", line="K1", label="Holz", **more)


def test_steps_between_are_left_out():
    price = {"field": "unit_price_cents"}
    up, back = change("changed", **price, old=1, new=2), change("changed", **price, old=2, new=1)
    assert joined([up, change("changed", **price, old=2, new=5)]) == [change("changed", **price, old=1, new=5)]
    assert joined([up, back]) == []
    assert joined([change("added"), up]) == [change("added")]
    assert joined([change("added"), up, change("removed")]) == []
    assert joined([up, change("removed")]) == [change("removed")]
    assert joined([change("removed"), change("added"), change("removed")]) == [change("removed")]
    assert joined([change("moved"), change("moved")]) == [change("moved")]
    other = change("changed", **price, old=7, new=8)  # somebody else made 7 of it
    assert joined([up, other]) == [up, other]
