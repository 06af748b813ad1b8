import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The reference vectors of certificate-transparency (merkletree/merkle_tree_test.cc), used by every RFC 6962 log.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSIONS = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CONSISTENCIES = {
    (1, 1): [],
    (1, 8): INCLUSIONS[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}

leaves = [leaf_hash(bytes.fromhex(data)) for data in INPUTS]
trees = st.integers(1, 70).map(lambda size: [leaf_hash(bytes([number])) for number in range(size)])


def naive_root(part: list[bytes]) -> bytes:
    """Straight from the definition in RFC 6962, 2.1."""
    if len(part) < 2:
        return part[0] if part else EMPTY_ROOT
    half = 1
    while half * 2 < len(part):
        half *= 2
    return node_hash(naive_root(part[:half]), naive_root(part[half:]))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference(size):
    assert root_of(leaves[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSIONS)
def test_inclusion_proofs_are_those_of_the_reference(index, size):
    proof = inclusion_proof(leaves[:size], index)
    assert [step.hex() for step in proof] == INCLUSIONS[index, size]
    assert verify_inclusion(leaves[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "size"), CONSISTENCIES)
def test_consistency_proofs_are_those_of_the_reference(old, size):
    proof = consistency_proof(leaves[:size], old)
    assert [step.hex() for step in proof] == CONSISTENCIES[old, size]
    assert verify_consistency(old, size, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[size]), proof)


@given(trees)
def test_a_compact_range_grows_to_the_root_of_the_definition(tree):
    known = CompactRange()
    for size, leaf in enumerate(tree, 1):
        known = CompactRange(known.size, known.hashes)  # as stored and loaded again
        known.append(leaf)
        assert known.root() == naive_root(tree[:size])


@given(trees, st.data())
def test_an_inclusion_proof_holds_for_its_leaf_alone(tree, data):
    index = data.draw(st.integers(0, len(tree) - 1))
    proof, root = inclusion_proof(tree, index), root_of(tree)
    assert verify_inclusion(tree[index], index, len(tree), proof, root)
    assert not verify_inclusion(leaf_hash(b"another"), index, len(tree), proof, root)
    assert not verify_inclusion(tree[index], index, len(tree), [*proof, root], root)
    assert not verify_inclusion(tree[index], index, len(tree), proof, leaf_hash(b"another"))
    for step in range(len(proof)):
        assert not verify_inclusion(tree[index], index, len(tree), flipped(proof, step), root)
    for other in {*range(len(tree))} - {index}:
        assert not verify_inclusion(tree[index], other, len(tree), proof, root)


@given(trees, st.data())
def test_a_consistency_proof_holds_for_its_two_trees_alone(tree, data):
    old = data.draw(st.integers(0, len(tree)))
    proof, root, old_root = consistency_proof(tree, old), root_of(tree), root_of(tree[:old])
    assert verify_consistency(old, len(tree), old_root, root, proof)
    assert not verify_consistency(old, len(tree), leaf_hash(b"another"), root, proof)
    assert not verify_consistency(old, len(tree), old_root, root, [*proof, root])
    if old > 0:
        assert not verify_consistency(old, len(tree), old_root, leaf_hash(b"another"), proof)
    for step in range(len(proof)):
        assert not verify_consistency(old, len(tree), old_root, root, flipped(proof, step))
        assert not verify_consistency(old, len(tree), old_root, root, proof[:step])


def test_a_rewritten_past_is_not_consistent():
    forked = [leaf_hash(b"rewritten"), *leaves[1:]]
    proof = consistency_proof(forked, 5)
    assert not verify_consistency(5, 8, root_of(leaves[:5]), root_of(forked), proof)


def test_a_compact_range_that_lost_a_hash_is_refused():
    with pytest.raises(ValueError, match="5 leaves need 2 hashes"):
        CompactRange(5, [leaves[0]])


@pytest.mark.parametrize("call", [lambda: inclusion_proof(leaves, 8), lambda: consistency_proof(leaves, 9)])
def test_nothing_is_proved_beyond_the_tree(call):
    with pytest.raises(IndexError):
        call()
    assert not verify_inclusion(leaves[0], 8, 8, [], leaves[0])
    assert not verify_consistency(9, 8, leaves[0], leaves[0], [])


def flipped(proof: list[bytes], step: int) -> list[bytes]:
    return [bytes([proof[step][0] ^ 1]) + proof[step][1:] if at == step else other for at, other in enumerate(proof)]
