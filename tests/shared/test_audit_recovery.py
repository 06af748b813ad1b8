"""After an older backup nothing is written until the operator signs the loss, and the log says it: fault 20."""

import importlib
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from deploy.services import NAMES
from shared.audit.guard import Guarded, Halted
from shared.audit.intact import hash_anew
from shared.audit.notes import BadNote, read_note, verify
from shared.audit.recovering import CannotRecover, loss_of, read_loss, recover
from shared.audit.recovery import EntryLost, LogRecovered, RecordRecovery, recovery
from shared.audit.signer import Diverged
from shared.category import Category
from shared.store import Recorded
from shared.store.codec import Codec
from shared.store.memory import MemoryStore
from tests.contracts.forms import corpus
from tests.counter import CODEC, Count, context, counter
from tests.shared.test_audit_signer import ORIGIN, World, older
from tests.spec import Spec

GOLDEN = Path(__file__).parent.parent / "contracts" / "audit"
BOTH = Codec([counter, recovery])
RECORD = RecordRecovery(epoch=1, lost_size=5, lost_root="a", kept_size=3, kept_root="b")
RECORDED = LogRecovered(epoch=1, lost_size=5, lost_root="a", kept_size=3, kept_root="b")


@pytest.fixture
async def restored(tmp_path):
    """A log of five signed entries whose database is back at three, seen by a new process."""
    world = World(tmp_path / "signer")
    await world.write(5)
    await world.signer.sign("dresden")
    world.store = await older(world, 3)
    world.signer = world.new_signer()
    await world.signer.examine()
    return world


def guarded(world):
    return Guarded(world.store, world.signer)


async def test_writing_is_refused_until_the_loss_is_signed(restored):
    with pytest.raises(Halted):
        await restored.write()
    await recover(restored.signer, guarded(restored), BOTH, "dresden")
    await restored.write()
    signed = await restored.signer.sign("dresden")
    assert (signed.checkpoint.origin, signed.checkpoint.size) == (f"{ORIGIN}/recovery-1", 6)
    assert await hash_anew(restored.store, "dresden", signed.checkpoint) == ""


async def test_the_loss_stands_in_the_log_and_no_position_is_given_twice(restored):
    loss = await recover(restored.signer, guarded(restored), BOTH, "dresden")
    entries = [BOTH.recorded(entry) for entry in await restored.store.entries("dresden", 3)]
    said, padding = entries
    assert said.event == LogRecovered(
        epoch=1, lost_size=5, lost_root=said.event.lost_root, kept_size=3, kept_root=said.event.kept_root
    )
    assert padding.event == EntryLost(epoch=1)
    assert (said.entry.actor, said.entry.stream) == ("funding", "log-1")
    await restored.write()
    assert (await restored.store.entries("dresden"))[-1].position == 6 > loss.lost.size


async def test_the_note_names_both_logs_and_is_signed(restored):
    before = restored.signer.known("dresden").checkpoint
    loss = await recover(restored.signer, guarded(restored), BOTH, "dresden")
    (note,) = restored.signer.known("dresden").recoveries
    assert verify(read_note(note), restored.signer.keys("dresden", 1))
    assert read_loss(note) == loss
    assert loss.lost == before
    assert (loss.kept.origin, loss.kept.size) == (f"{ORIGIN}/recovery-1", 3)


