"""People who type words into one document, come back whenever their line ends, and note what was shown as saved."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from websockets.exceptions import WebSocketException

from tests.infra import eventually
from tests.realtime.page import Page


class Typist(Page):
    """Types upon what it has, with or without a line. `promised`: how many of its `words` were shown as saved."""

    def __init__(self, ports: Sequence[int], document: str, number: int) -> None:
        super().__init__(ports[0], document, f"p-{number}")
        self.words: list[str] = []
        self.promised = 0
        self.returns = 0
        self.closed: list[int] = []
        self._ports, self._number = ports, number
        self._within: list[int] = []  # how many words the n-th sync message of this socket brings to

    async def stay(self) -> None:
        """Keeps the line open, for ever; every new one needs a new ticket."""
        for attempt in range(1_000_000):
            self.port = self._ports[attempt % len(self._ports)]
            self.socket = None
            self._within.clear()
            try:
                await self.__aenter__()
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(0.02 + random.random() / 10)
                continue
            self.returns += 1
            assert self._reader
            await asyncio.wait([self._reader])  # who gives up waiting does not end it
            self.closed.append(await self.gone())

    async def type_words(self, number: int) -> None:
        for _ in range(number):
            self.words.append(f"{self._number}-{len(self.words)}")
            self.type(f"{self.words[-1]} ")
            with suppress(WebSocketException, AssertionError):  # without a line it stays in the document
                await self.flush()
            await asyncio.sleep(random.random() / 20)

    @property
    def all_saved(self) -> bool:
        return self.synced.is_set() and self.promised == len(self.words)

    async def send(self, frame: bytes) -> None:
        assert self.socket
        if frame[0] == 0 and frame[1] in (1, 2):
            self._within.append(len(self.words))
        await super().send(frame)

    async def _take(self, frame: bytes) -> None:
        await super()._take(frame)
        if self.saved:
            self.promised = max(self.promised, self._within[self.saved - 1])


@asynccontextmanager
async def typists(ports: Sequence[int], document: str, number: int, *, first: int = 0) -> AsyncIterator[list[Typist]]:
    """So many people, counted from `first`, at the first of `ports`, or wherever somebody answers."""
    people = [Typist(ports, document, first + each) for each in range(number)]
    async with AsyncExitStack() as stack:
        for person in people:
            staying = asyncio.create_task(person.stay())
            stack.push_async_callback(_end, person, staying)
        await eventually(lambda: all(person.synced.is_set() for person in people), 30)
        yield people


async def _end(person: Typist, staying: asyncio.Task[None]) -> None:
    staying.cancel()
    await asyncio.gather(staying, return_exceptions=True)
    if person.socket:
        person.socket.transport.abort()
        await person.gone()


def equal(people: Sequence[Typist]) -> bool:
    """Everybody has the same text, every word of everybody once, and all is shown as saved."""
    texts = {str(person.text) for person in people}
    words = sorted(word for person in people for word in person.words)
    return len(texts) == 1 and sorted(texts.pop().split()) == words and all(person.all_saved for person in people)
