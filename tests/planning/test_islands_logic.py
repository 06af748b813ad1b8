"""Runs what the islands work out without a page, in Node."""

import subprocess
from pathlib import Path

from shared.web.build import WEB, ready

TESTS = Path(__file__).with_name("islands.test.ts")


def test_the_islands_logic(tmp_path: Path) -> None:
    """Every case of `islands.test.ts`; on failure Node's own report."""
    node, modules = ready(), WEB / "node_modules"
    bundle = tmp_path / "islands.test.mjs"
    esbuild = [node, modules / "esbuild/bin/esbuild", TESTS, "--bundle", "--format=esm", "--platform=node"]
    built = subprocess.run(
        [*map(str, esbuild), "--log-level=warning", f"--outfile={bundle}"],
        env={"NODE_PATH": str(modules)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    done = subprocess.run([str(node), "--test", str(bundle)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "# fail 0" in done.stdout
