"""Chance damages bundles: no verifier breaks, what holds is what was signed, and both say the same."""

import json
import random
import zipfile
from collections.abc import Callable

import msgspec
import pytest

from shared.audit.verify import Report, verify_bundle
from tests.audit import logs
from tests.audit.cases import Case
from tests.audit.javascript import build, reports
from tests.audit.logs import packed, unpacked

_EACH = 250
_SIGNS = b'0123456789abcdef"\t\n ,{}=+/A\xff\x00'
_WORDS = (b"\n", b"\t", b'"', b"0", b" ", b"\r", b"\xc3\xa4", b"a" * 70)


def edited(chance: random.Random, text: bytearray) -> None:
    """A letter changed, some taken out, or some put in."""
    at, how = chance.randrange(len(text)), chance.random()
    if how < 0.5:
        text[at] = chance.choice(_SIGNS)
    elif how < 0.75:
        del text[at : at + chance.randrange(1, 40)]
    else:
        text[at:at] = chance.choice(_WORDS)


def with_a_file_edited(chance: random.Random, bundle: bytes) -> bytes:
    """All sums of the zip are right again."""
    files = unpacked(bundle)
    name = chance.choice([name for name, text in files.items() if text])
    text = bytearray(files[name])
    edited(chance, text)
    return packed(files | {name: bytes(text)})


def with_a_byte_flipped(chance: random.Random, bundle: bytes) -> bytes:
    data = bytearray(bundle)
    if chance.random() < 0.8:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    else:
        edited(chance, data)
    return bytes(data)


Damage = Callable[[random.Random, bytes], bytes]


@pytest.fixture(scope="module")
async def sound():
    whole, excerpt = await logs.bundle(), await logs.small_excerpt()
    return [whole, excerpt, *(packed(unpacked(one), zipfile.ZIP_STORED) for one in (whole, excerpt))]


def damaged(sound: list[bytes], damage: Damage) -> list[Case]:
    chance = random.Random(damage.__name__)
    return [Case(name=f"{number}", bundle=damage(chance, chance.choice(sound))) for number in range(_EACH)]


def both(cases, folder):
    """What each verifier says, case by case."""
    found = reports(build(folder), cases, folder)
    return [(verify_bundle(folder / f"{case.name}.zip"), found[case.name]) for case in cases]


def roots(report: Report) -> set[str]:
    return {log.root for log in report.logs}


async def test_of_files_edited_at_random_both_say_the_same(sound, tmp_path):
    (tmp_path / "sound.zip").write_bytes(sound[0])
    signed = roots(verify_bundle(tmp_path / "sound.zip"))
    for own, other in both(damaged(sound, with_a_file_edited), tmp_path):
        assert json.loads(json.dumps(msgspec.to_builtins(own))) == other
        assert not own.holds or roots(own) <= signed


async def test_a_flipped_byte_breaks_no_verifier_and_hides_nothing(sound, tmp_path):
    (tmp_path / "sound.zip").write_bytes(sound[0])
    signed = roots(verify_bundle(tmp_path / "sound.zip"))
    for own, other in both(damaged(sound, with_a_byte_flipped), tmp_path):
        assert isinstance(other, dict), other
        assert other["holds"] or not own.holds
        assert {log["root"] for log in other["logs"]} <= signed
