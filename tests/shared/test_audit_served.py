"""What is served for ever: the golden texts of tests/contracts/audit, made once by other code than ours."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import convert

from shared.audit.entries import bundle, read_bundle
from shared.audit.leaf import Header, leaf_bytes, leaf_hash
from shared.audit.merkle import consistency_proof, inclusion_proof, root_of
from shared.audit.notes import BadNote, Checkpoint, Note, cosign, key_of, read_key, read_note, sign, verify
from shared.audit.proofs import Growth, Inclusion, read_growth, read_inclusion, signed_in
from shared.audit.tiles import Tiles

GOLDEN = Path(__file__).parent.parent / "contracts" / "audit"
ORIGIN, WITNESS = "gemeinwerk.example/dresden/audit/funding", "rechnungshof.example/witness"
NEW, OLD, SEEN = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32
HEADERS = [convert(one["header"], Header) for one in json.loads((GOLDEN.parent / "leaves" / "leaves.json").read_text())]
LEAVES = [leaf_hash(header) for header in HEADERS]


def golden(name):
    return (GOLDEN / name).read_text()


def test_the_checkpoint_is_the_golden_one():
    text = Checkpoint(ORIGIN, 11, root_of(LEAVES)).text
    note = Note(text, (sign(text, NEW, ORIGIN),))
    assert note.render() == golden("checkpoint.txt")
    cosigned = Note(text, (*note.signatures, cosign(text, SEEN, WITNESS, 1767225600)))
    assert cosigned.render() == golden("cosigned.txt")


def test_the_keys_are_the_golden_ones():
    keys = [key_of(seed, ORIGIN) for seed in (NEW, OLD)]
    assert "".join(f"{key.text}\n" for key in keys) == golden("keys.txt")
    assert verify(read_note(golden("checkpoint.txt")), map(read_key, golden("keys.txt").split())) == [(keys[0], None)]


def test_the_proof_of_an_entry_is_the_golden_one():
    proof = Inclusion(6, tuple(inclusion_proof(LEAVES, 6)), golden("checkpoint.txt"))
    assert proof.text == golden("inclusion.txt")
    assert read_inclusion(proof.text) == proof
    assert proof.holds(LEAVES[6])
    assert not proof.holds(LEAVES[5])


def test_the_proof_of_growth_is_the_golden_one():
    proof = Growth(7, tuple(consistency_proof(LEAVES, 7)), golden("checkpoint.txt"))
    assert proof.text == golden("growth.txt")
    assert read_growth(proof.text) == proof
    assert proof.holds(root_of(LEAVES[:7]))
    assert not proof.holds(root_of(LEAVES[:6]))


async def test_a_tile_and_a_bundle_of_entries_are_the_golden_ones():
    async def leaves(after, limit):
        return b"".join(LEAVES[after : after + limit])

    assert (await Tiles(leaves).tile(0, 0, 11)).hex() + "\n" == golden("tile.hex")
    entries = [leaf_bytes(header) for header in HEADERS]
    assert bundle(entries).hex() + "\n" == golden("entries.hex")
    assert read_bundle(bundle(entries)) == entries


def test_a_proof_carries_what_the_leaf_is_made_from_and_does_not_rely_on_it():
    proof = Inclusion(6, (), golden("checkpoint.txt"), extra=leaf_bytes(HEADERS[6]))
    assert proof.text.split("\n")[1].startswith("extra eyJhY3Rvci")
    assert read_inclusion(proof.text).extra == leaf_bytes(HEADERS[6])


@settings(deadline=None)
@given(at=st.integers(0, len(golden("inclusion.txt").encode()) - 1), bit=st.integers(0, 7))
def test_no_flipped_bit_of_a_proof_goes_unseen(at, bit):
    changed = bytearray(golden("inclusion.txt").encode())
    changed[at] ^= 1 << bit
    keys = [read_key(key) for key in golden("keys.txt").split()]
    try:
        proof = read_inclusion(changed.decode())
        verify(read_note(proof.checkpoint), keys)
    except (BadNote, UnicodeDecodeError):
        return
    assert not (proof.index == 6 and proof.holds(LEAVES[6]))


@settings(deadline=None)
@given(at=st.integers(0, len(golden("growth.txt").encode()) - 1), bit=st.integers(0, 7))
def test_no_flipped_bit_of_a_proof_of_growth_goes_unseen(at, bit):
    changed = bytearray(golden("growth.txt").encode())
    changed[at] ^= 1 << bit
    keys = [read_key(key) for key in golden("keys.txt").split()]
    try:
        proof = read_growth(changed.decode())
        verify(read_note(proof.checkpoint), keys)
    except (BadNote, UnicodeDecodeError):
        return
    assert not (proof.old_size == 7 and proof.holds(root_of(LEAVES[:7])))


# The request body in c2sp.org/tlog-witness.
SOFA = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""  # noqa: E501


def test_the_proof_of_growth_in_the_specification_is_read_and_written():
    proof = read_growth(SOFA)
    assert proof.text == SOFA
    assert (proof.old_size, len(proof.hashes), signed_in(proof.checkpoint).size) == (20852014, 4, 20852163)


@pytest.mark.parametrize("read", [read_inclusion, read_growth])
@pytest.mark.parametrize("text", ["", "\n\n", "old x", "old 01\n\n", "c2sp.org/tlog-proof@v1\n\n", "old 7\nAAAA\n\n"])
def test_what_is_no_proof_is_refused(read, text):
    with pytest.raises(BadNote):
        read(text + ("" if text.endswith("\n\n") else "\n\n") + golden("checkpoint.txt"))


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x02a", b"\x00\x01ab"])
def test_what_is_no_bundle_of_entries_is_refused(data):
    with pytest.raises(ValueError, match="bundle"):
        read_bundle(data)
