"""Pages for strangers: made once for all of them, never older than the views."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from litestar import Response

from shared.web.strangers import Strangers


class _Shop:
    """A page that counts how often it was made, over views that somebody else moves."""

    def __init__(self) -> None:
        self.moved = self.made = 0
        self.broken = False
        views: Any = SimpleNamespace(projector=SimpleNamespace(shown=lambda town: (town, self.moved)))
        self.strangers = Strangers(views)

    async def see(self, town: str = "dresden", key: str = "projects") -> str:
        async def make() -> Response[str]:
            await asyncio.sleep(0)
            self.made += 1
            if self.broken:
                raise ValueError("broken")
            return Response(f"{town} {self.made}")

        return (await self.strangers.page(town, key, make)).content


async def test_many_who_ask_at_once_wait_for_one_making():
    shop = _Shop()
    assert set(await asyncio.gather(*(shop.see() for _ in range(50)))) == {"dresden 1"}


async def test_what_has_been_shown_since_is_on_the_next_page():
    shop = _Shop()
    assert await shop.see() == await shop.see() == "dresden 1"
    shop.moved += 1
    assert await shop.see() == "dresden 2"


async def test_towns_and_searches_have_pages_of_their_own():
    shop = _Shop()
    assert [await shop.see("dresden"), await shop.see("detmold"), await shop.see("dresden", "q=rad")] == [
        "dresden 1", "detmold 2", "dresden 3",
    ]  # fmt: skip


async def test_a_failure_is_not_kept():
    shop = _Shop()
    shop.broken = True
    with pytest.raises(ValueError, match="broken"):
        await shop.see()
    shop.broken = False
    assert await shop.see() == "dresden 2"


async def test_only_so_many_pages_are_kept():
    shop = _Shop()
    for number in range(300):
        await shop.see(key=f"page {number}")
    assert await shop.see(key="page 299") == "dresden 300"
    assert await shop.see(key="page 0") == "dresden 301"
