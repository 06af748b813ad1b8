"""Whatever is delivered late, twice or never: in the end all have the same, and what was called saved is stored."""

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Text

from tests.realtime.world import ROOT, Client, Hall, Log

STEPS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 3), st.integers(0, 40)), max_size=120)


class History:
    """A run: two gateways, four clients, and after each step what `saved` promised is compared with the log."""

    def __init__(self) -> None:
        self.log = Log()
        self.halls = [Hall(self.log, "g1"), Hall(self.log, "g2")]
        self.clients = [Client(name, number) for number, name in enumerate(("Anna", "Ben", "Cem", "Dora"), 101)]
        self.born = 0
        for number, client in enumerate(self.clients):
            client.connect(self.halls[number % 2])

    def step(self, action: int, who: int, detail: int) -> None:
        client, hall = self.clients[who], self.halls[detail % 2]
        actions: list[Callable[[], object]] = [
            lambda: client.type("abcdefghij"[detail % 10] * (1 + detail % 3), detail),
            lambda: self.delete(client, detail),
            client.step,
            client.step,
            client.settle,
            lambda: hall.store(acknowledge=False),
            hall.store,
            hall.follow,
            client.cut,
            lambda: self.reconnect(client, hall),
            lambda: self.again(client),
            lambda: self.kill(detail % 2),
        ]
        actions[action]()

    def delete(self, client: Client, at: int) -> None:
        if length := len(str(client.text)):
            at %= length
            del client.text[at : min(length, at + 2)]

    def reconnect(self, client: Client, hall: Hall) -> None:
        client.cut()
        while hall.heard < len(self.log.messages):  # as the gateway does before it lets anybody in
            hall.follow()
        client.connect(hall)

    def again(self, client: Client) -> None:
        """The same frame twice."""
        if client.outbox and client.hall and not client.closed:
            client.hall.receive(client.seat, client.outbox[0])

    def kill(self, number: int) -> None:
        """kill -9 of a gateway: what it had not stored is gone; now and then there is a snapshot."""
        old = self.halls[number]
        if (found := old.room.snapshot("s")) and found.sequence:
            self.log.snapshot = found
        for client in self.clients:
            if client.hall is old:
                client.cut()
        self.born += 1
        self.halls[number] = Hall(self.log, f"g{number}-{self.born}")

    def check_saved(self) -> None:
        stored = self.log.replayed()
        for client in self.clients:
            assert client.closed is None, client.closed
            if client.saved and not client.outbox and client.hall:
                sent = client.hall.room.seats[client.seat].received
                if client.saved == sent:
                    assert missing(stored, client.doc) == b"\x00\x00"

    def end(self) -> None:
        for number, client in enumerate(self.clients):
            self.reconnect(client, self.halls[number % 2])
        for _ in range(6):
            for client in self.clients:
                client.settle()
            for hall in self.halls:
                hall.settle()
        for client in self.clients:
            client.settle()


def missing(stored: Doc[Text], page: Doc[Text]) -> bytes:
    """The structs of the page that are not stored, without its deletions (they are compared in the end)."""
    update = page.get_update(stored.get_state())
    return b"\x00\x00" if update[:1] == b"\x00" else update


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_all_have_the_same_in_the_end(steps: list[tuple[int, int, int]]) -> None:
    history = History()
    for action, who, detail in steps:
        history.step(action, who, detail)
        history.check_saved()
    history.end()
    check_equal(history)


def test_long_histories_converge() -> None:
    for seed in range(15):
        chance = random.Random(seed)
        history = History()
        for _ in range(400):
            history.step(
                chance.choice([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11]),
                chance.randrange(4),
                chance.randrange(40),
            )
        history.check_saved()
        history.end()
        check_equal(history)


def check_equal(history: History) -> None:
    replayed = history.log.replayed()
    expected = str(replayed.get(ROOT, type=Text))
    for client in history.clients:
        assert client.closed is None
        assert str(client.text) == expected
    for number, hall in enumerate(history.halls):
        fresh = Client("Eve", 900 + number)
        fresh.connect(hall)
        fresh.settle()
        assert str(fresh.text) == expected
    history.halls.append(Hall(history.log, "g9"))
    snapshots = [hall.room.snapshot("s") for hall in history.halls]
    assert len({snapshot.state for snapshot in snapshots if snapshot}) == 1
