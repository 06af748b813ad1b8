"""What arrives for a document is checked here, and waits here until it is applied and stored."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec import Struct

from services.realtime.sync.deletions import Deletions
from services.realtime.sync.fence import forged, strays
from services.realtime.sync.ledger import Foreign, Ledger, Refused
from services.realtime.sync.lib0 import Malformed
from services.realtime.sync.protocol import Kind
from services.realtime.sync.seats import Arrived
from services.realtime.sync.update import LIVE, WHOLE, Change, scan
from services.realtime.sync.weight import deepest, effort

DEEPEST = 32  # types inside types
FARTHEST, FARTHEST_WHOLE = 3_000_000, 8_000_000  # items: well below a second
PER_MESSAGE = 50_000  # items that one message may cost without being charged for more


class Limits(Struct, frozen=True, kw_only=True):
    """In bytes and seconds. `document` bounds the encoded state, `message` what one stored message may hold.

    `presence_every`, `answer_every`: how often the room tells who is here, and one socket what it does not have.
    `silence`: how long nobody goes without a message; `idle`: how long a socket may say nothing.
    """

    frame: int = 256 * 1024
    document: int = 1_000_000
    message: int = 1_000_000
    pending: int = 4 * 1024 * 1024
    patience: float = 5.0
    presence_every: float = 0.1
    answer_every: float = 1.0
    silence: float = 20.0
    idle: float = 900.0


class Checked(NamedTuple):
    """What may be applied. `clients` are the person's from then on; `returned` as in `Edit`."""

    arrived: Arrived
    change: Change
    clients: tuple[int, ...]
    returned: bool


class Intake:
    """`pending` counts the bytes that wait; `size` is about that of the encoded document, never less.

    `measure` gives the exact size, `deleted` what the document has deleted, `shown` the person who shows herself under
    a client id; `returning` allows a step 2 to bring back what others wrote and a lost log held.
    """

    def __init__(
        self,
        limits: Limits,
        measure: Callable[[], int],
        deleted: Callable[[], Deletions],
        shown: Callable[[int], str | None],
    ) -> None:
        self.ledger = Ledger({}, {})
        self.returning = False
        self.pending = self.size = self._free = 0  # free: how large it may be thought without being measured again
        self._limits, self._measure, self._deleted, self._shown = limits, measure, deleted, shown
        self._unchecked: list[Arrived] = []
        self._checked: list[Checked] = []

    def hold(self, arrived: Arrived) -> None:
        """Keeps what cannot be checked yet."""
        self.pending += len(arrived.update)
        self._unchecked.append(arrived)

    def ahead(self, arrived: Arrived) -> bool:
        """Whether it builds on what the document does not have; whatever else is wrong is for `admit` to say."""
        try:
            self.ledger.check(scan(arrived.update), arrived.person)
        except (Refused, Malformed) as error:
            return str(error) == "gap"
        return False

    def admit(self, arrived: Arrived) -> int:
        """Checks against the document and all that waits before it; for how many more messages it counts.

        Raises `Refused` or `Malformed`.
        """
        whole = arrived.kind is Kind.STEP_2
        size = len(arrived.update)
        if size > (self._limits.document if whole else self._limits.frame):
            raise Refused("too_big")
        change = scan(arrived.update, WHOLE if whole else LIVE)
        if change.nesting > DEEPEST:
            raise Refused("depth")
        self.ledger.check(change, arrived.person, foreign=whole and self.returning)
        if change.types and deepest(change, self.ledger) > DEEPEST:
            raise Refused("depth")
        items = effort(change, self.ledger, self.size)
        if items > (FARTHEST_WHOLE if whole else FARTHEST) and not (whole and self.returning):
            raise Refused("too_scattered")
        if arrived.only is not None and strays(change, self.ledger, arrived.only, self._deleted):
            raise Refused("comments_only")
        if not (whole and self.returning) and forged(change, self.ledger, arrived.person, self._deleted):
            raise Refused("foreign_name")
        if change.runs and self.ledger.brings(change):
            self._fits(size)
        returned = self.ledger.strangers(change, arrived.person)
        clients = self._claimed(arrived, change)
        if any(self._shown(client) not in (None, arrived.person) for client in clients):
            raise Foreign("foreign_client")  # it would be hers from now on, and not theirs who have yet to write
        self.ledger.enter(change, arrived.person, clients)
        self.pending += size
        self._checked.append(Checked(arrived, change, clients, returned))
        return items // PER_MESSAGE

    def _claimed(self, arrived: Arrived, change: Change) -> tuple[int, ...]:
        """Step 2 may bring back what others wrote and a lost log held: only its sender's own client id is taken."""
        clients = self.ledger.unowned(change)
        if arrived.kind is Kind.UPDATE or clients == (arrived.client,):
            return clients
        if arrived.client is None and len(clients) == 1 and not self.returning:
            return clients
        return tuple(client for client in clients if client == arrived.client)

    def _fits(self, more: int) -> None:
        """To measure takes as long as the document is big: a nearly full one is measured once in a hundredth of it."""
        if self.size + self.pending + more <= self._free:
            return
        spare = self._limits.document // 100
        self.size = self._measure()
        bound = self.size + self.pending + more
        if bound > self._limits.document - spare:
            raise Refused("too_big")
        self._free = max(self._limits.document - spare, bound + spare)

    def cut(self) -> list[Checked]:
        """The next to be applied: as much as one stored message may hold, at least one update."""
        size = count = 0
        begun: dict[int, tuple[str, int]] = {}  # client ids that go on in it: whose, and from which clock
        for checked in self._checked:
            size += len(checked.arrived.update) + 64
            if count and (size > self._limits.message or _builds_on(checked, begun)):
                break
            for client, begin, _ in checked.change.runs:
                begun.setdefault(client, (checked.arrived.person, begin))
            count += 1
        batch, self._checked = self._checked[:count], self._checked[count:]
        self.pending -= sum(len(checked.arrived.update) for checked in batch)
        return batch

    def doubt(self, batch: list[Checked], culprit: int | None = None) -> None:
        """All that waits, `batch` before it, is to be checked again; not what `culprit` sent."""
        waiting = [checked.arrived for checked in batch + self._checked] + self._unchecked
        self._checked = []
        self._unchecked = [arrived for arrived in waiting if arrived.seat != culprit]
        self.pending = sum(len(arrived.update) for arrived in self._unchecked)

    def begin(self, ledger: Ledger, size: int, *, returning: bool) -> list[Arrived]:
        """The document is loaded, and is as `ledger` says; gives what is now to be admitted."""
        self.ledger, self.size, self.returning = ledger, size, returning
        held, self._unchecked = self._unchecked, []
        self.pending = 0
        return held

    def __bool__(self) -> bool:
        return bool(self._checked)


def _builds_on(checked: Checked, begun: Mapping[int, tuple[str, int]]) -> bool:
    """Whether it needs what another person has in the same batch, which is not applied in the order of arrival: it
    would be stored as the other's. Nobody honest can have seen that yet."""
    person, change = checked.arrived.person, checked.change
    for client, clock in change.needs.items():
        if (found := begun.get(client)) and found[0] != person and clock > found[1]:
            return True
    for client, _, clock in change.deletions:
        if (found := begun.get(client)) and found[0] != person and clock > found[1]:
            return True
    return False
