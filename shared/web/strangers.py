"""Pages as strangers see them: made once for all of them, until the views move or a few seconds have passed."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

from litestar import MediaType, Response

from shared.service import Service

KEPT = 5.0  # seconds: names, and what another replica has shown, may be so old
_MOST = 256  # pages


class Strangers:
    """The newest pages of one service. Who is signed in never sees them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._pages: OrderedDict[Hashable, tuple[Hashable, float, asyncio.Task[str]]] = OrderedDict()

    async def page(
        self, municipality: str, key: Hashable, make: Callable[[], Awaitable[Response[str]]]
    ) -> Response[str]:
        """The page `key` as it was made last, or made now; many who ask at once wait for one making."""
        place, shown = (municipality, key), self._service.projector.shown(municipality)
        now = asyncio.get_running_loop().time()
        known = self._pages.get(place)
        if known is None or known[0] != shown or known[1] < now or _failed(known[2]):
            known = shown, now + KEPT, asyncio.ensure_future(_html(make))
            self._pages[place] = known
        self._pages.move_to_end(place)
        while len(self._pages) > _MOST:
            self._pages.popitem(last=False)
        return Response(await asyncio.shield(known[2]), media_type=MediaType.HTML)


async def _html(make: Callable[[], Awaitable[Response[str]]]) -> str:
    return (await make()).content


def _failed(task: asyncio.Task[str]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
