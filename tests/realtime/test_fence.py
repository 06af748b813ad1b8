"""Who may only comment changes the comments, and nothing else, whatever her client says."""

from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Doc, Map, Text, XmlElement, XmlFragment

from services.realtime.sync import protocol
from services.realtime.sync.protocol import Closing
from tests.realtime.world import Client, Hall, Log

ONLY = frozenset({"comments"})


@pytest.fixture
def hall() -> Hall:
    """A plan with a cost line, a text and a comment, all of them Anna's."""
    hall = Hall(Log(), "g1")
    anna = seated(hall, "Anna", 1)
    anna.doc.get("finance.costs", type=Map)["k1"] = Map({"label": Text("Holz"), "unit_price_cents": 80_000})
    anna.doc.get("profile.goal", type=XmlFragment).children.append(XmlElement("paragraph"))
    comments(anna)["c1"] = Map({"text": "Zu teuer?", "state": "open"})
    comments(anna)["c0"] = Map({"text": "Schon weg"})
    anna.doc.get("work", type=Map)["gone"] = Map({"label": "gestrichen"})
    del anna.doc.get("work", type=Map)["gone"]
    meet(hall, anna)
    return hall


def seated(hall: Hall, name: str, number: int, only: frozenset[str] | None = None) -> Client:
    client = Client(name, number)
    client.connect(hall, only=only)
    meet(hall, client)
    return client


def meet(hall: Hall, *clients: Client) -> None:
    for _ in range(2):
        for client in clients:
            client.settle()
        hall.settle()


def comments(client: Client) -> Map[Any]:
    return client.doc.get("comments", type=Map)


def costs(client: Client) -> Map[Any]:
    return client.doc.get("finance.costs", type=Map)


def _change_price(ben: Client) -> None:
    costs(ben)["k1"]["unit_price_cents"] = 1


def _type_into_label(ben: Client) -> None:
    ben_text: Text = costs(ben)["k1"]["label"]
    ben_text.insert(4, "balken")


def _add_row(ben: Client) -> None:
    costs(ben)["k2"] = Map({"label": "Gold"})


def _remove_row(ben: Client) -> None:
    del costs(ben)["k1"]


def _remove_text(ben: Client) -> None:
    paragraphs: XmlFragment = ben.doc.get("profile.goal", type=XmlFragment)
    del paragraphs.children[0]


def _hide_it_behind_a_comment(ben: Client) -> None:
    with ben.doc.transaction():
        comments(ben)["c2"] = Map({"text": "Nur ein Wort"})
        costs(ben)["k1"]["unit_price_cents"] = 1


BEYOND = [_change_price, _type_into_label, _add_row, _remove_row, _remove_text, _hide_it_behind_a_comment]


def test_comments_are_written_changed_and_withdrawn(hall: Hall) -> None:
    ben, cem = seated(hall, "Ben", 2, ONLY), seated(hall, "Cem", 3)
    comments(ben)["c2"] = Map({"text": "Wer bringt das Holz?", "state": "open"})
    comments(ben)["c3"] = Map({"text": "Vertippt"})
    comments(ben)["c1"]["state"] = "resolved"
    meet(hall, ben, cem)
    comments(cem)["c3"]["state"] = "resolved"
    meet(hall, cem, ben)
    del comments(ben)["c3"]
    meet(hall, ben, cem)
    assert (ben.closed, cem.closed) == (None, None)
    assert {id: each.to_py() for id, each in comments(cem).items()} == {
        "c0": {"text": "Schon weg"},
        "c1": {"text": "Zu teuer?", "state": "resolved"},
        "c2": {"text": "Wer bringt das Holz?", "state": "open"},
    }


@pytest.mark.parametrize("deed", BEYOND)
def test_nothing_else_is(hall: Hall, deed: Callable[[Client], None]) -> None:
    ben, cem = seated(hall, "Ben", 2, ONLY), seated(hall, "Cem", 3)
    before = hall.log.replayed().get_update()
    deed(ben)
    meet(hall, ben, cem)
    assert (ben.closed, ben.denied) == ((Closing.RIGHT_GONE, "comments_only"), ["comments_only"])
    assert hall.log.replayed().get_update() == before
    assert str(costs(cem)["k1"]["label"]) == "Holz"


