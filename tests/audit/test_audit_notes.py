"""Signed notes, checkpoints and cosignatures, against the vectors of C2SP and of logs and witnesses in use."""

from base64 import b64decode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.notes import (
    LOG,
    WITNESS,
    BadNote,
    Checkpoint,
    Note,
    cosign,
    key_of,
    read_checkpoint,
    read_key,
    read_note,
    sign,
    verify,
)

# golang.org/x/mod/sumdb/note: the reference implementation's own key and note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETERS = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
ENOCHS = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"

# c2sp.org/signed-note and c2sp.org/tlog-cosignature: their examples, whose keys they do not give.
EXAMPLE = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
POEM = """\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""  # noqa: E501
SOFA = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501

# A checkpoint of a certificate log in use: two lines of the log (one of a kind that is not ours), four of witnesses.
ARCHE = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""  # noqa: E501
ARCHE_LOG = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
WITNESSES = [
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
]

names = st.from_regex(r"[a-z0-9./-]{1,30}", fullmatch=True)
seeds = st.binary(min_size=32, max_size=32)


@pytest.mark.parametrize("text", [PETER, ENOCH, EXAMPLE, ARCHE_LOG, *WITNESSES])
def test_a_key_is_one_word_that_carries_its_own_check(text):
    assert read_key(text).text == text


@pytest.mark.parametrize(
    "text",
    ["", "a", "a+b", PETER.replace("c74f20a3", "c74f20a4"), PETER[:-1], PETER + "A", PETER.replace("+AR", "+ER"),
     PETER.replace("c74f20a3", "C74F20A3"), PETER.replace("Peter", "Peter "), "+" + PETER],
)  # fmt: skip
def test_what_is_no_key_is_refused(text):
    with pytest.raises(BadNote) as refused:
        read_key(text)
    assert refused.value.code == "form"


def test_the_reference_key_signs_the_reference_note_to_the_byte():
    signature = sign(TEXT, PETER_SEED, "PeterNeumann")
    assert (key_of(PETER_SEED, "PeterNeumann").text, signature.line) == (PETER, PETERS)
    note = Note(TEXT, (signature,))
    assert note.render() == TEXT + "\n" + PETERS
    assert read_note(note.render()) == note


def test_two_people_sign_one_text_and_strangers_do_not_count():
    note = read_note(TEXT + "\n" + PETERS + ENOCHS)
    assert verify(note, [read_key(PETER)]) == [(read_key(PETER), None)]
    assert [key.name for key, _ in verify(note, [read_key(ENOCH), read_key(PETER)])] == ["PeterNeumann", "EnochRoot"]
    with pytest.raises(BadNote) as refused:
        verify(note, [read_key(EXAMPLE)])
    assert refused.value.code == "unknown_key"


def test_one_changed_letter_breaks_every_signature():
    note = read_note(TEXT.replace("answer", "Answer") + "\n" + PETERS)
    with pytest.raises(BadNote) as refused:
        verify(note, [read_key(PETER)])
    assert refused.value.code == "signature"


@pytest.mark.parametrize("text", [POEM, SOFA, ARCHE])
def test_the_examples_are_read_and_written_alike(text):
    assert read_note(text).render() == text


def test_empty_lines_may_be_part_of_the_text():
    note = read_note(POEM)
    assert note.text.endswith("\n\ned è subito sera.\n")
    assert [one.name for one in note.signatures] == ["quasimodo.example/salvatore"]


def test_a_checkpoint_is_three_lines():
    found = read_checkpoint(read_note(SOFA).text)
    root = b64decode(ROOT)
    assert found == Checkpoint("example.com/behind-the-sofa", 20852163, root)
    assert found.text == read_note(SOFA).text
    assert read_checkpoint(found.text + "extension\n") == found


def test_a_log_in_use_and_its_witnesses_are_verified():
    found = verify(read_note(ARCHE), [read_key(text) for text in (ARCHE_LOG, *WITNESSES)])
    assert {key.text for key, _ in found} == {ARCHE_LOG, *WITNESSES}
    assert {time for key, time in found if key.kind == WITNESS} == {1779573024}
    assert [time for key, time in found if key.kind == LOG] == [None]


def test_a_cosignature_covers_the_time():
    note = read_note(ARCHE)
    late = tuple(
        type(one)(one.name, one.key_id, (1779573025).to_bytes(8, "big") + one.value[8:]) for one in note.signatures
    )
    with pytest.raises(BadNote) as refused:
        verify(Note(note.text, late), [read_key(WITNESSES[0])])
    assert refused.value.code == "signature"


@pytest.mark.parametrize(
    "text",
    ["", "\n", TEXT, TEXT + PETERS, TEXT + "\n", TEXT + "\n" + PETERS[:-1], TEXT + "\n" + PETERS + "\n",
     TEXT + "\n" + PETERS.replace("— ", "- "), TEXT + "\n" + PETERS.replace("x08g", "x08*"), "a\tb\n\n" + PETERS,
     TEXT + "\n" + PETERS.replace("Peter", "Peter+"), TEXT + "\n" + "— PeterNeumann AAAA\n", TEXT + "\n" + PETERS * 101,
     TEXT + "\r\n\n" + PETERS],
)  # fmt: skip
def test_what_is_no_note_is_refused(text):
    with pytest.raises(BadNote) as refused:
        read_note(text)
    assert refused.value.code == "form"


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", f"\n1\n{ROOT}\n", f"a\n01\n{ROOT}\n", f"a\n-1\n{ROOT}\n", "a\n1\nCsUY\n", f"a\n1\n{ROOT}",
     f"a\n1\n{ROOT.replace('I=', 'J=')}\n", f"a\n١\n{ROOT}\n", f"a\n1\n{ROOT}\n\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(BadNote) as refused:
        read_checkpoint(text)
    assert refused.value.code == "form"


@given(seed=seeds, other=seeds, name=names, time=st.integers(0, 2**63 - 1), size=st.integers(0, 2**53))
def test_what_was_signed_and_cosigned_is_verified(seed, other, name, time, size):
    text = Checkpoint(name, size, b"\x07" * 32).text
    note = read_note(Note(text, (sign(text, seed, name), cosign(text, other, "w", time))).render())
    keys = [key_of(seed, name), key_of(other, "w", WITNESS)]
    assert verify(note, keys) == [(keys[0], None), (keys[1], time)]
    assert read_checkpoint(note.text).size == size


@given(text=st.text(st.characters(codec="utf-8")))
def test_no_text_does_more_than_be_refused(text):
    for read in (read_note, read_checkpoint, read_key):
        with suppress(BadNote):
            read(text)
