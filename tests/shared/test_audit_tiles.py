"""Tiles after C2SP `tlog-tiles`: every proof made from them is the one of RFC 6962, whatever the size."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.audit.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from shared.audit.tiles import Tiles, hashes, read_tile_path, tile_path

LEAVES = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]
sizes = st.one_of(st.integers(1, 1100), st.sampled_from([255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000]))


def tiles_of(leaves):
    async def read(after, limit):
        read.times += 1
        return b"".join(leaves[after : after + limit])

    read.times = 0
    return Tiles(read), read


TREE, _ = tiles_of(LEAVES)


@settings(max_examples=60, deadline=None)
@given(size=sizes, data=st.data())
async def test_an_inclusion_proof_from_tiles_holds_and_no_flipped_byte_does(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof, root = await TREE.inclusion(index, size), await TREE.root(size)
    assert verify_inclusion(LEAVES[index], index, size, proof, root)
    if proof:
        step, byte = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 31))
        assert not verify_inclusion(LEAVES[index], index, size, flipped(proof, step, byte), root)
    assert not verify_inclusion(flipped([LEAVES[index]], 0, data.draw(st.integers(0, 31)))[0], index, size, proof, root)


@settings(max_examples=60, deadline=None)
@given(size=sizes, data=st.data())
async def test_a_consistency_proof_from_tiles_holds_and_no_flipped_byte_does(size, data):
    old = data.draw(st.integers(0, size))
    proof, old_root, root = await TREE.consistency(old, size), await TREE.root(old), await TREE.root(size)
    assert verify_consistency(old, size, old_root, root, proof)
    if proof:
        step, byte = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 31))
        assert not verify_consistency(old, size, old_root, root, flipped(proof, step, byte))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1000])
async def test_proofs_and_roots_from_tiles_are_those_of_the_definition(size):
    leaves = LEAVES[:size]
    tree, _ = tiles_of(leaves)
    assert await tree.root(size) == root_of(leaves)
    for index in {0, 1, size // 2, size - 1} & set(range(size)):
        assert await tree.inclusion(index, size) == inclusion_proof(leaves, index)
        assert await tree.consistency(index, size) == consistency_proof(leaves, index)


async def test_a_tree_of_70_000_has_the_tiles_that_the_specification_names():
    full = [await TREE.tile(0, number) for number in range(273)]
    assert b"".join(full) + await TREE.tile(0, 273, 112) == b"".join(LEAVES)
    first = await TREE.tile(1, 0)
    assert hashes(first) == [root_of(hashes(tile)) for tile in full[:256]]
    assert hashes(await TREE.tile(1, 1, 17)) == [root_of(hashes(tile)) for tile in full[256:]]
    assert await TREE.tile(2, 0, 1) == root_of(hashes(first))
    for level, number, width in ((0, 273, 113), (0, 274, 1), (1, 1, 18), (2, 0, 2), (3, 0, 1), (7, 0, 1), (63, 0, 1)):
        with pytest.raises(IndexError):
            await TREE.tile(level, number, width)


async def test_a_proof_reads_two_tiles_of_leaves_once_the_tree_is_known():
    tree, read = tiles_of(LEAVES)
    await tree.inclusion(3, 70_000)
    read.times = 0
    await tree.inclusion(40_000, 70_000)
    assert read.times == 2


async def test_a_tree_goes_on_where_the_log_grew():
    leaves = LEAVES[:300]
    tree, _ = tiles_of(leaves)
    assert await tree.root(300) == root_of(leaves)
    leaves += LEAVES[300:900]
    assert await tree.root(900) == root_of(LEAVES[:900])
    assert verify_consistency(300, 900, root_of(LEAVES[:300]), root_of(leaves), await tree.consistency(300, 900))


async def test_nothing_is_proved_beyond_the_log():
    tree, _ = tiles_of(LEAVES[:300])
    for question in (tree.root(301), tree.inclusion(300, 300), tree.inclusion(0, 600), tree.consistency(2, 301)):
        with pytest.raises(IndexError):
            await question
    assert await tree.root(0) == sha256(b"").digest()


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (0, 256, "000"),
        (999, 256, "999"),
        (1000, 256, "x001/000"),
        (1234067, 256, "x001/x234/067"),
        (273, 112, "273.p/112"),
    ],
)
def test_a_tile_has_one_path(number, width, path):
    assert tile_path(number, width) == path
    assert read_tile_path(path) == (number, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "00",
        "0000",
        "x000/001",
        "x001/x234/067/",
        "000.p/0",
        "000.p/256",
        "000.p/01",
        "000.p/",
        "000.p",
        "٠٠٠",
        "-01",
    ],
)
def test_no_other_path_is_read(path):
    assert read_tile_path(path) is None


def flipped(proof, step, byte=0):
    changed = bytearray(proof[step])
    changed[byte] ^= 1
    return [bytes(changed) if at == step else one for at, one in enumerate(proof)]
