"""The signer signs a log that grew and nothing else; the guard keeps everybody from writing to any other."""

import asyncio
import json
from base64 import b64encode
from itertools import pairwise

import pytest
from msgspec.structs import replace

from shared.audit.guard import Guarded, Halted
from shared.audit.intact import hash_anew
from shared.audit.keyring import Keyring, Unreadable
from shared.audit.leaf import leaf_hash
from shared.audit.merkle import EMPTY_ROOT, CompactRange, verify_consistency
from shared.audit.nightly import examine
from shared.audit.notes import read_checkpoint, read_note, verify
from shared.audit.signer import Diverged, Signer
from shared.category import Category
from shared.store import header_of
from shared.store.memory import MemoryStore
from tests.counter import CODEC, Count, context, counter
from tests.infra import eventually

ORIGIN = "gemeinwerk.example/dresden/audit/funding"


class World:
    """A log, who signs it, and a guarded way in; `signer()` is a new process on the same folder."""

    def __init__(self, folder):
        self.folder, self.store, self.told = folder, MemoryStore(), []
        self.signer = self.new_signer()

    def new_signer(self, store=None):
        async def tell(subject, payload):
            self.told.append((subject, payload.decode()))

        return Signer("funding", "gemeinwerk.example", store or self.store, self.folder, tell)

    async def write(self, times=1, *, town="dresden", by=None, store=None):
        counters = Category(Guarded(store or self.store, by or self.signer), CODEC, counter)
        for _ in range(times):
            await counters.handle("a", Count(by=1), context(municipality=town))


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "signer")


async def test_a_checkpoint_says_what_the_log_is_and_is_signed(world):
    await world.write(3)
    signed = await world.signer.sign("dresden")
    note, head = read_note(signed.note), await world.store.head("dresden")
    assert signed.checkpoint == read_checkpoint(note.text)
    assert (signed.checkpoint.origin, signed.checkpoint.size) == (ORIGIN, 3)
    assert signed.checkpoint.root == CompactRange(head.size, head.range).root()
    assert [key.name for key, _ in verify(note, world.signer.keys("dresden", 0))] == [ORIGIN]
    assert world.told == [("checkpoint.dresden.funding", signed.note)]


async def test_what_has_not_changed_is_not_signed_again(world):
    await world.write(2)
    first = await world.signer.sign("dresden")
    assert await world.signer.sign("dresden") == await world.new_signer().sign("dresden") == first
    assert len(world.told) == 1


async def test_an_empty_log_has_a_checkpoint(world):
    signed = await world.signer.latest("dresden")
    assert (signed.checkpoint.size, signed.checkpoint.root) == (0, EMPTY_ROOT)


async def test_every_checkpoint_follows_from_the_one_before(world):
    found = []
    for _ in range(6):
        await world.write(2)
        found.append((await world.signer.sign("dresden")).checkpoint)
    for one, next_ in pairwise(found):
        proof = await world.signer.tree("dresden").consistency(one.size, next_.size)
        assert verify_consistency(one.size, next_.size, one.root, next_.root, proof)


async def test_processes_that_sign_at_once_agree(world):
    signers = [world.signer, *(world.new_signer() for _ in range(4))]
    for _ in range(5):
        await world.write(3)
        notes = {signed.note for signed in await asyncio.gather(*(one.sign("dresden") for one in signers))}
        assert len(notes) == 1
    assert world.signer.known("dresden").checkpoint.size == 15


async def test_what_is_written_is_signed_by_itself(world):
    async def towns():
        return ["dresden"]

    running = asyncio.create_task(world.signer.run(towns))
    await world.write(2)
    await eventually(lambda: (known := world.signer.known("dresden")) and known.checkpoint.size == 2, 15)
    await world.write(1)
    await eventually(lambda: world.signer.known("dresden").checkpoint.size == 3, 15)
    running.cancel()


async def test_a_letter_gets_what_it_prints(world):
    await world.write(2)
    seal = await world.signer.seal("dresden")
    known = world.signer.known("dresden").checkpoint
    assert (seal.origin, seal.size, seal.root) == (ORIGIN, 2, b64encode(known.root).decode())
    assert seal.key == world.signer.keys("dresden", 0)[0].id.hex()


async def older(world, size):
    """The log as a backup has it."""
    backup = MemoryStore()
    backup._logs["dresden"] = world.store._logs["dresden"][:size]
    return backup


async def test_an_older_backup_is_not_written_to(world):
    await world.write(5)
    signed = await world.signer.sign("dresden")
    backup = await older(world, 3)
    started = world.new_signer(backup)
    await started.examine()
    with pytest.raises(Halted, match="it has 3 entries, but 5 were signed"):
        await world.write(by=started, store=backup)
    assert len(backup._logs["dresden"]) == 3
    known = started.known("dresden")
    assert known.note == signed.note
    assert "an older backup" in known.halted
    await world.write(town="detmold", by=started, store=backup)  # the others go on


async def test_an_older_backup_that_grew_again_is_not_signed(world):
    await world.write(5)
    signed = await world.signer.sign("dresden")
    backup = await older(world, 3)
    await Category(backup, CODEC, counter).handle("a", Count(by=7), context())
    for _ in range(3):
        await Category(backup, CODEC, counter).handle("b", Count(by=7), context())
        started = world.new_signer(backup)
        with pytest.raises(Diverged):
            await started.sign("dresden")
        assert started.known("dresden").note == signed.note


