"""A fault run in two sizes: a short one for every day, the whole one under the marker `faults`."""

from typing import Any

import pytest


def sizes(name: str, ordinary: Any, whole: Any) -> pytest.MarkDecorator:
    """Parametrizes a test over `name`; the whole size may take ten minutes."""
    full = pytest.param(whole, id="whole", marks=[pytest.mark.faults, pytest.mark.timeout(600)])
    return pytest.mark.parametrize(name, [pytest.param(ordinary, id="ordinary"), full])
