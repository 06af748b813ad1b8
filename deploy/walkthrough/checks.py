"""What the walkthrough prints, and how it fails: loudly, at the first thing that is not as promised."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


class Failed(Exception):
    """A promise does not hold."""


class Report:
    """Prints steps and what was checked in each."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.checked = 0

    def step(self, title: str) -> None:
        self._say(f"\n{title}")

    def check(self, what: str, holds: object) -> None:
        """Raises `Failed` where `holds` is false."""
        if not holds:
            raise Failed(what)
        self.checked += 1
        self._say(f"  ✓ {what}")


async def eventually(ask: Callable[[], Awaitable[T]], within: float = 5.0) -> T:
    """Asks again until the answer is true; the last one after `within` seconds."""
    until = monotonic() + within
    while True:
        value = await ask()
        if value or monotonic() > until:
            return value
        await asyncio.sleep(0.02)
