"""The form of a bundle, kept for ever: what is written today, and that what was written once is still verified."""

import json
from pathlib import Path

import pytest

from deploy.cli import main
from shared.audit.bundle import COLUMNS
from shared.audit.bundle_writing import bundle_pieces
from tests.audit import logs
from tests.audit.cases import Case
from tests.audit.tampering import corpus

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
async def cases():
    return {case.name: case for case in await corpus()}


@pytest.fixture
def verify(tmp_path, capsys):
    """Exit code, output and errors of the program on a case."""

    def run(case: Case, *more: str) -> tuple[int, str, str]:
        path = tmp_path / "bundle.zip"
        path.write_bytes(case.bundle)
        own = tmp_path / "own.txt"
        own.write_text(case.own)
        keys = [word for key in case.keys for word in ("--key", key.text)]
        code = main(["verify", str(path), *keys, *(["--checkpoint", str(own)] if case.own else []), *more])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def written(bundle: bytes) -> dict[str, list[str]]:
    return {name: text.decode().splitlines() for name, text in logs.unpacked(bundle).items()}


@pytest.mark.parametrize("name", ["bundle", "small_excerpt"])
async def test_a_bundle_is_written_as_it_always_was(name):
    assert written(await getattr(logs, name)()) == json.loads((GOLDEN / f"{name}.json").read_text())


@pytest.mark.parametrize("name", ["bundle", "small_excerpt"])
def test_a_bundle_written_once_is_verified_for_ever(name, capsys):
    assert main(["verify", str(GOLDEN / f"{name}.zip"), "--key", logs.KEY.text]) == 0
    assert capsys.readouterr().out == (GOLDEN / f"{name}.txt").read_text()


async def test_the_same_entries_give_the_same_file():
    assert await logs.bundle() == await logs.bundle()


async def test_who_leaves_in_the_middle_leaves_nothing_open():
    pieces = bundle_pieces(logs.TOWN, [logs.part(logs.entries(count=1000))], logs.KEYS, logs.MADE)
    assert await anext(pieces)
    await pieces.aclose()
    assert [piece async for piece in pieces] == []


@pytest.mark.parametrize(("name", "columns"), [("bundle", COLUMNS), ("small_excerpt", COLUMNS + 1)])
async def test_a_line_has_its_columns_and_no_other_tabs(name, columns):
    lines = logs.unpacked(await getattr(logs, name)())["funding/entries.tsv"].splitlines()
    assert {line.count(b"\t") + 1 for line in lines} == {columns}


@pytest.mark.parametrize("name", ["sound", "sound_excerpt", "cent", "renewed_5", "cut"])
def test_the_report_for_programs_keeps_its_form(cases, verify, name):
    code, out, err = verify(cases[name], "--json")
    assert (code, err) == (1 if cases[name].code else 0, "")
    assert json.loads(out) == json.loads((GOLDEN / "reports.json").read_text())[name]


def test_the_report_for_people_names_what_is_wrong(cases, verify):
    assert verify(cases["cent"])[:2] == (1, "✗ funding: the body of entry 3 was changed\n")
    assert verify(cases["no_zip"])[:2] == (1, "✗ this is no bundle\n")
    code, out, _ = verify(cases["sound"])
    assert (code, out.splitlines()[-1][:36]) == (0, "! the keys are those in the bundle: ")
    assert "your checkpoint lies on it" in verify(cases["sound_own"])[1]
    assert "was not compared" in verify(cases["sound_excerpt_not_compared"])[1]


def test_what_cannot_be_read_is_wrong_use(cases, verify, tmp_path, capsys):
    assert main(["verify", str(tmp_path / "none.zip")]) == 2
    assert "none.zip cannot be read" in capsys.readouterr().err
    assert verify(cases["sound"], "--key", "nonsense")[0] == 2
    assert verify(cases["sound"], "--checkpoint", str(GOLDEN / "reports.json"))[0] == 2


def test_keys_may_come_from_a_file(cases, verify, tmp_path):
    (tmp_path / "keys.txt").write_text(f"{logs.FOREIGN_KEY.text}\n{logs.KEY.text}\n")
    assert verify(cases["sound"], "--key", str(tmp_path / "keys.txt"))[0] == 0
    (tmp_path / "keys.txt").write_text(f"{logs.FOREIGN_KEY.text}\n")
    assert verify(cases["sound"], "--key", str(tmp_path / "keys.txt"))[0] == 1
