"""Puts the titles of pots into the directory, where the pages of other services read them."""

from collections.abc import Sequence

from services.funding.domain.pot import PotOpened
from shared.access.directory import Directory
from shared.store import Recorded


class Titles:
    """Follows the log: a pot's title is written once, it never changes."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def __call__(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            if isinstance(one.event, PotOpened):
                key = (municipality, "pot", one.id)
                if await self._directory.read(*key) != one.event.title:
                    await self._directory.write(one.event.title, *key)
