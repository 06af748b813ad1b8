"""From what is stored to a document in memory: a snapshot, and the messages after it in the order of the stream."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from services.realtime.sync import protocol
from services.realtime.sync.ledger import Foreign, Ledger, Refused
from services.realtime.sync.lib0 import Malformed
from services.realtime.sync.protocol import NOTHING
from services.realtime.sync.replica import Broken, Replica
from services.realtime.sync.update import TRUSTED, scan
from shared.bus.edits import FORM, Edit, Edits, Loaded, Snapshot, Stored


class Incomplete(Exception):
    """What is stored has a hole: to go on would show a document that never was."""


class Replayed(Struct, frozen=True):
    """A document as it is stored up to the message `sequence`."""

    replica: Replica
    ledger: Ledger
    epoch: int
    sequence: int


def replayed(loaded: Loaded, heard: Iterable[Stored], allows: Callable[[str], bool]) -> Replayed:
    """What is stored, and what was heard since it was read. Raises `Incomplete`."""
    snapshot = loaded.snapshot or Snapshot(FORM, 0, "", 0, NOTHING, {})
    epoch, sequence = snapshot.epoch, 0 if loaded.lost else snapshot.sequence
    replica = Replica(snapshot.state)
    ledger = _ledger(snapshot, replica.vector(), allows)
    skipped = False
    for message in [*loaded.tail, *heard]:
        if message.edits.epoch > epoch:
            raise Incomplete("the document was seeded again, and its snapshot is not there")
        if message.sequence > sequence:
            sequence = message.sequence
            if message.edits.epoch == epoch:
                skipped = _rebuild(message.edits, replica, ledger, skipped)
    return Replayed(replica, ledger, epoch, sequence)


def replay(edit: Edit, replica: Replica, ledger: Ledger) -> bytes:
    """Applies what was stored; gives what it changed. Raises `Refused`, `Malformed` or `Broken`."""
    change = scan(edit.update, TRUSTED)
    ledger.check(change, edit.person, foreign=edit.returned)
    ledger.enter(change, edit.person, edit.clients)
    return replica.apply([(None, edit.update, change)])


def _rebuild(edits: Edits, replica: Replica, ledger: Ledger, skipped: bool) -> bool:
    """Replays what is stored; whether anything had to be left out because its client id was taken by a message before.

    Every gateway leaves out the same. What lies upon it is left out, too; without such a reason a hole is a hole.
    """
    for edit in edits.edits:
        try:
            replay(edit, replica, ledger)
        except Foreign:
            skipped = True
        except (Refused, Malformed, Broken) as error:
            if not skipped:
                raise Incomplete(str(error)) from error
    return skipped


def _ledger(snapshot: Snapshot, vector: bytes, allows: Callable[[str], bool]) -> Ledger:
    if snapshot.index:
        return Ledger(protocol.state_vector(vector), snapshot.owners, allows, snapshot.index)
    ledger, whole = Ledger({}, snapshot.owners, allows), scan(snapshot.state, TRUSTED)
    ledger.check(whole, "", foreign=True)
    ledger.enter(whole, "", ())
    return ledger
