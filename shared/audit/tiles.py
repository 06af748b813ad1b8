"""The tree of a log as tiles of 256 hashes after C2SP `tlog-tiles`: what is served, and what proofs are made from.

Only the roots of full tiles are remembered, 32 bytes for 256 entries; leaves are read from the log when asked for.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable

from shared.audit.merkle import CompactRange, Span, consistency_spans, inclusion_spans, perfect, root_of

WIDTH, HASH = 256, 32
_FULL = WIDTH * HASH
_READ = 16 * WIDTH  # leaves a read
_PATH = re.compile(r"((?:x\d{3}/){0,5})(\d{3})(?:\.p/([1-9]\d{0,2}))?")

Leaves = Callable[[int, int], Awaitable[bytes]]


def tile_path(number: int, width: int = WIDTH) -> str:
    """Tile 1,234,067 as `x001/x234/067`; a partial one of 112 hashes as `x001/x234/067.p/112`."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    return "/".join(reversed(parts)) + ("" if width == WIDTH else f".p/{width}")


def read_tile_path(path: str) -> tuple[int, int] | None:
    """Number and width of a tile from the one way to write its path; None for any other text."""
    match = _PATH.fullmatch(path)
    if match is None or not path.isascii():
        return None
    number, width = int(match[1].replace("x", "").replace("/", "") + match[2]), int(match[3] or WIDTH)
    return (number, width) if tile_path(number, width) == path else None


class Tiles:
    """The tree over a log that only grows. `leaves(after, limit)` gives leaves in order, in one piece."""

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._levels: list[bytearray] = []  # from level 1 on
        self._seen = 0  # leaves whose full tiles are remembered
        self._growing = asyncio.Lock()

    async def tile(self, level: int, number: int, width: int = WIDTH) -> bytes:
        """`width` hashes of tile `number`, at level 0 leaves. Raises `IndexError` where the log is too short."""
        first = number * WIDTH
        if level == 0:
            found = await self._leaves(first, width)
        elif level > 6:  # above any log: 256^7 entries
            raise IndexError(level)
        else:
            await self._grow((first + width) << 8 * level)
            known = self._levels[level - 1] if level <= len(self._levels) else b""
            found = bytes(known[first * HASH : (first + width) * HASH])
        if len(found) != width * HASH:
            raise IndexError(number)
        return found

    async def root(self, size: int) -> bytes:
        """The root over the first `size` entries. Raises `IndexError`."""
        return (await self._roots([(0, size)], size))[0]

    async def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that entry `index` (from 0) is in the tree of `size` entries. Raises `IndexError`."""
        return await self._roots(inclusion_spans(index, size), size)

    async def consistency(self, old_size: int, size: int) -> list[bytes]:
        """The proof that the tree of `old_size` entries only grew to `size`. Raises `IndexError`."""
        return await self._roots(consistency_spans(old_size, size), size)

    async def _roots(self, spans: Iterable[Span], size: int) -> list[bytes]:
        """Reads each tile once; at most two of leaves."""
        read: dict[tuple[int, int], bytes] = {}

        async def node(height: int, number: int) -> bytes:
            level, depth = divmod(height, 8)
            first = number << depth  # among the hashes of its level
            tile = level, first // WIDTH
            if tile not in read:
                read[tile] = await self.tile(*tile, min(WIDTH, (size >> 8 * level) - tile[1] * WIDTH))
            low = first % WIDTH * HASH
            return root_of(hashes(read[tile][low : low + (HASH << depth)]))

        return [
            CompactRange(high - low, [await node(*one) for one in perfect((low, high))]).root() for low, high in spans
        ]

    async def _grow(self, size: int) -> None:
        """Remembers the roots of all full tiles below `size` leaves."""
        async with self._growing:
            while size - self._seen >= WIDTH:
                leaves = await self._leaves(self._seen, min(_READ, (size - self._seen) // WIDTH * WIDTH))
                full = len(leaves) // _FULL
                if not full:
                    raise IndexError(size)
                for number in range(full):
                    self._remember(1, root_of(hashes(leaves[number * _FULL : (number + 1) * _FULL])))
                self._seen += full * WIDTH

    def _remember(self, level: int, root: bytes) -> None:
        if len(self._levels) < level:
            self._levels.append(bytearray())
        known = self._levels[level - 1]
        known += root
        if len(known) % _FULL == 0:
            self._remember(level + 1, root_of(hashes(bytes(known[-_FULL:]))))


def hashes(together: bytes) -> list[bytes]:
    """Hashes that lie one after another, parted."""
    return [together[at : at + HASH] for at in range(0, len(together), HASH)]