@pytest.mark.parametrize("deed", BEYOND)
def test_nor_when_it_was_done_without_network(hall: Hall, deed: Callable[[Client], None]) -> None:
    ben = seated(hall, "Ben", 2, ONLY)
    ben.cut()
    deed(ben)
    ben.connect(hall, only=ONLY)
    before = hall.log.replayed().get_update()
    meet(hall, ben)
    assert ben.closed == (Closing.RIGHT_GONE, "comments_only")
    assert hall.log.replayed().get_update() == before


def test_what_was_commented_without_network_arrives_although_others_deleted_much(hall: Hall) -> None:
    """Step 2 repeats every deletion that the client knows of: those are no new ones."""
    ben, cem = seated(hall, "Ben", 2, ONLY), seated(hall, "Cem", 3)
    del costs(cem)["k1"]
    meet(hall, cem, ben)
    ben.cut()
    comments(ben)["c2"] = Map({"text": "Schade um das Holz"})
    comments(ben)["c3"] = Map({"text": "Vertippt"})
    del comments(ben)["c3"]
    ben.connect(hall, only=ONLY)
    meet(hall, ben, cem)
    assert ben.closed is None
    assert comments(cem)["c2"]["text"] == "Schade um das Holz"


def test_a_comment_sent_while_the_room_loads_is_checked_when_it_has(hall: Hall) -> None:
    ben = seated(hall, "Ben", 2, ONLY)
    hall.room.loading = True
    costs(ben)["k1"]["unit_price_cents"] = 1
    ben.settle()
    hall.room.leave(ben.seat)
    before = hall.log.replayed().get_update()
    hall.room.load(hall.log.load())
    hall.carry()
    hall.settle()
    assert hall.log.replayed().get_update() == before


def test_a_root_that_only_begins_alike_is_another_one(hall: Hall) -> None:
    ben, doc = seated(hall, "Ben", 2, ONLY), Doc[Any](client_id=9)
    doc.get("commentsx", type=Text).insert(0, "x")
    hall.receive(ben.seat, protocol.update(doc.get_update()))
    assert ben.closed == (Closing.REFUSED, "unknown_root")


def _says(client: Client, id: str, **fields: Any) -> None:
    comments(client)[id] = Map({"text": "Wer zahlt das?", "about": "finance"} | fields)


@pytest.mark.parametrize("only", [ONLY, None])
@pytest.mark.parametrize(
    "fields",
    [
        {"author": "p-Anna"},
        {"author": Text},
        {"author": "p-Ben", "closer": "p-Anna"},
        {"author": ["p-Anna"]},
        {"author": "p-Anna" * 20},
    ],
)
def test_nobody_speaks_in_anothers_name(hall: Hall, only: frozenset[str] | None, fields: dict[str, Any]) -> None:
    ben = seated(hall, "Ben", 2, only)
    before = hall.log.replayed().get_update()
    _says(ben, "c2", **{name: Text("p-Anna") if value is Text else value for name, value in fields.items()})
    meet(hall, ben)
    assert ben.closed == (Closing.REFUSED, "foreign_name")
    assert hall.log.replayed().get_update() == before


@pytest.mark.parametrize("field", ["text", "about", "mentions", "at", "parent"])
def test_what_others_have_said_is_not_rewritten(hall: Hall, field: str) -> None:
    cem = seated(hall, "Cem", 3)
    comments(cem)["c1"][field] = "Ich bin dafür."
    meet(hall, cem)
    assert cem.closed == (Closing.REFUSED, "foreign_name")


def _withdraw(client: Client) -> None:
    del comments(client)["c1"]


def _empty(client: Client) -> None:
    del comments(client)["c1"]["text"]


def _say_something_else_there(client: Client) -> None:
    comments(client)["c1"] = Map({"text": "Das ist gar nicht teuer."})


def _put_nothing_there(client: Client) -> None:
    with client.doc.transaction():
        _say_something_else_there(client)
        del comments(client)["c1"]


