"""Work that goes on for ever beside the requests: begun again after a failure, ended with the service."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0


class Loops:
    """The loops of one service. A loop that fails is begun again after a pause that doubles up to 5 s."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def run(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Starts `work` under a name that no running loop has."""
        self._tasks[name] = asyncio.create_task(self._for_ever(name, work), name=f"{self._owner}: {name}")

    async def stop(self) -> None:
        """Ends all loops. Cancels as often as it takes: before Python 3.12 `wait_for` may swallow a cancellation that
        comes together with its result (gh-86296), and what a library waits for is not ours to change."""
        while going := [task for task in self._tasks.values() if not task.done()]:
            for task in going:
                task.cancel()
            await asyncio.wait(going, timeout=0.5)
        self._tasks.clear()

    async def _for_ever(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        pause = _FIRST_PAUSE
        while True:
            begun = asyncio.get_running_loop().time()
            try:
                await work()
            except Exception as error:
                log.error("loop failed", owner=self._owner, loop=name, error=f"{type(error).__name__}: {error}"[:300])
            if asyncio.get_running_loop().time() - begun > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
