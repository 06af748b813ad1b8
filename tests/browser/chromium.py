"""The Chromium that the browser tests drive: the system's own, installed where we may, else Playwright's."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

SYSTEM = Path("/usr/bin/chromium")
APT = [
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "-qq",
    "-o",
    "Acquire::Retries=5",
    "-o",
    "DPkg::Lock::Timeout=300",
]
WHERE = "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"


class NoChromium(Exception):
    """No browser, in one line that names the remedy."""


@cache
def executable() -> str:
    """The path of the browser; raises `NoChromium` where there is none yet."""
    if SYSTEM.exists():
        return str(SYSTEM)
    # In a process of its own: Playwright's sync interface refuses to run inside an event loop.
    answer = subprocess.run([sys.executable, "-c", WHERE], capture_output=True, text=True, check=False)
    path = answer.stdout.strip()
    if answer.returncode or not Path(path).is_file():
        raise NoChromium("There is no Chromium for the browser tests: run `python -m tests.browser.chromium`.")
    return path


def launch_args() -> list[str]:
    """Switches for a browser that talks to nobody but the test; root has no sandbox."""
    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync"]
    return ["--no-sandbox", *quiet] if os.geteuid() == 0 else quiet


def ensure() -> str:
    """Installs a browser where there is none and gives its path; as root with apt, else by Playwright's download."""
    try:
        return executable()
    except NoChromium:
        pass
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run([*APT, "update"])
        _run([*APT, "install", "-y", "--no-install-recommends", "chromium"])
    else:
        _run([sys.executable, "-m", "playwright", "install", "chromium"])
    return executable()


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        last = next(reversed(done.stdout.splitlines()), "it said nothing")
        raise NoChromium(f"Chromium cannot be installed, `{' '.join(command)}` failed: {last.strip()}")


if __name__ == "__main__":
    try:
        print(ensure())
    except NoChromium as reason:
        sys.exit(str(reason))
