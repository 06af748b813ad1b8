"""The walkthrough, as an operator runs it: its own demo, and nothing left when it has ended."""

import subprocess
import sys


def test_the_walkthrough_passes_on_a_demo_of_its_own():
    walked = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "walkthrough"], capture_output=True, text=True, timeout=110, check=False
    )
    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert "✗" not in walked.stdout
    assert walked.stdout.rstrip().endswith("checks passed")


def test_what_does_not_answer_is_one_clear_line():
    walked = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "walkthrough", "--url", "http://127.0.0.1:9"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert walked.returncode == 1
    assert walked.stderr.strip().splitlines() == ["✗ http://127.0.0.1:9 does not answer"]
