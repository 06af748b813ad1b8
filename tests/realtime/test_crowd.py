"""How many may come in, without any socket."""

from services.realtime.sync.crowd import Crowd, Share

PARTY = {"of dresden/p-1": Share(3, 2), "at 192.0.2.7": Share(4, 4)}


def test_a_person_has_so_many_sockets_and_gets_a_place_back_when_one_ends() -> None:
    crowd = Crowd()
    leave = [crowd.enter(PARTY, ("dresden", "plan-1")) for _ in range(3)]
    assert crowd.enter(PARTY, ("dresden", "plan-1")) is None
    assert leave[0]
    leave[0]()
    leave[0]()  # a second time does nothing
    assert crowd.enter(PARTY, ("dresden", "plan-1"))
    assert crowd.enter(PARTY, ("dresden", "plan-1")) is None


def test_a_person_has_so_many_rooms_and_may_open_those_she_has_again() -> None:
    crowd = Crowd()
    one, two = crowd.enter(PARTY, ("dresden", "plan-1")), crowd.enter(PARTY, ("dresden", "plan-2"))
    assert crowd.enter(PARTY, ("dresden", "plan-3")) is None
    assert one
    assert two
    assert crowd.enter(PARTY, ("dresden", "plan-2"))
    one()
    assert crowd.enter(PARTY, ("dresden", "plan-3"))


def test_who_is_refused_takes_no_place_from_others_behind_the_same_address() -> None:
    crowd = Crowd()
    for _ in range(3):
        crowd.enter(PARTY, ("dresden", "plan-1"))
    for _ in range(9):
        assert crowd.enter(PARTY, ("dresden", "plan-1")) is None
    assert crowd.enter({"at 192.0.2.7": Share(4, 4)}, ("dresden", "plan-1"))
    assert crowd.enter({"at 192.0.2.7": Share(4, 4)}, ("dresden", "plan-1")) is None
