"""The browser's verifier, built for Node."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.web.build import WEB
from tests.audit.cases import Case

_ESBUILD = WEB / "node_modules/esbuild/bin/esbuild"
_RUNNER = Path(__file__).with_name("verify_all.mjs")


def node() -> str:
    return shutil.which("node") or str(Path(sys.executable).parent / "node")


def build(folder: Path) -> Path:
    """The verifier as one module."""
    built = folder / "verify.mjs"
    options = ("--bundle", "--format=esm", "--target=es2022", "--log-level=warning", f"--outfile={built}")
    _run(node(), _ESBUILD, WEB / "islands/verify/verify.ts", *options)
    return built


def reports(verifier: Path, cases: Sequence[Case], folder: Path) -> dict[str, Any]:
    """What the verifier says of each case, by name."""
    for case in cases:
        (folder / f"{case.name}.zip").write_bytes(case.bundle)
    told = [{"name": case.name, "keys": [key.text for key in case.keys], "own": case.own} for case in cases]
    (folder / "cases.json").write_text(json.dumps(told))
    found: dict[str, Any] = json.loads(_run(node(), "--no-warnings", _RUNNER, verifier, folder))
    return found


def _run(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
