"""The documents have one shape, in Python and in the islands."""

import subprocess
from pathlib import Path

from shared.contracts.documents import MEETING_TABLES, PLAN_TABLES, TALK_TABLES
from shared.web.build import WEB, ready
from shared.web.typegen import generate, shape

TESTS = Path(__file__).with_name("shape.test.ts")


def test_the_islands_edit_what_is_read(tmp_path: Path) -> None:
    node, modules = ready(), WEB / "node_modules"
    bundle = tmp_path / "shape.test.mjs"
    esbuild = [node, modules / "esbuild/bin/esbuild", TESTS, "--bundle", "--format=esm", "--platform=node"]
    built = subprocess.run(
        [*map(str, esbuild), "--log-level=warning", f"--outfile={bundle}"],
        env={"NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    done = subprocess.run([str(node), "--test", str(bundle)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout[-4000:]
    assert f"# pass {1 + len(PLAN_TABLES | TALK_TABLES | MEETING_TABLES)}" in done.stdout


def test_the_shape_is_written_only_when_it_changes(tmp_path: Path) -> None:
    target = tmp_path / "shape.gen.ts"
    assert generate(target)
    assert not generate(target)
    assert target.read_text(encoding="utf-8") == shape()
