"""One NATS connection a process: opened with patience, closed for good only together with the process."""

from collections.abc import Awaitable, Callable

import nats
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext

log = structlog.get_logger()

Closed = Callable[[], Awaitable[None]]


async def connect(
    url: str, *, name: str, on_closed: Closed | None = None, on_return: Closed | None = None
) -> tuple[Client, JetStreamContext]:
    """Connects to `url` (credentials inside) and keeps reconnecting for ever.

    nats-py closes a connection for good when credentials rotate; `on_closed` is called then, and should end the
    process so that it is started anew. `on_return` is called when the broker was away: what it told meanwhile was not
    heard.
    """

    async def failed(error: Exception) -> None:
        log.warning("nats", connection=name, error=type(error).__name__)

    client = await nats.connect(
        url,
        name=name,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.25,
        connect_timeout=5,
        error_cb=failed,
        closed_cb=on_closed,
        reconnected_cb=on_return,
        pending_size=8 * 1024 * 1024,
    )
    return client, client.jetstream(timeout=5)
