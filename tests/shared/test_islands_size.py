"""Pages that edit stay light: everything they load, parts that are fetched later included, in brotli."""

import json
import re
from pathlib import Path

import pytest

from shared.web.build import build

MOST = 190_000
PHONE = 80_000  # a guest's phone at a pub table loads no rich text


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web") / "static"
    build(folder)
    return folder


def loaded(built: Path, *islands: str, later: bool = True) -> set[str]:
    """The scripts that a page with these islands loads; `later`: those behind `import()`, too."""
    manifest = json.loads((built / "manifest.json").read_text())
    found: set[str] = set()
    waiting = [manifest[f"{name}.js"] for name in ("site", *islands)]
    refers = r"""["']\./([\w-]+\.\w{8}\.js)["']""" if later else r"""(?:from|import)\s*["']\./([\w-]+\.\w{8}\.js)["']"""
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += re.findall(refers, (built / name).read_text())
    return found


def weight(built: Path, names: set[str]) -> int:
    return sum((built / f"{name}.br").stat().st_size for name in names)


@pytest.mark.parametrize("island", ["plan", "live"])
def test_a_page_that_edits_is_light(built: Path, island: str) -> None:
    names = loaded(built, island)
    assert len(names) > 2
    assert weight(built, names) <= MOST


def test_a_guests_phone_is_lighter(built: Path) -> None:
    assert weight(built, loaded(built, "live", later=False)) <= PHONE


def test_there_is_one_copy_of_yjs(built: Path) -> None:
    """Two copies do not recognise each other's types; Yjs itself warns of it with this word."""
    holding = [name for name in loaded(built, "plan", "live") if "__ $YJS$ __" in (built / name).read_text()]
    assert len(holding) == 1
    assert (built / holding[0]).read_text().count("__ $YJS$ __") <= 2