async def test_a_log_that_is_swapped_while_running_stops_too(world):
    await world.write(5)
    await world.signer.sign("dresden")
    whole, world.store._logs["dresden"] = world.store._logs["dresden"], world.store._logs["dresden"][:2]
    await world.signer._try("dresden")
    with pytest.raises(Halted):
        await world.write()
    world.store._logs["dresden"] = whole
    await world.signer._try("dresden")
    await world.write()
    assert (await world.signer.sign("dresden")).checkpoint.size == 6
    assert world.signer.known("dresden").halted == ""


async def test_a_rotated_key_leaves_the_old_one_listed_and_unable_to_sign(world):
    await world.write(2)
    first = await world.signer.sign("dresden")
    old = world.signer.keys("dresden", 0)
    world.signer.keyring.rotate()
    second = await world.signer.sign("dresden")
    new = world.new_signer().keys("dresden", 0)
    assert new[1:] == old
    assert second.checkpoint == first.checkpoint
    assert [key for key, _ in verify(read_note(second.note), new)] == new[:1]
    assert [key for key, _ in verify(read_note(first.note), new)] == old
    kept = json.loads((world.folder / "keys.json").read_text())
    assert [bool(one["seed"]) for one in kept] == [True, False]
    assert (world.folder / "keys.json").stat().st_mode & 0o777 == 0o600


async def test_a_deployment_that_moves_signs_the_same_log_under_its_new_name(world):
    await world.write(3)
    before = (await world.signer.sign("dresden")).checkpoint
    cosigned = world.signer.known("dresden").note
    world.signer.shelf.change("dresden", "funding", lambda one: replace(one, cosigned=cosigned))
    assert (await world.signer.sign("dresden")).cosigned == cosigned
    moved = Signer("funding", "moved.example", world.store, world.folder, world.signer._announce)
    signed = await moved.sign("dresden")
    assert signed.checkpoint.origin == "moved.example/dresden/audit/funding"
    assert (signed.checkpoint.size, signed.checkpoint.root) == (before.size, before.root)
    assert signed.cosigned == ""
    assert verify(read_note(signed.note), moved.keys("dresden", 0))


async def test_processes_that_start_at_once_share_the_first_key(tmp_path):
    folder = tmp_path / "signer"
    seeds = await asyncio.gather(*(asyncio.to_thread(Keyring(folder).seed) for _ in range(16)))
    assert len(set(seeds)) == 1
    assert [file.name for file in folder.iterdir()] == ["keys.json"]


async def test_a_broker_that_is_away_delays_no_signature(world):
    async def lost(subject, payload):
        raise ConnectionError("away")

    await world.write(2)
    world.signer._announce = lost
    assert (await world.signer.sign("dresden")).checkpoint.size == 2


@pytest.mark.parametrize("broken", ["{", "[]", '[{"public":"ab","since":"2026-01-01"}]'])
async def test_a_broken_keyring_is_never_replaced(world, broken):
    world.signer.keyring.seed()
    (world.folder / "keys.json").write_text(broken)
    with pytest.raises(Unreadable):
        await world.signer.sign("dresden")
    assert (world.folder / "keys.json").read_text() == broken


async def test_a_changed_shelf_is_refused(world):
    await world.write(3)
    await world.signer.sign("dresden")
    file = world.folder / "logs" / "dresden" / "funding.json"
    kept = json.loads(file.read_text())
    for changed in ("{", json.dumps(kept | {"range": kept["range"][::-1]}), json.dumps(kept | {"note": "x"})):
        file.write_text(changed)
        with pytest.raises(Unreadable):
            await world.new_signer().examine()


def with_leaf(entry):
    return replace(entry, leaf=leaf_hash(header_of(entry)))


def flip(log):
    log[3] = replace(log[3], body=log[3].body.replace(b"1", b"9"))


def flip_and_hash(log):
    log[3] = with_leaf(replace(log[3], actor="eve"))


def flip_header(log):
    log[3] = replace(log[3], actor="eve")


def swap(log):
    log[3], log[4] = with_leaf(replace(log[4], position=4)), with_leaf(replace(log[3], position=5))


def swap_rows(log):
    log[3], log[4] = log[4], log[3]


def cut(log):
    del log[6:]


def drop(log):
    del log[3]


def back_date(log):
    log[3] = with_leaf(replace(log[3], recorded_at=log[0].recorded_at.replace(year=2020)))


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (flip, "entry 4: its body was changed"),
        (flip_header, "entry 4: its header or leaf was changed"),
        (flip_and_hash, "the first 8 entries are not those that were signed"),
        (swap, "entry 5: it is older than the one before"),
        (swap_rows, "entry 4 is missing"),
        (drop, "entry 4 is missing"),
        (cut, "entry 7 of 8 that were signed is missing"),
        (back_date, "entry 4: it is older than the one before"),
    ],
)
async def test_hashing_anew_names_the_first_entry_that_does_not_hold(world, tamper, found):
    await world.write(8)
    await world.signer.sign("dresden")
    assert await examine("funding", "dresden", world.store, world.signer) == ""
    tamper(world.store._logs["dresden"])
    assert await examine("funding", "dresden", world.store, world.signer) == found
    known = world.signer.known("dresden")
    assert known.fault == found
    assert known.examined.endswith("Z")


async def test_a_whole_log_holds_without_any_signature(world):
    await world.write(1200)
    assert await hash_anew(world.store, "dresden", None) == ""
