"""Peers live in an environment of their own in the system's temporary folder, never in the project."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.rows import Say


def python_with(name: str, packages: list[str], say: Say) -> Path:
    """The interpreter of a scratch environment with `packages` from the registry; made at the first call."""
    folder = Path(tempfile.gettempdir()) / f"gemeinwerk-bench-{name}"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        say(f"installing {', '.join(packages)} into {folder}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
        (folder / "ready").touch()
    return python


def ask(python: Path, script: Path, order: dict[str, Any]) -> Any:
    """Runs a peer's script with an order as JSON on its standard input; gives the JSON it prints."""
    asked = msgspec.json.encode(order)
    answered = subprocess.run([str(python), str(script)], input=asked, capture_output=True, check=False)
    if answered.returncode:
        raise RuntimeError(f"{script.name} failed:\n{answered.stderr.decode()[-2000:]}")
    return msgspec.json.decode(answered.stdout)