def _put_nothing_into_the_text(client: Client) -> None:
    with client.doc.transaction():
        comments(client)["c1"]["text"] = "anders"
        del comments(client)["c1"]["text"]


@pytest.mark.parametrize("only", [ONLY, None])
@pytest.mark.parametrize("offline", [False, True])
@pytest.mark.parametrize(
    "deed", [_withdraw, _empty, _say_something_else_there, _put_nothing_there, _put_nothing_into_the_text]
)
def test_what_others_have_said_is_theirs_to_withdraw(
    hall: Hall, deed: Callable[[Client], None], offline: bool, only: frozenset[str] | None
) -> None:
    ben, cem = seated(hall, "Ben", 2, only), seated(hall, "Cem", 3)
    before = hall.log.replayed().get_update()
    if offline:
        ben.cut()
    deed(ben)
    if offline:
        ben.connect(hall, only=only)
    meet(hall, ben, cem)
    assert ben.closed == (Closing.REFUSED, "foreign_name")
    assert hall.log.replayed().get_update() == before
    assert comments(cem)["c1"]["text"] == "Zu teuer?"


def test_what_its_author_withdrew_is_no_deed_of_those_who_heard_of_it(hall: Hall) -> None:
    ben, cem = seated(hall, "Ben", 2, ONLY), seated(hall, "Cem", 3)
    _says(ben, "c2", author="p-Ben", state="open")
    meet(hall, ben, cem)
    comments(cem)["c2"]["state"] = "resolved"
    meet(hall, cem, ben)
    del comments(ben)["c2"]
    meet(hall, ben, cem)
    cem.cut()
    _says(cem, "c3", author="p-Cem")
    cem.connect(hall)
    meet(hall, cem, ben)
    assert (ben.closed, cem.closed) == (None, None)
    assert set(comments(ben).keys()) == {"c0", "c1", "c3"}


def test_a_remark_called_state_is_a_remark_like_any_other(hall: Hall) -> None:
    ben, cem = seated(hall, "Ben", 2), seated(hall, "Cem", 3)
    _says(ben, "state", author="p-Ben")
    meet(hall, ben, cem)
    del comments(cem)["state"]
    meet(hall, cem)
    assert cem.closed == (Closing.REFUSED, "foreign_name")


def test_one_may_mend_what_one_has_said_oneself(hall: Hall) -> None:
    ben = seated(hall, "Ben", 2, ONLY)
    _says(ben, "c2", author="p-Ben")
    meet(hall, ben)
    comments(ben)["c2"]["text"] = "Wer bezahlt das?"
    meet(hall, ben)
    assert ben.closed is None


def test_nor_is_a_name_changed_afterwards(hall: Hall) -> None:
    ben = seated(hall, "Ben", 2, ONLY)
    _says(ben, "c2", author="p-Ben", closer="")
    meet(hall, ben)
    assert ben.closed is None
    comments(ben)["c2"]["author"] = "p-Anna"
    meet(hall, ben)
    assert ben.closed == (Closing.REFUSED, "foreign_name")


def test_who_settles_signs_and_who_opens_again_takes_the_name_away(hall: Hall) -> None:
    ben, cem = seated(hall, "Ben", 2, ONLY), seated(hall, "Cem", 3)
    _says(ben, "c2", author="p-Ben", closer="")
    meet(hall, ben, cem)
    comments(cem)["c2"]["closer"] = "p-Cem"
    meet(hall, cem, ben)
    comments(ben)["c2"]["closer"] = ""
    ben.cut()
    _says(ben, "c3", author="p-Ben")
    ben.connect(hall, only=ONLY)
    meet(hall, ben, cem)
    assert (ben.closed, cem.closed) == (None, None)
    assert comments(cem)["c3"]["author"] == "p-Ben"


def test_a_field_of_that_name_elsewhere_is_nobodys_signature(hall: Hall) -> None:
    cem = seated(hall, "Cem", 3)
    costs(cem)["k1"]["author"] = "p-Anna"
    meet(hall, cem)
    assert cem.closed is None