async def test_a_recovery_that_was_broken_off_is_finished(restored, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("shared.audit.recovering._record", None)
        with pytest.raises(TypeError):
            await recover(restored.signer, guarded(restored), BOTH, "dresden")
    restored.signer = restored.new_signer()
    await restored.signer.examine()
    await recover(restored.signer, guarded(restored), BOTH, "dresden")
    assert len(await restored.store.entries("dresden", stream="log-1")) == 2
    with pytest.raises(CannotRecover, match="nothing to recover"):
        await recover(restored.signer, guarded(restored), BOTH, "dresden")
    assert restored.signer.known("dresden").epoch == 1


async def test_a_process_that_goes_on_forgets_the_lost_tree(tmp_path):
    world = World(tmp_path / "signer")
    await world.write(300)
    lost = (await world.signer.sign("dresden")).checkpoint
    assert await world.signer.tree("dresden").root(300) == lost.root
    world.store._logs["dresden"] = world.store._logs["dresden"][:200]
    await world.signer._try("dresden")
    await recover(world.signer, guarded(world), BOTH, "dresden")
    signed = world.signer.known("dresden")
    assert signed.checkpoint.size == 300
    assert await world.signer.tree("dresden", signed.epoch).root(300) == signed.checkpoint.root != lost.root


async def test_a_second_recovery_counts_on(restored):
    await recover(restored.signer, guarded(restored), BOTH, "dresden")
    restored.store = await older(restored, 2)
    restored.signer = restored.new_signer()
    await restored.signer.examine()
    loss = await recover(restored.signer, guarded(restored), BOTH, "dresden")
    assert (loss.lost.origin, loss.kept.origin) == (f"{ORIGIN}/recovery-1", f"{ORIGIN}/recovery-2")
    assert len(restored.signer.known("dresden").recoveries) == 2


async def test_a_longer_log_that_is_another_one_goes_on_behind_its_end(restored):
    for _ in range(4):
        await Category(restored.store, CODEC, counter).handle("b", Count(by=1), context())
    loss = await recover(restored.signer, guarded(restored), BOTH, "dresden")
    assert (loss.lost.size, loss.kept.size) == (5, 7)
    assert len(await restored.store.entries("dresden", 7)) == 1


async def test_what_holds_is_not_recovered_and_what_is_damaged_neither(tmp_path, restored):
    whole = World(tmp_path / "other")
    await whole.write(2)
    with pytest.raises(CannotRecover, match="nothing to recover"):
        await loss_of(whole.signer, whole.store, "dresden")
    log = restored.store._logs["dresden"]
    log[0] = replace(log[0], actor="eve")
    with pytest.raises(CannotRecover, match="entry 1: its header or leaf was changed"):
        await recover(restored.signer, guarded(restored), BOTH, "dresden")
    with pytest.raises(Diverged):
        await restored.signer.sign("dresden")


def test_recording_a_recovery_is_decided_once():
    Spec(recovery).given().when(RECORD).then(RECORDED, EntryLost(epoch=1))
    Spec(recovery).given(RECORDED, EntryLost(epoch=1)).when(RECORD).then()


def test_the_note_of_a_recovery_is_the_golden_one():
    note = (GOLDEN / "recovery.txt").read_text()
    assert read_loss(note).text == read_note(note).text
    assert read_loss(note).kept.origin == f"{read_loss(note).lost.origin}/recovery-1"
    for broken in (note.replace("v1", "v2"), note.replace("lost", "kept"), note.replace(" 11 ", " x ")):
        with pytest.raises(BadNote):
            read_loss(broken)


@pytest.mark.parametrize("line", corpus.lines(GOLDEN / "forms.jsonl"), ids=lambda line: line.type)
def test_the_stored_forms_are_the_golden_ones(line):
    event = BOTH.event(line.type, line.form, line.body.encode())
    assert BOTH.stored(event) == (line.type, line.form, line.body.encode())
    assert json.loads(line.body)["type"] == line.type


@pytest.mark.parametrize("service", NAMES)
async def test_no_service_shows_or_tells_a_recovery(service):
    store, card = MemoryStore(), importlib.import_module(f"services.{service}.app").CARD
    await Category(store, BOTH, recovery).handle("1", RECORD, context())
    for recorded in [BOTH.recorded(entry) for entry in await store.entries("dresden")]:
        assert isinstance(recorded, Recorded)
        assert card.publish(recorded) is None
        assert [view.name for view in card.views if view.source == "log" and list(view.project(recorded))] == []
